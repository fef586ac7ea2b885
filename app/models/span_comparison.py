"""Compare what the reader found in lines with what a claim says there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from finetune.verification.reader import Reading
from graphs.slots import BLANK, Slot
from graphs.text import content, is_number

UNKNOWN = 0.5  # where there is nothing to compare
SLACK = 4  # words that a span may hold beyond what is looked for
_TOKEN = re.compile(r"\w+")


def stems_of(text: str) -> list[str]:
    """Return the stems of a text's content, an amount without the sign of its currency."""
    return [stem.lstrip("£$€") for stem in content(text)]


def strong(text: str) -> list[str]:
    """Return the stems of numbers and of words with a capital, which nothing may stand in for."""
    raised = [word for word in _TOKEN.findall(text) if word[0].isupper()]
    return [w for w in stems_of(text) if is_number(w)] + stems_of(" ".join(raised))


def found_share(reading: Reading, wanted: Sequence[str], lines: str) -> float:
    """Return the expected share of stems in what was found; a long span counts less."""
    if not wanted:
        return UNKNOWN
    held = weight = 0.0
    for span in reading.spans:
        stems = set(stems_of(lines[span.start : span.end]))
        fits = span.probability * min(1.0, (len(wanted) + SLACK) / max(1, len(stems)))
        held += fits * sum(stem in stems for stem in wanted) / len(wanted)
        weight += span.probability
    return held / (weight + reading.nothing) if weight else 0.0


def agreement(reading: Reading, value: str, lines: str) -> float:
    """Return how much of what was found says what a value says, 0 to 1, by word overlap (F1)."""
    wanted = set(stems_of(value))
    probability = sum(span.probability for span in reading.spans)
    if not wanted or not probability:
        return 0.0
    shares = (
        s.probability * _f1(wanted, set(stems_of(lines[s.start : s.end]))) for s in reading.spans
    )
    return sum(shares) / probability


def rival(reading: Reading, wanted: Sequence[str], lines: str) -> float:
    """Return the greatest probability of a span that has none of the stems."""
    others = (
        span.probability
        for span in reading.spans
        if not set(wanted) & set(stems_of(lines[span.start : span.end]))
    )
    return max(others, default=0.0)


def named_rival(reading: Reading, value: str, lines: str) -> float:
    """Return how probable spans are that name something else: 2 euros where 9 are claimed."""
    wanted = set(strong(value))
    if not wanted:
        return 0.0
    named = (
        (span.probability, set(strong(lines[span.start : span.end]))) for span in reading.spans
    )
    return sum(probability for probability, found in named if found and not found & wanted)


def said_elsewhere(reading: Reading, slot: Slot, lines: str) -> float:
    """Return how much of what fills a blank stands beside it already: an addition has no place."""
    beside = set(stems_of(slot.query.replace(BLANK, " ")))
    spans = [(s.probability, set(stems_of(lines[s.start : s.end]))) for s in reading.spans]
    said = sum(p * len(stems & beside) / len(stems) for p, stems in spans if stems)
    return said / (sum(p for p, _ in spans) + reading.nothing) if spans else 0.0


def _f1(wanted: set[str], found: set[str]) -> float:
    return 2 * len(wanted & found) / (len(wanted) + len(found)) if found else 0.0
