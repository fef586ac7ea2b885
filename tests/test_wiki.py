"""The export of a wiki is ingested page by page, its tables and lists being kept."""

from __future__ import annotations

import bz2
from pathlib import Path

import pytest
from index_parts import bring, open_store

from app.errors import UserError
from app.index.store import HybridVectorStore
from app.ingest.report import IngestReport
from app.ingest.sources.choice import places_of
from app.ingest.wikitext import to_markdown

PAGE = "<page><title>{}</title><ns>{}</ns>{}{}</page>"
REVISION = "<revision><id>{}</id><text>{}</text></revision>"
SHIP = (
    "{{Ship|length={{convert|120|m}}|kennels=8}}\n"
    "'''Phalarope''' is a [[ferry|ship]].<ref>1</ref>\n"
    "== Fares ==\n* adults {{Price|12}}\n** heated\n# first\n"
    "{|\n|+ Times\n! Route !! Hours\n|-\n| North || rowspan=2 | 4\n|-\n| [[South]]\n|}\n"
    "[[File:ship.png|thumb|A ship]]"
)


@pytest.fixture
def store(tmp_path: Path) -> HybridVectorStore:
    return open_store(tmp_path / "index")


def export(file: Path, *pages: str, root: str = "mediawiki") -> str:
    space = "http://www.mediawiki.org/xml/export-0.11/"
    text = f'<{root} xmlns="{space}"><siteinfo/>{"".join(pages)}</{root}>'.encode()
    file.write_bytes(bz2.compress(text) if file.suffix == ".bz2" else text)
    return f"wiki+{file.as_uri()}"


def article(title: str, text: str, revision: int = 1) -> str:
    return PAGE.format(title, 0, "", REVISION.format(revision, text))


def take(store: HybridVectorStore, url: str) -> IngestReport:
    return bring(store, *places_of([url]))


