"""Values of data files that hold HTML are read as a browser shows them, and nothing else is."""

import json
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from reading_parts import read

FEE = "<p>The fee is <del>40</del> <b>45</b> euro &amp; tax.</p>"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.json", json.dumps({"fee": FEE})),
        ("a.jsonl", json.dumps({"fee": FEE})),
        ("a.yaml", f"fee: {FEE}"),
        ("a.toml", f"fee = '{FEE}'"),
        ("a.xml", f"<fee>{escape(FEE)}</fee>"),
        ("a.xml", f"<fee><![CDATA[{FEE}]]></fee>"),
        ("a.csv", f'fee\n"{FEE}"\n'),
    ],
)
def test_values_are_read_without_marks_and_struck_words(
    tmp_path: Path, name: str, source: str
) -> None:
    assert read(tmp_path, name, source).text == "fee: The fee is 45 euro & tax."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>Cash</li><li>Card</li></ul>", "- Cash\n- Card"),
        ("a list:\n- the <i>fee</i>\n- the <s>tax</s> toll", "a list:\n- the fee\n- the toll"),
        ("10<sup>6</sup> of H<sub>2</sub>O", "10⁶ of H2O"),
        ("<p>See <ac:link>here</ac:link>.</p>", "See here."),
        ("a List<String> of <b>", "a List<String> of <b>"),
        ("1 < 2 and 3 > 2 </p>", "1 < 2 and 3 > 2 </p>"),
        ("<order><title>x</title></order>", "<order><title>x</title></order>"),
        ("Write `<b>x</b>` for bold", "Write `<b>x</b>` for bold"),
        ("5 &lt; 6", "5 &lt; 6"),
    ],
)
def test_only_html_is_read_as_html(tmp_path: Path, value: str, shown: str) -> None:
    read_as = read(tmp_path, "a.json", json.dumps({"v": value})).text
    assert read_as == "v: " + shown
