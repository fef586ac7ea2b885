"""Markdown shows what its page would show: no remarks, nothing struck, tables of HTML as rows."""

import time
from pathlib import Path

import pytest
from reading_parts import holds_together, read


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("The fee is ~~40~~ 45 euro.", "The fee is 45 euro."),
        ("The crane is <del>free</del> 10 euro.", "The crane is 10 euro."),
        ("| Berth | Fee |\n|---|---|\n| A1 | ~~40~~ 45 |", "| Berth | Fee |\n|---|---|\n| A1 | 45 |"),
        ("- Sign.\n- ~~Bring photos.~~\n- Pay.", "- Sign.\n- Pay."),
        ("Dues <!-- were\n99 euro --> are 45 euro.", "Dues are 45 euro."),
        ("Moor.\n\n<!--\n## Old\nNo dogs.\n\nNo cats.\n-->\n\nPay.", "Moor.\n\n\n\nPay."),
        ("Pay.\n\n[//]: # (fee 99)\n[notes]: <> (fee 98)\n", "Pay.\n\n"),
        ("# Crew <!-- draft -->\n\n> ~~Ada~~ Bo", "# Crew\n\n> Bo"),
        ("It ran 10<sup>6</sup> times.", "It ran 10⁶ times."),
    ],
)  # fmt: skip
def test_remarks_and_struck_text_are_left_out(tmp_path: Path, source: str, text: str) -> None:
    assert read(tmp_path, "a.md", source).text == text


@pytest.mark.parametrize(
    "source",
    [
        "Write `~~40~~` or ``<!-- ` -->``.",
        "```html\n<!-- a remark -->\n~~40~~\n[//]: # (so)\n```",
        "    <del>40</del>\n",
        "From ~~ 40 to ~~ 45, or \\~~40~~.",
        "| ~~40 | 45~~ |",
        "Take <!-- 40 euro.\n\nNo more -->.",
        "See [1].\n\n[1]: https://club.example (Fees)",
        "The 1<sup>st</sup> of May.",
        '<Card title="Deposit">\n',
    ],
)
def test_code_and_marks_that_mark_nothing_stay(tmp_path: Path, source: str) -> None:
    assert read(tmp_path, "a.md", source).text == source


PAGE = """# Rates

<table>
<tr><th>Zone</th><th>Weight</th><th>Price</th></tr>

<tr><td rowspan="2">North</td><td>2 kg</td><td>6 euro</td></tr>
<tr><td>5 kg</td><td>9 euro</td></tr>
</table>

## Returns

<h3>By post</h3>
<p>Use form&nbsp;RX-9.</p>

The end.
"""


def test_html_inside_is_read_as_html(tmp_path: Path) -> None:
    extracted = read(tmp_path, "a.md", PAGE)
    assert holds_together(extracted, "Zone: North", "Weight: 5 kg", "Price: 9 euro")
    assert holds_together(extracted, "Rates > Returns > By post", "Use form RX-9.")
    starts = [extracted.text[heading.start :].split("\n")[0] for heading in extracted.headings]
    assert starts == ["# Rates", "## Returns", "By post"]


def test_markdown_right_below_a_tag_stays_markdown(tmp_path: Path) -> None:
    source = "<center>\n| Berth | Fee |\n|---|---|\n| A1 | 45 |\n</center>"
    assert read(tmp_path, "a.md", source).text == source


@pytest.mark.parametrize(
    "mark", ["<!-- x ", "~~x ", "~~x | ", "`x``y```z", "<s <del>x ", "<!----> "]
)
def test_many_marks_take_no_time(tmp_path: Path, mark: str) -> None:
    began = time.process_time()
    read(tmp_path, "a.md", "It is " + mark * 30_000)
    assert time.process_time() - began < 5
