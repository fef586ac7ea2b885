"""Pick the parts of a chunk that could be answers; knows nothing of questions or models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.dataset.rows import in_rows, rows_of
from graphs.stopwords import STOPWORDS
from graphs.text import sentences, words

PER_SENTENCE = 2  # more would be asked about with nearly the same question
SHORTEST_SENTENCE = 5  # words; shorter lines are headings and bare list items


class AnswerKind(StrEnum):
    """What an answer is, best kinds first."""

    PRICE = "price"
    DATE = "date"
    TIME = "time"
    DURATION = "duration"
    MEASURE = "measure"
    SHARE = "share"
    VALUE = "value"
    DEFINITION = "definition"
    EMPHASIS = "emphasis"
    NAME = "name"
    NUMBER = "number"


@dataclass(frozen=True)
class Span:
    """A candidate answer's place in its chunk."""

    start: int
    end: int
    kind: AnswerKind


_DIGITS = r"\d+(?:[.,]\d+)*"
_WRITTEN = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    "|eighteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_COUNT = rf"(?:{_DIGITS}|(?i:{_WRITTEN}))"
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_CLOCK = r"(?:\d{1,2}[:.]\d{2}(?:\s?[ap]\.?m\b)?|\d{1,2}\s?[ap]\.?m\b|noon|midnight)"
_LENGTH_OF_TIME = r"(?:second|minute|hour|(?:working )?day|week|month|year)s?"
_UNIT = (
    r"(?:(?:kilo|centi|milli)?met(?:re|er)s?|miles?|feet|inch(?:es)?|(?:kilo)?grams?|tonnes?"
    r"|tons?|lit(?:re|er)s?|knots?|degrees?|volts?|watts?|people|persons|passengers|cars|seats"
    r"|[kcm]?m|[km]?g|l|kn|k?W|k?V|km/h|mph|°C?|[KMG]i?B)"
)
_NAME_WORD = r"[A-Z][\w’'&-]*[\w]"
_PATTERNS: dict[AnswerKind, str] = {
    AnswerKind.PRICE: rf"[£$€]\s?{_DIGITS}|\b{_DIGITS}\s(?:euros?|pounds?|dollars?|pence)\b",
    AnswerKind.DATE: (
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}(?:\s\d{{4}})?\b"
        rf"|\b{_MONTH}\s\d{{1,2}}\b(?:,?\s\d{{4}}\b)?|\b{_MONTH}\s\d{{4}}\b"
        r"|\b\d{4}-\d\d-\d\d\b|\b(?:1[5-9]|20)\d\d\b(?![.,:]\d|\s[a-z]+s\b)"
    ),
    AnswerKind.TIME: rf"\b{_CLOCK}(?:\s(?:to|and|or)\s{_CLOCK})*\b",
    AnswerKind.DURATION: (
        rf"\b{_COUNT}[\s-]{_LENGTH_OF_TIME}\b(?:\s(?:and\s)?{_COUNT}\s{_LENGTH_OF_TIME}\b)?"
    ),
    AnswerKind.MEASURE: rf"\b{_COUNT}(?:\s{_UNIT}|[kcm]?m|[kKMG]i?[BW])(?![\w/])",
    AnswerKind.SHARE: rf"\b{_COUNT}\s?(?:%|per\s?cent\b|percent\b)",
    AnswerKind.DEFINITION: (
        r"(?<=\bcalled )[^,.;:()\n]{3,60}(?=[,.;])|(?<=\bknown as )[^,.;:()\n]{3,60}(?=[,.;])"
        r"|(?<=\bstands for )[^,.;:()\n]{3,60}(?=[,.;])"
    ),
    AnswerKind.EMPHASIS: (
        r"(?<=\*\*)[^*\n]{2,60}(?=\*\*)|(?<=“)[^”\n]{2,60}(?=”)|(?<=`)[^`\n]{2,60}(?=`)"
    ),
    AnswerKind.NAME: rf"\b{_NAME_WORD}(?:\s(?:of\s(?:the\s)?)?{_NAME_WORD})*",
    AnswerKind.NUMBER: rf"(?<!\d\s)\b{_COUNT}\b(?![.,:\s]\d|[/°%-])",
}
_COMPILED = {kind: re.compile(pattern) for kind, pattern in _PATTERNS.items()}
_LIST_MARKER = re.compile(r"\s*(?:[-*•]|\d+(?:\.\d+)*[.)]?)\s+")
_RANK = {kind: rank for rank, kind in enumerate(AnswerKind)}


def answer_spans(text: str, *, records: bool = False) -> list[Span]:
    """Return candidate answers, best kinds first, none that occurs twice in the chunk.

    `records` says that the whole text is records, as those of a CSV file.
    """
    spans = [
        Span(c.start, c.end, AnswerKind.VALUE)
        for row in rows_of(text, records=records)
        for c in row
    ]
    if not records:
        spans += [
            span
            for start, end in sentences(text)
            if _is_prose(text, start, end)
            for span in _best(text, start, end)
        ]
    unique = (span for span in spans if occurrences(text, text[span.start : span.end]) == 1)
    return sorted(unique, key=lambda span: (_RANK[span.kind], span.start))


def occurrences(text: str, answer: str) -> int:
    """Count how often an answer stands in a text as a whole."""
    return len(re.findall(rf"(?<!\w){re.escape(answer)}(?!\w)", text, re.IGNORECASE))


def _is_prose(text: str, start: int, end: int) -> bool:
    sentence = text[start:end]
    long_enough = len(words(sentence)) >= SHORTEST_SENTENCE
    return long_enough and not sentence.startswith("#") and not in_rows(text, start)


def _best(text: str, start: int, end: int) -> list[Span]:
    """Take a sentence's best candidates, none inside another."""
    chosen: list[Span] = []
    for span in _candidates(text, start, end):
        if len(chosen) == PER_SENTENCE:
            break
        if all(span.end <= other.start or span.start >= other.end for other in chosen):
            chosen.append(span)
    return chosen


def _candidates(text: str, start: int, end: int) -> Iterator[Span]:
    marker = _LIST_MARKER.match(text, start, end)
    start = marker.end() if marker else start
    opening = re.compile(r"\W*").match(text, start, end)
    first = opening.end() if opening else start  # a capital there names nothing
    for kind, pattern in _COMPILED.items():
        for match in pattern.finditer(text, start, end):
            if kind is not AnswerKind.NAME or _names_something(text, match, first):
                yield Span(match.start(), match.end(), kind)


def _names_something(text: str, match: re.Match[str], opening: int) -> bool:
    """Leave out capitals that begin a sentence or line, and names that only qualify a noun."""
    begins = match.start() == opening or text[match.start() - 1] == "\n"
    follower = re.compile(r"\s(\w+)").match(text, match.end())
    return not begins and (follower is None or follower[1] in STOPWORDS)
