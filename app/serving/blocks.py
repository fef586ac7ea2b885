"""Write Markdown and extracted text as a tree that a page can build without ever parsing HTML.

Every piece of text says where it stands in the source, so that a quoted span can be found in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NotRequired, TypedDict

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

# Nothing that could load or lead elsewhere; `[1]: ...` must not turn citations into links.
_UNSAFE = ["html_block", "html_inline", "image", "reference"]
_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable(_UNSAFE)
_TAGS = {"paragraph": "p", "bullet_list": "ul", "ordered_list": "ol", "list_item": "li"}
_TAGS |= {name: name for name in ("blockquote", "table", "thead", "tbody", "tr", "th", "td")}
_TAGS |= {"strong": "strong", "em": "em", "s": "s", "hr": "hr"}
_CODE = {"fence": "pre", "code_block": "pre", "code_inline": "code"}
_ROW, _ITEM = "| ", "- "
_CELL_END = " |"
NOWHERE = -1  # of a text that the page adds
MOST_READ = 300_000  # characters; what is longer is shown as it is


class Block(TypedDict):
    """An element with children, or a piece of text without a tag."""

    tag: NotRequired[str]
    children: NotRequired[list[Block]]
    first: NotRequired[int]
    """Number of a list's first item."""
    text: NotRequired[str]
    start: NotRequired[int]
    """Offset of the text in the source."""


def answer_blocks(text: str) -> list[Block]:
    """Read an answer, whose line ends are kept."""
    return _Markdown(text, breaks=True).blocks()


def document_blocks(name: str, text: str, sections: Mapping[str, int]) -> list[Block]:
    """Read a document's extracted text, given the level of each of its sections by title."""
    if len(text) > MOST_READ:
        return [element("p", [piece(part, at)]) for at, part in _paragraphs(text)]
    if name.lower().endswith((".md", ".markdown")):
        return _Markdown(text, breaks=False).blocks()
    parts = list(_paragraphs(text))
    if name.lower().endswith(".csv") and (table := _records_table(parts)):
        return [table]
    fields = name.lower().endswith((".json", ".jsonl"))
    return [block for at, part in parts for block in _read(part, at, sections, fields=fields)]


def element(tag: str, children: list[Block]) -> Block:
    """Make an element."""
    return Block(tag=tag, children=children)


def piece(text: str, start: int) -> Block:
    """Make a piece of text."""
    return Block(text=text, start=start)


class _Markdown:
    def __init__(self, text: str, *, breaks: bool) -> None:
        self._text = text
        self._breaks = breaks
        self._lines = [0, *(m.end() for m in re.finditer("\n", text)), len(text)]
        self._at = 0

    def blocks(self) -> list[Block]:
        return self._children(SyntaxTreeNode(_MARKDOWN.parse(self._text)), (0, len(self._text)))

    def _children(self, node: SyntaxTreeNode, span: tuple[int, int]) -> list[Block]:
        return [block for child in node.children for block in self._block(child, span)]

    def _block(self, node: SyntaxTreeNode, span: tuple[int, int]) -> Iterator[Block]:
        if node.map:
            span = (self._lines[node.map[0]], self._lines[min(node.map[1], len(self._lines) - 1)])
            self._at = max(self._at, span[0])
        tag = node.tag if node.type == "heading" else _TAGS.get(node.type)
        if tag:
            made = element(tag, self._children(node, span))
            if node.type == "ordered_list":
                made["first"] = int(node.attrs.get("start", 1))
            yield made
        elif node.type in _CODE:
            yield element(_CODE[node.type], [self._leaf(node.content, span)])
        elif node.children:
            yield from self._children(node, span)
            if node.type == "link":  # whose address is told instead of followed
                yield piece(f" ({node.attrs['href']})", NOWHERE)
        else:
            yield self._plain(node, span)

    def _plain(self, node: SyntaxTreeNode, span: tuple[int, int]) -> Block:
        if node.type == "hardbreak" or (node.type == "softbreak" and self._breaks):
            return element("br", [])
        return self._leaf("\n" if node.type == "softbreak" else node.content, span)

    def _leaf(self, text: str, span: tuple[int, int]) -> Block:
        """Find a piece after the last one; one that is written otherwise stays where that ended."""
        place = self._text.find(text, self._at, span[1])
        if place < 0:
            return piece(text, self._at)
        self._at = place + len(text)
        return piece(text, place)


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for gap in [*re.finditer(r"\n[^\S\n]*(?:\n[^\S\n]*)+", text), None]:
        end = gap.start() if gap else len(text)
        if text[at:end].strip():
            yield at, text[at:end]
        at = gap.end() if gap else end


