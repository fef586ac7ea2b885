"""Read a PDF's pages in a process of its own, and make one text of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from typing import NamedTuple

from app.ingest.extracted import TextBuilder, clean_line
from app.ingest.hyphens import made_whole, words_of
from app.ingest.pdf.flow import flowing
from app.ingest.pdf.page import ITEM, Block
from app.ingest.pdf.running import Running
from app.ingest.tables.cells import alike_spread
from app.ingest.tables.grid import add_table
from graphs.text import sentences

_LARGER = 1.12  # times the height of most text; a heading is set so much larger
_LONGEST_HEADING = 150  # characters


class Outline(NamedTuple):
    """An entry of a PDF's table of contents."""

    level: int
    title: str
    page: int


def add_pages(
    pages: Sequence[Sequence[Block]],
    outline: Sequence[Outline],
    recognised: Container[int],
    comments: Sequence[Sequence[str]],
    builder: TextBuilder,
) -> None:
    """Add all pages: headings marked, headers and footers once, recognised ones by number.

    The comments on each page stand at its end.
    """
    pages = _whole(pages)
    running, sizes = Running(pages), _Sizes(pages)
    titles = {(entry.page, _plain(entry.title)): entry.level for entry in outline}

    def heads(block: Block) -> bool:
        return sizes.level(block) is not None

    def stands_aside(block: Block) -> bool:
        return running.holds(block) or (running.numbers(block) and not heads(block))

    for number, blocks in enumerate(flowing(running.once(), stands_aside, heads)):
        builder.page()
        begun = builder.next
        for block in blocks:
            level = titles.get((number, _plain(block.text))) or sizes.level(block)
            _add(block, None if running.holds(block) else level, builder)
        if number in recognised:
            builder.mark_recognised(begun)
        builder.add_lines([f"[comment: {clean_line(text)}]" for text in comments[number]])


def _whole(pages: Sequence[Sequence[Block]]) -> list[list[Block]]:
    """Make words whole by the words of all pages."""
    words = words_of(block.text for blocks in pages for block in blocks)

    def mend(block: Block) -> Block:
        rows = tuple(tuple(made_whole(cell, words) for cell in row) for row in block.rows)
        return block._replace(text=made_whole(block.text, words), rows=rows)

    return [[mend(block) for block in blocks] for blocks in pages]


def _add(block: Block, level: int | None, builder: TextBuilder) -> None:
    if block.rows:
        rows = block.rows if block.header is False else alike_spread(block.rows)
        add_table(builder, rows, header=block.header)
    elif level is not None:
        builder.heading(level, block.text)
    else:
        builder.add(block.text)


class _Sizes:
    """The sizes of type of a document, of which the larger ones are headings'."""

    def __init__(self, pages: Sequence[Sequence[Block]]) -> None:
        heights: Counter[float] = Counter()
        for block in (block for blocks in pages for block in blocks if block.text):
            heights[round(block.height, 1)] += len(block.text)
        self.body = heights.most_common(1)[0][0] if heights else 0.0
        larger = sorted({h for h in heights if h > _LARGER * self.body}, reverse=True)
        self.levels = {height: min(level, 5) for level, height in enumerate(larger, start=1)}

    def level(self, block: Block) -> int | None:
        """Return the level of a heading, None for any other text."""
        if (
            not block.text
            or len(block.text) > _LONGEST_HEADING
            or block.text.endswith((".", ":", ",", ";"))
        ):
            return None
        listed = ITEM.match(block.text) and not block.bold
        if not any(map(str.isalpha, block.text)) or listed:
            return None
        if len(sentences(block.text)) > 1:
            return None
        level = self.levels.get(round(block.height, 1))
        if level is None and block.bold and block.height >= 0.95 * self.body:
            return len(set(self.levels.values())) + 1
        return level


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()
