"""Tell whether words of an answer that seem to claim nothing bring something new after all."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from langchain_core.documents import Document

from graphs.capitals import unstressed
from graphs.denials import DENIAL, YES
from graphs.markup import without_markup
from graphs.stops import CLOSERS, is_question
from graphs.text import YES_NO, content, is_number, names, words

OWN = 2  # stems; so many of its own a heading may have: "Here are the next steps:"

_ABOVE = ("section", "header")
_SIDES = (re.compile(rf"\b(?:{YES})\b", re.IGNORECASE), DENIAL)
_STATES = re.compile(rf"\b{YES_NO.pattern}", re.IGNORECASE)


@dataclass(frozen=True)
class Counts:
    """Numbers that tell nothing where a heading has them."""

    below: Set[str] = frozenset()
    """That of the items below it."""
    beside: Set[str] = frozenset()
    """Those that go on in a heading beside it: Step 2, Step 3."""


@dataclass(frozen=True)
class Known:
    """What an answer is given: its question and the passages."""

    question: str = ""
    passages: Sequence[Document] = ()

    @cached_property
    def documents(self) -> list[str]:
        """The name of each passage's document."""
        return [str(passage.metadata.get("document", "")) for passage in self.passages]

    @cached_property
    def asked(self) -> frozenset[str]:
        """Stems of the question."""
        return frozenset(content(self.question))

    @cached_property
    def shown(self) -> frozenset[str]:
        """Stems of the question and the passages, with what stands above these."""
        return self.asked.union(content(" ".join([*self.documents, *self._texts])))

    @cached_property
    def _texts(self) -> list[str]:
        """The passages, each with what stands above it."""
        return [
            "\n".join([*(str(p.metadata.get(key) or "") for key in _ABOVE), p.page_content])
            for p in self.passages
        ]

    def _said(self, text: str) -> str:
        """Return what a text says, without capitals for stress alone."""
        return unstressed(without_markup(text), (p.page_content for p in self.passages))

    def _decides(self, said: str) -> bool:
        """Tell whether words affirm or deny, where the question does not."""
        return any(form.search(said) and not form.search(self.question) for form in _SIDES)

    def tells(self, text: str, *, label: bool, counts: Counts) -> bool:
        """Tell whether a text tells something, so that it must be checked.

        A label does with a number or a name that neither question nor passages have, a statement
        with one that the question lacks, and so does a line that only its place makes a heading:
        passages may say it of something else. So does a label with an amount that the question
        lacks. A yes, a no or a denial tells as much. A few other words tell nothing, nor does a
        number that only counts.
        """
        said = self._said(text)
        states = not label or bool(_STATES.search(said))
        values = values_of(said)
        own = values.union(content(said)) - (self.asked if states else self.shown) - counts.below
        if own & values or self._decides(said) or len(own) > OWN:
            return True
        amounts = amounts_of(said) - self.asked - counts.below - counts.beside
        return bool(amounts) and not self._is_called(said)

    def _is_called(self, said: str) -> bool:
        """Tell whether a passage has words in a row that have only capitals and numbers: a name.

        "Room 12" is one, and so is a bare number.
        """
        bare = set(content(said)) <= values_of(f"It {said}")
        return bare and any(in_a_row(said, text) for text in self._texts)

    def counts_more(self, text: str) -> bool:
        """Tell whether a text has a number that is new."""
        return any(is_number(stem) for stem in set(content(text)) - self.shown)

    def asks(self, text: str) -> bool:
        """Tell whether a text only asks, and gives no new number or name."""
        said = self._said(text).rstrip(f"{CLOSERS} ")
        return is_question(said) and not values_of(said) - self.shown


def in_a_row(part: str, text: str) -> bool:
    """Tell whether a text has the words of a part, one behind the other."""
    wanted, present = words(part), words(text)
    return any(present[at : at + len(wanted)] == wanted for at in range(len(present)))


def amounts_of(text: str) -> set[str]:
    """Return the stems of a text's numbers, but not of codes and years, which name something."""
    return {stem for stem in content(text) if is_number(stem)} - names(text)


def values_of(text: str) -> set[str]:
    """Return the stems of the numbers and names of a text."""
    return {stem for stem in content(text) if is_number(stem)} | names(text)
