"""Cut extracted text into chunks that are exact slices of it; knows neither files nor models."""

# The spans are computed here because langchain-text-splitters cannot promise them: it finds
# `start_index` by searching the stripped chunk, which goes astray where text repeats itself.

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from langchain_core.documents import Document

from app.index.ids import content_id
from app.ingest.extracted import ExtractedDocument
from app.ingest.headers import FIELD_BREAK, Headers
from graphs.abbreviations import abbreviated
from graphs.text import LEADER

_PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*\n\s*")
_ROW_BREAK = re.compile(  # before a list item, before and after a table row
    r"\n(?=[^\S\n]*(?:[-*+•]|\d{1,3}[.)])\s)|\n(?=[^\n]*\|)|(?<=\|)\n"
)
_CLOSING = r"[\"'\u201d\u2019\u00bb)\]]"  # quotation marks and brackets
_WIDE_STOP = r"[\u3002\uff01\uff1f]"  # the East Asian full stop, ! and ?, which no space follows
_WIDE_CLOSING = r"[\u300d\u300f\u201d\uff09]"
_SENTENCE_BREAK = re.compile(
    rf"(?:(?<=[.!?…])|(?<=[.!?…]{_CLOSING})){LEADER}\s+(?=[^\sa-z])"
    rf"|(?<={_WIDE_STOP})(?!{_WIDE_CLOSING}|{_WIDE_STOP})|(?<={_WIDE_STOP}{_WIDE_CLOSING})"
)
_LINE_BREAK = re.compile(r"\n\s*")
_WORD_BREAK = re.compile(r"\s+")
_PROSE = (_ROW_BREAK, _SENTENCE_BREAK, _LINE_BREAK, _WORD_BREAK)
_RECORD = (_LINE_BREAK, FIELD_BREAK, _SENTENCE_BREAK, _WORD_BREAK)
_BARE_HEADING = re.compile(r"[^\n]*(?:\n[\s=-]*)?")  # at most underlined, as Markdown allows


Span = tuple[int, int]


class Split(Protocol):
    """Cuts a text into chunks."""

    def __call__(
        self, extracted: ExtractedDocument, *, document: str, chunk_size: int, chunk_overlap: int
    ) -> list[Document]:
        """Return chunks that are slices of the text, in its order, each with its `start`."""


class _Section(NamedTuple):
    start: int
    end: int
    path: tuple[str, ...]
    """The titles from the top of the document down to this section's own."""


def split_document(
    extracted: ExtractedDocument,
    *,
    document: str,
    chunk_size: int = 800,
    chunk_overlap: int = 100,
) -> list[Document]:
    """Split at sections and pages, then at paragraphs, and long ones of these further.

    Prose is cut at table rows and list items, then sentences, then lines, then words; a record
    at lines, fields, sentences, then words; what is longer still, anywhere.
    No chunk is longer than `chunk_size` characters; a chunk begins with the last whole sentences
    of the one before it, up to `chunk_overlap` characters, unless a section or page begins there.
    """
    if not 0 <= chunk_overlap < chunk_size:
        raise ValueError(f"chunk_overlap {chunk_overlap} must be below chunk_size {chunk_size}")
    headers, title = Headers(extracted), _title(extracted)
    return [
        _chunk(extracted, document, section, start, end, title, headers.at(start))
        for section in _paged_sections(extracted)
        for start, end in _pack(extracted, section, chunk_size, chunk_overlap)
    ]


def page_at(pages: Sequence[int], offset: int) -> int | None:
    """Tell the page, counted from 1, that holds an offset; None where there are no pages."""
    return max(1, bisect_right(pages, offset)) if pages else None


def _chunk(
    extracted: ExtractedDocument,
    document: str,
    section: _Section,
    start: int,
    end: int,
    title: str,
    header: str,
) -> Document:
    text = extracted.text[start:end]
    ocr = any(left <= start < right for left, right in extracted.recognised)
    told = {"title": title, "header": header, "ocr": ocr}
    return Document(
        id=content_id(document, str(start), text),
        page_content=text,
        metadata={
            "document": document,
            "start": start,
            "end": end,
            "page": page_at(extracted.pages, start),
            "section": " > ".join(section.path),
            **{name: value for name, value in told.items() if value},
        },
    )


def _title(extracted: ExtractedDocument) -> str:
    """Return the heading that all others stand under; "" where there is none."""
    headings = extracted.headings
    above = all(heading.level > headings[0].level for heading in headings[1:])
    return headings[0].title if headings and above else ""


