"""Tell what a text stands under that begins inside a record or a list; knows no documents."""

from __future__ import annotations

import re

MORE = "…"
"""What a header ends with where the text goes on with the value of its last field."""
FIELD = re.compile(r"([^:;|\n]{1,60}): \S")
ITEM = re.compile(r"(?:[-*+•]|\(?(?:\d{1,3}|[a-z]|[ivx]+)[.)])\s")


class Lead:
    """The header of a text's first units: fields of a record, or a list's lead-in and parents."""

    def __init__(self, header: str, text: str) -> None:
        """Tell by the text which of the two it is."""
        self._lines = [line for line in header.split("\n") if line]
        self._record = header.endswith(MORE) or bool(FIELD.match(header) and FIELD.match(text))

    def enter(self, paragraph: str) -> None:
        """Go on to the next paragraph, which stands under it only if it goes on with the list."""
        goes_on = paragraph[:1].isspace() or ITEM.match(paragraph)
        if self._record or not goes_on:
            self._lines = []

    def over(self, text: str, start: int) -> str:
        """Return the header of the next unit, which begins at `start`."""
        if self._record:
            self._read_field(text, start)
        elif self._lines:
            self._read_line(text, start)
        return "\n".join(self._lines)

    def _read_field(self, text: str, start: int) -> None:
        open_field = bool(self._lines) and self._lines[0].endswith(MORE)
        if open_field and FIELD.match(text, start):
            keys = self._lines[0].rpartition("; ")[0]
            self._lines = [keys] if keys else []

    def _read_line(self, text: str, start: int) -> None:
        """Leave what an item is not a part of, and all where a line goes on without the list."""
        line = text.rfind("\n", 0, start) + 1
        indent = start - line
        if not line or text[line:start].strip():
            return
        if ITEM.match(text, start):
            self._lines = [above for above in self._lines if not _is_item(above, indent)]
        elif not indent:
            self._lines = []


def _is_item(line: str, indent: int) -> bool:
    """Tell an item from a lead-in, if it is no further left than `indent`."""
    said = line.lstrip()
    return bool(ITEM.match(said)) and len(line) - len(said) >= indent
