"""Leave out what an answer says about answering: "Based on the provided documents, ..."."""

from __future__ import annotations

import re
from collections.abc import Set

from graphs import prompts
from graphs.denials import DENIAL
from graphs.text import content, is_number

_OPENING = re.compile(r"(?P<said>[^,.:;!?\n]{1,80}?)(?:,|\s+that)\s+(?=\S)")
_TOLD = frozenset(content(f"passages {prompts.SOURCES}"))
"""Stems by which the model was told what to answer from, and says what it answers from."""
_SHARE = 0.5  # of an opening's stems
FRAME = frozenset(content("answer according passage question document text state states following"))
"""Stems by which an answer speaks of passages and of itself."""


def without_opening(claim: str, shown: Set[str]) -> str:
    """Return a claim from where it begins to speak of the matter; `shown` are passages' stems."""
    return claim[len(opening_of(claim, shown)) :]


def opening_of(claim: str, shown: Set[str]) -> str:
    """Return what a claim says about answering, before it begins to speak of the matter.

    What denies that the passages say something claims it.
    """
    opening = _telling(claim, shown)
    return "" if DENIAL.search(opening) else opening


def denied_by(claim: str, shown: Set[str]) -> str:
    """Return what a claim denies that the passages say: "No passage says that ..."."""
    opening = _telling(claim, shown)
    denies = opening.rstrip().endswith("that") and DENIAL.search(opening)
    return claim[len(opening) :] if denies else ""


def _telling(claim: str, shown: Set[str]) -> str:
    """Return how a claim begins that tells of what the model was given.

    None does that has a number or a name, that mostly has other words than those by which the model
    was told what to answer from, or whose words passages have as well: it claims something.
    """
    opening = _OPENING.match(claim)
    if opening is None or _names(opening["said"]):
        return ""
    said = content(opening["said"])
    told = [stem for stem in said if stem in _TOLD and stem not in shown]
    return opening[0] if told and len(told) >= _SHARE * len(said) else ""


def _names(words: str) -> bool:
    _, *others = words.split()
    return any(word[0].isupper() or is_number(word) for word in others)
