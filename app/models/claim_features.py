"""What tells whether lines support a claim: what a reader finds in them, and how words compare.

Each feature is a plain number, so that a small model can be fitted over all of them. None decides
by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from finetune.verification.reader import Reading
from graphs.slots import Slot
from graphs.text import STOPWORDS, content, is_number, names, words

FEATURES = (
    "found_least",
    "found_mean",
    "named_found_least",
    "named_found_mean",
    "agreement_mean",
    "nothing_most",
    "nothing_mean",
    "rival_most",
    "answer_found",
    "answer_named_found",
    "answer_agreement",
    "answer_nothing",
    "slots",
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

_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot|forbidden|prohibited"
    r"|nicht|kein\w*|nie|pas|jamais|aucun\w*)\b|n['’]t\b",
    re.IGNORECASE,
)
_REPLY = re.compile(r"\W*(?:(?P<yes>yes|ja|oui|sí)|(?P<no>no|nein|non))\b", re.IGNORECASE)
_FACTORS = (2, 7, 12, 24, 60, 100, 1000)
UNKNOWN = 0.5  # where there is nothing to compare
SLACK = 4  # words that a span may hold beyond what is looked for
_TOKEN = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True)
class Beside:
    """A claim beside the lines that it is held against."""

    question: str
    claim: str
    lines: str
    quoted: str
    """The units of the lines that would be cited."""
    slots: Sequence[Slot]


def features(beside: Beside, readings: Sequence[Reading]) -> list[float]:
    """Return the values of FEATURES.

    `readings` are of the lines, for the question alone and then for each slot's query.
    """
    return [*_read(beside, readings), *_compared(beside), *_replied(beside)]


def _read(of: Beside, readings: Sequence[Reading]) -> list[float]:
    """Compare what the reader found with what the claim says."""
    answered, *filled = readings
    pairs = list(zip(filled, of.slots, strict=True))
    found = [_found(reading, content(slot.value), of.lines) for reading, slot in pairs]
    named = [
        _found(reading, strong, of.lines)
        for reading, slot in pairs
        if (strong := _strong(slot.value))
    ]
    agreements = [agreement(reading, slot.value, of.lines) for reading, slot in pairs]
    nothing = [reading.nothing for reading in filled]
    values = " ".join(slot.value for slot in of.slots)
    strong = _strong(values)
    return [
        min(found, default=UNKNOWN),
        _mean(found, UNKNOWN),
        min(named, default=UNKNOWN),
        _mean(named, UNKNOWN),
        _mean(agreements, UNKNOWN),
        max(nothing, default=0.0),
        _mean(nothing, 0.0),
        max((_rival(reading, slot.value, of.lines) for reading, slot in pairs), default=0.0),
        _found(answered, content(values), of.lines) if values else UNKNOWN,
        _found(answered, strong, of.lines) if strong else UNKNOWN,
        agreement(answered, values, of.lines) if values else UNKNOWN,
        answered.nothing,
        float(len(of.slots)),
    ]


def _strong(text: str) -> list[str]:
    """Return the stems of numbers and of words with a capital, which nothing may stand in for."""
    raised = [word for word in _TOKEN.findall(text) if word[0].isupper()]
    return [w for w in content(text) if is_number(w)] + content(" ".join(raised))


def _found(reading: Reading, wanted: Sequence[str], lines: str) -> float:
    """Return the expected share of stems in what was found; a long span counts less."""
    if not wanted:
        return UNKNOWN
    held = weight = 0.0
    for span in reading.spans:
        stems = set(content(lines[span.start : span.end]))
        fits = span.probability * min(1.0, (len(wanted) + SLACK) / max(1, len(stems)))
        held += fits * sum(stem in stems for stem in wanted) / len(wanted)
        weight += span.probability
    return held / (weight + reading.nothing) if weight else 0.0


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _compared(of: Beside) -> list[float]:
    """Compare the claim's words with those of the lines, and of the units to be quoted."""
    asked, said = set(content(of.question)), set(content(of.claim))
    shown, quoted = set(content(of.lines)), set(content(of.quoted))
    values = {word for slot in of.slots for word in content(slot.value)}
    numbers = {word for word in said if is_number(word)}
    reply = _REPLY.match(of.claim)
    rest = of.claim[reply.end() :] if reply else of.claim
    around = f"{of.quoted} {of.question}"
    return [
        1 - _share(values, quoted),
        float(len(values - shown)),
        _share(said, quoted | asked),
        _share(asked, quoted),
        _in_order(of.claim, around),
        float(len(said - shown - asked - numbers)),
        _small_words_missing(rest, around),
        len(numbers - shown) / max(1, len(numbers)),
        _derived(numbers - shown, of.lines),
        1 - _share(names(f"It {of.claim}"), shown),
        float(_denies(rest) != _denies(of.quoted)) * float(reply is None),
    ]


