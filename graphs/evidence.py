"""Choose the lines that a claim is checked against, and the units among them that it rests on.

Compares words to narrow a search down, never to decide whether a claim is supported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from graphs.protocols import Claim, Evidence
from graphs.text import content
from graphs.units import Unit, units

WINDOW = 600  # characters of lines around what fits best; more context makes checking slower
MOST = 3  # units that one claim may rest on
CITED = 0.25  # what the answer's own marker adds to a unit's score

Stems = frozenset[str]


@dataclass(frozen=True)
class Lines:
    """Text to check a claim against, and what it would rest on."""

    text: str
    evidence: tuple[Evidence, ...]
    quoted: str
    """What it would rest on, as it is written, each unit in a line."""


@dataclass(frozen=True)
class Placed:
    """A unit with its passage and the stems that hold for it."""

    passage: int
    unit: Unit
    stems: Stems

    @property
    def evidence(self) -> Evidence:
        """The unit's span."""
        return Evidence(self.passage, self.unit.start, self.unit.end)


@dataclass(frozen=True)
class Source:
    """Passages cut into units once, for all claims of an answer."""

    passages: Sequence[Document]
    units: Sequence[Placed]

    @classmethod
    def of(cls, passages: Sequence[Document]) -> Source:
        """Cut passages into units."""
        placed = [
            Placed(at, unit, _stems(passage, unit))
            for at, passage in enumerate(passages)
            for unit in units(passage.page_content)
        ]
        return cls(passages, placed)

    def lines_for(self, question: str, claim: Claim) -> list[Lines]:
        """Return the lines that could support a claim: of one passage, and of several together."""
        if not self.units:
            return []
        asked, said = frozenset(content(question)), frozenset(content(claim.text))
        new = said - asked

        def score(placed: Placed) -> float:
            fits = 2 * _share(new, placed.stems) + _share(said | asked, placed.stems)
            return fits + CITED * (placed.passage in claim.cited)

        best = max(self.units, key=score)
        inside = _chosen(
            best, [p for p in self.units if p.passage == best.passage], new, said | asked
        )
        across = _chosen(best, self.units, new, said | asked)
        found = [self._window(inside)]
        if len({placed.passage for placed in across}) > 1:
            found.append(self._joined(across))
        return found

    def _window(self, chosen: Sequence[Placed]) -> Lines:
        """Show units of one passage with what stands around them."""
        at = chosen[0].passage
        text = self.passages[at].page_content
        start, end = min(p.unit.start for p in chosen), max(p.unit.end for p in chosen)
        if end - start > WINDOW:
            return self._joined(chosen)
        for placed in sorted(
            (p for p in self.units if p.passage == at), key=lambda p: _distance(p.unit, start, end)
        ):
            left, right = min(start, placed.unit.start), max(end, placed.unit.end)
            if right - left > WINDOW:
                break
            start, end = left, right
        header = chosen[0].unit.header
        above = f"{header}\n" if header and header not in text[start:end] else ""
        return Lines(
            _under(self.passages[at], above + text[start:end]), _evidence(chosen), _quoted(chosen)
        )

    def _joined(self, chosen: Sequence[Placed]) -> Lines:
        """Show units that stand apart one below the other, each with what it points back to."""
        ordered = sorted(chosen, key=lambda p: (p.passage, p.unit.start))
        shown = [_under(self.passages[p.passage], p.unit.whole) for p in ordered]
        return Lines("\n".join(shown), _evidence(chosen), _quoted(chosen))


def _chosen(best: Placed, pool: Sequence[Placed], new: Stems, wanted: Stems) -> list[Placed]:
    """Add to the best unit those that hold what it lacks of the claim's new words."""
    chosen, held = [best], best.stems
    while len(chosen) < MOST:
        more = max(
            pool, key=lambda p: (len((new & p.stems) - held), len((wanted & p.stems) - held))
        )
        if not (new & more.stems) - held:
            break
        chosen.append(more)
        held |= more.stems
    return chosen


def _evidence(chosen: Sequence[Placed]) -> tuple[Evidence, ...]:
    return tuple(placed.evidence for placed in chosen)


def _quoted(chosen: Sequence[Placed]) -> str:
    return "\n".join(placed.unit.whole for placed in chosen)


def _distance(unit: Unit, start: int, end: int) -> int:
    return max(start - unit.end, unit.start - end, 0)


def _under(passage: Document, text: str) -> str:
    section = passage.metadata.get("section")
    return f"({section}) {text}" if section else text


def _stems(passage: Document, unit: Unit) -> Stems:
    place = f"{passage.metadata.get('document', '')} {passage.metadata.get('section') or ''}"
    before = unit.before if unit.points_back else ""
    return frozenset(content(f"{place} {before} {unit.shown}"))


def _share(wanted: Stems, present: Stems) -> float:
    return len(wanted & present) / len(wanted) if wanted else 0.0
