"""What tells whether lines support a claim: what a reader finds in them, and how words compare.

Each feature is a plain number, so that a small model can be fitted over all of them. None decides
by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from app.models.span_comparison import (
    UNKNOWN,
    agreement,
    found_share,
    named_rival,
    rival,
    said_elsewhere,
    stems_of,
    strong,
)
from finetune.verification.reader import Reading
from graphs.denials import DENIAL, REPLY
from graphs.evidence import Lines
from graphs.notation import with_point
from graphs.slots import Slot
from graphs.text import is_number, names, telling, words

FEATURES = (
    "found_least",
    "found_mean",
    "named_found_least",
    "named_found_mean",
    "agreement_mean",
    "nothing_most",
    "nothing_mean",
    "rival_most",
    "named_rival_most",
    "answer_found",
    "answer_named_found",
    "answer_agreement",
    "answer_nothing",
    "slots",
    "said_elsewhere_most",
    "said_elsewhere_mean",
    "small_slots",
    "small_nothing_most",
    "small_otherwise_most",
    "asked_margin",
    "left_over",
    "values_missing",
    "values_absent",
    "claim_covered",
    "question_covered",
    "words_in_order",
    "word_unlike",
    "small_words_missing",
    "numbers_missing",
    "numbers_derived",
    "names_missing",
    "denies_otherwise",
    "yes",
    "no",
    "yes_denied",
    "no_denied",
    "yes_covered",
    "no_covered",
    "yes_numbers",
    "no_numbers",
    "says_nothing_new",
)

OPERANDS = 16  # numbers of the lines that others may follow from, those of the cited units first
_FACTORS = (2, 7, 12, 24, 60, 100, 1000)
_DIGITS = re.compile(r"(?<![^\W_])\d+(?:[.,:]\d+)*")  # "PVMS2" holds none


@dataclass(frozen=True)
class Beside:
    """A claim beside the lines that it is held against."""

    question: str
    claim: str
    lines: Lines
    slots: Sequence[Slot]

    @property
    def queries(self) -> list[tuple[str, str]]:
        """What the lines are read for: the question, then each value of the claim."""
        queries = [self.question, *(f"{self.question} {s.query}".strip() for s in self.slots)]
        return [(query, self.lines.text) for query in queries]


def features(beside: Beside, readings: Sequence[Reading]) -> list[float]:
    """Return the values of FEATURES.

    `readings` are those of `beside.queries`.
    """
    return [*_read(beside, readings), *_compared(beside), *_replied(beside)]


def _read(beside: Beside, readings: Sequence[Reading]) -> list[float]:
    """Compare what the reader found with what the claim says."""
    answered, *filled = readings
    text = beside.lines.text
    every = list(zip(filled, beside.slots, strict=True))
    pairs = [pair for pair in every if not pair[1].small]
    shares = [found_share(reading, stems_of(slot.value), text) for reading, slot in pairs]
    named = [
        found_share(reading, wanted, text)
        for reading, slot in pairs
        if (wanted := strong(slot.value))
    ]
    agreements = [agreement(reading, slot.value, text) for reading, slot in pairs]
    nothing = [reading.nothing for reading, _ in pairs]
    values = " ".join(slot.value for _, slot in pairs)
    named_values = strong(values)
    elsewhere = [said_elsewhere(reading, slot, text) for reading, slot in pairs]
    return [
        min(shares, default=UNKNOWN),
        _mean(shares, UNKNOWN),
        min(named, default=UNKNOWN),
        _mean(named, UNKNOWN),
        _mean(agreements, UNKNOWN),
        max(nothing, default=0.0),
        _mean(nothing, 0.0),
        max((rival(reading, stems_of(slot.value), text) for reading, slot in pairs), default=0.0),
        max((named_rival(reading, slot.value, text) for reading, slot in pairs), default=0.0),
        found_share(answered, stems_of(values), text) if values else UNKNOWN,
        found_share(answered, named_values, text) if named_values else UNKNOWN,
        agreement(answered, values, text) if values else UNKNOWN,
        answered.nothing,
        float(len(pairs)),
        max(elsewhere, default=0.0),
        _mean(elsewhere, 0.0),
        *_small(beside, [pair for pair in every if pair[1].small]),
    ]


def _small(beside: Beside, pairs: Sequence[tuple[Reading, Slot]]) -> list[float]:
    """Tell whether the lines have another word, or none, in place of one without content."""
    otherwise = [
        sum(
            span.probability
            for span in reading.spans
            if not set(words(slot.value)) & set(words(beside.lines.text[span.start : span.end]))
        )
        for reading, slot in pairs
    ]
    nothing = [reading.nothing for reading, _ in pairs]
    return [float(len(pairs)), max(nothing, default=0.0), max(otherwise, default=0.0)]


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _compared(beside: Beside) -> list[float]:
    """Compare the claim's words with those of the lines, and of the units to be quoted."""
    asked, said = set(stems_of(beside.question)), set(stems_of(beside.claim))
    shown, quoted = set(stems_of(beside.lines.text)), set(stems_of(beside.lines.quoted))
    values = {word for slot in beside.slots for word in stems_of(slot.value)}
    numbers = {word for word in said - asked if is_number(word)}
    reply = REPLY.match(beside.claim)
    rest = beside.claim[reply.end() :] if reply else beside.claim
    around = f"{beside.lines.quoted} {beside.question}"
    return [
        beside.lines.margin,
        1 - _share(quoted, said | asked),
        1 - _share(values, quoted),
        float(len(values - shown)),
        _share(said, quoted | asked),
        _share(asked, quoted),
        _in_order(beside.claim, around),
        float(len(said - shown - asked - numbers)),
        _small_words_missing(rest, around),
        len(numbers - shown) / max(1, len(numbers)),
        _derived(numbers - shown, f"{beside.question} {beside.lines.quoted} {beside.lines.text}"),
        1 - _share(names(f"It {beside.claim}"), shown),
        float(_denies(rest) != _denies(beside.lines.quoted)) * float(reply is None),
    ]


