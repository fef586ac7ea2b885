"""Give elements of an HTML page the names of what they are by their roles (WAI-ARIA)."""

from __future__ import annotations

from collections.abc import Iterable

from bs4.element import Tag

from app.ingest.markup.tables import rows_of, whole

_NAMES = {
    "table": "table", "grid": "table", "treegrid": "table", "caption": "caption",
    "rowgroup": "tbody", "row": "tr", "cell": "td", "gridcell": "td",
    "columnheader": "th", "rowheader": "th",
    "list": "ul", "listitem": "li", "blockquote": "blockquote",
    "deletion": "del", "insertion": "ins", "superscript": "sup",
    "main": "main", "article": "article", "navigation": "nav", "banner": "header",
    "contentinfo": "footer", "complementary": "aside",
}  # fmt: skip
_CELLS = ["td", "th"]
_MEANS_NOTHING = {"div", "span", "p", "section", "b", "i", "font"}
_LEVELS = range(1, 7)
_USUAL_LEVEL = 2  # of a heading that tells none


def name_by_roles(root: Tag) -> None:
    """Rename elements that mean nothing by themselves; others mean what they are."""
    renamed = [tag for tag in root.find_all(role=True) if tag.name in _MEANS_NOTHING]
    for tag in renamed:
        tag.name = _named(tag) or tag.name
    for cell in renamed:
        if cell.name in _CELLS:
            _put_into_its_row(cell)
    for table in renamed:
        if table.name == "table" and table.find("table"):  # to search inside each is quadratic
            table.name = "div"
        elif table.name == "table" and not _is_whole(table):
            _take_apart(table)


def _named(tag: Tag) -> str:
    role = str(tag["role"]).strip().lower()
    if role == "heading":
        level = whole(tag.get("aria-level"), _USUAL_LEVEL)
        return f"h{min(max(level, _LEVELS[0]), _LEVELS[-1])}"
    return _NAMES.get(role, "")


def _put_into_its_row(cell: Tag) -> None:
    """Take away what only lays out a row."""
    around = cell.find_parent(["tr", "table"])
    while around is not None and around.name == "tr" and cell.parent is not around:
        if cell.parent is None or cell.parent.name not in _MEANS_NOTHING:
            return
        cell.parent.unwrap()


def _is_whole(table: Tag) -> bool:
    """Tell a table all of whose text stands in cells of rows."""
    parts = [cell for row in rows_of(table) for cell in row.find_all(_CELLS, recursive=False)]
    parts += table.find_all("caption", recursive=False)
    return _said([table]) == _said(parts)


def _said(parts: Iterable[Tag]) -> int:
    return sum(len("".join(part.get_text().split())) for part in parts)


def _take_apart(table: Tag) -> None:
    for part in [table, *table.find_all(["tr", *_CELLS])]:
        if part.has_attr("role"):
            part.name = "div"