def _replied(of: Beside) -> list[float]:
    """Compare a yes or no with what the question says of the same things."""
    reply = _REPLY.match(of.claim)
    yes = float(bool(reply and reply["yes"]))
    no = float(bool(reply and reply["no"]))
    asked, quoted = set(content(of.question)), set(content(of.quoted))
    denied = float(_denies(of.quoted) != _denies(of.question))
    covered = _share(asked, quoted)
    numbers = float(any(is_number(word) and word not in quoted for word in asked))
    nothing_new = float(not set(content(of.claim)) - asked)
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


def agreement(reading: Reading, value: str, lines: str) -> float:
    """Return how much of what was found says what a value says, 0 to 1, by word overlap (F1)."""
    wanted = set(content(value))
    found = sum(span.probability for span in reading.spans)
    if not wanted or not found:
        return 0.0
    shares = (
        s.probability * _f1(wanted, set(content(lines[s.start : s.end]))) for s in reading.spans
    )
    return sum(shares) / found


def _rival(reading: Reading, value: str, lines: str) -> float:
    """Return the greatest probability of a span that has no word of a value."""
    wanted = set(content(value))
    others = (
        span.probability
        for span in reading.spans
        if not wanted & set(content(lines[span.start : span.end]))
    )
    return max(others, default=0.0)


def _f1(wanted: set[str], found: set[str]) -> float:
    return 2 * len(wanted & found) / (len(wanted) + len(found)) if found else 0.0


def _share(wanted: set[str], present: set[str]) -> float:
    return len(wanted & present) / len(wanted) if wanted else 1.0


def _denies(text: str) -> bool:
    return bool(_DENIAL.search(text))


def _in_order(claim: str, text: str) -> float:
    """Return the share of a claim's pairs of neighbouring words that a text has too."""
    said, known = words(claim), words(text)
    pairs, present = ({" ".join(p) for p in pairwise(of)} for of in (said, known))
    return _share(pairs, present)


def _small_words_missing(claim: str, text: str) -> float:
    """Return the share of a claim's words without content that a text lacks: most, only, before."""
    small = {word for word in words(claim) if word in STOPWORDS}
    return 1 - _share(small, set(words(text)))


def _derived(absent: set[str], lines: str) -> float:
    """Return the share of missing numbers that follow from numbers of the lines.

    By a sum, a difference, a product, or a factor between units; a clock's hour by 12.
    """
    known = [v for w in words(lines) if (v := _value(w)) is not None]
    known = list(dict.fromkeys(known))[:12]
    reach = {a * f for a in known for f in _FACTORS} | {a / f for a in known for f in _FACTORS}
    for a, b in combinations(known, 2):
        reach |= {a + b, abs(a - b), a * b}
    reach |= {a - 12 for a in known}
    near = {round(value, 4) for value in reach}
    found = [w for w in absent if (v := _value(w)) is not None and round(v, 4) in near]
    return len(found) / len(absent) if absent else 0.0


def _value(word: str) -> float | None:
    """Read a number, a clock time as hours and hundredths."""
    match = _DIGITS.search(word)
    if match is None:
        return None
    try:
        return float(match[0].replace(",", "").replace(":", "."))
    except ValueError:
        return None
