"""The step that finds the name of what a question only describes, where it was not answered.

"How many passengers may the ship on the North route carry?" takes two documents: one tells which
ship that is, another how many it carries. With its name the question takes one.
"""

from __future__ import annotations

from dataclasses import dataclass

from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from graphs.citations import cite
from graphs.descriptions import Description, described
from graphs.evidence import Source
from graphs.protocols import Claim, Support
from graphs.question import subject
from graphs.replies import Update, before
from graphs.state import Citation, State
from graphs.verification import EVEN, Verification

READ = 3  # of the likeliest words


@dataclass(frozen=True)
class Name:
    """What a passage calls something."""

    text: str
    passage: Document
    support: Support

    @property
    def citations(self) -> list[Citation]:
        """Where it is told."""
        return [cite(self.passage, each.start, each.end) for each in self.support.evidence]

    @property
    def told(self) -> frozenset[str]:
        """Stems of what tells it, with what that points back to."""
        placed = Source.of([self.passage]).units
        return frozenset().union(*(p.stems for p in placed if p.evidence in self.support.evidence))


@dataclass(frozen=True, kw_only=True)
class Naming(Verification):
    """Looks up a description as a question of its own."""

    retriever: BaseRetriever

    def name_described(self, state: State) -> Update:
        """Put a name that documents surely tell into the question; it is cited with the answer.

        The passages that were found before go, for their grades were for another question.
        """
        description = described(state.asked)
        name = self._name(state.asked, description) if description and self.extractor else None
        if description is None or name is None:
            return {}
        asked = description.replaced(state.asked, name.text, name.told)
        if asked == state.asked:
            return {}
        question = f"{before(state)} {asked}".strip()
        return {
            "asked": asked,
            "question": question,
            "leads": [subject(question)],
            "naming": name.citations,
            "named_surely": name.support.probability,
            "passages": [],
        }

    def _name(self, asked: str, description: Description) -> Name | None:
        """Return the surest name; none where reader and check together do not rather trust one."""
        assert self.extractor is not None
        found = self.retriever.invoke(description.question)
        best, surest = None, EVEN
        for extract in self.extractor.extract(description.question, found)[:READ]:
            passage = found[extract.passage]
            if not description.is_named(extract.text, asked, passage.page_content):
                continue
            (support,) = self.verifier.verify(
                description.question, [Claim(extract.text)], [passage]
            )
            sure = extract.probability * support.probability
            if sure >= surest:
                best, surest = Name(extract.text, passage, support), sure
        return best
