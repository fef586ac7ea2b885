"""Read OpenDocument texts, sheets and slides; knows nothing of layout or images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from docx.oxml import parse_xml

from app.ingest.extracted import TextBuilder, UnreadableFile, one_line
from app.ingest.grid import add_table
from app.ingest.office.numbering import letter, roman
from app.ingest.sheets import add_rows, blocks

_BASE = "urn:oasis:names:tc:opendocument:xmlns:"
_MOST_REPEATED = 1000  # empty cells and rows to the edge of a sheet are written as repetitions
_SKIPPED = {"tracked-changes", "sequence-decls", "forms", "variable-decls", "note-citation"}
_ENCRYPTED = "encryption-data"


def read_odf(data: bytes, builder: TextBuilder) -> None:
    """Add headings, paragraphs, lists, tables, sheets or slides in their order."""
    try:
        with ZipFile(BytesIO(data)) as package:
            if sum(entry.file_size for entry in package.infolist()) > builder.limit:
                raise UnreadableFile(
                    f"unpacks to more than {builder.limit // 1_000_000} MB: split it"
                )
            if _ENCRYPTED.encode() in package.read("META-INF/manifest.xml"):
                raise UnreadableFile("is encrypted: save it without a password")
            content, styles = (parse_xml(package.read(f"{n}.xml")) for n in ("content", "styles"))
        body = next(iter(content.find(_name("office", "body"))))
        _Body(builder, [styles, content]).add(body)
    except UnreadableFile:
        raise
    except (BadZipFile, KeyError) as error:
        raise UnreadableFile("is not a readable OpenDocument file") from error
    except Exception as error:  # broken packages make the parser raise nearly anything
        raise UnreadableFile("is not a readable OpenDocument file") from error


def _name(space: str, local: str) -> str:
    return f"{{{_BASE}{space}:1.0}}{local}"


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


class _Body:
    """Adds the blocks of a document's body."""

    def __init__(self, builder: TextBuilder, sources: list[Any]) -> None:
        self.builder = builder
        self.struck = set(_struck_styles(sources[-1]))
        self.lists = {
            style.get(_name("style", "name")): style
            for source in sources
            for style in source.iter(_name("text", "list-style"))
        }
        self.listed = False

    def add(self, parent: Any) -> None:
        sheets = _local(parent) == "spreadsheet"
        for child in parent:
            name = _local(child)
            if name == "h":
                level = int(child.get(_name("text", "outline-level"), "1"))
                self.builder.heading(level, self.text(child))
            elif name == "p":
                self.builder.add(self.text(child))
            elif name == "list":
                self.builder.add_lines(list(self.items(child, "", 1)))
            elif name == "table":
                self.add_table(child, sheet=sheets)
            elif name == "page":
                self.builder.page()
                self.add(child)
            elif name not in _SKIPPED:
                self.add(child)

    def add_table(self, table: Any, *, sheet: bool) -> None:
        rows = self.grid(table)
        if not sheet:
            header = table.find(_name("table", "table-header-rows")) is not None
            add_table(self.builder, rows, header=header or None)
            return
        self.builder.records = True
        if any(any(row) for row in rows):
            self.builder.heading(1, table.get(_name("table", "name"), ""))
        for block in blocks(rows):
            add_rows(block, self.builder)

    def grid(self, table: Any) -> list[list[str]]:
        """Lay cells on a grid, each in every row and column that it spans."""
        grid: dict[tuple[int, int], str] = {}
        height, width = 0, 0
        for row in _rows(table):
            x = 0
            for cell in row:
                text = self.cell(cell)
                covered = _local(cell) == "covered-table-cell"
                wide = _count(cell, "number-columns-spanned")
                tall = _count(cell, "number-rows-spanned")
                for _ in range(_count(cell, "number-columns-repeated")):
                    if not covered:
                        spanned = ((height + y, x + c) for y in range(tall) for c in range(wide))
                        grid |= dict.fromkeys(spanned, text)
                    x += 1
                width = max(width, x if text else 0)
            repeated = _count(row, "number-rows-repeated")
            if any(grid.get((height, at)) for at in range(width)):
                for more in range(1, repeated):
                    grid |= {(height + more, at): grid.get((height, at), "") for at in range(width)}
            height += repeated
        return [[grid.get((y, x), "") for x in range(width)] for y in range(height)]

    def cell(self, cell: Any) -> str:
        parts = []
        for child in cell:
            if _local(child) == "list":
                parts += list(self.items(child, "", 1))
            elif _local(child) == "table":
                parts.append("; ".join(", ".join(filter(None, row)) for row in self.grid(child)))
            elif _local(child) != "annotation":
                parts.append(self.text(child))
        return " ".join(filter(None, parts))

    def items(self, element: Any, style: str, level: int) -> Iterator[str]:
        """Yield the items of a list with their numbers, those of lists inside it too."""
        style = element.get(_name("text", "style-name"), style)
        shape, number = self.shape(style, level)
        for item in element:
            said = [self.text(child) for child in item if _local(child) in ("p", "h")]
            if any(said):
                yield f"{shape(number)} {' '.join(filter(None, said))}"
                number += 1
            for child in item:
                if _local(child) == "list":
                    yield from self.items(child, style, level + 1)

    def shape(self, style: str, level: int) -> tuple[Callable[[int], str], int]:
        """Return how a list writes its numbers, and the first of them."""
        levels = self.lists.get(style)
        for one in levels if levels is not None else ():
            numbered = _local(one) == "list-level-style-number"
            if numbered and one.get(_name("text", "level")) == str(level):
                return _numbered(one), int(one.get(_name("text", "start-value"), "1"))
        return lambda number: "-", 1

    def text(self, element: Any) -> str:
        return one_line("".join(self.pieces(element)))

    def pieces(self, element: Any) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            yield from self.piece(child)
            yield child.tail or ""

    def piece(self, child: Any) -> Iterator[str]:
        name = _local(child)
        if name in ("s", "tab", "line-break"):
            yield " "
        elif name == "note":
            body = child.find(_name("text", "note-body"))
            yield f" [{child.get(_name('text', 'note-class'), 'note')}: {self.text(body)}]"
        elif name == "annotation":
            said = [self.text(p) for p in child if _local(p) in ("p", "list")]
            yield f" [comment: {' '.join(said)}]"
        elif name not in _SKIPPED and child.get(_name("text", "style-name")) not in self.struck:
            yield from self.pieces(child)
            yield " " if name in ("p", "h") else ""


def _numbered(shape: Any) -> Callable[[int], str]:
    kind = shape.get(_name("style", "num-format"), "1").lower()
    write = {"a": letter, "i": roman}.get(kind, str)
    suffix = shape.get(_name("style", "num-suffix"), ".")
    return lambda number: f"{write(number)}{suffix}"


def _struck_styles(source: Any) -> Iterator[str]:
    for style in source.iter(_name("style", "style")):
        for look in style.iter(_name("style", "text-properties")):
            line = look.get(_name("style", "text-line-through-style"), "none")
            if line != "none":
                yield style.get(_name("style", "name"))


def _rows(table: Any) -> Iterator[Any]:
    for child in table:
        if _local(child) == "table-row":
            yield child
        elif _local(child) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _rows(child)


def _count(element: Any, name: str) -> int:
    return min(int(element.get(_name("table", name), "1")), _MOST_REPEATED)
