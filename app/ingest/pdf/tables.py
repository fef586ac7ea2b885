"""Put tables back together: from ruling lines, or from columns that rows share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from app.ingest.hyphens import joined
from app.ingest.pdf.glyphs import Rule, Word
from app.ingest.pdf.rows import Row, Segment, rows_of

Box = tuple[float, float, float, float]

_SHARES = (0.0, 0.1, 0.2, 0.3)  # of the rows that may cross a gap between two columns
_SPACE = 0.35  # of a row's height; a narrower gap parts no columns
_TIGHT = 0.35  # of a row's height; rows nearer than this may be lines of one cell
_SPANNED = 0.4  # of a column's width; what covers so much of several columns belongs to each
_TOLERANCE = 3.0  # points by which lines that belong together may miss each other


class Table(NamedTuple):
    """Cells in rows, and where they stand."""

    rows: tuple[tuple[str, ...], ...]
    top: float
    bottom: float
    bold_header: bool | None = None
    """Whether the first row alone is bold; None where that tells nothing."""


def ruled_tables(words: Sequence[Word], rules: Sequence[Rule]) -> tuple[list[Table], list[Word]]:
    """Return the tables that lines enclose, and the words outside of them."""
    tables, rest = [], list(words)
    for cells in _grids(rules):
        inside = [word for word in rest if any(_holds(cell, word) for cell in cells)]
        table = _ruled(cells, inside)
        if table is not None:
            tables.append(table)
            taken = set(map(id, inside))
            rest = [word for word in rest if id(word) not in taken]
    return tables, rest


def _grids(rules: Sequence[Rule]) -> list[list[Box]]:
    # pdfplumber's finder is written for its own pages; these steps of it take any edges
    from pdfplumber import table as finder  # noqa: PLC0415  # 0.1 s, for ruled pages only

    if sum(rule.flat for rule in rules) < 2 or all(rule.flat for rule in rules):
        return []
    edges = finder.merge_edges([_edge(rule) for rule in rules], *[_TOLERANCE] * 4)
    crossings = finder.edges_to_intersections(edges, _TOLERANCE, _TOLERANCE)
    tables = finder.cells_to_tables(finder.intersections_to_cells(crossings))
    return [[tuple(map(float, cell)) for cell in cells] for cells in tables]  # type: ignore[misc]


def _edge(rule: Rule) -> dict[str, Any]:
    x, y = (rule.x0 + rule.x1) / 2, (rule.top + rule.bottom) / 2
    if rule.flat:
        box = {"x0": rule.x0, "x1": rule.x1, "top": y, "bottom": y, "orientation": "h"}
    else:
        box = {"x0": x, "x1": x, "top": rule.top, "bottom": rule.bottom, "orientation": "v"}
    return box | {
        "width": rule.x1 - rule.x0,
        "height": rule.bottom - rule.top,
        "object_type": "line",
    }


def _holds(cell: Box, word: Word) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return cell[0] <= x <= cell[2] and cell[1] <= y <= cell[3]


def _ruled(cells: Sequence[Box], words: Sequence[Word]) -> Table | None:
    """Lay cells on a grid; what a cell spans is repeated in each row and column."""
    xs = sorted({x for cell in cells for x in (cell[0], cell[2])})
    ys = sorted({y for cell in cells for y in (cell[1], cell[3])})
    if len(xs) < 3 or len(ys) < 3 or not words:
        return None
    grid = [[""] * (len(xs) - 1) for _ in ys[1:]]
    for cell in cells:
        said = [row.line.text for row in rows_of([w for w in words if _holds(cell, w)])]
        for y in range(ys.index(cell[1]), ys.index(cell[3])):
            for x in range(xs.index(cell[0]), xs.index(cell[2])):
                grid[y][x] = joined(said)
    rows = tuple(tuple(row) for row in grid if any(row))
    if len(rows) < 2 or sum(map(bool, (any(column) for column in zip(*rows, strict=True)))) < 2:
        return None
    first = [w for w in words if w.bottom <= ys[1] + _TOLERANCE]
    return Table(rows, ys[0], ys[-1], _bold_header(first, words))


def table_of(rows: Sequence[Row], heads: Sequence[Row] = ()) -> Table | None:
    """Return the table that rows make with the heads above them, if they share columns."""
    wide = [row for row in rows if len(row.segments) > 1]
    if len(wide) < 2:
        return None
    edges = _columns(wide)
    if len(edges) < 2:
        return None
    cells = [_cells(row, edges) for row in rows]
    if sum(sum(map(bool, row)) > 1 for row in cells) < 2:
        return None
    whole = [*(_head_cells(row, edges) for row in heads), *_without_wraps(rows, cells)]
    every = [*heads, *rows]
    bold = _bold_header(every[0].words, [word for row in every for word in row.words])
    return Table(tuple(map(tuple, whole)), every[0].top, every[-1].bottom, bold)


def _head_cells(row: Row, columns: Sequence[tuple[float, float]]) -> list[str]:
    """Return the heads of columns in order, where there is one for each; they may be wider."""
    for parts in (_loosely(row), [Segment((word,)) for word in row.words]):
        if len(parts) == len(columns):
            return [part.text for part in parts]
    return _cells(row, columns)


def stands_over(row: Row, rows: Sequence[Row]) -> bool:
    """Tell whether a row's words stand over the columns of the rows below, none over a gap."""
    columns = _columns([row for row in rows if len(row.segments) > 1])
    for parts in (_loosely(row), [Segment((word,)) for word in row.words]):
        over = [[at for at, c in enumerate(columns) if _shared(part, c) > 0] for part in parts]
        nearest = [_nearest(columns, (part.x0 + part.x1) / 2) for part in parts]
        ordered = len(set(nearest)) > 1 and nearest == sorted(nearest)
        if ordered and all(len(hit) < 2 for hit in over):
            return True
    return False


