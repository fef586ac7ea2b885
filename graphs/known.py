"""Tell whether words of an answer that seem to claim nothing bring something new after all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from langchain_core.documents import Document

from graphs.asserted import YES
from graphs.capitals import unstressed
from graphs.denials import DENIAL
from graphs.markup import without_markup
from graphs.text import YES_NO, content, is_number, names

OWN = 2  # stems; so many of its own a heading may have: "Here are the next steps:"

_SIDES = (re.compile(rf"\b(?:{YES})\b", re.IGNORECASE), DENIAL)
_STATES = re.compile(rf"\b{YES_NO.pattern}", re.IGNORECASE)


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
        above = (
            str(p.metadata.get(key) or "") for p in self.passages for key in ("section", "header")
        )
        texts = (passage.page_content for passage in self.passages)
        return self.asked.union(content(" ".join([*self.documents, *above, *texts])))

    def _said(self, text: str) -> str:
        """Return what a text says, without capitals for stress alone."""
        return unstressed(without_markup(text), (p.page_content for p in self.passages))

    def _decides(self, said: str) -> bool:
        """Tell whether words affirm or deny, where the question does not."""
        return any(form.search(said) and not form.search(self.question) for form in _SIDES)

    def tells(self, text: str, *, label: bool, below: int = 0) -> bool:
        """Tell whether a text tells something, so that it must be checked.

        A label does with a number or a name that neither question nor passages have, a statement
        with one that the question lacks, and so does a line that only its place makes a heading:
        passages may say it of something else. A yes, a no or a denial tells as much. A few other
        words tell nothing, nor does the number of what stands `below`.
        """
        said = self._said(text)
        states = not label or bool(_STATES.search(said))
        values = values_of(said)
        counted = {str(below)} if below else set()
        own = values.union(content(said)) - (self.asked if states else self.shown) - counted
        return bool(own & values) or self._decides(said) or len(own) > OWN

    def counts_more(self, text: str) -> bool:
        """Tell whether a text has a number that is new."""
        return any(is_number(stem) for stem in set(content(text)) - self.shown)

    def asks(self, text: str) -> bool:
        """Tell whether a text only asks, and gives no new number or name."""
        said = self._said(text).rstrip("\"'”’) ")
        return said.endswith(("?", "？")) and not values_of(said) - self.shown


def values_of(text: str) -> set[str]:
    """Return the stems of the numbers and names of a text."""
    return {stem for stem in content(text) if is_number(stem)} | names(text)