def _replied(beside: Beside) -> list[float]:
    """Compare a yes or no with what the question says of the same things."""
    reply = REPLY.match(beside.claim)
    yes = float(bool(reply and reply["yes"]))
    no = float(bool(reply and reply["no"]))
    asked, quoted = set(stems_of(beside.question)), set(stems_of(beside.lines.quoted))
    denied = float(_denies(beside.lines.quoted) != _denies(beside.question))
    covered = _share(asked, quoted)
    numbers = float(any(is_number(word) and word not in quoted for word in asked))
    nothing_new = float(not set(stems_of(beside.claim)) - asked)
    return [
        yes,
        no,
        yes * denied,
        no * denied,
        yes * covered,
        no * covered,
        yes * numbers,
        no * numbers,
        nothing_new,
    ]


def _share(wanted: set[str], present: set[str]) -> float:
    return len(wanted & present) / len(wanted) if wanted else 1.0


def _denies(text: str) -> bool:
    return bool(DENIAL.search(text))


def _in_order(claim: str, text: str) -> float:
    """Return the share of a claim's pairs of neighbouring words that a text has too."""
    said, known = words(claim), words(text)
    pairs, present = ({" ".join(p) for p in pairwise(of)} for of in (said, known))
    return _share(pairs, present)


def _small_words_missing(claim: str, text: str) -> float:
    """Return the share of a claim's words without content that a text lacks: most, only, before."""
    small = set(words(claim)) - set(telling(claim))
    return 1 - _share(small, set(words(text)))


def _derived(absent: set[str], lines: str) -> float:
    """Return the share of missing numbers that follow from numbers of the lines.

    By a sum, a difference, a product, or a factor between units; a clock's hour by 12.
    """
    known = [v for w in words(lines) if (v := _value(w)) is not None]
    known = list(dict.fromkeys(known))[:OPERANDS]
    reach = {a * f for a in known for f in _FACTORS} | {a / f for a in known for f in _FACTORS}
    for a, b in combinations(known, 2):
        reach |= {a + b, abs(a - b), a * b}
    reach |= {a - 12 for a in known}
    near = {round(value, 4) for value in reach}
    derived = [w for w in absent if (v := _value(w)) is not None and round(v, 4) in near]
    return len(derived) / len(absent) if absent else 0.0


def _value(word: str) -> float | None:
    """Read a number, a clock time as hours and hundredths."""
    match = _DIGITS.search(word)
    if match is None:
        return None
    try:
        return float(with_point(match[0]).replace(":", "."))
    except ValueError:
        return None
