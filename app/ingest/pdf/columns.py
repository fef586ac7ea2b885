"""Find the columns of text that a page is set in, so that each is read before the next."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, groupby, pairwise
from statistics import median

from app.ingest.pdf.glyphs import Word
from app.ingest.pdf.rows import Row, right_to_left, rows_of, wrapped_lines

_FEWEST_ROWS = 4  # on each side; fewer are no column
_CROSSING = 0.2  # of the rows may cross a gutter: titles, tables and figures over all columns
_WORDS = 3  # in the middle row of a column; cells of a table hold fewer
_FILLED = 0.7  # of a column's width that its middle row fills; cells fill less
_STEP = 2  # points between the places that are looked at for a gutter
_MARGIN = 0.15  # of the width; no gutter lies so near the edge of a page
_ALIGNED = 0.6  # of the rows; those of a table all stand beside another
_AMID = 1 / 3  # of the lines beside running text
_FEWEST_AMID = 3  # lines; a label may be wrapped once
_TRIED = 4  # places; the widest empty strips


def in_columns(words: Sequence[Word]) -> list[list[Word]]:
    """Part words into blocks that are read one after the other."""
    gutter = _gutter(words)
    if gutter is None:
        return [list(words)]
    blocks: list[list[Word]] = []
    sides: list[Word] = []
    for row in rows_of(words):
        if _crosses(row, gutter):
            blocks += _sides(sides, gutter)
            blocks.append(list(row.words))
            sides = []
        else:
            sides += row.words
    return _joined(blocks + _sides(sides, gutter), gutter)


def _sides(words: Sequence[Word], gutter: float) -> list[list[Word]]:
    left = [word for word in words if word.x1 <= gutter]
    right = [word for word in words if word.x0 >= gutter]
    sides = (right, left) if right_to_left(word.text for word in words) else (left, right)
    return [part for side in sides if side for part in in_columns(side)]


def _joined(blocks: Sequence[list[Word]], gutter: float) -> list[list[Word]]:
    """Keep neighbouring rows that cross the gutter in one block."""
    joined: list[list[Word]] = []
    crossing = False
    for block in blocks:
        crosses = min(w.x0 for w in block) < gutter < max(w.x1 for w in block)
        if crosses and crossing:
            joined[-1] += block
        else:
            joined.append(block)
        crossing = crosses
    return joined


def _gutter(words: Sequence[Word]) -> float | None:
    """Return the middle of the widest empty strip with prose on both of its sides."""
    rows = rows_of(words)
    if len(rows) < _FEWEST_ROWS:
        return None
    crossed = _crossed([(s.x0, s.x1) for row in rows for s in row.segments])
    left, right = min(crossed), max(crossed)
    margin = (right - left) * _MARGIN
    inner = {at: n for at, n in crossed.items() if left + margin < at < right - margin}
    most = int(_CROSSING * len(rows))
    levels = sorted({count for count in inner.values() if count <= most})
    tried = [_middles([at for at, n in sorted(inner.items()) if n <= level]) for level in levels]
    places = dict.fromkeys(at for middles in tried for at in middles[:_TRIED])
    return next((at for at in list(places)[: 2 * _TRIED] if _parts_text(words, at)), None)


def _crossed(spans: Sequence[tuple[float, float]]) -> dict[int, int]:
    """Count for each place how many spans it lies in."""
    left, right = min(a for a, _ in spans), max(b for _, b in spans)
    steps = range(math.floor(left), math.ceil(right), _STEP)
    changes = Counter[int]()
    for x0, x1 in spans:
        changes[bisect_left(steps, x0)] += 1
        changes[bisect_left(steps, x1)] -= 1
    return dict(zip(steps, accumulate(changes[at] for at in range(len(steps))), strict=True))


def _parts_text(words: Sequence[Word], at: float) -> bool:
    """Tell columns of text from those of a table, whose rows stand side by side."""
    left, right = [w for w in words if w.x1 <= at], [w for w in words if w.x0 >= at]
    if not left or not right:
        return False
    prose = [_is_text(side) for side in (left, right)]
    if all(prose):
        return True
    if not any(prose):
        return False
    rows, beside = map(rows_of, (left, right) if prose[0] else (right, left))
    return _aligned(rows, beside) < _ALIGNED or _stand_amid(beside, rows)


def _stand_amid(beside: Sequence[Row], rows: Sequence[Row]) -> bool:
    """Tell lines below one another beside those of one sentence; a label hardly has so many."""
    ends, going_on = [row.bottom for row in beside], {id(row) for _, row in wrapped_lines(rows)}
    amid = [
        id(row) in going_on and _is_beside(above, ends) and _is_beside(row, ends)
        for above, row in pairwise(rows)
    ]
    runs = [1 + len(list(run)) for on, run in groupby(amid) if on]
    return sum(lines for lines in runs if lines >= _FEWEST_AMID) >= _AMID * len(beside)


def _is_beside(row: Row, ends: Sequence[float]) -> bool:
    return any(abs(row.bottom - end) < 1.0 for end in ends)


def _is_text(words: Sequence[Word]) -> bool:
    return _is_prose(words) or _gutter(words) is not None


def _aligned(left: Sequence[Row], right: Sequence[Row]) -> float:
    """Return which share of the rows of the shorter side stand beside one of the other side."""
    fewer, more = sorted((left, right), key=len)
    ends = [row.bottom for row in more]
    beside = [_is_beside(row, ends) for row in fewer]
    return sum(beside) / len(fewer) if len(fewer) >= _FEWEST_ROWS else 1.0


def _middles(places: Sequence[int]) -> list[float]:
    """Return the middle of each run of neighbouring places, the widest first."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place - runs[-1][-1] <= _STEP:
            runs[-1].append(place)
        else:
            runs.append([place])
    runs.sort(key=len, reverse=True)
    return [(run[0] + run[-1]) / 2 for run in runs if len(run) > 1]


def _crosses(row: Row, x: float) -> bool:
    return any(segment.x0 < x < segment.x1 for segment in row.segments)


def _is_prose(words: Sequence[Word]) -> bool:
    rows = rows_of(words)
    if len(rows) < _FEWEST_ROWS:
        return False
    width = max(w.x1 for w in words) - min(w.x0 for w in words)
    filled = median(row.line.x1 - row.line.x0 for row in rows)
    broken = sum(len(row.segments) > 1 for row in rows)
    return (
        median(len(row.words) for row in rows) >= _WORDS
        and filled >= _FILLED * width
        and broken * 3 < len(rows)
    )
