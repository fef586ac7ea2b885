"""Read PowerPoint slides from top to bottom; knows nothing of images or animations."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER

from app.ingest.extracted import TextBuilder, UnreadableFile, runs
from app.ingest.office.choices import take_choices
from app.ingest.office.drawings import add_drawn, note_objects
from app.ingest.office.package import checked_package
from app.ingest.office.slide_comments import comments
from app.ingest.office.slide_text import lines_of, text_of
from app.ingest.tables.cells import check_size, spread
from app.ingest.tables.grid import add_table

_FURNITURE = {PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER}
_PRESENTATION = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_INK = f"{_PRESENTATION}contentPart"
_OBJECT = f"{_PRESENTATION}oleObj"
_OFF = {"0", "false"}
_ROW = 360_000  # 1 cm in EMU; shapes that begin within so little stand side by side


def read_pptx(data: bytes, builder: TextBuilder) -> None:
    """Add each slide as a page: title, text, tables, charts, speaker notes and comments."""
    data = checked_package(data, builder.limit, "PowerPoint", ".pptx")
    try:
        _add_slides(Presentation(BytesIO(data)).slides, builder)
    except UnreadableFile:
        raise
    except Exception as error:  # broken packages make the parser raise nearly anything
        raise UnreadableFile("is not a readable PowerPoint presentation") from error


def _add_slides(slides: Any, builder: TextBuilder) -> None:
    hidden = []
    told: set[str] = set()
    objects = 0
    for number, slide in enumerate(slides, start=1):
        builder.page()
        if slide._element.get("show") in _OFF:
            hidden.append(number)
        else:
            _take_choices(slide._element)
            _add_slide(slide, number, builder)
            _add_repeated(slide, told, builder)
            objects += sum(map(_is_object, _shapes(slide.shapes)))
    if hidden:
        builder.note(runs("hidden slide", hidden))
    note_objects(objects, builder)


def _add_repeated(slide: Any, told: set[str], builder: TextBuilder) -> None:
    """Add the footer, and what the slide shows of its layout and master, where it is new."""
    for shape in _repeated(slide):
        text = text_of(shape.text_frame)
        if text not in told and any(c.isalnum() for c in text):
            told.add(text)
            builder.add(text)


def _repeated(slide: Any) -> Iterator[Any]:
    layout = slide.slide_layout
    for sheet in (slide, layout, layout.slide_master):
        for shape in _shapes(sheet.shapes):
            is_footer = _kind(shape) == PP_PLACEHOLDER.FOOTER
            if shape.has_text_frame and (is_footer if sheet is slide else not shape.is_placeholder):
                yield shape
        if sheet._element.get("showMasterSp") in _OFF:
            return


def _take_choices(element: Any) -> None:
    """Leave one form of what stands in two; ink has no text, nor a place that can be told."""
    take_choices(element)
    for ink in list(element.iter(_INK)):
        ink.getparent().remove(ink)


def _add_slide(slide: Any, number: int, builder: TextBuilder) -> None:
    title = slide.shapes.title
    if title is not None and (heading := text_of(title.text_frame)):
        builder.heading(1, heading)
    else:
        builder.mark(1, f"Slide {number}")
    for shape in _shapes(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            _add_shape(shape, slide.part, builder)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = "\n".join(lines_of(slide.notes_slide.notes_text_frame))
        builder.add(f"Notes: {notes}" if notes else "")
    builder.add_lines([f"[comment: {text}]" for text in comments(slide.part)])


def _shapes(shapes: Any) -> Iterator[Any]:
    """Yield seen shapes in the order of reading: by rows, and those of a group together."""
    for shape in sorted(shapes, key=_place):
        if shape._element._nvXxPr.cNvPr.get("hidden", "0") not in _OFF:
            continue
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _place(shape: Any) -> tuple[int, int]:
    return (shape.top or 0) // _ROW, shape.left or 0


def _add_shape(shape: Any, part: Any, builder: TextBuilder) -> None:
    if shape.has_table:
        add_table(builder, _grid(shape.table), header=shape.table.first_row or None)
    elif shape.has_text_frame:
        builder.add_lines(_lines(shape))
    else:
        add_drawn(shape._element, part, builder)


def _is_object(shape: Any) -> bool:
    return next(shape._element.iter(_OBJECT), None) is not None


def _grid(table: Any) -> list[list[str]]:
    """Lay cells on a grid, each in every row and column that it spans."""
    grid = [[text_of(cell.text_frame) for cell in row.cells] for row in table.rows]
    laid = 0
    for y, row in enumerate(table.rows):
        for x, cell in enumerate(row.cells):
            if cell.is_merge_origin:
                for down in range(y, min(y + cell.span_height, len(grid))):
                    wide = min(cell.span_width, len(grid[down]) - x)
                    laid += wide
                    check_size(laid)
                    grid[down][x : x + wide] = spread(grid[y][x], wide)
    return grid


def _kind(shape: Any) -> Any:
    return shape.placeholder_format.type if shape.is_placeholder else None


def _lines(shape: Any) -> list[str]:
    kind = _kind(shape)
    if kind in _FURNITURE:
        return []
    bullet = "-" if kind in (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT) else ""
    return lines_of(shape.text_frame, bullet)
