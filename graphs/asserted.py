"""Ask a verifier about claims: what a reply says behind its yes or no must hold by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from langchain_core.documents import Document

from graphs.markup import without_markup
from graphs.protocols import Claim, Support, Verifier
from graphs.text import content

YES = r"yes|ja|oui|sí"
REPLY = re.compile(rf"\W*(?:(?P<yes>{YES})|(?P<no>no(?!\.\s*\d)|nein|non))\b", re.IGNORECASE)
"""How a claim begins that replies to a question for yes or no, and many another one: "No dogs"."""
DENIAL = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot|forbidden|prohibited"
    r"|nicht|kein\w*|nie|pas|jamais|aucun\w*)\b|n['’]t\b",
    re.IGNORECASE,
)
"""Words that turn what is said round."""
LEAST = 2  # stems; a rest of fewer says nothing without its question: "Yes, on Sundays."

_PARTED = re.compile(r"\s*[,;:.!—–]\s*|\s+-\s+")


def supports(
    verifier: Verifier, question: str, claims: Sequence[Claim], passages: Sequence[Document]
) -> list[Support]:
    """Return each claim's support; of a reply's whole and its rest, the lower one."""
    rests = _rests(claims)
    return _lower(verifier.verify(question, [*claims, *rests.values()], passages), rests)


async def asupports(
    verifier: Verifier, question: str, claims: Sequence[Claim], passages: Sequence[Document]
) -> list[Support]:
    """Do the same in async code."""
    rests = _rests(claims)
    return _lower(await verifier.averify(question, [*claims, *rests.values()], passages), rests)


def rest_of(claim: str) -> str:
    """Return what a claim says behind its yes or no; nothing where that says little."""
    said = without_markup(claim)
    reply = REPLY.match(said)
    parted = _PARTED.match(said, reply.end()) if reply else None
    rest = said[parted.end() :] if parted else ""
    return rest[:1].upper() + rest[1:] if len(set(content(rest))) >= LEAST else ""


def _rests(claims: Sequence[Claim]) -> dict[int, Claim]:
    """Return the rests of claims by their indices."""
    rests = {at: rest_of(claim.text) for at, claim in enumerate(claims)}
    return {at: replace(claims[at], text=rest) for at, rest in rests.items() if rest}


def _lower(found: Sequence[Support], rests: dict[int, Claim]) -> list[Support]:
    """Take what was found for rests, which stands last, where it is less than for their wholes."""
    whole = list(found[: len(found) - len(rests)])
    for at, rest in zip(rests, found[len(whole) :], strict=True):
        whole[at] = min(whole[at], rest, key=lambda support: support.probability)
    return whole
