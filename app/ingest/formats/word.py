"""Read Word documents: text, lists, tables and notes; knows nothing of layout or images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

from app.ingest.extracted import Attach, TextBuilder, UnreadableFile, clean_line
from app.ingest.office.drawings import add_drawn, note_objects
from app.ingest.office.fields import empty_codes
from app.ingest.office.joined import join_paragraphs
from app.ingest.office.numbering import Numbering
from app.ingest.office.package import checked_package
from app.ingest.office.paragraphs import FIRST_FORM, ParagraphText
from app.ingest.office.prompts import Prompts
from app.ingest.office.styles import Styles, is_on
from app.ingest.office.word_chunks import Chunks
from app.ingest.office.word_package import opened
from app.ingest.tables.cells import check_size, length_of, spread
from app.ingest.tables.grid import add_table

_MOST_SPANNED = 200  # columns of one cell; a broken file may name any number
_WRAPPED = ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo")
_WRAPPERS = {qn(f"w:{name}") for name in _WRAPPED} | FIRST_FORM


def read_docx(data: bytes, builder: TextBuilder, attach: Attach) -> None:
    """Add headers, paragraphs, list items and tables in document order, and footers last."""
    data = checked_package(data, builder.limit, "Word", ".docx")
    try:
        document = opened(data)
        body = _Body(document, builder, attach)
        body.add_once(_page_parts(document, "header"))
        body.prepare(document.element.body)
        body.add_blocks(document.element.body)
        body.add_once(_page_parts(document, "footer"))
        body.chunks.name_outer(document.element.body)
        note_objects(len(body.text.objects), builder)
    except UnreadableFile:
        raise
    except Exception as error:  # broken packages make the parser raise nearly anything
        raise UnreadableFile("is not a readable Word document") from error


def _page_parts(document: Any, kind: str) -> Iterator[Any]:
    """Yield the headers or footers that a section shows, its own or those of one before it."""
    even = document.settings.odd_and_even_pages_header_footer
    latest: dict[str, Any] = {}
    for section in document.sections:
        first = section.different_first_page_header_footer
        shown = {f"first_page_{kind}": first, kind: True, f"even_page_{kind}": even}
        for name, is_shown in shown.items():
            part = getattr(section, name)
            if not part.is_linked_to_previous:
                latest[name] = part._element
            if is_shown and name in latest:
                yield latest[name]


class _Body:
    """Adds the blocks of a Word document; reads XML, for python-docx skips wrapped content."""

    def __init__(self, document: Any, builder: TextBuilder, attach: Attach) -> None:
        self.builder = builder
        self.part = document.part
        self.numbering = Numbering(document)
        self.styles = Styles(document)
        self.prompts = Prompts(document.part)
        self.text = ParagraphText(document.part, self.styles)
        self.chunks = Chunks(document.part, builder, attach)
        self.listed = False

    def add_once(self, parts: Iterator[Any]) -> None:
        """Add each of several headers or footers that says something new."""
        seen: set[str] = set()
        for element in parts:
            self.prepare(element)
            text = clean_line("".join(element.itertext(qn("w:t"))))
            if text not in seen:
                seen.add(text)
                self.add_blocks(element)

    def prepare(self, element: Any) -> None:
        """Leave of fields what they show, but for prompts, and join what is one paragraph."""
        self.prompts.empty(element)
        empty_codes(element)
        join_paragraphs(element)

    def add_blocks(self, parent: Any) -> None:
        for child in parent:
            if child.tag == qn("w:p"):
                self.add_paragraph(child)
            elif child.tag == qn("w:tbl"):
                self.add_table(child)
            elif child.tag == qn("w:altChunk"):
                self.add_chunk(child)
            elif child.tag in _WRAPPERS:
                self.add_blocks(child)

    def add_chunk(self, chunk: Any) -> None:
        inserted = self.chunks.read(chunk)
        self.listed = False
        if inserted is not None:
            self.builder.include(inserted)

    def add_paragraph(self, paragraph: Any) -> None:
        text = self.text.of(paragraph).strip()
        label = self.label(paragraph, text)
        level = self.styles.level(paragraph)
        listed = bool(label and text) and level is None
        if text and level is not None:
            self.builder.heading(level, text if label == "-" else f"{label} {text}")
        elif text:
            self.builder.add(f"{label} {text}".strip(), tight=listed and self.listed)
        self.listed = listed
        self.add_boxes(paragraph)
        self.add_drawings(paragraph)

    def add_boxes(self, paragraph: Any) -> None:
        for box in self.text.boxes(paragraph):
            self.listed = False
            self.add_blocks(box)
            self.listed = False

    def label(self, paragraph: Any, text: str) -> str:
        """Return the number or bullet; a paragraph without text counts too, but if deleted."""
        if not text and self.styles.has_no_end(paragraph):
            return ""
        label = self.numbering.label(paragraph)
        return label or ("-" if self.styles.is_listed(paragraph) else "")

    def add_drawings(self, element: Any) -> None:
        if next(element.iterancestors(qn("w:txbxContent")), None) is not None:
            return  # they come with those of the paragraph that the text box is anchored in
        add_drawn(element, self.part, self.builder)

    def add_table(self, table: Any) -> None:
        rows = _rows(table)
        cells = [cell for row in rows for cell in _cells(row)]
        self.listed = False
        if len(cells) == 1:  # a frame around text
            self.add_blocks(cells[0])
            return
        add_table(self.builder, self.grid(rows), header=_is_header(rows) or None)
        for cell in cells:
            self.add_drawings(cell)
        self.listed = False

    def grid(self, rows: list[Any]) -> list[list[str]]:
        """Lay cells on the table's grid, each in every row and column that it spans."""
        grid: list[list[str]] = []
        laid = 0
        for row in rows:
            line = [""] * _skipped(row, "w:gridBefore")
            for cell in _cells(row):
                merged = cell.tcPr is not None and cell.tcPr.find(qn("w:vMerge"))
                goes_on = merged is not None and merged is not False and merged.val != "restart"
                above = grid[-1] if grid else []
                text = self.cell_text(cell)
                if goes_on and len(above) > len(line):
                    text = above[len(line)]
                line += spread(text, min(cell.grid_span, _MOST_SPANNED))
            laid += len(line)
            check_size(laid)
            grid.append(line)
        return grid

    def cell_text(self, cell: Any) -> str:
        parts = [self.block_text(child) for child in cell]
        return " ".join(part for part in parts if part)

    def block_text(self, element: Any) -> str:
        if element.tag == qn("w:tbl"):
            rows = self.grid(_rows(element))
            self.builder.check(length_of(rows))
            return "; ".join(", ".join(filter(None, row)) for row in rows)
        if element.tag == qn("w:p"):
            text = clean_line(self.text.of(element))
            label = self.label(element, text)
            own = f"{label} {text}".strip() if text or label != "-" else ""
            return " ".join(filter(None, [own, *map(self.cell_text, self.text.boxes(element))]))
        if element.tag == qn("w:altChunk"):
            inserted = self.chunks.read(element)
            return "" if inserted is None else clean_line(inserted.text)
        if element.tag in _WRAPPERS:
            return " ".join(filter(None, map(self.block_text, element)))
        return ""


