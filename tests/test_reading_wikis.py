"""An export of MediaWiki among other files is read page by page, without its markup."""

from pathlib import Path

from reading_parts import read

SPACE = 'xmlns="http://www.mediawiki.org/xml/export-0.11/"'
CRANE = "'''Crane''' lifts [[boat]]s.\n\n== Fees ==\n{|\n! A !! B\n|-\n| 1 || 2\n|}\n"


def page(title: str, text: str, space: int = 0, told: str = "") -> str:
    old = "<revision><id>1</id><text>before</text></revision>"
    now = f"<revision><id>2</id><text>{text}</text></revision>"
    return f"<page><title>{title}</title><ns>{space}</ns>{told}{old}{now}</page>"


def test_articles_are_read_in_their_last_revision(tmp_path: Path) -> None:
    moved = page("Old", "#REDIRECT [[Crane]]", told='<redirect title="Crane"/>')
    pages = [page("Crane", CRANE), page("Talk:Crane", "hi", 1), moved, page("Slip", "It is wet.")]
    source = f"<mediawiki {SPACE}><siteinfo/>{''.join(pages)}</mediawiki>"
    extracted = read(tmp_path, "wiki.xml", source)
    assert [(h.level, h.title) for h in extracted.headings] == [
        (1, "Crane"),
        (2, "Fees"),
        (1, "Slip"),
    ]
    assert "Crane lifts boats." in extracted.text
    assert "| 1 | 2 |" in extracted.text
    assert "It is wet." in extracted.text
    assert "before" not in extracted.text
    assert extracted.notes == ("pages of a wiki that are no articles", "redirects")
    assert extracted.records == ()
