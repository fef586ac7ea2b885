"""Ask a verifier about claims: what a reply says behind its yes or no must hold by itself.

And what it says that the passages do not say must not, and what stands below a heading or in a
table must hold for that, and not for another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from langchain_core.documents import Document

from graphs.denials import DENIAL, REPLY
from graphs.markup import without_markup
from graphs.misplaced import Trial, lowered, trials
from graphs.openings import denied_by
from graphs.protocols import Claim, Support, Verifier
from graphs.text import content

LEAST = 2  # stems; a rest of fewer says nothing without its question: "Yes, on Sundays."

_PARTED = re.compile(r"\s*[,;:.!—–]\s*|\s+-\s+")


def supports(
    verifier: Verifier, question: str, claims: Sequence[Claim], passages: Sequence[Document]
) -> list[Support]:
    """Return each claim's support; of a reply's whole and its rest, the lower one.

    What a claim says that the passages do not say must not have support itself.
    """
    asked = _Asked.of(claims, passages)
    found = asked.read(verifier.verify(question, asked.every, passages), verifier.threshold)
    tried = trials(question, claims, found, passages, verifier.threshold)
    if not tried:
        return found
    return lowered(found, tried, verifier.verify(question, _all(tried), passages))


async def asupports(
    verifier: Verifier, question: str, claims: Sequence[Claim], passages: Sequence[Document]
) -> list[Support]:
    """Do the same in async code."""
    asked = _Asked.of(claims, passages)
    found = asked.read(await verifier.averify(question, asked.every, passages), verifier.threshold)
    tried = trials(question, claims, found, passages, verifier.threshold)
    if not tried:
        return found
    return lowered(found, tried, await verifier.averify(question, _all(tried), passages))


def _all(tried: Sequence[Trial]) -> list[Claim]:
    return [claim for trial in tried for claim in trial.tried]


def rest_of(claim: str) -> str:
    """Return what a claim says behind its yes or no; nothing where that says little."""
    said = without_markup(claim)
    reply = REPLY.match(said)
    parted = _PARTED.match(said, reply.end()) if reply else None
    rest = said[parted.end() :] if parted else ""
    return rest[:1].upper() + rest[1:] if len(set(content(rest))) >= LEAST else ""


@dataclass(frozen=True)
class _Asked:
    """Claims, and what is asked about beside them, by the index of its claim."""

    claims: Sequence[Claim]
    rests: Mapping[int, Claim]
    denied: Mapping[int, Claim]

    @classmethod
    def of(cls, claims: Sequence[Claim], passages: Sequence[Document]) -> _Asked:
        rests = {at: rest for at, claim in enumerate(claims) if (rest := rest_of(claim.text))}
        said = {at: rests.get(at) or without_markup(c.text) for at, c in enumerate(claims)}
        denied = _denied(said, passages)
        return cls(claims, _put(rests, claims), _put(denied, claims))

    @property
    def every(self) -> list[Claim]:
        """The claims, their rests, and what they deny."""
        return [*self.claims, *self.rests.values(), *self.denied.values()]

    def read(self, found: Sequence[Support], threshold: float) -> list[Support]:
        """Return the claims' support from that of all that was asked about."""
        supports, others = list(found[: len(self.claims)]), iter(found[len(self.claims) :])
        for at, rest in zip(self.rests, others, strict=False):
            supports[at] = min(supports[at], rest, key=lambda support: support.probability)
        for at, said in zip(self.denied, others, strict=True):
            supports[at] = Support(0.0) if said.probability >= threshold else supports[at]
        return supports


def _denied(said: Mapping[int, str], passages: Sequence[Document]) -> dict[int, str]:
    denying = {at: text for at, text in said.items() if DENIAL.search(text)}
    if not denying:
        return {}  # as mostly, so that no passage is taken apart for it
    shown = frozenset(content(" ".join(passage.page_content for passage in passages)))
    return {at: what for at, text in denying.items() if (what := denied_by(text, shown))}


def _put(texts: Mapping[int, str], claims: Sequence[Claim]) -> dict[int, Claim]:
    return {at: replace(claims[at], text=text) for at, text in texts.items()}
