"""Let sentences and tables go on from one page to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from app.ingest.hyphens import joined
from app.ingest.pdf.page import ITEM, Block
from app.ingest.tables.grid import has_header
from app.ingest.tables.heads import header_votes
from graphs.text import sentences

_RESIZED = 0.05  # of the type's size; a paragraph that goes on keeps it
_WORDS = 3  # of a cell; with fewer it may be a value

Pages = Sequence[Sequence[Block]]


def flowing(
    pages: Pages, running: Callable[[Block], bool], heads: Callable[[Block], bool]
) -> list[list[Block]]:
    """Return the pages with what goes on over their edges made whole.

    The end of a sentence or of a table's row is moved to the page where it begins. A table that
    goes on gets the header of its first part again. What is running along the pages stands in no
    way.
    """
    flowed = [list(blocks) for blocks in pages]
    for above, below in pairwise(flowed):
        last = next((at for at in reversed(range(len(above))) if not running(above[at])), None)
        first = next((at for at, block in enumerate(below) if not running(block)), None)
        if last is None or first is None or heads(above[last]) or heads(below[first]):
            continue
        if _sentence_goes_on(above[last], below[first]):
            above[last], below[first] = _made_whole(above[last], below[first])
        elif _table_goes_on(above[last], below[first]):
            rows = (above[last].rows[0], *below[first].rows)
            below[first] = below[first]._replace(rows=rows, header=True)
        if _row_goes_on(above[last], below[first]):
            above[last], below[first] = _with_row_whole(above[last], below[first])
    return flowed


def _made_whole(last: Block, first: Block) -> tuple[Block, Block]:
    """Move the end of a sentence to its beginning; an empty block may be left of the second."""
    begin, stop = sentences(first.text)[0]
    end, rest = first.text[begin:stop], first.text[stop:].strip()
    whole = joined([last.text, end])
    return last._replace(text=whole), first._replace(text=rest)


def _sentence_goes_on(last: Block, first: Block) -> bool:
    """Tell by a line that ends no sentence, and one that begins none."""
    if not last.text or not first.text or ITEM.match(first.text):
        return False
    resized = abs(last.height - first.height) > _RESIZED * last.height
    ended = last.text[-1] not in ",-" and not last.text[-1].isalnum()
    return not resized and not ended and not first.text[0].isupper()


def _table_goes_on(last: Block, first: Block) -> bool:
    """Tell by equal columns, where the second part begins with no header of its own."""
    if not last.rows or not first.rows or len(last.rows[0]) != len(first.rows[0]):
        return False
    headed = has_header(last.rows) if last.header is None else last.header
    own = first.header or first.rows[0] == last.rows[0] or header_votes(first.rows) > 0
    return headed and not own


def _row_goes_on(last: Block, first: Block) -> bool:
    """Tell by a row below the same header that has no first cell, and only ends of sentences.

    Where other rows have none either, it stands for that of the row above.
    """
    if len(last.rows) < 2 or len(first.rows) < 2 or last.rows[0] != first.rows[0]:
        return False
    if not all(row[0] for row in (*last.rows[1:], *first.rows[2:])):
        return False
    cells = [pair for pair in zip(last.rows[-1], first.rows[1], strict=True) if pair[1]]
    return bool(cells) and not first.rows[1][0] and all(_cell_goes_on(*pair) for pair in cells)


def _cell_goes_on(begun: str, rest: str) -> bool:
    open_ended = begun[-1:].isalnum() or begun.endswith((",", "-"))
    wrapped = len(begun.split()) >= _WORDS
    return wrapped and open_ended and rest[0].isalpha() and not rest[0].isupper()


def _with_row_whole(last: Block, first: Block) -> tuple[Block, Block]:
    """Move the rest of a row to its beginning; an empty block may be left of the second."""
    header, rest, *others = first.rows
    whole = tuple(joined(pair) for pair in zip(last.rows[-1], rest, strict=True))
    rows = (header, *others) if others else ()
    return last._replace(rows=(*last.rows[:-1], whole)), first._replace(rows=rows)
