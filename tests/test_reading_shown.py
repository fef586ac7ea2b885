"""Of an HTML page only what a browser shows is read, wherever it stands and however it is told."""

from email.message import EmailMessage
from pathlib import Path
from time import perf_counter

import pytest
from file_parts import epub
from reading_parts import holds_together, read

STYLES = "<style>.gone{display:none} .old, td.past{text-decoration: line-through}</style>"
SECONDS = 20  # a search through all siblings for each mark takes minutes
CALLED_BACK = """<style>.part{display:none} .part.open{display:block}
@media print{.web{display:none}} .js:hover{display:none} a::after{visibility:hidden}</style>"""


def text_of(folder: Path, source: str) -> str:
    return read(folder, "a.html", source).text


@pytest.mark.parametrize(
    "how",
    ["hidden", 'style="display: none"', 'class="gone"', 'style="text-decoration:line-through"'],
)
@pytest.mark.parametrize(
    "around",
    [
        "<h2>New <span {}>44</span></h2>",
        "<details><summary>New <span {}>44</span></summary>x</details>",
        "<pre>New <span {}>44</span></pre>",
        "<dl><dt>New <span {}>44</span><dd>x</dl>",
        "<table><tr><td>New<tr {}><td>44</table>",
        "<table><tr><td>New <b {}>44</b><td>x<td {}>44</table>",
        "<ul><li {}>44<li>New</ul>",
    ],
)
def test_hidden_and_struck_parts_are_left_out_everywhere(
    tmp_path: Path, around: str, how: str
) -> None:
    text = text_of(tmp_path, STYLES + around.replace("{}", how))
    assert "New" in text
    assert "44" not in text


@pytest.mark.parametrize("struck", ['<p class="old">44</p>', '<table><tr><td class="past">44'])
def test_a_class_that_the_page_strikes_out_is_struck(tmp_path: Path, struck: str) -> None:
    assert text_of(tmp_path, f"{STYLES}<p>New</p>{struck}") == "New"


@pytest.mark.parametrize("name", ["part", "web", "js"])
def test_what_a_page_hides_only_for_a_while_is_read(tmp_path: Path, name: str) -> None:
    assert text_of(tmp_path, f'{CALLED_BACK}<p class="{name}">45 euro</p>') == "45 euro"


@pytest.mark.parametrize(
    "source",
    [
        '<a aria-controls="more">Fee</a><div id="more" hidden>45 euro</div>',
        '<b data-bs-target="#more">Fee</b><div id="more" style="display:none">45 euro</div>',
        "<button>Fee</button><div hidden>45 euro</div>",
        '<p>x</p><button>Fee</button><div style="display:none">45 euro</div>',
        '<div hidden="until-found">45 euro</div>',
        '<h3>Fee</h3><div style="display:none">45 euro</div><h3>Key</h3><div hidden>K4</div>',
        f'{STYLES}<div><h3>Fee</h3></div> <div class="gone"><p>45 euro</p></div> <!-- end -->',
        "<h3><button>Fee</button></h3><div hidden>45 euro</div>",
        "<dl><dt>Fee</dt><dd hidden>45 euro</dd><dt>Key</dt><dd>K4</dd></dl>",
    ],
)
def test_what_a_click_opens_is_read(tmp_path: Path, source: str) -> None:
    assert "45 euro" in text_of(tmp_path, source)


@pytest.mark.parametrize(
    "source",
    [
        "<h3>Fee</h3><div hidden>44 euro</div><p>45 euro</p>",
        "<h3>Fee</h3><p>45 euro</p><div hidden>44 euro</div>",
        "<h3>Fee</h3>45 euro<div hidden>44 euro</div>",
        "<h3>Fee</h3><div hidden>44 euro</div>45 euro",
        "<h3>Fee</h3><span hidden>44 euro</span>",
        "<dl><dt>Fee</dt><dd hidden>44 euro</dd><dd>45 euro</dd></dl>",
    ],
)
def test_a_heading_that_heads_something_shown_opens_nothing(tmp_path: Path, source: str) -> None:
    assert "44 euro" not in text_of(tmp_path, source)


@pytest.mark.parametrize(
    "source",
    [
        "<div><button role=tab>Sail</button><button role=tab>Motor</button></div>"
        "<div role=tabpanel>40 euro</div><div role=tabpanel hidden>55 euro</div>",
        "<a role=tab href='#m'>Motor</a><a role=tab href='#s'>Sail</a>"
        "<div role=tabpanel id=s>40 euro</div><div role=tabpanel id=m hidden>55 euro</div>",
        "<b role=tab id=m>Motor</b><b role=tab id=s>Sail</b><div role=tabpanel aria-labelledby=s>"
        "40 euro</div><div role=tabpanel aria-labelledby=m hidden>55 euro</div>",
    ],
)
def test_every_panel_stands_under_the_name_of_its_tab(tmp_path: Path, source: str) -> None:
    extracted = read(tmp_path, "a.html", source)
    assert [heading.title for heading in extracted.headings] == ["Sail", "Motor"]
    assert holds_together(extracted, "Motor", "55 euro")
    assert not holds_together(extracted, "Motor", "40 euro")


@pytest.mark.parametrize(
    "part", ["4<sup>1</sup>", "<img alt=x>y", "4<b hidden>5</b>", "<input type=radio><i>x</i>"]
)
def test_a_page_of_many_marks_is_read_in_a_moment(tmp_path: Path, part: str) -> None:
    begin = perf_counter()
    assert len(text_of(tmp_path, f"<p>{part * 20_000}")) >= 20_000
    assert perf_counter() - begin < SECONDS


LINKS = "<ul>" + "<li><a href=x>A long story of the harbour</a></li>" * 9 + "</ul>"


def test_only_a_page_of_a_site_has_a_menu(tmp_path: Path) -> None:
    page, letter = f"<p>Rules.</p>{LINKS}", EmailMessage()
    letter.set_content(f"<p>Digest:</p>{LINKS}", subtype="html")
    sources = {"a.eml": letter.as_bytes(), "a.epub": epub([page]), "a.md": f"Rules.\n\n{LINKS}\n"}
    assert "story" not in read(tmp_path, "a.html", page).text
    for name, source in sources.items():
        assert read(tmp_path, name, source).text.count("A long story of the harbour") == 9
