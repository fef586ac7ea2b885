"""Read Word documents and PowerPoint slides; knows nothing of their layout, images or charts."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from docx import Document
from docx.oxml.ns import qn
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER

from app.ingest.extracted import TextBuilder, UnreadableFile, one_line

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old and of encrypted Office files
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_STYLE_DEPTH = 10  # a broken file can make a style its own ancestor
_WRAPPERS = {qn(f"w:{name}") for name in ("sdt", "sdtContent", "customXml", "smartTag", "ins")}
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SKIPPED = {qn("w:pPr"), qn("w:moveFrom"), f"{_COMPATIBILITY}Fallback"}
_WORD_TEXT = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:p"): "\n"}
_WORD_TEXT |= {qn("w:noBreakHyphen"): "-"}
_FURNITURE = {PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER}


def read_docx(data: bytes, builder: TextBuilder) -> None:
    """Add paragraphs, list items and tables in document order."""
    _check_package(data, builder.limit, "Word", ".docx")
    try:
        document = Document(BytesIO(data))
        _WordBody(document, builder).add_blocks(document.element.body)
    except UnreadableFile:
        raise
    except Exception as error:  # broken packages make the parser raise nearly anything
        raise UnreadableFile("is not a readable Word document") from error


def read_pptx(data: bytes, builder: TextBuilder) -> None:
    """Add each slide as a page: title, text, tables, speaker notes."""
    _check_package(data, builder.limit, "PowerPoint", ".pptx")
    try:
        for number, slide in enumerate(Presentation(BytesIO(data)).slides, start=1):
            _add_slide(slide, number, builder)
    except UnreadableFile:
        raise
    except Exception as error:  # as above
        raise UnreadableFile("is not a readable PowerPoint presentation") from error


def _check_package(data: bytes, limit: int, program: str, suffix: str) -> None:
    """Refuse what must not reach the parsers: locked files, old formats, zip bombs."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise UnreadableFile("is encrypted: save it without a password")
        raise UnreadableFile(f"is in an old {program} format: save it as {suffix}")
    try:
        with ZipFile(BytesIO(data)) as package:
            unpacked = sum(entry.file_size for entry in package.infolist())
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableFile(f"is not a readable {suffix} file") from error
    if unpacked > limit:
        raise UnreadableFile(f"unpacks to more than {limit // 1_000_000} MB: split it")


class _WordBody:
    """Adds the blocks of a Word document; reads XML, for python-docx skips wrapped content."""

    def __init__(self, document: Any, builder: TextBuilder) -> None:
        self.builder = builder
        self.levels = {style.style_id: _heading_level(style) for style in document.styles}
        self.list_styles = {
            style.style_id for style in document.styles if str(style.name).startswith("List")
        }
        self.listed = False

    def add_blocks(self, parent: Any) -> None:
        for child in parent:
            if child.tag == qn("w:p"):
                self.add_paragraph(child)
            elif child.tag == qn("w:tbl"):
                self.add_table(child)
            elif child.tag in _WRAPPERS:
                self.add_blocks(child)

    def add_paragraph(self, paragraph: Any) -> None:
        level = self.levels.get(paragraph.style)
        text = _word_text(paragraph).strip()
        if level is not None:
            self.builder.heading(level, text)
        elif text:
            listed = self.is_list_item(paragraph)
            self.builder.add("- " * listed + text, tight=listed and self.listed)
            self.listed = listed
            return
        self.listed = False

    def is_list_item(self, paragraph: Any) -> bool:
        numbered = paragraph.pPr is not None and paragraph.pPr.numPr is not None
        return numbered or paragraph.style in self.list_styles

    def add_table(self, table: Any) -> None:
        rows = [[one_line(_word_text(cell)) for cell in row.tc_lst] for row in table.tr_lst]
        self.builder.add_lines([" | ".join(cells) for cells in rows if any(cells)])
        self.listed = False


def _heading_level(style: Any) -> int | None:
    """Find the level by the name of the style or an ancestor; Title is level 0, above all."""
    for _ in range(_STYLE_DEPTH):
        name = str(getattr(style, "name", ""))
        if match := _HEADING.fullmatch(name):
            return int(match[1])
        if name == "Title":
            return 0
        style = getattr(style, "base_style", None)
    return None


def _word_text(element: Any) -> str:
    return "".join(_word_pieces(element)).strip("\n")


def _word_pieces(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag not in _SKIPPED:
            yield _WORD_TEXT.get(child.tag, "")
            yield from _word_pieces(child)


def _add_slide(slide: Any, number: int, builder: TextBuilder) -> None:
    builder.page()
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        builder.heading(1, title.text_frame.text)
    else:
        builder.mark(1, f"Slide {number}")
    for shape in _shapes(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            builder.add_lines(_shape_lines(shape))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = slide.notes_slide.notes_text_frame.text.strip()
        builder.add(f"Notes: {notes}" if notes else "")


def _shapes(shapes: Any) -> Iterator[Any]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _shape_lines(shape: Any) -> list[str]:
    if shape.has_table:
        rows = [[one_line(cell.text) for cell in row.cells] for row in shape.table.rows]
        return [" | ".join(cells) for cells in rows if any(cells)]
    if not shape.has_text_frame:
        return []
    kind = shape.placeholder_format.type if shape.is_placeholder else None
    if kind in _FURNITURE:
        return []
    bullet = "- " if kind in (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT) else ""
    texts = (one_line(paragraph.text) for paragraph in shape.text_frame.paragraphs)
    return [bullet + text for text in texts if text]
