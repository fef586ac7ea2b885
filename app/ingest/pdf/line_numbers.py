"""Leave out the numbers in a page's margin that count its lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from app.ingest.pdf.glyphs import Word
from app.ingest.pdf.rows import Row, rows_of, wrapped_lines

_FEWEST = 4  # numbers
_NUMBER = re.compile(r"[0-9]{1,5}")
_MISSED = 1.0  # points by which numbers may miss the edge that they are aligned at
_COUNTING = 0.7  # of the numbers; so many count as many lines as they say
_WRAPPED = (
    1 / 3
)  # of the lines, but three at least; items of a list or table hardly ever go on below


def without_line_numbers(words: Sequence[Word]) -> list[Word]:
    """Return the words without columns of numbers that count lines beside them.

    Numbers of a list or table count what each begins anew; lines go on below one another.
    """
    counting = {id(number) for run in _runs(words) if _count_lines(run, words) for number in run}
    return [word for word in words if id(word) not in counting]


def _runs(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Yield numbers below one another, aligned at either edge, that grow by the same step."""
    numbers = [word for word in words if _NUMBER.fullmatch(word.text)]
    for edge in (_left, _right):
        for column in _aligned(numbers, edge):
            run: list[Word] = []
            for number in sorted(column, key=lambda word: word.top):
                if run[1:] and int(number.text) - int(run[-1].text) != _step(run):
                    yield run
                    run = run[-1:]
                run.append(number)
            yield run


def _left(word: Word) -> float:
    return word.x0


def _right(word: Word) -> float:
    return word.x1


def _aligned(words: Sequence[Word], edge: Callable[[Word], float]) -> list[list[Word]]:
    columns: list[list[Word]] = []
    for word in sorted(words, key=edge):
        if columns and edge(word) - edge(columns[-1][-1]) < _MISSED:
            columns[-1].append(word)
        else:
            columns.append([word])
    return columns


def _step(run: Sequence[Word]) -> int:
    return int(run[1].text) - int(run[0].text)


def _count_lines(run: Sequence[Word], words: Sequence[Word]) -> bool:
    if len(run) < _FEWEST or _step(run) < 1:
        return False
    x0, x1 = min(map(_left, run)), max(map(_right, run))
    top, bottom = run[0].top - run[0].height, run[-1].bottom + run[-1].height
    counted = set(map(id, run))
    beside = [w for w in words if top < w.top < bottom and id(w) not in counted]
    left, right = [w for w in beside if w.x1 <= x0], [w for w in beside if w.x0 >= x1]
    if len(left) + len(right) < len(beside):
        return False
    return any(
        _are_counted([Row(row.segments[nearest].words) for row in rows_of(side)], run)
        for side, nearest in ((left, -1), (right, 0))
    )


def _are_counted(rows: Sequence[Row], run: Sequence[Word]) -> bool:
    """Tell whether most numbers stand as many lines apart as they say, and beside lines that go on.

    What goes on below another begins no item of a list and no row of a table.
    """
    middles = [(row.top + row.bottom) / 2 for row in rows]
    going_on = {id(row) for _, row in wrapped_lines(rows)}
    numbered = [
        row
        for row, at in zip(rows, middles, strict=True)
        if any(one.top < at < one.bottom for one in run)
    ]
    apart = [sum(one.top < at < other.top for at in middles) for one, other in pairwise(run)]
    told = [count for count in apart if count]  # not where lines are left empty
    return (
        len(told) >= _FEWEST - 1
        and told.count(_step(run)) >= _COUNTING * len(told)
        and len(going_on) >= max(_FEWEST - 1, _WRAPPED * len(rows))
        and sum(id(row) in going_on for row in numbered) >= _WRAPPED * len(numbered)
    )
