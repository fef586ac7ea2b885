"""Read program sources and notebooks; knows no language's grammar."""

from __future__ import annotations

import json
import re

from app.ingest.extracted import TextBuilder, UnreadableFile, clean
from app.ingest.formats.definitions import definitions
from app.ingest.formats.html import add_html
from app.ingest.formats.logs import without_colours
from app.ingest.formats.markdown import add_markdown
from app.ingest.formats.plain import decode

_UNTOLD = re.compile(r"(?:<[\w.]+ object.*>)?", re.DOTALL)  # what stands for what is shown
_OUTPUT = 2_000  # characters of a notebook's output; a longer one is data


def read_code(data: bytes, builder: TextBuilder, suffix: str) -> None:
    """Take the source verbatim, and begin a section at each function and class."""
    text = clean(decode(data))
    builder.verbatim(text)
    for start, level, name in definitions(text, suffix):
        builder.mark(level, name, start)


def read_notebook(data: bytes, builder: TextBuilder) -> None:
    """Add the cells of a notebook in order, code with the output that is text."""
    try:
        notebook = json.loads(decode(data))
        cells = notebook["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableFile("is not a readable notebook") from error
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "")
    for cell in cells:
        source = _joined(cell.get("source", ""))
        if cell.get("cell_type") == "markdown":
            add_markdown(source, builder)
        elif cell.get("cell_type") == "code":
            builder.add(f"{language}:\n{source}" if language and source.strip() else source)
            for output in cell.get("outputs", []):
                _add_output(output, builder)
        else:
            builder.add(source)


def _add_output(output: dict[str, object], builder: TextBuilder) -> None:
    """Add the richest form of an output that says something."""
    data = output.get("data")
    shown = {kind: _joined(text) for kind, text in data.items()} if isinstance(data, dict) else {}
    html, plain = shown.get("text/html", ""), shown.get("text/plain", "")
    if "text/markdown" in shown:
        add_markdown(shown["text/markdown"], builder)
    elif "<table" in html or (html and _UNTOLD.fullmatch(plain)):
        add_html(html, builder, "book")
    elif output.get("output_type") == "error":
        builder.add(f"Error: {output.get('ename')}: {output.get('evalue')}")
    else:
        _add_printed(_joined(output.get("text", plain or shown.get("text/latex", ""))), builder)


def _add_printed(text: str, builder: TextBuilder) -> None:
    text = without_colours(text)
    if len(text) > _OUTPUT:
        builder.note(f"an output of {len(text):,} characters")
    elif text.strip():
        builder.add(f"Output: {text}")


def _joined(lines: object) -> str:
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines)