def _columns(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Return where each column begins and ends: between gaps that most of the rows share."""
    wanted = median(len(row.segments) for row in rows)
    best: list[tuple[float, float]] = []
    for share in _SHARES:
        columns = _between_gaps(rows, share)
        if len(columns) > len(best):
            best = columns
        if len(best) >= wanted:
            break
    return best


def _between_gaps(rows: Sequence[Row], share: float) -> list[tuple[float, float]]:
    spans = [(s.x0, s.x1) for row in rows for s in _loosely(row)]
    events = sorted([(x0, 1) for x0, _ in spans] + [(x1, -1) for _, x1 in spans])
    height = median(row.height for row in rows)
    columns: list[tuple[float, float]] = []
    covered, begins = 0, events[0][0]
    inside = False
    for x, change in events:
        covered += change
        over = covered > share * len(rows)
        if over and not inside:
            if columns and x - columns[-1][1] < _SPACE * height:
                begins, _ = columns.pop()
            else:
                begins = x
        elif inside and not over:
            columns.append((begins, x))
        inside = over
    return columns


def _loosely(row: Row) -> list[Segment]:
    """Part a row at any gap that is wider than a space."""
    parts = [[row.words[0]]]
    for last, word in pairwise(row.words):
        if word.x0 - last.x1 > _SPACE * row.height:
            parts.append([])
        parts[-1].append(word)
    return [Row(tuple(part)).line for part in parts]


def _cells(row: Row, columns: Sequence[tuple[float, float]]) -> list[str]:
    """Return what stands in each column; what spans several is repeated in them."""
    said: list[list[str]] = [[] for _ in columns]
    for segment in _loosely(row):
        spanned = [at for at, column in enumerate(columns) if _shared(segment, column) > _SPANNED]
        middle = (segment.x0 + segment.x1) / 2
        for at in spanned if len(spanned) > 1 else [_nearest(columns, middle)]:
            said[at].append(segment.text)
    return [" ".join(parts) for parts in said]


def _shared(segment: Segment, column: tuple[float, float]) -> float:
    """Return which share of a column's width a segment covers."""
    shared = min(segment.x1, column[1]) - max(segment.x0, column[0])
    return shared / max(column[1] - column[0], 1.0)


def _nearest(columns: Sequence[tuple[float, float]], x: float) -> int:
    return min(range(len(columns)), key=lambda at: max(columns[at][0] - x, x - columns[at][1]))


def _without_wraps(rows: Sequence[Row], cells: Sequence[Sequence[str]]) -> list[list[str]]:
    """Give the lines of a wrapped cell back to its row.

    A line continues the row above if it leaves cells empty, the first one among them, and stands
    as close below it as lines of a text do, where other rows stand further apart. A second number
    under a first one is a row's own.
    """
    gaps = [low.top - high.bottom for high, low in pairwise(rows)]
    loose = max(gaps, default=0.0)
    merged = [list(cells[0])]
    for row, line, gap in zip(rows[1:], cells[1:], gaps, strict=True):
        wraps = gap < _TIGHT * row.height and (
            gap < loose - 0.15 * row.height or sum(map(bool, line)) == 1
        )
        second = any(map(_both_numbers, merged[-1], line))
        if wraps and not line[0] and not all(line[1:]) and not second:
            merged[-1] = [joined(filter(None, pair)) for pair in zip(merged[-1], line, strict=True)]
        else:
            merged.append(list(line))
    return merged


def _both_numbers(above: str, below: str) -> bool:
    """Tell two amounts of a column, where a wrapped cell would go on in words."""
    return all(any(map(str.isdigit, c)) and not any(map(str.isalpha, c)) for c in (above, below))


def _bold_header(first: Sequence[Word], words: Sequence[Word]) -> bool | None:
    bold = sum(word.bold for word in words)
    if first and all(word.bold for word in first) and bold <= len(first) + len(words) // 4:
        return True
    return None
