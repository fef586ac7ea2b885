"""Read Markdown as it is written, but for what its page would hide, strike or draw with HTML."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.ingest.extracted import ExtractedDocument, Heading, TextBuilder, clean, clean_line
from app.ingest.formats.html import add_html
from app.ingest.formats.plain import decode
from app.ingest.raised import raised

Span = tuple[int, int]

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_OPENING = re.compile(  # of what may hold no Markdown, is hidden, struck or raised
    r"\\.|`+|<!--|(?<!~)~~(?![\s~])|<(del|s|strike|sup)(?:\s[^<>]*)?>", re.IGNORECASE
)
_REMARK = re.compile(  # a link's definition that leads nowhere: the way to write a remark
    r"^ {0,3}\[[^\]\n]+\]:[ \t]*(?:#|<>)[ \t]+(?:\(.*\)|\".*\"|'.*')[ \t]*$", re.MULTILINE
)
_CUT = "\0"  # stands where something was cut; clean text holds none
_EMPTIED = re.compile(rf"^[^\w\n{_CUT}]*{_CUT}[^\w\n]*+(?:\n|\Z)", re.MULTILINE)
_TRACE = re.compile(rf"^{_CUT}[ \t]*|(?<![ \t])[ \t]*{_CUT}", re.MULTILINE)
_LITERAL = re.compile(r"\s*<(?:pre|script|style|textarea)\b", re.IGNORECASE)
_COMPONENT = re.compile(r"\s*</?[A-Z][a-z]")  # its attributes may be its text
_WRITTEN = re.compile(r"^ {0,3}(?:\||#{1,6} |[-*+] |\d+[.)] )", re.MULTILINE)

# Only blocks are parsed: titles get their inline pass one by one, the rest never needs it.
_BLOCKS = MarkdownIt("commonmark").disable("inline")
_INLINE = MarkdownIt("commonmark")


def read_markdown(data: bytes, builder: TextBuilder) -> None:
    """Take the source, so that a citation opens in it, and note its headings."""
    text = clean(decode(data))
    front = _FRONT_MATTER.match(text)
    # A front matter's closing dashes would underline a heading.
    _add(text, front.end() if front else 0, builder)


def add_markdown(source: str, builder: TextBuilder) -> None:
    """Add Markdown that is a part of a document, and note its headings."""
    _add(clean(source).strip("\n").rstrip(), 0, builder)


def _add(source: str, body: int, builder: TextBuilder) -> None:
    """Add the text around blocks of HTML as it is written, and these as they are shown."""
    text = source[:body] + _shown(source[body:])
    lines, tokens = _line_starts(text, body), _BLOCKS.parse(text[body:])
    headings = list(_headings(tokens, lines))
    at = 0
    for start, end in _html(tokens, lines, text):
        builder.include(_part(text, (at, start), headings))
        add_html(text[start:end], builder, "book")
        at = end
    builder.include(_part(text, (at, len(text)), headings))


def _part(text: str, span: Span, headings: Sequence[Heading]) -> ExtractedDocument:
    start, end = span
    if start:
        start += len(text[start:end]) - len(text[start:end].lstrip("\n"))
    part = text[start:end] if end == len(text) else text[start:end].rstrip()
    inside = [h._replace(start=h.start - start) for h in headings if start <= h.start < end]
    return ExtractedDocument(part, headings=tuple(inside))


def _headings(tokens: Sequence[Token], lines: Sequence[int]) -> Iterator[Heading]:
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.level == 0 and opening.map:
            start = lines[opening.map[0]]
            yield Heading(start, int(opening.tag[1:]), _title(inline.content))


def _html(tokens: Sequence[Token], lines: Sequence[int], text: str) -> Iterator[Span]:
    """Find the blocks of HTML; those that only empty lines part are one."""
    for drawn, group in groupby(tokens, key=_is_drawn):
        if drawn:
            spans = [_span(token.map, lines, text) for token in group]
            yield spans[0][0], spans[-1][1]


def _is_drawn(token: Token) -> bool:
    """Tell HTML from a program's components, and from Markdown right below a tag."""
    block = token.type == "html_block" and token.level == 0
    return block and not _COMPONENT.match(token.content) and not _WRITTEN.search(token.content)