def _read(text: str, at: int, sections: Mapping[str, int], *, fields: bool) -> Iterator[Block]:
    if level := sections.get(text.strip()):
        yield element(f"h{min(level, 6)}", [piece(text, at)])
        return
    for kind, group in groupby(_lines(text, at), lambda line: _kind(line[1], fields)):
        lines = list(group)
        if kind == "row" and len(lines) > 1:
            yield _table([list(_cells(line, start)) for start, line in lines])
        elif kind == "item":
            items = [piece(line.removeprefix(_ITEM), start + len(_ITEM)) for start, line in lines]
            yield element("ul", [element("li", [item]) for item in items])
        elif kind == "field":
            yield element("table", [element("tbody", [_field(*line) for line in lines])])
        else:
            yield element("p", [piece("\n".join(line for _, line in lines), lines[0][0])])


def _kind(line: str, fields: bool) -> str:
    if fields and ": " in line:
        return "field"
    row = line.startswith(_ROW) and line.endswith(_CELL_END)
    return "row" if row else "item" if line.startswith(_ITEM) else "text"


def _lines(text: str, at: int) -> Iterator[tuple[int, str]]:
    for line in text.split("\n"):
        yield at, line
        at += len(line) + 1


def _cells(line: str, at: int) -> Iterator[tuple[int, str]]:
    at += len(_ROW)
    for cell in line.removeprefix(_ROW).removesuffix(_CELL_END).split(_CELL_END + " "):
        yield at, cell
        at += len(cell) + len(_CELL_END) + 1


def _field(at: int, line: str) -> Block:
    name, _, value = line.partition(": ")
    cells = [element("th", [piece(name, at)]), element("td", [piece(value, at + len(name) + 2)])]
    return element("tr", cells)


def _table(rows: Sequence[Sequence[tuple[int, str]]]) -> Block:
    head, *body = rows
    return element(
        "table",
        [
            element("thead", [_row(head, "th")]),
            element("tbody", [_row(row, "td") for row in body]),
        ],
    )


def _row(cells: Sequence[tuple[int, str]], tag: str) -> Block:
    return element("tr", [element(tag, [piece(text, at)]) for at, text in cells])


def _records_table(parts: Sequence[tuple[int, str]]) -> Block | None:
    """Read records "column: value; column: value" as a table, if they have the same columns."""
    first = [field.partition(": ") for field in parts[0][1].split("; ")] if parts else []
    columns = list(dict.fromkeys(name for name, colon, _ in first if colon))
    if len(columns) < 2 or len(columns) != len(first):
        return None
    names = "|".join(map(re.escape, columns))
    begins = re.compile(rf"(?:\A|; )({names}): ")
    rows = []
    for at, text in parts:
        matches = list(begins.finditer(text))
        if not matches or matches[0].start():
            return None  # a record of other columns
        ends = [*(match.start() for match in matches[1:]), len(text)]
        cells = {
            match[1]: (at + match.end(), text[match.end() : end])
            for match, end in zip(matches, ends, strict=True)
        }
        rows.append([cells.get(column, (NOWHERE, "")) for column in columns])
    head = [(NOWHERE, column) for column in columns]
    return _table([head, *rows])
