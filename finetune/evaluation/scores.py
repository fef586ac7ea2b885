"""Score replies without any judge: text against text, as SQuAD's own script does."""

from __future__ import annotations

import json
import re
import string
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

CITATION = re.compile(r"\[\s*(\d+(?:\s*,\s*\d+)*)\s*\]")
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalize(text: str) -> str:
    """Lower the case, drop punctuation and articles, tidy blanks: SQuAD v1.1's own rules."""
    plain = "".join(char for char in text.lower() if char not in string.punctuation)
    return " ".join(_ARTICLES.sub(" ", plain).split())


def exact_match(prediction: str, answers: Sequence[str]) -> float:
    """Return 1 if the reply without its citations is one of the answers, else 0."""
    given = normalize(without_citations(prediction))
    return float(any(given == normalize(answer) for answer in answers))


def token_f1(prediction: str, answers: Sequence[str]) -> float:
    """Return the best overlap of words with an answer: 2PR / (P + R), citations left out."""
    given = normalize(without_citations(prediction)).split()
    return max((_f1(given, normalize(answer).split()) for answer in answers), default=0.0)


def _f1(said: Sequence[str], wanted: Sequence[str]) -> float:
    common = sum((Counter(said) & Counter(wanted)).values())
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def without_citations(text: str) -> str:
    """Remove `[1]` and `[1, 3]`."""
    return CITATION.sub(" ", text)


def cited_numbers(text: str) -> list[int]:
    """Return the passages that a reply cites, in the order of its markers."""
    return [int(number) for group in CITATION.findall(text) for number in group.split(",")]


def first_citation_right(text: str, citation: int) -> float:
    """Return 1 if the first passage cited is the gold one, else 0; no citation is 0."""
    return float(cited_numbers(text)[:1] == [citation])


def is_refusal(text: str, refusals: Collection[str]) -> bool:
    """Tell whether a reply is one of the texts that refuse, punctuation and case aside."""
    given = normalize(without_citations(text))
    return any(given == normalize(refusal) for refusal in refusals)


def record(text: str) -> dict[str, str] | None:
    """Read a reply as one JSON object of texts; None if it is anything else, or a text is empty."""
    value = _object(text)
    return value if value and all(_fits(item, "text") for item in value.values()) else None


def valid_record(text: str, expected: str) -> float:
    """Return 1 if a reply is a JSON object that fits the expected one and has exactly its keys."""
    given, wanted = _fitting(text, expected)
    return float(given is not None and wanted is not None and given.keys() == wanted.keys())


def right_fields(text: str, expected: str) -> float:
    """Return the share of the expected record's fields that a fitting reply has with their values.

    Of a record without fields nothing is right but another such one.
    """
    given, wanted = _fitting(text, expected)
    if not wanted:
        return float(given == wanted == {})
    said = given or {}
    right = [key in said and _json(said[key]) == _json(wanted[key]) for key in wanted]
    return sum(right) / len(right)


def _fitting(text: str, expected: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Read reply and expected record; no reply if a value is no text where one is expected."""
    given, wanted = _object(text), _object(expected)
    shared = (given or {}).keys() & (wanted or {}).keys()
    if given and wanted and not all(_fits(given[key], wanted[key]) for key in shared):
        return None, wanted
    return given, wanted


def _fits(value: Any, wanted: Any) -> bool:
    """Tell whether a value is a text where one is wanted, which says something if that does."""
    if not isinstance(wanted, str):
        return True
    return isinstance(value, str) and bool(value.strip() or not wanted.strip())


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_float=_number)
    except (ValueError, RecursionError):  # weak models repeat one bracket up to the limit
        return None
    return value if isinstance(value, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key came twice: readers differ in which they keep")
    return dict(pairs)


def _number(text: str) -> float:
    """Read 12.0 as 12: JSON knows one kind of number."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _json(value: Any) -> str:
    """Write a value so that only equal ones read alike: to Python true is 1."""
    return json.dumps(value, sort_keys=True)
