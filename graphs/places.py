"""Tell where an answer puts what it says: below which heading, in which row and column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

from graphs.entries import Entry
from graphs.markers import without_markers
from graphs.markup import without_markup
from graphs.protocols import Place, Spot
from graphs.tables import cells
from graphs.text import words

LONGEST = 8  # words of a heading that names something; a longer one is a sentence
NEAR = 20  # headings, rows or columns on either side that a value could belong to instead

Rank = tuple[int, int]


class Places:
    """The places of an answer's lines."""

    def __init__(self, lines: Sequence[Entry]) -> None:
        """Find what each line stands under."""
        self._lines = lines
        self._ranks = [_rank(line) for line in lines]
        self._over = list(self._stands())
        self._spots = dict(self._groups())
        for at, over in enumerate(self._over):  # where a heading has none beside it, the one above
            if at not in self._spots and over is not None and over in self._spots:
                self._spots[at] = self._spots[over]
        self._rows = {at: place for table in _tables(lines) for at, place in _rows(lines, table)}

    def of(self, at: int, said: str) -> tuple[Place, ...]:
        """Return the places of what a line says, none where it could stand nowhere else."""
        if self._lines[at].kind not in ("prose", "item"):
            return self._rows.get(at, ())
        over = self._over[at]
        if over is None or over not in self._spots:
            return ()
        own, others = self._spots[over]
        return (Place(without_markup(said), own, (others,)),)

    def _stands(self) -> Iterator[int | None]:
        """Yield the line that each line stands under."""
        above: list[int] = []
        for at, line in enumerate(self._lines):
            if not line.text.strip():
                yield None
                continue
            ends = line.kind == "prose" and not line.indent and self._are_items(above)
            while above and (
                self._ranks[above[-1]] >= self._ranks[at] or (ends and self._ranks[above[-1]][0])
            ):  # where a list is over, what leads it in is over, too
                above.pop()
            yield above[-1] if above else None
            if line.is_item or line.kind in ("label", "lead"):
                above.append(at)

    def _are_items(self, above: Sequence[int]) -> bool:
        return bool(above) and self._lines[above[-1]].is_item

    def _groups(self) -> Iterator[tuple[int, tuple[Spot, tuple[Spot, ...]]]]:
        """Yield headings of the same height below the same one, each with the others."""
        alike = defaultdict[tuple[Rank, int | None], list[int]](list)
        for head in sorted({over for over in self._over if over is not None}):
            alike[self._ranks[head], self._over[head]].append(head)
        for group in alike.values():
            names = [_plain(self._lines[at]).rstrip(":： ") for at in group]
            short = all(0 < len(words(name)) <= LONGEST for name in names)
            for place, at in enumerate(group if short and len(set(names)) > 1 else ()):
                near = names[max(0, place - NEAR) : place + NEAR]
                others = tuple(Spot(n) for n in dict.fromkeys(near) if n != names[place])
                yield at, (Spot(names[place]), others)


def _rank(line: Entry) -> Rank:
    """Return how high a line stands: titles by their depth, other headings, the rest by indent."""
    marks = line.prefix.strip()
    if marks and set(marks) == {"#"}:
        return 0, len(marks)
    if line.kind in ("label", "lead") and not line.is_item:
        return 1, 0
    return 2, line.indent


def _tables(lines: Sequence[Entry]) -> Iterator[list[int]]:
    """Yield the lines of each table that has a head."""
    for tabular, group in groupby(enumerate(lines), lambda p: p[1].kind in ("head", "rule", "row")):
        table = [at for at, line in group if line.kind != "rule"]
        if tabular and table and lines[table[0]].kind == "head":
            yield table


def _rows(lines: Sequence[Entry], table: Sequence[int]) -> Iterator[tuple[int, tuple[Place, ...]]]:
    """Yield the places of each row's cells behind its first."""
    head, *rows = (_cells(lines[at]) for at in table)
    for number, row in enumerate(rows):
        near = rows[max(0, number - NEAR) : number + NEAR]
        alike = [other for other in near if len(other) == len(row) and other[0] != row[0]]
        if len(head) == len(row):
            yield table[number + 1], tuple(_places(head, row, alike))


def _places(
    head: Sequence[str], row: Sequence[str], alike: Sequence[Sequence[str]]
) -> Iterator[Place]:
    for column, value in enumerate(row):
        if not column or not words(value) or not words(head[column]):
            continue
        near = range(max(1, column - NEAR), min(len(row), column + NEAR))
        beside = [head[at] for at in near if row[at] != value]
        columns = tuple(Spot(row[0], name) for name in beside if words(name))
        others = tuple(Spot(other[0], head[column]) for other in alike if other[column] != value)
        yield Place(value, Spot(row[0], head[column]), (columns, others))


def _cells(line: Entry) -> list[str]:
    return [without_markup(cell) for cell in cells(without_markers(line.text))]


def _plain(line: Entry) -> str:
    return without_markup(without_markers(line.text))
