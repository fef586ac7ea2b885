"""Decode bytes of unknown encoding; read plain text and Markdown verbatim."""

import codecs
import re
from contextlib import suppress
from itertools import pairwise

from charset_normalizer import from_bytes
from markdown_it import MarkdownIt

from app.ingest.extracted import TextBuilder, UnreadableFile, clean, one_line
from app.ingest.hyphens import without_line_ends

_SIGNATURES = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0")
_BOMS = (  # UTF-32 first: its mark begins with the mark of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = ["cp1252", "cp1250", "cp1251", "cp1253", "koi8_r"]
_LEGACY += ["cp932", "euc_jp", "gb18030", "big5", "cp949"]
_NO_CHARSETS = {"punycode", "idna", "unicode-escape", "raw-unicode-escape"}  # punycode: quadratic
_MOST_ZEROS = 0.7  # of one half of the bytes; binary files have them in both
_SAMPLE_BYTES = 65_536
_UNTEXTLIKE = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f\ufffd]")  # escape colours log files
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)

# Only blocks are parsed: titles get their inline pass one by one, the rest never needs it.
_MARKDOWN = MarkdownIt("commonmark").disable("inline")
_INLINE = MarkdownIt("commonmark")


def decode(data: bytes, *, declared: str = "") -> str:
    """Turn bytes into text, or raise `UnreadableFile` if they are no text in any encoding."""
    bom = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    bom = bom or _wide(data)
    if data.startswith(_SIGNATURES) or (b"\0" in data and not bom):
        raise UnreadableFile("is binary, not text")
    text = data.decode(bom, "replace") if bom else _decode_unmarked(data, declared)
    if len(_UNTEXTLIKE.findall(text)) > 1 + len(text) // 50:
        raise UnreadableFile("is binary, not text")
    return text


def _wide(data: bytes) -> str:
    """Tell UTF-16 without a mark by the zeros that are half of every Western letter."""
    even, odd = (data[at:_SAMPLE_BYTES:2].count(0) for at in (0, 1))
    half = max(len(data[:_SAMPLE_BYTES]) // 2, 1)
    if max(even, odd) < _MOST_ZEROS * half or min(even, odd) > (1 - _MOST_ZEROS) * half / 10:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def read_text(data: bytes, builder: TextBuilder) -> None:
    """Take the text as it is, but for words that are cut at lines' ends."""
    builder.verbatim(without_line_ends(clean(decode(data))))


def read_markdown(data: bytes, builder: TextBuilder) -> None:
    """Take the source verbatim, so that a citation opens in the source, and note its headings."""
    text = clean(decode(data))
    front = _FRONT_MATTER.match(text)
    body = front.end() if front else 0  # else its closing dashes would underline a heading
    _mark_headings(text, body, 0, builder)
    builder.verbatim(text)


def add_markdown(source: str, builder: TextBuilder) -> None:
    """Add Markdown that is a part of a document, and note its headings."""
    text = clean(source).strip("\n").rstrip()
    if text:
        _mark_headings(text, 0, builder.next, builder)
        builder.add(text)


def _mark_headings(text: str, body: int, offset: int, builder: TextBuilder) -> None:
    lines = _line_starts(text, body)
    tokens = _MARKDOWN.parse(text[body:])
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.level == 0 and opening.map:
            start = offset + lines[opening.map[0]]
            builder.mark(int(opening.tag[1:]), _title(inline.content), start)


def _decode_unmarked(data: bytes, declared: str) -> str:
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    # A few broken bytes among many sound ones are damage, not another encoding.
    if not broken or broken * 20 < sum(not character.isascii() for character in text):
        return text
    with suppress(LookupError, UnicodeError):  # unknown, or a codec like hex, which gives no text
        if codecs.lookup(declared).name not in _NO_CHARSETS:
            return data.decode(declared, "replace")
    return data.decode(_guess(data), "replace")


def _guess(data: bytes) -> str:
    """Guess from the lines that hold evidence: those with bytes beyond ASCII."""
    sample = b"\n".join(line for line in data.splitlines() if not line.isascii())[:_SAMPLE_BYTES]
    matches = from_bytes(sample, cp_isolation=_LEGACY)
    best = matches.best()
    western = any(match.encoding == "cp1252" for match in matches)
    # Without evidence for a language, a Western reading is the likelier of two possible ones.
    if best is None or (western and not best.coherence):
        return "cp1252"
    return best.encoding


def _line_starts(text: str, start: int) -> list[int]:
    return [start, *(match.end() for match in re.compile("\n").finditer(text, start))]


def _title(source: str) -> str:
    tokens = _INLINE.parseInline(source)[0].children or []
    return one_line("".join(token.content or " " * (token.type == "softbreak") for token in tokens))
