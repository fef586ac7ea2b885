"""Tell which rows of a table name its columns, and how; knows no file format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from app.ingest.tables.cells import Row, Rows, Spanned, said

_MOST = 0.6  # of a column's cells: so many of one shape make it the column's
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATE = re.compile(r"\d{1,4}\.\d{1,2}\.\d{2,4}")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_BETWEEN = re.compile(r"(?<=\d)[/:-](?=\d)")
_UNIT = re.compile(r"[^\W\d_]|[%‰°€$£¥]")
_LONGEST_UNIT = 15  # characters
_LOOKED_AT = 50  # rows below a name that tell what it heads
_STEPS = 4  # numbers that rise evenly; fewer may do so by chance


def header_votes(rows: Rows) -> int:
    """Count the columns of numbers that begin with a word, less those that begin with a number.

    Columns of words with numbers count too, where several begin with other words than go on.
    """
    first, *body = rows
    if _are_years(first[1:]) or _are_steps(first, body):
        return 1
    below = [[row[at] for row in body if at < len(row)] for at in range(len(first))]
    votes = [_vote(head, cells) for head, cells in zip(first, below, strict=True)]
    renamed = sum(map(_is_renamed, first, below))
    return sum(votes) + (2 * renamed if renamed > 1 else 0)


def votes_of_heads(heads: Rows, body: Rows) -> int:
    """Return the votes of the row that tells most: years may name groups of columns above it."""
    return max(header_votes([head, *body]) for head in heads)


def columns_of(rows: Rows, known: int = 1) -> tuple[list[str], int]:
    """Return the names of columns and how many rows hold them, of which `known` are sure.

    Names of groups stand above those of columns, units below them.
    """
    taken = known
    while taken < len(rows) - 1 and _goes_deeper(rows[:taken], rows[taken:][:_LOOKED_AT]):
        taken += 1
    heads = [_spread_groups(row) for row in rows[: taken - 1]] + [rows[taken - 1]]
    names = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*heads, strict=True)]
    if taken < len(rows) - 1 and _are_units(rows[taken], rows[taken + 1 :]):
        return [_with_unit(*pair) for pair in zip(names, rows[taken], strict=True)], taken + 1
    return names, taken


def has_groups(above: Row, names: Row) -> bool:
    """Tell a row of names that each head several columns: merged, or with blanks between them."""
    if len(said(above)) < 2 and above[0]:
        return False
    if any(isinstance(cell, Spanned) for cell in above):
        return True
    last = max((at for at, cell in enumerate(above) if cell), default=0)
    gaps = any(not cell and name for cell, name in zip(above[1:last], names[1:], strict=False))
    repeated = len(set(said(names))) < len(said(names))
    return gaps and (not above[0] or (not names[0] and above[1] != "") or repeated)


def _goes_deeper(heads: Rows, rows: Rows) -> bool:
    """Tell a further row of names, the first of the rows, from the first row of values."""
    above, row = heads[-1], rows[0]
    alone_below = (len(said(row)) == 1 and above[0]) or _says_the_same(above, row)
    if alone_below or not any(has_groups(head, row) for head in heads):
        return False
    alone = [
        (high, low)
        for high, low, right in zip(above, row, [*above[1:], ""], strict=True)
        if high and not isinstance(high, Spanned) and not isinstance(right, Spanned)
    ]
    merged_down = any(high == low for high, low in alone)
    return merged_down or bool(above[0] and not row[0]) or header_votes(rows) > 0


def _says_the_same(above: Row, row: Row) -> bool:
    """Tell two values below one merged cell, for names of columns would differ."""
    beside = zip(above[1:], row, row[1:], strict=False)
    return any(
        isinstance(head, Spanned) and left == cell and said([cell]) for head, left, cell in beside
    )


def _spread_groups(row: Row) -> Row:
    """Let the name of a group head the blank columns to its right, where no cells are merged."""
    if any(isinstance(cell, Spanned) for cell in row):
        return row
    spread: list[str] = []
    for cell in row:
        spread.append(cell or (spread[-1] if spread else ""))
    return spread


def _are_units(row: Row, body: Rows) -> bool:
    """Tell a row that says below the names in what the columns of numbers are counted."""
    units = 0
    for at, cell in enumerate(row):
        if len(cell) > _LONGEST_UNIT or _NUMBER.fullmatch(cell):
            return False
        if _is_mark(cell):
            continue
        if usual_shape([line[at] for line in body]) != "9" or not _UNIT.search(cell):
            return False
        units += 1
    return units > 0 and units * 2 >= len(said(row))


def _with_unit(name: str, unit: str) -> str:
    if _is_mark(unit):
        return name
    return f"{name} ({unit})" if unit[0].isalnum() else f"{name} {unit}"


def _is_mark(cell: str) -> bool:
    """Tell a cell that names no unit: a blank one, or one such as "-"."""
    return not any(map(str.isalnum, cell)) and not _UNIT.search(cell)


def _vote(head: str, cells: Sequence[str]) -> int:
    """Say 1 for a word above numbers, -1 for a number that looks like those below it."""
    shape = usual_shape(cells)
    if not head or "9" not in shape:
        return 0
    return -1 if _shape(head) == shape else int("9" not in _shape(head))


def _is_renamed(head: str, cells: Sequence[str]) -> bool:
    """Tell "Period 1" above "Room 12" and "Room 4", which looks like them but in its words."""
    shape = usual_shape(cells)
    words = {_letters(cell) for cell in cells if cell}
    counted = "9" in shape and shape != "9" and _shape(head) == shape
    return counted and sum(map(bool, cells)) > 1 == len(words) and _letters(head) not in words


def _letters(cell: str) -> str:
    return "".join(filter(str.isalpha, cell))


def usual_shape(cells: Sequence[str]) -> str:
    """Return the shape that most cells of a column have; "" where there is none."""
    shapes = Counter(shape for cell in cells if (shape := _shape(cell)))
    shape, count = max(shapes.items(), key=lambda item: item[1], default=("", 0))
    return shape if count >= _MOST * shapes.total() else ""


@lru_cache(maxsize=10_000)
def _shape(cell: str) -> str:
    """Reduce a cell to runs of letters and digits: "£13.60" becomes "9", "5 kg" "9a".

    The marks of dates, times and ranges stay: "01/2027" becomes "9/9".
    """
    cell = _DATE.sub("9/9/9", cell)
    marks = {match.start() for match in _BETWEEN.finditer(cell)}
    kinds = (
        "9" if c.isdigit() else "a" if c.isalpha() else c if at in marks else ""
        for at, c in enumerate(cell)
    )
    return re.sub(r"(.)\1+", r"\1", "".join(kinds))


def _are_years(heads: Row) -> bool:
    return len(set(heads)) == len(heads) > 1 and all(_YEAR.fullmatch(head) for head in heads)


def _are_steps(first: Row, body: Rows) -> bool:
    """Tell numbers that rise evenly behind a word: hours, depths, sizes."""
    named = not _NUMBER.fullmatch(first[0])
    return named and _rises(first[1:]) and not any(_rises(row[1:]) for row in body)


def _rises(cells: Row) -> bool:
    if len(cells) < _STEPS or not all(map(_NUMBER.fullmatch, cells)):
        return False
    numbers = [float(cell.replace(",", ".")) for cell in cells]
    steps = {round(high - low, 6) for low, high in pairwise(numbers)}
    return len(steps) == 1 and min(steps) > 0