def _paged_sections(extracted: ExtractedDocument) -> Iterator[_Section]:
    """Cut the sections at page starts: a citation names the page of the chunk it rests on."""
    pages = extracted.pages
    for section in _sections(extracted):
        inside = pages[bisect_right(pages, section.start) : bisect_left(pages, section.end)]
        for start, end in pairwise((section.start, *inside, section.end)):
            yield section._replace(start=start, end=end)


def _sections(extracted: ExtractedDocument) -> Iterator[_Section]:
    """Yield the sections in order; a heading with nothing under it joins its first subsection."""
    pending: _Section | None = None
    for section in _headed_spans(extracted):
        if pending and section.path[: len(pending.path)] == pending.path:
            section = section._replace(start=pending.start)
        elif pending:
            yield pending
        pending = section
        if not _is_bare(extracted.text, section):
            yield section
            pending = None
    if pending:
        yield pending


def _is_bare(text: str, section: _Section) -> bool:
    if not section.path:  # what comes before the first heading
        return not text[section.start : section.end].strip()
    return bool(_BARE_HEADING.fullmatch(text, section.start, section.end))


def _headed_spans(extracted: ExtractedDocument) -> Iterator[_Section]:
    bounds = [*(heading.start for heading in extracted.headings), len(extracted.text)]
    yield _Section(0, bounds[0], ())
    above: list[tuple[int, str]] = []
    for heading, end in zip(extracted.headings, bounds[1:], strict=True):
        above = [(level, title) for level, title in above if level < heading.level]
        above.append((heading.level, heading.title))
        yield _Section(heading.start, end, tuple(title for _, title in above))


def _pack(
    extracted: ExtractedDocument, section: _Section, size: int, overlap: int
) -> Iterator[Span]:
    """Fill each chunk with as many neighbouring units as fit."""
    units = list(_units(extracted, section, size))
    if not units:
        return
    starts = list(_sentence_starts(extracted, section)) if len(units) > 1 and overlap else []
    start, end = units[0]
    for unit_start, unit_end in units[1:]:
        if unit_end - start > size:
            yield start, end
            earliest = max(start + 1, end - overlap, unit_end - size)
            start = _first_from(starts, earliest, unit_start)
        end = unit_end
    yield start, end


def _first_from(starts: Sequence[int], earliest: int, latest: int) -> int:
    """Take the first start that is late enough, or `latest` where there is none before it."""
    index = bisect_left(starts, earliest)
    return min(starts[index], latest) if index < len(starts) else latest


def _units(extracted: ExtractedDocument, section: _Section, size: int) -> Iterator[Span]:
    """Yield paragraphs, or the largest parts of them that fit."""
    for start, end in _split(_PARAGRAPH_BREAK, extracted.text, section.start, section.end):
        levels = _RECORD if extracted.is_record(start) else _PROSE
        yield from _fit(extracted.text, start, end, size, levels)


def _fit(
    text: str, start: int, end: int, size: int, levels: Sequence[re.Pattern[str]]
) -> Iterator[Span]:
    if end - start <= size:
        yield start, end
    elif levels:
        for part_start, part_end in _split(levels[0], text, start, end):
            yield from _fit(text, part_start, part_end, size, levels[1:])
    else:
        yield from ((cut, min(cut + size, end)) for cut in range(start, end, size))


def _sentence_starts(extracted: ExtractedDocument, section: _Section) -> Iterator[int]:
    """Yield where an overlap may begin: at sentences, table rows and list items, or at records."""
    text = extracted.text
    for start, end in _split(_PARAGRAPH_BREAK, text, section.start, section.end):
        if extracted.is_record(start):
            yield start
            continue
        for row in _split(_ROW_BREAK, text, start, end):
            yield from (sentence for sentence, _ in _sentences(text, *row))


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    is_table_row = "|" in text[start:end] and "\n" not in text[start:end]
    if is_table_row:
        yield start, end
    else:
        yield from _split(_SENTENCE_BREAK, text, start, end)


def _split(separator: re.Pattern[str], text: str, start: int, end: int) -> Iterator[Span]:
    """Yield what lies between the separators, without the space around it."""
    for gap in separator.finditer(text, start, end):
        small = text[gap.end() : gap.end() + 1].islower()
        if separator is _SENTENCE_BREAK and (small or abbreviated(text, start, *gap.span())):
            continue
        yield from _stripped(text, start, gap.start())
        start = gap.end()
    yield from _stripped(text, start, end)


def _stripped(text: str, start: int, end: int) -> Iterator[Span]:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    end = start + len(part.strip())
    if start < end:
        yield start, end