def _shown(text: str) -> str:
    """Leave out remarks and struck text, and raise what is superscript, but not in code."""
    if not any(mark in text for mark in ("<", "~~", "]:")):
        return text
    parts, at = list[str](), 0
    for (start, end), gap in sorted(_texts(text).items()):
        parts += [text[at:start], _without_struck(text[start:end], gap)]
        at = end
    return "".join(parts) + text[at:]


def _texts(text: str) -> dict[Span, str]:
    """Find the blocks that are no code, each with what is left of lines that are all cut."""
    lines, env = _line_starts(text, 0), dict[str, Any]()
    tokens = _BLOCKS.parse(text, env)
    prose = [token.map for token in tokens if token.type == "inline"]
    defined = [*env.get("references", {}).values(), *env.get("duplicate_refs", [])]
    prose += [definition["map"] for definition in defined]
    html = [token.map for token in tokens if token.type == "html_block" and _is_text(token)]
    found = {_span(block, lines, text): "" for block in prose}
    return found | {_span(block, lines, text): "\n" for block in html}


def _is_text(token: Token) -> bool:
    return not _LITERAL.match(token.content)


def _without_struck(block: str, gap: str) -> str:
    """Cut what is hidden or struck out of a block, and leave `gap` for lines that are all cut."""
    cut = _REMARK.sub(_CUT, "".join(_marked(block)))
    return _TRACE.sub("", _EMPTIED.sub(gap, cut)) if _CUT in cut else cut


def _marked(block: str) -> Iterator[str]:
    """Yield a block in pieces, with a mark in place of each that is hidden or struck."""
    at, unclosed = 0, dict[str, int]()
    while opening := _OPENING.search(block, at):
        yield block[at : opening.start()]
        end = _end(opening, block, unclosed)
        at = end.end() if end else opening.end()
        left = _left(opening, block[opening.end() : end.start()]) if end else None
        yield block[opening.start() : at] if left is None else left
    yield block[at:]


def _end(opening: re.Match[str], block: str, unclosed: dict[str, int]) -> re.Match[str] | None:
    """Find what closes a mark; `unclosed` tells up to where it is known that nothing does."""
    closing = _closing(opening)
    if opening.start() < unclosed.get(closing, 0):
        return None
    end = re.compile(closing).search(block, opening.end())
    if end is None or end[0] == "|":
        unclosed[closing] = end.start() if end else len(block)
        return None
    return end


def _closing(opening: re.Match[str]) -> str:
    mark = opening[0]
    if mark.startswith("`"):
        return rf"(?<!`){mark}(?!`)"
    if mark == "~~":
        return r"(?<![\s~])~~(?!~)|\|"  # the cells of a table are struck apart
    if mark == "<!--":
        return "-->"
    return rf"(?i:</{opening[1]}\s*>)" if opening[1] else ""


def _left(opening: re.Match[str], inner: str) -> str | None:
    """Return what stays of a marked span; None if it stays as it is."""
    if opening[0].startswith(("\\", "`")):
        return None
    if (opening[1] or "").lower() == "sup":
        written = raised(inner)
        return written if written != inner else None
    return _CUT


def _span(lines_of: Sequence[int] | None, lines: Sequence[int], text: str) -> Span:
    first, last = lines_of or (0, 0)
    return lines[first], lines[last] if last < len(lines) else len(text)


def _line_starts(text: str, start: int) -> list[int]:
    return [start, *(match.end() for match in re.compile("\n").finditer(text, start))]


def _title(source: str) -> str:
    tokens = _INLINE.parseInline(source)[0].children or []
    return clean_line(
        "".join(token.content or " " * (token.type == "softbreak") for token in tokens)
    )
