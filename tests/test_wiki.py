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
