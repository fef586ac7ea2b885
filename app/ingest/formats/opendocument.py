"""Read OpenDocument texts, sheets and slides; knows nothing of layout or images."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from app.ingest.extracted import TextBuilder, UnreadableFile, runs
from app.ingest.office.odf_controls import Controls
from app.ingest.office.odf_lists import Lists
from app.ingest.office.odf_objects import EMBEDDED, Objects
from app.ingest.office.odf_styles import Styles, is_seen
from app.ingest.office.odf_tables import laid
from app.ingest.office.odf_text import SKIPPED, Text
from app.ingest.office.odf_xml import local_name, odf, parsed
from app.ingest.office.package import check_unpacked
from app.ingest.tables.grid import add_table
from app.ingest.tables.sheets import add_sheet

_ENCRYPTED = "encryption-data"


def read_odf(data: bytes, builder: TextBuilder) -> None:
    """Add headings, paragraphs, lists, tables, sheets or slides in their order."""
    try:
        styles, content, objects = _parts(data, builder.limit)
        body = next(iter(content.find(odf("office:body"))))
        _add_document(body, styles, content, objects, builder)
    except UnreadableFile:
        raise
    except Exception as error:  # broken packages make the parser raise nearly anything
        raise UnreadableFile("is not a readable OpenDocument file") from error


def _parts(data: bytes, limit: int) -> tuple[Any, Any, Objects]:
    """Return styles, content and objects of a package; refuse what is locked or unfolds too far."""
    with ZipFile(BytesIO(data)) as package:
        check_unpacked(package, limit)
        if _ENCRYPTED.encode() in package.read("META-INF/manifest.xml"):
            raise UnreadableFile("is encrypted: save it without a password")
        parts = [parsed(package.read(f"{name}.xml")) for name in ("styles", "content")]
        return parts[0], parts[1], Objects.of(package)


def _add_document(
    body: Any, styles: Any, content: Any, objects: Objects, builder: TextBuilder
) -> None:
    """Add a body, that of a text between the headers and the footers of its pages."""
    reading = _Body(builder, objects, styles, content)
    kind = local_name(body)
    pages = _Body(builder, objects, styles)  # automatic styles of one file are unknown to the other
    pages.add_once(_page_parts(styles, "header") if kind == "text" else [])
    reading.add(body)
    pages.add_once(_page_parts(styles, "footer") if kind == "text" else [])
    if reading.hidden_slides:
        builder.note(runs("hidden slide", reading.hidden_slides))
    if kind != "spreadsheet":
        reading.note_objects(filter(objects.is_unknown, body.iter(*EMBEDDED)), "")


def _page_parts(styles: Any, kind: str) -> Iterator[Any]:
    """Yield the headers or footers of all kinds of pages."""
    for page in styles.iter(odf("style:master-page")):
        for part in page:
            is_shown = part.get(odf("style:display")) != "false"
            if local_name(part).startswith(kind) and is_shown:
                yield part


class _Body:
    """Adds the blocks of a document's body."""

    def __init__(self, builder: TextBuilder, objects: Objects, *sources: Any) -> None:
        self.builder = builder
        self.objects = objects
        self.styles = Styles(*sources)
        self.lists = Lists(self.styles, *sources)
        self.text = Text(self.styles, self.lists, objects, Controls(*sources))
        self.listed = False
        self.slides = 0
        self.hidden_slides: list[int] = []
        self.adders: dict[str, Callable[[Any], None]] = {
            "h": self.add_heading,
            "p": lambda paragraph: self.add_line("", [paragraph]),
            "list": self.add_list,
            "table": self.add_table,
            "page": self.add_slide,
            "object": self.add_object,
            "control": lambda control: self.builder.add(self.text.control(control).strip()),
            "annotation": lambda comment: self.builder.add(self.text.comment(comment).strip()),
        }

    def add_once(self, parts: Iterable[Any]) -> None:
        """Add each of several headers or footers that says something new."""
        seen = {""}
        for part in parts:
            text = self.text.blocks(part)
            self.text.take_charts()  # they are added with their part
            if text not in seen:
                seen.add(text)
                self.add(part)

    def add(self, parent: Any) -> None:
        """Add all blocks inside an element."""
        for child in parent:
            self.add_block(child)

    def add_block(self, child: Any) -> None:
        self.listed = False
        name = local_name(child)
        if name in self.adders:
            self.adders[name](child)
        elif is_seen(self.styles.look(child)):
            if name not in SKIPPED:
                self.add(child)
        elif name == "section":
            self.builder.note(f"hidden section {child.get(odf('text:name'), '')!r}")

    def add_heading(self, heading: Any, label: str = "") -> None:
        boxes: list[Any] = []
        text = self.text.of(heading, boxes=boxes)
        number = self.lists.heading(heading) if label in ("", "-") else label
        if text:
            level = int(heading.get(odf("text:outline-level"), "1"))
            self.builder.heading(level, f"{number} {text}")
        self.add_charts()
        self.add_boxes(boxes)

    def add_line(self, label: str, paragraphs: list[Any]) -> None:
        boxes: list[Any] = []
        said = " ".join(filter(None, (self.text.of(p, boxes=boxes) for p in paragraphs)))
        if said:
            self.builder.add(f"{label} {said}".strip(), tight=self.listed)
            self.listed = True
        self.add_charts()
        self.add_boxes(boxes)

    def add_boxes(self, boxes: list[Any]) -> None:
        """Add what boxes say that are anchored in a paragraph, for they may hold tables."""
        for box in boxes:
            self.add(box)

    def add_object(self, element: Any) -> None:
        self.builder.add(self.objects.equation(element).strip())
        self.add_chart(element)

    def add_charts(self) -> None:
        """Add the charts that stand in what was written last."""
        for element in self.text.take_charts():
            self.add_chart(element)

    def add_chart(self, element: Any) -> None:
        chart = self.objects.chart(element)
        if chart is not None:
            self.listed = False
            self.builder.add(chart[0])
            add_table(self.builder, chart[1], header=True)

    def note_objects(self, objects: Iterable[Any], place: str) -> None:
        """Name objects that have a part of their own, which is not read."""
        count = sum(1 for _ in objects)
        end = "s" if count > 1 else ""
        if count:
            self.builder.note(f"{count} chart{end}, formula{end} or other object{end}{place}")

    def add_list(self, element: Any) -> None:
        for label, said in self.lists.items(element):
            first = said[0]
            if local_name(first) == "p":
                self.add_line(label, said)
            elif local_name(first) == "h":
                self.listed = False
                self.add_heading(first, label)
            else:
                self.add_block(first)

    def add_slide(self, page: Any) -> None:
        self.builder.page()
        self.slides += 1
        if self.styles.value(page, "presentation:visibility") == "hidden":
            self.hidden_slides.append(self.slides)
        else:
            self.add(page)

    def add_table(self, table: Any) -> None:
        if local_name(table.getparent()) == "spreadsheet":
            self.add_sheet(table, table.get(odf("table:name"), ""))
            return
        rows, hidden = laid(table, self.text.cell)
        header = table.find(odf("table:table-header-rows")) is not None
        add_table(self.builder, rows, header=header or None)
        self.add_charts()
        if hidden:
            self.builder.note(f"{hidden} in a table")

    def add_sheet(self, sheet: Any, name: str) -> None:
        if self.styles.value(sheet, "table:display") == "false":
            self.builder.note(f"hidden sheet {name!r}")
            return
        self.builder.records = True
        rows, hidden = laid(sheet, self.text.cell)
        unread = self.text.take_charts()  # most show what other cells say
        shapes = sheet.findall(odf("table:shapes"))
        if any(any(row) for row in rows) or self.says(shapes):
            self.builder.heading(1, name)
        add_sheet(rows, self.builder)
        self.add_boxes(shapes)
        if hidden:
            self.builder.note(f"{hidden} in sheet {name!r}")
        unread += filter(self.objects.is_unknown, sheet.iter(*EMBEDDED))
        self.note_objects(unread, f" in sheet {name!r}")

    def says(self, parts: list[Any]) -> bool:
        """Tell whether parts have a text or a chart; adds neither."""
        text = "".join(map(self.text.blocks, parts))
        return bool(self.text.take_charts() or text)
