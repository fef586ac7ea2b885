"""Read reStructuredText by way of HTML, also what docutils cannot render."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.core import publish_doctree, publish_from_doctree
from docutils.parsers.rst import Parser, states
from docutils.writers.html5_polyglot import Writer

from app.ingest.extracted import TextBuilder, clean, runs
from app.ingest.formats.html import add_html
from app.ingest.formats.plain import decode

_SETTINGS = {
    "file_insertion_enabled": False,  # a document must not read other files
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "input_encoding": "unicode",
    "output_encoding": "unicode",
    "embed_stylesheet": False,
    "doctitle_xform": False,
    "initial_header_level": 1,
}
_ERROR = 3  # the lowest level of a message that stands in place of what it is about
_FIELD = re.compile(states.Body.patterns["field_marker"])
_RULE = re.compile(r"(\W)\1*")  # drawn above or below a title
_TOLD = 5  # directives that are named


def read_rst(data: bytes, builder: TextBuilder) -> None:
    """Add what the source shows once it is rendered."""
    unknown: dict[str, None] = {}
    parser, writer = Parser(), Writer()
    parser.state_classes = _open_states(unknown)
    source = clean(decode(data))
    document = publish_doctree(source, parser=parser, settings_overrides=_SETTINGS)
    wrong = _restored(document)
    publish_from_doctree(document, writer=writer, settings_overrides=_SETTINGS)
    add_html(f"<main>{writer.parts['html_body']}</main>", builder)
    if unknown:
        more = ", …" if len(unknown) > _TOLD else ""
        told = f"{', '.join(list(unknown)[:_TOLD])}{more}"
        builder.note(f"directives that are not known, of which the text is read: {told}")
    if wrong:
        builder.note(f"{runs('line', wrong)} where the markup is wrong, so the source is read")


def _restored(document: Any) -> list[int]:
    """Put back the source that messages stand in place of, and return where it is."""
    lines: set[int] = set()
    for message in list(document.findall(nodes.system_message)):
        source = next(message.findall(nodes.literal_block), None)
        if message["level"] >= _ERROR and source is not None:
            message.replace_self(_as_read(source.astext()))
            lines.add(message.get("line", 1))
    return sorted(lines)


def _as_read(source: str) -> list[Any]:
    """Return a title without its rules, or the source as it is."""
    lines = list(filter(None, map(str.strip, source.split("\n"))))
    said = [line for line in lines if not _RULE.fullmatch(line)]
    if len(said) == 1 < len(lines):
        return [nodes.section("", nodes.title("", said[0]))]
    return [nodes.literal_block(source, source)] if said else []


class _Open(states.RSTState):  # type: ignore[misc]  # has no stubs
    """A state of the parser that reads what a directive says which it does not know."""

    unknown: dict[str, None]
    classes: list[type]

    def runtime_init(self) -> None:
        """Let nested parts be read in the same way."""
        super().runtime_init()
        self.nested_sm_kwargs["state_classes"] = self.classes

    def unknown_directive(self, type_name: str) -> tuple[list[Any], bool]:
        """Return the arguments behind the name, and the rest as it would stand outside."""
        self.unknown[type_name] = None
        line = self.state_machine.line
        begun = line.index("::", line.index(type_name) + len(type_name)) + 2
        number = self.state_machine.abs_line_number()
        block, _, offset, ended = self.state_machine.get_first_known_indented(
            begun, strip_top=False
        )
        if not block[0].strip():
            block.trim_start()
            offset += 1
        end = next((at for at, text in enumerate(block) if _ends_arguments(text)), len(block))
        read = nodes.container()
        if said := " ".join(map(str.strip, block[:end])):
            parts, messages = self.inline_text(f"{type_name}: {said}", number)
            read += [nodes.paragraph("", "", *parts), *messages]
        self.nested_parse(block[end:], offset + end, read)
        return [read], ended


def _ends_arguments(line: str) -> bool:
    return not line.strip() or _FIELD.match(line) is not None


def _open_states(unknown: dict[str, None]) -> list[type]:
    """Return the parser's states for one document, which keep the names of unknown directives."""
    classes: list[type] = []
    own = {"unknown": unknown, "classes": classes, "nested_sm_cache": []}
    classes += [type(state.__name__, (_Open, state), own) for state in states.state_classes]
    return classes
