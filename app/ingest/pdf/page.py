"""Read a page's words as a person would: column by column, as paragraphs and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any, NamedTuple

from app.ingest.hyphens import joined
from app.ingest.pdf.boxes import Box, with_boxes
from app.ingest.pdf.columns import in_columns
from app.ingest.pdf.glyphs import Direction, Rule, Word, directions_of, rules_of, turned
from app.ingest.pdf.initials import with_initials
from app.ingest.pdf.line_numbers import without_line_numbers
from app.ingest.pdf.rows import Row, right_to_left, rows_of
from app.ingest.pdf.struck import unstruck
from app.ingest.pdf.tables import Table, ruled_tables, stands_over, table_of

_BOXES = "☐☑☒"
_BULLETS = f"•◦▪▫‣⁃∙●○■□{_BOXES}–—*·"
ITEM = re.compile(
    rf"[{_BULLETS}-](?:\s|$)|\(?(?:\d{{1,3}}(?:\.\d+)*|[a-z]|[ivxl]{{1,5}})[.)](?:\s|$)"
)
_BARE_ITEM = re.compile(rf"[{_BULLETS}-]|\(?(?:\d{{1,3}}|[a-zA-Z])[.)]")
_PARTED = 0.75  # of a row's height; a wider gap parts two paragraphs
_SPACE = 0.3  # of a row's size of type; between two words
_LONG_LINE = 0.6  # of the width; a sentence that goes on below ends no shorter line
_INDENT = 0.8  # of a row's height
_RESIZED = 0.12  # of a row's height; text that differs more is another block
_APART = 1.6  # of a row's height; rows of a table stand no further apart than this
_BLOCK = 3  # lines that tell where their right edge is
_LOOK_AHEAD = 3  # lines of one cell that may stand between two rows of a table


class Block(NamedTuple):
    """A paragraph or a table, from top to bottom of a page."""

    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    height: float = 0.0
    bold: bool = False
    header: bool | None = None
    """Whether a table's first row is its header; None where its look tells nothing."""


def read_page(page: Any, marks: Sequence[Rule] = (), boxes: Sequence[Box] = ()) -> list[Block]:
    """Return the blocks of a page in reading order, without what rules or `marks` strike.

    `boxes` of a form are signs among the words of most of its text.
    """
    directions = directions_of(page)
    rules = rules_of(page) if directions else []
    for words, turn in directions[:1]:
        directions[0] = Direction(with_boxes(words, boxes, turn, rules), turn)
    return [
        block
        for at, direction in enumerate(directions)
        for block in _read_along(direction, rules, marks, ruled=at == 0)
        if block.text or block.rows
    ]


def _read_along(
    direction: Direction, rules: Sequence[Rule], marks: Sequence[Rule], *, ruled: bool
) -> Iterator[Block]:
    """Read words with the lines of the page turned as they are; `ruled` by those of tables too."""
    along = [turned(rule, direction.turn) for rule in rules]
    struck = [*along, *(turned(mark, direction.turn) for mark in marks)]
    return _read(unstruck(direction.words, struck), along if ruled else [])


def read_words(words: Sequence[Word]) -> list[Block]:
    """Do the same with words that no text layer holds."""
    return list(_read(words, []))


def _read(words: Sequence[Word], rules: Sequence[Any]) -> Iterator[Block]:
    tables, rest = ruled_tables(with_initials(without_line_numbers(words)), rules)
    for part in in_columns(rest) if rest else []:
        rows = rows_of(part)
        while tables and rows and _is_next(tables[0], rows):
            above = [row for row in rows if row.top < tables[0].top]
            yield from _flow(above)
            yield _table_block(tables.pop(0))
            rows = rows[len(above) :]
        yield from _flow(rows)
    yield from map(_table_block, tables)


def _is_next(table: Table, rows: Sequence[Row]) -> bool:
    return table.top <= rows[-1].top


def _table_block(table: Table) -> Block:
    leftwards = right_to_left(cell for row in table.rows for cell in row)
    rows = tuple(row[::-1] for row in table.rows) if leftwards else table.rows
    return Block(rows=rows, header=table.bold_header)