def _children(parent: Any, name: str) -> Iterator[Any]:
    """Yield the children of a name, those inside wrappers too."""
    for child in parent:
        if child.tag == qn(name):
            yield child
        elif child.tag in _WRAPPERS:
            yield from _children(child, name)


def _rows(table: Any) -> list[Any]:
    """Return the rows of a table but for those that are deleted or hidden."""
    rows = ((row, row.find(qn("w:trPr"))) for row in _children(table, "w:tr"))
    return [row for row, said in rows if not (is_on(said, "w:del") or is_on(said, "w:hidden"))]


def _cells(row: Any) -> list[Any]:
    cells = _children(row, "w:tc")
    return [cell for cell in cells if not is_on(cell.find(qn("w:tcPr")), "w:cellDel")]


def _skipped(row: Any, name: str) -> int:
    element = next(row.iter(qn(name)), None)
    return min(int(element.get(qn("w:val"))), _MOST_SPANNED) if element is not None else 0


def _is_header(rows: list[Any]) -> bool:
    """Tell by the mark of a header, or by bold type in the first row alone."""
    if len(rows) < 2:
        return False
    marked = next(rows[0].iter(qn("w:tblHeader")), None) is not None
    return marked or (_is_bold(rows[0]) and not _is_bold(rows[1]))


def _is_bold(row: Any) -> bool:
    runs = [run for run in row.iter(qn("w:r")) if run.find(qn("w:t")) is not None]
    return bool(runs) and all(run.find(f"{qn('w:rPr')}/{qn('w:b')}") is not None for run in runs)