@pytest.mark.parametrize("name", ["wiki.xml", "wiki.xml.bz2"])
def test_articles_are_added_changed_moved_and_pruned_by_their_revisions(
    store: HybridVectorStore, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    talk = PAGE.format("Talk:Alpha", 1, "", REVISION.format(4, "beta"))
    moved = PAGE.format("Old", 0, '<redirect title="Alpha"/>', REVISION.format(5, "#REDIRECT"))
    history = PAGE.format("A/B", 0, "", REVISION.format(1, "beta") + REVISION.format(2, "gamma"))
    url = export(file, article("Alpha", "alpha"), talk, moved, history)
    first = take(store, url)
    assert (first.added, first.left_out) == (
        ["Alpha.md", "A/B.md"],
        {"redirect": 1, "page of a wiki that is no article": 1},
    )
    with store.snapshot() as snapshot:
        assert snapshot.text_of("A/B.md") == "# A/B\n\ngamma\n"
    export(file, article("Alpha", "delta", revision=9), history)
    second = take(store, url)
    assert (second.changed, second.unchanged, second.embedded) == (["Alpha.md"], ["A/B.md"], 1)
    export(file, article("Alpha", "delta", revision=9), article("Alpha", "again"))
    third = take(store, url)
    assert third.removed == ["A/B.md"]
    assert "has the title of another page" in third.skipped["Alpha.md"]


def test_headings_lists_tables_and_arguments_of_templates_stay() -> None:
    assert [line for line in to_markdown("Ship", SHIP).splitlines() if line] == [
        "# Ship",
        "|  | Ship |",
        "| --- | --- |",
        "| length | 120 m |",
        "| kennels | 8 |",
        "Phalarope is a ship. (1)",
        "## Fares",
        "- adults 12",
        "    - heated",
        "1. first",
        "Times",
        "| Route | Hours |",
        "| --- | --- |",
        "| North | 4 |",
        "| South | 4 |",
    ]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("10<sup>6</sup> euro", "10⁶ euro"),
        ("450<sup>1</sup> euro, the 2<sup>nd</sup> of H<sub>2</sub>O", "450¹ euro, the 2nd of H2O"),
        ("m<sup>''[[Square|2]]''</sup>", "m²"),
        ("m<sup>{{Square|3}}</sup>", "m³"),
        ("Now <s>40</s> 45 <del>[[a]]</del> <strike>5</strike> euro", "Now 45 euro"),
        ("<s>4<sup>2</sup> <b>5</b></s> 6", "6"),
        ("40<br />45<br>46<br/>\n47", "40\n45\n46\n47"),
        ("* 40<br>45\n** 50<br>\n** <div>55</div>\n* 60", "- 40\n45\n    - 50\n    - 55\n- 60"),
        ("== 40<br>45 ==\n50<hr>55", "## 40 45\n50\n55"),
        ("<div>40</div><div>45</div>\n\n<p>50</p> <p>55</p>", "40\n45\n\n50\n55"),
        ("<ul><li>40<li>45</ul>", "40\n45"),
        ("<table>\n<tr><td>40</td><td>45</td>\n</tr>\n</table>", "40\n45"),
        ("Write <nowiki><s>40</s><br></nowiki>.", "Write 40."),
        (
            "{|\n! Fee<br />(euro) !! x\n|-\n| 40<br />45 || <s>1</s> 2<sup>3</sup>\n|}",
            "| Fee (euro) | x |\n| --- | --- |\n| 40 45 | 2³ |",
        ),
        (
            "{{Fee|sum=40<br>45|old=<s>1</s> 2}}",
            "|  | Fee |\n| --- | --- |\n| sum | 40 45 |\n| old | 2 |",
        ),
    ],
)  # fmt: skip
def test_tags_strike_raise_and_part_text(text: str, body: str) -> None:
    assert to_markdown("T", text) == f"# T\n\n{body}\n"


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("# a\n# b\nc\n# d\n\n# e", "1. a\n2. b\nc\n1. d\n\n1. e"),
        ("# a\n## b\n## c\n# d\n## e", "1. a\n    1. b\n    2. c\n2. d\n    1. e"),
        ("# a\n#* x\n# b\n#: y\n# c", "1. a\n    - x\n2. b\n    - y\n3. c"),
        ("* a\n*# b\n*# c\n* d\n*# e", "- a\n    1. b\n    2. c\n- d\n    1. e"),
        ("# a\n* x\n# b", "1. a\n- x\n1. b"),
        ("# a\n# <s>b</s>\n# c<br>d\n# e", "1. a\n\n3. c\nd\n4. e"),
    ],
)
def test_items_have_the_numbers_that_the_wiki_shows(text: str, body: str) -> None:
    assert to_markdown("T", text) == f"# T\n\n{body}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot be read"),
        ("<mediawiki><page>", "cannot be read"),
        ("<html><body/></html>", "XML that begins with <html>"),
        ("<mediawiki/>", "holds no article: nothing was removed"),
    ],
)
def test_what_is_no_export_is_told_in_one_line_and_prunes_nothing(
    store: HybridVectorStore, tmp_path: Path, text: str | None, told: str
) -> None:
    file = tmp_path / "wiki.xml"
    url = export(file, article("Alpha", "alpha"))
    take(store, url)
    file.unlink()
    if text is not None:
        file.write_text(text)
    with pytest.raises(UserError, match=told) as raised:
        take(store, url)
    assert "\n" not in str(raised.value)
    assert list(store.documents()) == ["Alpha.md"]


def test_an_export_reads_no_file_that_its_entities_name(
    store: HybridVectorStore, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("beta")
    url = export(tmp_path / "wiki.xml", article("Alpha", "alpha &leak;"))
    file = tmp_path / "wiki.xml"
    entity = f'<!DOCTYPE m [<!ENTITY leak SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    file.write_text(entity + file.read_text())
    take(store, url)
    with store.snapshot() as snapshot:
        assert "beta" not in str(snapshot.text_of("Alpha.md"))