def _flow(rows: Sequence[Row]) -> Iterator[Block]:
    """Tell tables from text among rows of one column."""
    right = max((row.line.x1 for row in rows), default=0.0)
    text: list[Row] = []
    at = 0
    while at < len(rows):
        end = _table_end(rows, at)
        table = table_of(rows[at:end]) if end - at > 1 else None
        if table is None:
            text.append(rows[at])
            at += 1
        else:
            heads = _heads(text, rows[at:end])
            table = table_of(rows[at:end], rows[at - heads : at]) or table
            yield from _paragraphs(text[: len(text) - heads], right)
            yield _table_block(table)
            text, at = [], end
    yield from _paragraphs(text, right)


def _table_end(rows: Sequence[Row], start: int) -> int:
    """Return where the rows with gaps end that begin at `start`; wrapped cells may lie between."""
    end = start
    for at in range(start, len(rows)):
        if at > start and rows[at].top - rows[at - 1].bottom > _APART * rows[at].height:
            break
        if _has_cells(rows[at]):
            end = at + 1
        elif at - end >= _LOOK_AHEAD or at == start:
            break
    return end


def _heads(above: Sequence[Row], rows: Sequence[Row]) -> int:
    """Count the rows right above a table whose words stand over its columns."""
    count, below = 0, rows[0]
    for row in reversed(above):
        if below.top - row.bottom > _APART * row.height or not stands_over(row, rows):
            break
        count, below = count + 1, row
    return count


def _has_cells(row: Row) -> bool:
    """Tell a row of cells from a list item, whose number stands apart from its text."""
    segments = row.segments
    return len(segments) > 1 and not (len(segments) == 2 and _BARE_ITEM.fullmatch(segments[0].text))


def _paragraphs(rows: Sequence[Row], right: float) -> Iterator[Block]:
    """Join lines that were wrapped; others stand by themselves."""
    run: list[Row] = []
    edges = _right_edges(rows, right)
    for row, edge in zip(rows, edges, strict=True):
        if run and not _continues(run, row, edge):
            yield _block(run)
            run = []
        run.append(row)
    if run:
        yield _block(run)


def _right_edges(rows: Sequence[Row], right: float) -> list[float]:
    """Return for each row where full lines end around it: in its block, if that has some lines."""
    blocks: list[list[Row]] = []
    for row in rows:
        if blocks and row.top - blocks[-1][-1].bottom <= _PARTED * row.height:
            blocks[-1].append(row)
        else:
            blocks.append([row])
    return [
        max(row.line.x1 for row in block) if len(block) >= _BLOCK else right
        for block in blocks
        for _ in block
    ]


def _continues(run: Sequence[Row], row: Row, right: float) -> bool:
    """Tell whether a line was begun only because the one above it was full."""
    last = run[-1]
    apart = row.top - last.bottom > _PARTED * last.height
    resized = abs(row.height - last.height) > _RESIZED * last.height
    if apart or resized or ITEM.match(row.line.text) or _is_indented(row, run):
        return False
    if last.line.text.endswith(tuple(_BOXES)):  # behind its label
        return False
    if _is_bold(row) != _is_bold(last) and len(run) == 1:
        return False
    begun = row.line.text[:1].islower() and last.line.text[-1:] not in ".:;!?"
    if begun and last.line.x1 > _LONG_LINE * right:
        return True
    space = _SPACE * last.height
    return last.line.x1 + row.words[0].x1 - row.words[0].x0 > right - 2 * space


def _is_indented(row: Row, run: Sequence[Row]) -> bool:
    """Tell whether a line begins further right than those above it, as a new paragraph's does."""
    shift = row.line.x0 - min(above.line.x0 for above in run[-2:])
    return shift > _INDENT * row.height and not ITEM.match(run[0].line.text)


def _is_bold(row: Row) -> bool:
    return all(word.bold for word in row.words)


def _block(run: Sequence[Row]) -> Block:
    return Block(
        text=joined(_parts(run)),
        height=median(row.height for row in run),
        bold=all(map(_is_bold, run)),
    )


def _parts(run: Sequence[Row]) -> list[str]:
    return [row.line.text for row in run]
