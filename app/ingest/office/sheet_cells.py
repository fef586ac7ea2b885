"""Tell what the cells of a workbook's sheet show, and what is hidden or struck there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from openpyxl.cell.rich_text import CellRichText
from openpyxl.utils import range_boundaries

from app.ingest.cell_formats import shown
from app.ingest.cell_layout import check_size
from app.ingest.extracted import one_line
from app.ingest.raised import raised

_LONGEST_BESIDE = 80  # characters of a comment; a longer one makes the name of a column too long
_THREAD = "tc="  # begins the author of a comment that older programs get for a conversation


class SheetCells:
    """The texts of a sheet's cells by row and column, without those that are hidden or struck."""

    def __init__(self, sheet: Any) -> None:
        """Read all cells that the file stores."""
        check_size(len(sheet._cells))
        self.hidden_rows = _hidden_rows(sheet)
        self.texts: dict[int, dict[int, str]] = defaultdict(dict)
        self.remarks: list[str] = []
        self._hidden_columns = _hidden_columns(sheet)
        self._unseen: set[tuple[str, object]] = set()
        self._read(sheet)

    def left_out(self) -> str:
        """Name what is not read: "2 hidden rows, 1 struck cell"."""
        counts = Counter(what for what, _ in self._unseen)
        return ", ".join(f"{n} {what.format('s' * (n > 1))}" for what, n in sorted(counts.items()))

    def _read(self, sheet: Any) -> None:
        merged = _merged(sheet)
        commented = []
        for place, cell in sorted(sheet._cells.items()):
            origin = sheet._cells.get(merged.get(place), cell)
            if origin.value is None and not cell.comment:
                continue
            if self._is_seen(place):
                self.texts[cell.row] |= self._text(cell, origin)
                commented += [cell] if cell.comment else []
        for cell in commented:
            self._add_comment(cell)

    def _is_seen(self, place: tuple[int, int]) -> bool:
        row, column = place
        if row in self.hidden_rows:
            self._unseen.add(("hidden row{}", row))
        elif column in self._hidden_columns:
            self._unseen.add(("hidden column{}", column))
        else:
            return True
        return False

    def _text(self, cell: Any, origin: Any) -> dict[int, str]:
        text = _said(origin)
        if text:
            return {cell.column: text}
        if str(origin.value or "").strip():
            what = "struck cell{}" if _is_struck(origin) else "cell{} hidden by format"
            self._unseen.add((what, origin.coordinate))
        return {}

    def _add_comment(self, cell: Any) -> None:
        """Put a comment behind its cell, or a long one with the row below all rows."""
        comment = f"[comment: {_comment(cell.comment)}]"
        row = self.texts[cell.row]
        if len(comment) <= _LONGEST_BESIDE:
            row[cell.column] = f"{row.get(cell.column, '')} {comment}".strip()
        else:
            self.remarks.append(f"{' | '.join(row.values())} {comment}".strip())


def _said(cell: Any) -> str:
    struck = _is_struck(cell)
    if isinstance(cell.value, CellRichText):
        return "".join(_run(part, struck=struck) for part in cell.value)
    return "" if struck or cell.value is None else shown(cell.value, cell.number_format)


def _is_struck(cell: Any) -> bool:
    return bool(cell.has_style and cell.font.strike)


def _run(part: Any, *, struck: bool) -> str:
    """Return a run of formatted text; one without a font of its own has the cell's."""
    if isinstance(part, str):
        return "" if struck else part
    if part.font.strike:
        return ""
    return raised(part.text) if part.font.vertAlign == "superscript" else str(part.text)


def _comment(comment: Any) -> str:
    """Return a comment without what older programs are told before a conversation."""
    text = str(comment.text)
    return one_line(text.split("\n\n", 2)[-1] if str(comment.author).startswith(_THREAD) else text)


def _hidden_rows(sheet: Any) -> set[int]:
    """Return the rows that somebody hid.

    Those that a filter or a folded outline puts aside are data all the same: a click shows them.
    """
    filtered = [rows for first, last in _filtered(sheet) for rows in [range(first, last + 1)]]
    return {
        number
        for number, row in sheet.row_dimensions.items()
        if row.hidden and not row.outlineLevel and not any(number in rows for rows in filtered)
    }


def _filtered(sheet: Any) -> Iterator[tuple[int, int]]:
    """Yield the first and last row of each filter that is in use, also of tables in the sheet."""
    for found in (sheet.auto_filter, *(table.autoFilter for table in sheet.tables.values())):
        if found is not None and found.ref and found.filterColumn:
            _, first, _, last = range_boundaries(found.ref)
            yield first, last


def _hidden_columns(sheet: Any) -> set[int]:
    return {
        at
        for columns in sheet.column_dimensions.values()
        if columns.hidden and not columns.outlineLevel
        for at in range(columns.min, columns.max + 1)
    }


def _merged(sheet: Any) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each cell of a merged range the one that holds its value."""
    return {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }
