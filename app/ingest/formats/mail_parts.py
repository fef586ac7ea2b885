"""Choose the parts of an e-mail that hold its content, and decode them; adds no text."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from email import policy
from email.message import Message
from mimetypes import MimeTypes

from app.ingest.extracted import TextBuilder
from app.ingest.formats.html import add_html
from app.ingest.formats.plain import decode

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_SHIFTING = ("iso2022", "utf-7", "hz")  # encodings that write all letters as ASCII
_CALENDARS = {"text/calendar", "application/ics"}
_SUFFIXES = MimeTypes()  # without the machine's own list, so that names are the same everywhere
_WORD = re.compile(r"\w+")
_SAME = 0.5  # of the words of the HTML; a plain text with fewer of them says something else


def with_known_headers(data: bytes) -> bytes:
    """Write headers in an encoding that none of them names as UTF-8."""
    end = _HEAD_END.search(data)
    head = data[: end.start()] if end else data
    return data if head.isascii() else decode(head).encode() + data[len(head) :]


def leaves(part: Message, limit: int) -> list[Message]:
    """List the parts that are no containers, of alternatives only those to read."""
    kind = part.get_content_type()
    if not kind.startswith("multipart/") or not part.is_multipart():
        return [part]
    inner = inside(part)
    if kind == "multipart/signed":
        inner = inner[:1]  # the second is the signature
    found = [leaf for each in inner for leaf in leaves(each, limit)]
    return _chosen(found, limit) if kind == "multipart/alternative" else found


def inside(part: Message) -> list[Message]:
    """List what a container holds."""
    inner = part.get_payload()
    return [each for each in inner if isinstance(each, Message)] if isinstance(inner, list) else []


def _chosen(parts: list[Message], limit: int) -> list[Message]:
    """Keep one of the texts that say the same, and all that is no such text."""
    texts = {part.get_content_type(): part for part in reversed(parts) if is_body(part)}
    plain, html = texts.get("text/plain"), texts.get("text/html")
    if not plain or not html:
        return parts
    rich = stands_in(text_of_part(plain), text_of_part(html), limit)
    kept = "text/html" if rich else "text/plain"
    return [part for part in parts if not is_body(part) or part.get_content_type() == kept]


def stands_in(plain: str, html: str, limit: int) -> bool:
    """Tell a plain text that does not say what the HTML beside it says."""
    builder = TextBuilder(limit)
    add_html(html, builder, "mail")
    words = set(_WORD.findall(builder.build().text))
    return len(words.intersection(_WORD.findall(plain))) < _SAME * len(words)


def is_calendar(part: Message) -> bool:
    """Tell an invitation."""
    return part.get_content_type() in _CALENDARS


def is_attached(part: Message) -> bool:
    """Tell a file from what the message says itself."""
    status = part.get_content_type() == "message/delivery-status"
    return not (status or is_calendar(part) or is_body(part))


def is_body(part: Message) -> bool:
    """Tell a text of the message itself: one without a name or a type of file."""
    kind = part.get_content_type()
    text = kind.startswith(("text/", "multipart/")) and not is_calendar(part)
    named = kind not in ("text/plain", "text/html") and _SUFFIXES.guess_extension(kind)
    return text and not named and not part.get_filename()


def name_of(part: Message) -> str:
    """Return the name of an attachment; one without a name is called by its type."""
    kind = part.get_content_type()
    suffix = ".eml" if kind == "message/rfc822" else _SUFFIXES.guess_extension(kind)
    return part.get_filename() or f"{kind.partition('/')[0]}{suffix or ''}"


def content_of(part: Message) -> bytes:
    """Return the bytes of an attachment; a text that may tell its encoding is given in UTF-8."""
    if part.is_multipart():
        raw = policy.compat32  # the other one reads headers again, and fails at odd ones
        return b"\n\n".join(each.as_bytes(policy=raw) for each in inside(part))
    kind = part.get_content_type()
    if kind.startswith("text/") and not kind.endswith("xml"):
        return text_of_part(part).encode("utf-8", "replace")
    return _bytes(part)


def text_of_part(part: Message) -> str:
    """Decode a text as its part declares it, or else as text files are."""
    data = _bytes(part)
    charset = part.get_content_charset() or ""
    text = ""
    with suppress(LookupError, ValueError):
        if codecs.lookup(charset).name.startswith(_SHIFTING):
            text = data.decode(charset)
    text = (text or decode(data, declared=charset)).replace("\r\n", "\n")
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    return unflowed(text, spaced=str(part.get_param("delsp", "")).lower() != "yes")


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def unflowed(text: str, *, spaced: bool) -> str:
    """Join lines that end with a space to the next; `spaced` tells whether the space stays."""
    lines: list[str] = []
    flowing = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        said = line[depth:].removeprefix(" ")
        flows = said.endswith(" ") and said != "-- "  # a signature's edge
        kept = said if spaced or not flows else said[:-1]
        if depth == flowing and said.strip():
            lines[-1] += kept
        else:
            lines.append(f"{'>' * depth} {kept}" if depth else kept)
        flowing = depth if flows else -1
    return "\n".join(line.rstrip() for line in lines)
