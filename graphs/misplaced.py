"""Tell what an answer puts below the wrong heading, or in the wrong row or column.

What is there is asked about by its own heading and by others: "Of Glaze firing: How long ...?".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from langchain_core.documents import Document

from graphs.evidence import Source
from graphs.protocols import Claim, Place, Spot, Support
from graphs.text import content
from graphs.units import Unit

MOST = 12  # values of one row that are tried
RIVALS = 2  # other headings, columns or rows that a value is tried at
LESS = 0.27
"""Share of the odds, own and another place's, from which a value may stay: one unit of log-odds."""
_NEVER = 1e-4  # a probability is kept as far from 0 and from 1


@dataclass(frozen=True)
class Trial:
    """A value of a claim at its own place, and at others."""

    claim: int
    """Index of the claim."""
    tried: tuple[Claim, ...]
    """The value where it stands, and then elsewhere."""


def trials(
    question: str,
    claims: Sequence[Claim],
    found: Sequence[Support],
    passages: Sequence[Document],
    threshold: float,
) -> list[Trial]:
    """Return what is to be tried, each value at the places that its claim's evidence speaks of.

    A claim below the threshold has fallen already.
    """
    stands = [each.probability >= threshold for each in found]
    if not any(claim.places and stays for claim, stays in zip(claims, stands, strict=True)):
        return []
    known = set(content(" ".join(map(_text, passages))))
    source = Source.of(passages)
    tried = []
    for number, claim in enumerate(claims):
        quoted = source.quoted(found[number].evidence) if claim.places else []
        shown = _Shown(set(content(question)), known, quoted)
        for place in claim.places[:MOST] if stands[number] else ():
            rivals = shown.rivals(place)
            if rivals:
                spots = (place.at, *rivals)
                tried.append(Trial(number, tuple(_at(claim, place, s, question) for s in spots)))
    return tried


def lowered(
    found: Sequence[Support], tried: Sequence[Trial], supports: Sequence[Support]
) -> list[Support]:
    """Lower the support of claims with a value that is better supported elsewhere."""
    result, given = list(found), iter(supports)
    for trial in tried:
        own, *others = (_odds(each.probability) for each in islice(given, len(trial.tried)))
        share = own / (own + max(others))
        if share < LESS:
            before = result[trial.claim]
            lower = min(before.probability, share)
            result[trial.claim] = replace(before, probability=lower)
    return result


def _odds(probability: float) -> float:
    bounded = min(max(probability, _NEVER), 1 - _NEVER)
    return bounded / (1 - bounded)


def _at(claim: Claim, place: Place, spot: Spot, question: str) -> Claim:
    return Claim(place.value, claim.cited, asked=spot.asks(question))


def _text(passage: Document) -> str:
    above = (str(passage.metadata.get(key) or "") for key in ("document", "section", "header"))
    return " ".join([*above, passage.page_content])


@dataclass(frozen=True)
class _Shown:
    """What a claim is held against."""

    asked: set[str]
    """Stems of the question."""
    known: set[str]
    """Stems of the passages."""
    quoted: Sequence[Unit]
    """What the claim would rest on."""

    @cached_property
    def near(self) -> set[str]:
        """Stems of what the claim would rest on."""
        return set(content(" ".join(unit.text for unit in self.quoted)))

    def rivals(self, place: Place) -> list[Spot]:
        """Return the likeliest other places of a value."""
        return [spot for spots in place.others for spot in self._likeliest(place, spots)]

    def _likeliest(self, place: Place, spots: Sequence[Spot]) -> list[Spot]:
        likely = [spot for spot in spots if self._may_hold(place, spot)]
        return sorted(likely, key=lambda s: -len(_new(s, place.at) & self.near))[:RIVALS]

    def _may_hold(self, place: Place, spot: Spot) -> bool:
        """Tell whether nothing but its place shows that a value holds there, not at this spot.

        A value that names either shows it, and so does evidence that names only its own. Names that
        no passage has tell nothing.
        """
        own, new, said = _new(place.at, spot), _new(spot, place.at), set(content(place.value))
        if own == new or new & said or (own and own <= said):
            return False
        if own & self.near and not new & self.near:
            return False
        if spot.name == place.at.name:
            return not any(self._heads(own, said, unit) for unit in self.quoted)
        named = own | new <= self.known
        return named and (bool(spot.column) or bool(self.asked & own) == bool(self.asked & new))

    def _heads(self, own: set[str], said: set[str], unit: Unit) -> bool:
        """Tell whether a row has a value in the same column."""
        return any(
            own <= set(content(name)) and said <= set(content(cell)) for name, cell in unit.fields
        )


def _new(spot: Spot, other: Spot) -> set[str]:
    """Return the stems that tell a spot from another."""
    return _stems(spot) - _stems(other)


def _stems(spot: Spot) -> set[str]:
    return set(content(f"{spot.name} {spot.column}"))
