"""Choose the lines that a claim is checked against, and the units among them that it rests on.

Compares words to narrow a search down, never to decide whether a claim is supported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from langchain_core.documents import Document

from graphs.numbers import as_written
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
    margin: float = 0.0
    """Share of the question's words that this holds, less the share that the best unit holds.

    Below zero where another unit, a sibling row for one, fits the question better.
    """


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
            for unit in units(passage.page_content, passage.metadata.get("header", ""))
        ]
        return cls(passages, placed)

    @cached_property
    def stems(self) -> Stems:
        """Stems of all passages."""
        return frozenset().union(*(placed.stems for placed in self.units))

    @cached_property
    def _text(self) -> str:
        return "\n".join(placed.unit.shown for placed in self.units)

    def quoted(self, evidence: Sequence[Evidence]) -> list[Unit]:
        """Return the units that evidence spans."""
        return [placed.unit for placed in self.units if placed.evidence in evidence]

    def lines_for(self, question: str, claim: Claim) -> list[Lines]:
        """Return the lines that could support a claim: of one passage, and of several together."""
        if not self.units:
            return []
        asked = frozenset(content(question))
        said = frozenset(content(as_written(claim.text, self._text)))
        new = said - asked

        def score(placed: Placed) -> float:
            fits = 2 * share(new, placed.stems) + share(said | asked, placed.stems)
            return fits + CITED * (placed.passage in claim.cited)

        best = max(self.units, key=score)
        most = max(share(asked, placed.stems) for placed in self.units)
        inside = _chosen(
            best, [p for p in self.units if p.passage == best.passage], new, said | asked
        )
        across = _chosen(best, self.units, new, said | asked)
        choices = [(inside, self._window(inside))]
        if len({placed.passage for placed in across}) > 1:
            choices.append((across, self._joined(across)))
        return [
            Lines(
                text,
                tuple(placed.evidence for placed in chosen),
                "\n".join(placed.unit.whole for placed in chosen),
                share(asked, frozenset().union(*(p.stems for p in chosen))) - most,
            )
            for chosen, text in choices
        ]

    def _window(self, chosen: Sequence[Placed]) -> str:
        """Show units of one passage with as many of those around them as fit."""
        inside = [p for p in self.units if p.passage == chosen[0].passage]
        first, last = inside.index(min(chosen, key=_start)), inside.index(max(chosen, key=_start))
        text = self._between(inside[first : last + 1])
        if len(text) > WINDOW:
            return self._joined(chosen)
        around = sorted(range(len(inside)), key=lambda at: max(first - at, at - last))
        for at in around:
            left, right = min(first, at), max(last, at)
            wider = self._between(inside[left : right + 1])
            if len(wider) > WINDOW:
                break
            first, last, text = left, right, wider
        return text

    def _between(self, shown: Sequence[Placed]) -> str:
        """Show units that follow each other as they are written, or each row as a record."""
        passage = self.passages[shown[0].passage]
        if any(placed.unit.is_row for placed in shown):
            heads = {placed.unit.header for placed in shown}
            records = [p.unit.record for p in shown if p.unit.text not in heads]
            return _under(passage, "\n".join(records))
        text = passage.page_content[shown[0].unit.start : shown[-1].unit.end]
        return _under(passage, f"{shown[0].unit.header}\n{text}".lstrip("\n"))

    def _joined(self, chosen: Sequence[Placed]) -> str:
        """Show units that stand apart one below the other, each with what it points back to."""
        ordered = sorted(chosen, key=lambda p: (p.passage, p.unit.start))
        return "\n".join(
            _under(self.passages[p.passage], f"{p.unit.before} {p.unit.text}")
            if p.unit.points_back
            else _under(self.passages[p.passage], p.unit.record)
            for p in ordered
        )


def _start(placed: Placed) -> int:
    return placed.unit.start


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


def _under(passage: Document, text: str) -> str:
    section = passage.metadata.get("section")
    return f"({section}) {text}" if section else text


def _stems(passage: Document, unit: Unit) -> Stems:
    place = f"{passage.metadata.get('document', '')} {passage.metadata.get('section') or ''}"
    before = unit.before if unit.points_back else ""
    return frozenset(content(f"{place} {before} {unit.shown}"))


def share(wanted: Stems, present: Stems) -> float:
    """Return the share of wanted stems that are present; 0 if none is wanted."""
    return len(wanted & present) / len(wanted) if wanted else 0.0
