"""Read the tables of an HTML page as grids; knows nothing of the text around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4.element import NavigableString, PageElement, Tag

from app.ingest.extracted import clean_line
from app.ingest.tables.cells import check_size, spread

HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
LISTS = {"ul", "ol", "menu"}
BLOCKS = {"p", "div", "section", "article", "main", "header", "blockquote", "address", "form"}
BLOCKS |= {"fieldset", "details", "summary", "figure", "figcaption", "hr", "dl", "dt", "dd", "li"}
BLOCKS |= {"table", "caption", "tbody", "thead", "tfoot", "tr", "td", "th", "body", "html"}
BLOCKS |= {"footer", "aside", "button", "legend", "center", "hgroup", "search"} | LISTS

_SHORT = 100  # characters of a cell; a longer one is a column of the page
_MOST_SPANNED = 1000  # as browsers limit it
_GAPS = ("", " ", ", ", "; ", " ")  # each takes the place of those before it
_BLOCK, _CELL, _ROW, _EDGE = range(1, len(_GAPS))


def visits(root: Tag) -> Iterator[tuple[PageElement, bool]]:
    """Yield each node, and each tag again with True where it ends.

    There is no recursion, because pages that never close a tag nest thousands deep.
    """
    stack = [(root, iter(root.contents))]
    while stack:
        tag, children = stack[-1]
        node = next(children, None)
        if node is None:
            stack.pop()
            yield tag, True
        else:
            yield node, False
            if isinstance(node, Tag):
                stack.append((node, iter(node.contents)))


def layout_tables(root: Tag) -> set[int]:
    """Find by identity the tables that only lay out a page.

    They hold another table, or a heading that is not alone in the first row, and name no columns.
    One pass finds them all; searching inside each is quadratic where they nest.
    """
    holding, data = set[int](), set[int]()
    around: list[int] = []
    wide = set[int]()
    for node, ends in visits(root):
        name = node.name if isinstance(node, Tag) else ""
        if name == "table" and ends:
            around.pop()
        elif not isinstance(node, Tag) or ends:
            continue
        elif name == "table" or (name in HEADINGS and not is_title_row(node)):
            holding.update(around[-1:])
            around += [id(node)] if name == "table" else []
        elif name in ("caption", "tr") and around and around[-1] not in wide:
            data.update(around[-1:] if _names_columns(node) else [])
            wide.update(around[-1:] if len(_cells(node)) > 1 else [])
    return holding - data


def _names_columns(part: Tag) -> bool:
    """Tell a caption, a row of heads and a row of a table's head, as no layout has them."""
    if part.name == "caption":
        return bool(text_of(part))
    cells = _cells(part)
    in_head = part.parent is not None and part.parent.name == "thead"
    return bool(cells) and (in_head or (len(cells) > 1 and all(c.name == "th" for c in cells)))


def _cells(row: Tag) -> list[Tag]:
    return row.find_all(["td", "th"], recursive=False)


def is_title_row(heading: Tag) -> bool:
    """Tell a heading that is all there is in a table's row."""
    row = heading.find_parent("tr")
    return row is not None and text_of(row) == text_of(heading)


def is_plain(row: Tag) -> bool:
    """Tell a row of short cells that hold nothing but text."""
    cells = _cells(row)
    short = all(len(text_of(cell)) <= _SHORT for cell in cells)
    return len(cells) > 1 and short and row.find(["table", *HEADINGS, *LISTS]) is None


def rows_of(table: Tag) -> Iterator[Tag]:
    """Yield the rows of a table, not those of tables inside it."""
    return (row for row in table.find_all("tr") if row.find_parent("table") is table)


def grid_of(rows: list[Tag]) -> list[list[str]]:
    """Lay cells on the table's grid, each in every row and column that it spans."""
    grid: dict[tuple[int, int], str] = {}
    width = laid = 0
    for y, row in enumerate(rows):
        x = 0
        for cell in _cells(row):
            while (y, x) in grid:
                x += 1
            wide = min(max(whole(cell.get("colspan"), 1), 1), _MOST_SPANNED)
            tall = whole(cell.get("rowspan"), 1) or len(rows)  # 0 means to the end
            spanned = range(y, min(y + max(tall, 1), len(rows)))
            laid += wide * len(spanned)
            check_size(laid)
            for at, said in enumerate(spread(text_of(cell), wide), start=x):
                grid |= {(down, at): said for down in spanned}
            x += wide
        width = max(width, x)
    check_size(width * len(rows))
    return [[grid.get((y, x), "") for x in range(width)] for y in range(len(rows))]


def has_heads(rows: list[Tag]) -> bool | None:
    """Tell by heads (th) in the first row that is no title; None where there are none."""
    cells = list(map(_cells, rows))
    wide = [row for row in cells if len(row) > 1]
    if not wide:
        return None
    if all(cell.name == "th" for cell in wide[0]):
        return True
    heads = any(cell.name == "th" for row in wide for cell in row)
    return False if heads and len(wide[0]) == 2 else None


def pairs_of(rows: list[Tag]) -> list[list[str]]:
    """Return labels with their values where every row alternates them, and one has several."""
    cells = list(map(_cells, rows))
    kinds = [[cell.name for cell in row] for row in cells]
    if any(kind != ["th", "td"] * (len(kind) // 2) for kind in kinds):
        return []
    pairs = [list(map(text_of, row[at : at + 2])) for row in cells for at in range(0, len(row), 2)]
    return pairs if len(pairs) > len(rows) else []


def text_of(tag: Tag) -> str:
    """Return the text of an element in one line, tables in it as "a, b; c, d"."""
    parts: list[str] = []
    gap = tables = 0
    for node, ends in visits(tag):
        if isinstance(node, Tag):
            gap = max(gap, _gap_at(node, inside=tables > 0))
            tables += 0 if node.name != "table" else -1 if ends else 1
        elif type(node) is NavigableString:  # its subclasses are comments, scripts and such
            if node.strip():
                parts += [_GAPS[gap], node.rstrip()]
            gap = 0 if node.strip() else gap
            gap = max(gap, node[-1:].isspace())
    return clean_line("".join(parts))


def _gap_at(tag: Tag, *, inside: bool) -> int:
    """Tell what parts the words before the beginning or end of an element from those behind."""
    if tag.name == "table":
        return _EDGE
    if inside and tag.name in ("td", "th"):
        return _CELL
    if inside and tag.name == "tr":
        return _ROW
    return _BLOCK if tag.name in BLOCKS or tag.name in ("br", "pre", *HEADINGS) else 0


def whole(value: object, default: int) -> int:
    """Return an attribute that is a whole number, else `default`."""
    text = str(value or "").strip()
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else default
