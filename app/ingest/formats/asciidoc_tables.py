"""Read the tables of AsciiDoc as grids; knows nothing of the text around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.ingest.extracted import clean_line
from app.ingest.formats.dialects import dialect_of, with_sound_quotes
from app.ingest.tables.cells import check_size, spread

EDGE = re.compile(r"[|,:!]===+\s*")

_FORMATS = {"|": "psv", "!": "psv", ",": "csv", ":": "dsv"}
_SEPARATORS = {"psv": "|", "dsv": ":", "csv": ",", "tsv": "\t"}
_ATTRIBUTE = r"{}\s*=\s*(?:\"([^\"]*)\"|([^\s,\]]+))"
_HEADER = re.compile(r"%header\b|\bopt(?:ion)?s\s*=\s*(?:\"[^\"]*|[\w,]*)\bheader\b")
_SPEC = r"(?:(?P<wide>\d{1,4})?(?:\.(?P<tall>\d{1,4}))?(?P<sign>[+*]))?(?:[<^>]?\.?[<^>])?[a-z]?"
_NESTED = re.compile(r"^!===+[ \t]*\n(.*?)(?:^!===+[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_TALLEST = 1000  # rows that a cell spans


class _Cell(NamedTuple):
    text: str
    start: int
    wide: int = 1
    tall: int = 1


def header_of(attributes: str) -> bool | None:
    """Tell by the attributes above a table that its first row is a header; None if they do not."""
    return True if _HEADER.search(attributes) else None


def rows_of(lines: Sequence[str], edge: str, attributes: str) -> list[list[str]]:
    """Return the rows of a table between its edges, each cell in all that it spans."""
    shape = _attribute("format", attributes) or _FORMATS[edge[0]]
    default = edge[0] if edge[0] == "!" else _SEPARATORS.get(shape, "|")
    separator = _attribute("separator", attributes).replace("\\t", "\t")[:1] or default
    text = "\n".join(line for line in lines if not re.match("//(?!/)", line))
    if shape in ("csv", "tsv"):
        dialect = dialect_of(text, separator)
        return list(dialect.rows(with_sound_quotes(text, dialect)[0]))
    if shape == "dsv":
        return [_parted(line, separator) for line in text.split("\n") if line.strip()]
    cells = list(_cells(text, separator))
    return _laid(cells, _width(_attribute("cols", attributes)) or _first_width(cells, text))


def _attribute(name: str, attributes: str) -> str:
    found = re.search(_ATTRIBUTE.format(name), attributes)
    return (found[1] or found[2] or "") if found else ""


def _parted(line: str, separator: str) -> list[str]:
    mark = re.escape(separator)
    return [cell.replace(f"\\{separator}", separator) for cell in re.split(rf"(?<!\\){mark}", line)]


def _cells(text: str, separator: str) -> Iterator[_Cell]:
    """Yield cells as often as they are repeated; each goes on up to the next separator."""
    mark = re.escape(separator)
    found = list(re.finditer(rf"(?m)(?:(?:^|(?<=\s)){_SPEC})?(?<!\\){mark}", text))
    ends = [*(later.start() for later in found), len(text)]
    if before := text[: ends[0]].strip():
        yield _Cell(_flat(before, separator), 0)
    check_size(sum(int(spec["wide"] or 1) for spec in found))
    for spec, end in zip(found, ends[1:], strict=True):
        said = _flat(text[spec.end() : end], separator)
        wide, tall = int(spec["wide"] or 1), int(spec["tall"] or 1)
        if spec["sign"] == "*":
            yield from [_Cell(said, spec.start())] * max(wide, 1)
        else:
            yield _Cell(said, spec.start(), max(wide, 1), max(tall, 1))


def _flat(text: str, separator: str) -> str:
    """Return the text of a cell in one line, a table in it as "a, b; c, d"."""
    parts = _NESTED.split(text.replace(f"\\{separator}", separator))
    parts[1::2] = [_inner(part.split("\n")) for part in parts[1::2]]
    return clean_line(" ".join(parts))


def _inner(lines: Sequence[str]) -> str:
    rows = (", ".join(filter(None, row)) for row in rows_of(lines, "!===", ""))
    return "; ".join(filter(None, rows))


def _width(columns: str) -> int:
    """Count the columns of an attribute such as `1,2`, `3*` or `3`."""
    if columns.isdecimal():
        return int(columns[:4])
    repeated = [re.match(r"\s*(\d{1,4})\*", column) for column in re.split("[,;]", columns)]
    return sum(int(times[1]) if times else 1 for times in repeated) if columns else 0


def _first_width(cells: Sequence[_Cell], text: str) -> int:
    """Return how many columns the cells of the first line take."""
    start = cells[0].start if cells else 0
    end = start + len(text[start:].partition("\n")[0])
    return sum(cell.wide for cell in cells if cell.start <= end)


def _laid(cells: Sequence[_Cell], width: int) -> list[list[str]]:
    """Fill rows with cells, each in every row and column that it spans."""
    grid: dict[tuple[int, int], str] = {}
    x = y = 0
    for cell in cells:
        while x >= width or (y, x) in grid:
            x, y = (x + 1, y) if x < width else (0, y + 1)
        wide, tall = min(cell.wide, width - x), min(cell.tall, _TALLEST)
        check_size(len(grid) + wide * tall)
        for at, said in enumerate(spread(cell.text, wide)):
            grid |= {(y + down, x + at): said for down in range(tall)}
    rows, used = range(y + 1), range(max((at + 1 for _, at in grid), default=0))
    check_size(len(rows) * len(used))
    return [[grid.get((at, column), "") for column in used] for at in rows]
