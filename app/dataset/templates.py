"""Ask about table rows, records and price lists by fixed forms; needs no model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from langchain_core.documents import Document

from app.dataset.rows import Row, rows_of
from app.dataset.spans import occurrences
from graphs.text import sentences

RECORD_SUFFIXES = frozenset((".csv", ".json", ".jsonl"))
LONGEST_NAME = 4  # cells; a row that needs more to be told from the others is not asked about
LONGEST_VALUE = 80  # characters
_EMPTY = re.compile(r"(?:none|n/?a|[\W_]*)", re.IGNORECASE)
_PRICE = re.compile(r"[£$€]")
_TITLE = re.compile(r"\w*[A-Z]\w* \w*[A-Z]")  # two capitals: a name that needs no explanation
_PLACING = frozenset(("from", "to", "at", "on", "in", "by", "for"))  # columns that read as words
_LAST_PREPOSITIONS = tuple(f" {word}" for word in sorted(_PLACING))
_UNASKED = re.compile(
    rf"(?:what|when|who|how|why|which|text|notes?|remarks?|title|{'|'.join(sorted(_PLACING))})\b",
    re.IGNORECASE,
)
_HEAD_END = re.compile(r" (?:in|to|of|at|for|on|per) ")  # "length" is the head of "length in m"
_PATH = re.compile(r"(?<=\w)\.(?=[^\W\d])")
_NAMES = frozenset(("title", "name"))
_PERIODS = frozenset(("day", "time", "date", "month", "hours"))  # such rows name nothing
_UNITS = {
    "m": "metres",
    "km": "kilometres",
    "cm": "centimetres",
    "kg": "kilograms",
    "knots": "knots",
    "min": "minutes",
    "s": "seconds",
}
_VERBS = {
    "departs": "When does {row} depart?",
    "leaves": "When does {row} leave?",
    "arrives": "When does {row} arrive?",
    "open": "When does {row} open?",
    "opens": "When does {row} open?",
    "close": "When does {row} close?",
    "closes": "When does {row} close?",
    "built": "When was {row} built?",
    "where": "Where is {row}?",
}
_PRICED_ITEM = re.compile(r"[-*•] (?P<item>[^,;:|\n]{3,50}), (?P<price>[£$€]\d+(?:\.\d+)?)\b.*")


@dataclass(frozen=True)
class Asked:
    """A question, and the span of its answer in the chunk."""

    question: str
    chunk: Document
    start: int
    end: int

    @property
    def answer(self) -> str:
        """The answer as it is written."""
        return self.chunk.page_content[self.start : self.end]


def is_records(chunk: Document) -> bool:
    """Tell whether a chunk was cut from a file of records."""
    return PurePath(str(chunk.metadata["document"])).suffix.lower() in RECORD_SUFFIXES


def template_questions(chunks: Sequence[Document]) -> list[Asked]:
    """Ask about what is fully regular in the chunks of one document.

    A row is named by as many of its first cells as no other row of the document shares. A
    question that two chunks answer differently is left out.
    """
    questions = [*_about_rows(chunks), *(a for chunk in chunks for a in _about_prices(chunk))]
    answers: dict[str, set[str]] = {}
    for question in questions:
        answers.setdefault(question.question, set()).add(question.answer)
    # An overlap of chunks repeats questions as well; the first chunk keeps them.
    first = {question.question: question for question in reversed(questions)}
    return [question for q, question in reversed(first.items()) if len(answers[q]) == 1]


def _rows(chunk: Document) -> list[Row]:
    header = str(chunk.metadata.get("header") or "")
    return rows_of(chunk.page_content, records=is_records(chunk), header=header)


def _about_rows(chunks: Sequence[Document]) -> Iterator[Asked]:
    located = [(chunk, row) for chunk in chunks for row in _rows(chunk)]
    beginnings: dict[tuple[tuple[str, str], ...], set[tuple[str, ...]]] = {}
    for _, row in located:
        values = tuple(cell.value for cell in row)
        for length in range(1, LONGEST_NAME + 1):
            beginnings.setdefault(_beginning(row, length), set()).add(values)
    for chunk, row in located:
        if row[0].column.casefold() in _PERIODS:
            continue
        lengths = (
            n for n in range(1, LONGEST_NAME + 1) if len(beginnings[_beginning(row, n)]) == 1
        )
        length = next(lengths, len(row))
        for cell in row[length:]:
            if question := _cell_question(row[:length], cell.column, cell.value):
                yield Asked(question, chunk, cell.start, cell.end)


def _beginning(row: Row, length: int) -> tuple[tuple[str, str], ...]:
    return tuple((cell.column, cell.value) for cell in row[:length])


def _cell_question(name: Row, column: str, value: str) -> str | None:
    plain = _plain(column)
    if _EMPTY.fullmatch(value) or len(value) > LONGEST_VALUE or _UNASKED.match(plain):
        return None
    row = _row_name(name)
    if form := _VERBS.get(plain.casefold()):
        return form.format(row=row)
    if plain.endswith(_LAST_PREPOSITIONS):
        return f"What is {row} {plain}?"
    if plain.endswith("ed"):
        return f"When was {row} {plain}?" if any(map(str.isdigit, value)) else None
    return _noun_question(plain, row, value)


def _noun_question(noun: str, row: str, value: str) -> str:
    if _PRICE.match(value) and not noun.startswith("price"):
        return f"How much is the {noun} for {row}?"
    head = _HEAD_END.split(noun)[0]
    plural = head.endswith("s") and not head.endswith(("ss", "us"))
    if plural and value.isdecimal():
        return f"How many {noun} does {row} have?"
    return f"What {'are' if plural else 'is'} the {noun} of {row}?"


def _row_name(name: Row) -> str:
    """Name a row by its cells, as in "berth 2" or "route R1 from Kestering to Marram Bay"."""
    words = ""
    for cell in name:
        column = _plain(cell.column)
        placing = column.casefold() in _PLACING
        alone = _TITLE.match(cell.value) or column in _NAMES or column in cell.value.casefold()
        shown = cell.value if alone and not placing else f"{column} {cell.value}"
        words += shown if not words else f" {shown}" if placing else f", {shown}"
    return words


def _plain(column: str) -> str:
    """Read "fares.routes.Motorcycle" as "Motorcycle route" and "length_m" as "length in metres"."""
    *above, last = _PATH.split(column.replace("_", " "))
    if len(above) > 1:
        return f"{last} {above[-1].removesuffix('s')}"
    words = last.split()
    if len(words) > 1 and words[-1] in _UNITS:
        words[-1] = f"in {_UNITS[words[-1]]}"
    plain = " ".join(words)
    return plain[:1].lower() + plain[1:] if plain[1:2].islower() or len(plain) == 1 else plain


def _about_prices(chunk: Document) -> Iterator[Asked]:
    text = chunk.page_content
    for start, end in sentences(text) if not is_records(chunk) else ():
        match = _PRICED_ITEM.fullmatch(text, start, end)
        if match and occurrences(text, match["price"]) == 1:
            item = match["item"][0].lower() + match["item"][1:]
            yield Asked(f"How much is the {item}?", chunk, *match.span("price"))
