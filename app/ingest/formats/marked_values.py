"""Read values of records that hold HTML, as content systems export them; knows no file format."""

from __future__ import annotations

import re

from lxml.html import defs

from app.ingest.extracted import TextBuilder
from app.ingest.formats.html import add_html
from app.ingest.markup.tables import BLOCKS, HEADINGS

_CLOSED = re.compile(r"</([a-z][^\s<>/]*)\s*>|<(br)\s*/?>", re.IGNORECASE)
_OPENED = re.compile(r"<([a-z][^\s<>/]*)", re.IGNORECASE)
_CODE = "`"  # marks tags that are spoken of, as in Markdown
_UNFOLDING, _LEAST = 4, 1_000_000  # a value may unfold to so many times its length, or characters


def shown(text: str) -> str:
    """Return what a browser shows of a value that is HTML, and any other as it is."""
    if not _is_html(text):
        return text
    blocks = {*BLOCKS, *HEADINGS, "br", "pre"}
    parts = [text] if _names(_OPENED, text) & blocks else text.split("\n")
    return "\n".join(map(_read, parts))


def _is_html(text: str) -> bool:
    """Tell HTML by elements that are closed, all of which it must know but for prefixed ones."""
    if "<" not in text or _CODE in text:
        return False
    closed = _names(_CLOSED, text)
    known = {name for name in closed if name in defs.tags}
    return bool(known & _names(_OPENED, text)) and all("-" in n or ":" in n for n in closed - known)


def _names(tag: re.Pattern[str], text: str) -> set[str]:
    return {"".join(filter(None, match.groups())).lower() for match in tag.finditer(text)}


def _read(html: str) -> str:
    builder = TextBuilder(max(_LEAST, _UNFOLDING * len(html)))
    add_html(html, builder, "book")
    return builder.build().text
