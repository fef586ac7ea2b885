"""The text of a file and how it is put together; knows no file format."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_NEWLINES = re.compile(r"\r\n?|[\x0b\x0c\x85]")
# Marks of where a word may be cut, but not where it is, nor where Thai or Khmer words end.
_UNSEEN = re.compile(r"(?<![\u0e00-\u109f\u1780-\u17ff])[\u200b\u2060]|\u00ad(?!\s*\n)")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_DELETE = 0x7F  # the controls above it are bytes that were read as Latin-1
_SURROGATES = re.compile(r"[\ud800-\udfff]")  # JSON escapes make them; UTF-8 cannot hold them


class UnreadableFile(ValueError):
    """A file that gives no text; `reason` is one plain sentence for the person who owns it."""

    def __init__(self, reason: str) -> None:
        """Keep the reason, which reads on from the file's name: "report.pdf is empty"."""
        super().__init__(reason)
        self.reason = reason


class Heading(NamedTuple):
    """The beginning of a section."""

    start: int
    """Offset in the text."""
    level: int
    title: str


@dataclass(frozen=True)
class ExtractedDocument:
    """The text of one file; every offset in the project counts in `text`."""

    text: str
    headings: tuple[Heading, ...] = ()
    pages: tuple[int, ...] = ()
    """Start offset of each page or slide; empty where the format has none."""
    records: tuple[tuple[int, int], ...] = ()
    """Spans in which each paragraph is one record of a table or list, to be kept whole."""
    recognised: tuple[tuple[int, int], ...] = ()
    """Span of each page whose text OCR read from its image."""
    notes: tuple[str, ...] = ()
    """What of the file is not in the text, each in words that read on from the file's name."""

    def is_record(self, offset: int) -> bool:
        """Tell whether the paragraph that begins at an offset is a record."""
        at = bisect_right(self.records, offset, key=lambda span: span[0]) - 1
        return at >= 0 and offset < self.records[at][1]


def clean(text: str) -> str:
    r"""Keep the text as it is, but with \n as the only line end and no unseen characters."""
    text = _NEWLINES.sub("\n", text.removeprefix("\ufeff"))
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub(_seen, _UNSEEN.sub("", text)))


def _seen(control: re.Match[str]) -> str:
    """Return the sign of Windows for which a control stands that no text holds."""
    code = ord(control[0])
    return bytes([code]).decode("cp1252", "ignore") if code > _DELETE else ""


def clean_line(text: str) -> str:
    """Clean a text and collapse every run of whitespace to one space."""
    return " ".join(clean(text).split())


def runs(what: str, numbers: Sequence[int]) -> str:
    """Name numbers in order: "pages 2-4 and 7"."""
    ends = [n for n in numbers if n + 1 not in numbers]
    starts = [n for n in numbers if n - 1 not in numbers]
    parts = [str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True)]
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)
    return f"{what}{'s' if len(numbers) > 1 else ''} {listed}"


class TextBuilder:
    """Collects cleaned blocks of text and remembers where headings and pages begin.

    Whatever adds text raises UnreadableFile where the limit is passed.
    """

    def __init__(self, limit: int, *, ocr: str = "") -> None:
        """Refuse to grow beyond `limit` characters: small files can unfold to huge texts.

        `ocr` names the languages in which scans are to be read; "" leaves them unread.
        """
        self.limit = limit
        self.ocr = ocr
        self.records = False
        """Whether all that is added is records."""
        self._parts: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._pages: list[int] = []
        self._records: list[tuple[int, int]] = []
        self._recognised: list[tuple[int, int]] = []
        self._notes: list[str] = []

    def note(self, missing: str) -> None:
        """Remember a part of the file that is not read: "has pages 2-4 without text"."""
        if missing not in self._notes:
            self._notes.append(missing)

    def check(self, length: int) -> None:
        """Raise UnreadableFile where `length` characters, not added yet, are too many."""
        if length > self.limit:
            raise UnreadableFile(f"holds more than {self.limit // 1_000_000} MB of text: split it")

    def add(self, text: str, *, tight: bool = False) -> None:
        """Append a paragraph, or with `tight` a further line of the last one."""
        block = clean(text).strip("\n").rstrip()
        if not block:
            return
        if self._length:
            self._append("\n" if tight else "\n\n")
        self._append(block)

    def verbatim(self, text: str) -> None:
        """Append text that is already clean, exactly as it is."""
        self._append(text)

    def add_lines(self, lines: list[str]) -> None:
        """Append one paragraph made of the given lines."""
        for index, line in enumerate(lines):
            self.add(line, tight=index > 0)

    def heading(self, level: int, title: str) -> None:
        """Append a title as a paragraph and begin a section there."""
        title = clean_line(title)
        if title:
            self.mark(level, title)
            self.add(title)

    def mark(self, level: int, title: str, start: int | None = None) -> None:
        """Begin a section at `start`, or at whatever is added next, without adding text."""
        self._headings.append(Heading(self.next if start is None else start, level, title))

    def page(self) -> None:
        """Begin a page at whatever is added next."""
        self._pages.append(self.next)

    def mark_recognised(self, start: int) -> None:
        """Remember that OCR read all that was added from `start` on."""
        if start < self._length:
            self._recognised.append((start, self._length))

    def include(self, part: ExtractedDocument) -> None:
        """Append the text of a document inside this one, with its headings and notes."""
        if not part.text.strip():
            return
        offset = self.next
        self._append("\n\n" if self._length else "")
        self._append(part.text)
        self._headings += [h._replace(start=h.start + offset) for h in part.headings]
        self._records += [(start + offset, end + offset) for start, end in part.records]
        self._recognised += [(start + offset, end + offset) for start, end in part.recognised]
        for missing in part.notes:
            self.note(missing)

    def build(self) -> ExtractedDocument:
        """Freeze what was collected."""
        return ExtractedDocument(
            text="".join(self._parts),
            headings=tuple(h for h in self._headings if h.start < self._length),
            pages=tuple(min(start, self._length) for start in self._pages),
            records=((0, self._length),) if self.records else tuple(self._records),
            recognised=tuple(self._recognised),
            notes=tuple(self._notes),
        )

    @property
    def next(self) -> int:
        """Where the next paragraph will begin."""
        return self._length + 2 if self._length else 0

    def _append(self, part: str) -> None:
        self._length += len(part)
        self.check(self._length)
        self._parts.append(part)


Attach = Callable[[str, bytes, TextBuilder], ExtractedDocument]
"""Reads a file of this name inside another as that one is read; raises UnreadableFile."""
