"""Read AsciiDoc: headings, paragraphs, literal blocks and tables; knows no directives."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.ingest.extracted import TextBuilder, clean
from app.ingest.formats.asciidoc_tables import EDGE, header_of, rows_of
from app.ingest.formats.plain import decode
from app.ingest.tables.grid import add_table

_TITLE = re.compile(r"(={1,6})\s+(\S.*)")
_BLOCK_EDGE = re.compile(r"(-{4,}|\.{4,}|\+{4,}|/{4,})\s*")
_ATTRIBUTES = re.compile(r"\[[^\]]*\]\s*")
_REMARK = "//"


def read_adoc(data: bytes, builder: TextBuilder) -> None:
    """Add the source with its headings, tables as rows, and without its directives."""
    _Page(builder).read(iter(clean(decode(data)).split("\n")))


class _Page:
    """Gathers the lines of a paragraph until another block begins, then adds them."""

    def __init__(self, builder: TextBuilder) -> None:
        self.builder = builder
        self.paragraph: list[str] = []
        self.attributes = ""

    def read(self, lines: Iterator[str]) -> None:
        for line in lines:
            if not line.strip():
                self.flush()
            elif _ATTRIBUTES.fullmatch(line):
                self.flush()
                self.attributes += line
            elif EDGE.fullmatch(line) or _BLOCK_EDGE.fullmatch(line):
                self.flush()
                self.add_block(line, list(_until(lines, line)))
            elif title := _TITLE.fullmatch(line):
                self.flush()
                self.attributes = ""
                self.builder.heading(len(title[1]), title[2])
            elif not line.startswith(_REMARK):
                self.paragraph.append(line)
        self.flush()

    def add_block(self, edge: str, lines: list[str]) -> None:
        """Add what stands between two edges; remarks are left out."""
        if EDGE.fullmatch(edge):
            rows = rows_of(lines, edge, self.attributes)
            add_table(self.builder, rows, header=header_of(self.attributes))
        elif not edge.startswith(_REMARK):
            self.builder.add("\n".join(lines))
        self.attributes = ""

    def flush(self) -> None:
        """Add the paragraph; attributes hold on to the block that comes next, below its title."""
        if self.paragraph:
            is_title = len(self.paragraph) == 1 and self.paragraph[0].startswith(".")
            self.attributes = self.attributes if is_title else ""
        self.builder.add("\n".join(self.paragraph))
        self.paragraph = []


def _until(lines: Iterator[str], edge: str) -> Iterator[str]:
    for line in lines:
        if line.strip() == edge.strip():
            return
        yield line
