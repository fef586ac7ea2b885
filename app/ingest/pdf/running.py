"""Tell the headers and footers of pages; knows nothing of what stands between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from app.ingest.pdf.page import Block

_EDGE = 2  # blocks at the top and at the bottom of a page that may be its header or footer
_FEWEST_PAGES = 3  # on fewer, what is repeated is no header
_FEWEST_NUMBERED = 2  # that tell what counts them
_REPEATED = 0.5  # of the pages
_LONGEST_NUMBERED = 200  # characters of a line that numbers its page
_NUMBER = re.compile(r"\d+(?:[.,:/–-]\d+)*")  # an amount, a date or a time whole
_COUNTED = re.compile(r"(\d{1,9})(?:/(\d{1,9}))?")


class _Line(NamedTuple):
    """What equal lines of several pages say."""

    text: str
    """All of it, or without the number that grows by one from page to page."""
    ahead: int | None = None
    """By how much this number is ahead of the place of the page in the file."""

    @property
    def says_no_more(self) -> bool:
        """Tell a line that need not be said again.

        A number beside words that exceeds the place of its page may be that of an invoice.
        """
        return self.ahead is None or self.ahead <= 0 or not any(map(str.isalpha, self.text))


class Running:
    """What runs along the pages of a document, found at their edges."""

    def __init__(self, pages: Sequence[Sequence[Block]]) -> None:
        self._pages = pages
        self._blocks: set[int] = set()  # by identity, as equal ones may stand elsewhere
        self._repeated: set[int] = set()
        self._numbers: set[int] = set()
        self._find([self._edges(at) for at in range(len(pages))])

    def holds(self, block: Block) -> bool:
        """Tell whether a block is a header or footer of its page."""
        return id(block) in self._blocks

    def numbers(self, block: Block) -> bool:
        """Tell whether a block seems to number its page, by too few pages to leave it out."""
        return id(block) in self._numbers

    def once(self) -> list[list[Block]]:
        """Return the pages with what runs along them where it is said first."""
        return [
            [block for block in page if id(block) not in self._repeated] for page in self._pages
        ]

    def _find(self, pages: Sequence[dict[int, set[_Line]]]) -> None:
        counts = Counter(line for edges in pages for line in set().union(*edges.values()))
        running = self._common(counts, _FEWEST_PAGES)
        counted = self._common(counts, _FEWEST_NUMBERED)
        numbers = {line for line in counted if line.ahead is not None}
        seen: set[_Line] = set()
        for edges in pages:
            found = {at: lines & running for at, lines in edges.items() if lines & running}
            self._blocks |= found.keys()
            self._numbers |= {at for at, lines in edges.items() if lines & numbers}
            self._repeated |= {at for at, lines in found.items() if lines & seen}
            seen |= {line for lines in found.values() for line in lines if line.says_no_more}

    def _common(self, counts: Mapping[_Line, int], fewest: int) -> set[_Line]:
        most = max(fewest, _REPEATED * len(self._pages))
        return {line for line, count in counts.items() if count >= most}

    def _edges(self, at: int) -> dict[int, set[_Line]]:
        """Return what the blocks at the edges of a page say, by their identity."""
        blocks = self._pages[at]
        edges = [*blocks[:_EDGE], *blocks[-_EDGE:]]
        return {id(block): set(self._lines(block.text, at)) for block in edges if block.text}

    def _lines(self, text: str, at: int) -> Iterator[_Line]:
        """Yield a line as it is, and as one that each of its numbers may number."""
        yield _Line(text)
        for number in _NUMBER.finditer(text) if len(text) <= _LONGEST_NUMBERED else ():
            counted = _COUNTED.fullmatch(number[0])
            if counted and int(counted[2] or 0) <= len(self._pages):
                rest = text[number.start() + counted.end(1) :]
                yield _Line(f"{text[: number.start()]}#{rest}", int(counted[1]) - at - 1)
