"""Render the sample handbook and its questions from the templates beside this file.

Run ``python tests/sample/build.py`` after editing ``facts.json``, ``questions.jsonl`` or anything
under ``documents/``; it rewrites ``app/sample/``. ``--output DIR`` writes elsewhere. Every
``{{name}}`` is replaced by that fact's value, and in ``revised/`` by its revised value where there
is one. It knows how to lay out a document, and nothing of how documents are read or searched.
"""

import argparse
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from html import escape
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from pptx import Presentation
from pptx.util import Inches
from reportlab.lib.colors import grey
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Table

SOURCES = Path(__file__).parent
EPOCH = datetime(2024, 10, 1)  # a fixed date keeps rebuilt files identical
STYLES = getSampleStyleSheet()

Facts = dict[str, str]

# The subset of Markdown that the paginated formats are written in, by the start of a line.
SYNTAX = re.compile(
    r"(?P<heading>#+ )|(?P<bullet>- )|(?P<number>\d+\. )|(?P<table>\|)|(?P<break>---)"
    r"|(?P<paragraph>)"
)


@dataclass(frozen=True)
class Block:
    """One line of a source, or all lines of a table."""

    kind: str
    """The name of the group in the syntax."""
    marker: str = ""
    text: str = ""
    rows: list[list[str]] = field(default_factory=list)
    """The cells of a table, header first."""

    @property
    def level(self) -> int:
        """Count the depth of a heading."""
        return self.marker.count("#")


def fill(text: str, facts: Facts) -> str:
    """Replace every placeholder; an unknown name is a KeyError."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: facts[match[1]], text)


def parse(text: str) -> Iterator[Block]:
    """Cut a source into blocks."""
    matches = [match for line in text.splitlines() if line and (match := SYNTAX.match(line))]
    for kind, group in groupby(matches, key=lambda match: str(match.lastgroup)):
        if kind == "table":
            rows = [re.split(r" *\| *", match.string)[1:-1] for match in group]
            yield Block(kind, rows=[rows[0], *rows[2:]])  # the second line is the rule
        else:
            yield from (Block(kind, match[0], match.string[match.end() :]) for match in group)


def write_pdf(text: str, path: Path) -> None:
    """Set the blocks on A4 pages."""
    blocks = list(parse(text))
    title = blocks[0].text
    footer = partial(draw_footer, title=title)
    pdf = SimpleDocTemplate(str(path), title=title, author="Pellavane Line", invariant=1)
    pdf.build([pdf_block(block) for block in blocks], onFirstPage=footer, onLaterPages=footer)


def draw_footer(canvas: Any, pdf: Any, *, title: str) -> None:
    """Print the line, the title and the page number below the text."""
    canvas.setFont("Helvetica", 8)
    canvas.drawString(pdf.leftMargin, 36, f"Pellavane Line: {title}, page {pdf.page}")


def pdf_block(block: Block) -> Flowable:
    """Turn one block into a reportlab flowable."""
    if block.kind == "break":
        return PageBreak()
    if block.kind == "table":
        grid = [("GRID", (0, 0), (-1, -1), 0.5, grey), ("FONT", (0, 0), (-1, 0), "Helvetica-Bold")]
        return Table(block.rows, style=grid, hAlign="LEFT", spaceAfter=12)
    if block.kind == "heading":
        return Paragraph(escape(block.text), STYLES[f"Heading{block.level}"])
    style = ParagraphStyle("Body", parent=STYLES["BodyText"], leftIndent=18 if block.marker else 0)
    return Paragraph(escape(block.text, quote=False), style, bulletText=block.marker)


def write_docx(text: str, path: Path) -> None:
    """Write the blocks in Word's own styles; there, a second numbered list would not restart."""
    document = Document()
    for block in parse(text):
        add_docx_block(document, block)
    save_package(document, path)


def add_docx_block(document: WordDocument, block: Block) -> None:
    """Append one block to a Word document."""
    if block.kind == "heading":
        document.add_heading(block.text, level=block.level)
    elif block.kind == "table":
        table = document.add_table(len(block.rows), len(block.rows[0]), style="Table Grid")
        fill_table(table, block.rows)
    else:
        styles = {"bullet": "List Bullet", "number": "List Number"}
        document.add_paragraph(block.text, styles.get(block.kind))


def write_pptx(text: str, path: Path) -> None:
    """Write a title slide, then one slide for each second-level heading."""
    deck = Presentation()
    slide: Any = None
    for block in parse(text):
        if block.kind == "heading":
            slide = deck.slides.add_slide(deck.slide_layouts[0 if block.level == 1 else 1])
            slide.shapes.title.text = block.text
        elif block.kind == "table":
            add_slide_table(slide, block.rows)
        else:
            body = slide.placeholders[1].text_frame
            body.text = f"{body.text}\n{block.text}".lstrip()
    save_package(deck, path)


def add_slide_table(slide: Any, rows: list[list[str]]) -> None:
    """Put a table where the slide's empty text box was."""
    body = slide.placeholders[1]
    box = (body.left, body.top, body.width, Inches(0.5) * len(rows))
    body.element.getparent().remove(body.element)
    fill_table(slide.shapes.add_table(len(rows), len(rows[0]), *box).table, rows)


def fill_table(table: Any, rows: list[list[str]]) -> None:
    """Write each cell's text; Word and PowerPoint tables share this interface."""
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            table.cell(y, x).text = text


def save_package(package: Any, path: Path) -> None:
    """Save an Office file with every clock in it set to the epoch."""
    properties = package.core_properties
    properties.created = properties.modified = EPOCH
    properties.author = properties.last_modified_by = "Pellavane Line"
    package.save(buffer := BytesIO())
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, date_time=EPOCH.timetuple()[:6])
            target.writestr(entry, source.read(name), zipfile.ZIP_DEFLATED)


WRITERS: dict[str, Callable[[str, Path], None]] = {
    ".pdf": write_pdf,
    ".docx": write_docx,
    ".pptx": write_pptx,
}


def build_documents(folder: Path, facts: Facts) -> None:
    """Render every template into the folder, replacing what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    templates = SOURCES / "documents"
    for template in sorted(path for path in templates.rglob("*") if path.is_file()):
        target = folder / template.relative_to(templates)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = fill(template.read_text(encoding="utf-8"), facts)
        if write := WRITERS.get(target.with_suffix("").suffix):
            write(text, target.with_suffix(""))  # safety/drill.pdf.md becomes safety/drill.pdf
        else:
            target.write_text(text, encoding="utf-8")


def build_questions(facts: Facts, revised: Facts) -> Iterator[dict[str, Any]]:
    """Fill in the questions, and add the revised answer where a fact changes."""
    for line in (SOURCES / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        question = json.loads(fill(line, facts))
        question.pop("absent", None)  # only the tests need to know what must not be there
        answers = json.loads(fill(line, revised))["answers"]
        if answers != question["answers"]:
            question["revised_answers"] = answers
        yield question


def build(output: Path) -> None:
    """Write handbook/, revised/ and questions.jsonl."""
    table: dict[str, Facts] = json.loads((SOURCES / "facts.json").read_text(encoding="utf-8"))
    facts = {name: fact["value"] for name, fact in table.items()}
    revised = {name: fact.get("revised", fact["value"]) for name, fact in table.items()}
    build_documents(output / "handbook", facts)
    build_documents(output / "revised", revised)
    lines = [json.dumps(item, ensure_ascii=False) for item in build_questions(facts, revised)]
    (output / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Render the sample handbook.")
    parser.add_argument("--output", type=Path, default=SOURCES.parents[1] / "app" / "sample")
    build(parser.parse_args().output)
