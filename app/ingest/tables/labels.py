"""Read rows of labels with their values, as forms and cover sheets have them."""

from __future__ import annotations

from app.ingest.tables.cells import Row, Rows, has_digits, said
from app.ingest.tables.heads import header_votes, usual_shape


def are_pairs(rows: Rows) -> bool:
    """Tell a form: most rows hold labels with a colon, or labels and values take turns."""
    colons = sum(map(is_pair, rows))
    return bool(rows) and ((is_pair(rows[0]) and 2 * colons >= len(rows)) or _take_turns(rows))


def is_pair(row: Row) -> bool:
    """Tell a row of labels that end with a colon, at most one value behind each."""
    cells = said(row)
    if not row or len(cells) < 2 or not cells[0].endswith(":"):
        return False
    labels = [at for at, cell in enumerate(cells) if cell.endswith(":")]
    gaps = [b - a - 1 for a, b in zip(labels, [*labels[1:], len(cells)], strict=True)]
    return max(gaps) == 1 and len(cells) >= 2 * len(labels) - 1


def pair_line(row: Row) -> str:
    """Write each value behind its label."""
    parts: list[str] = []
    waits = False
    for cell in said(row):
        waits = waits and not cell.endswith(":")
        if waits:
            parts[-1] += f" {cell}"
        else:
            parts.append(cell if cell.endswith(":") else f"{cell}:")
        waits = not waits
    return "; ".join(parts)


def _take_turns(rows: Rows) -> bool:
    """Tell two columns of labels, each with values of mixed kinds to its right."""
    if len(rows) < 3 or any(len(row) != 4 or len(said(row)) < 4 for row in rows):
        return False
    words = all(not has_digits([row[at]]) for row in rows for at in (0, 2))
    return words and header_votes(rows) == 0 and any(_is_mixed(rows, at) for at in (1, 3))


def _is_mixed(rows: Rows, at: int) -> bool:
    """Tell values of many kinds, the first a number; below a name they would be alike."""
    return has_digits([rows[0][at]]) and not usual_shape([row[at] for row in rows[1:]])
