"""What the graph asks of collaborators for which LangChain has no interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from langchain_core.documents import Document
from langchain_core.messages import AIMessage


class Grader(Protocol):
    """Judges passages for a question."""

    def grade(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return for each passage, in order, the probability that it helps to answer (0 to 1).

        Passages below the run's `grade_threshold` are not shown, so it must be a probability.
        """

    async def agrade(self, question: str, passages: Sequence[str]) -> list[float]:
        """Do the same in async code; cancelling the task stops the work."""


@dataclass(frozen=True)
class Need:
    """What a question needs to be answered."""

    documents: bool
    reply: AIMessage | None = None
    """What the weights reply to the closed-book prompt, where they were asked to find that out."""


class Gate(Protocol):
    """Decides whether documents are needed at all."""

    def is_small_talk(self, question: str) -> bool:
        """Return True only for talk that no document could answer better."""

    def decide(self, question: str) -> Need:
        """Say whether documents or the model's weights are to answer; not for small talk."""


Piece = str | tuple[int, ...]
"""Words of a sentence, or the indices of the passages that are cited between them."""


@dataclass(frozen=True)
class Spot:
    """Where an answer puts a value: below a heading, or in a row and column of a table."""

    name: str
    column: str = ""

    def asks(self, question: str) -> str:
        """Return what a value at this spot replies to."""
        return f"Of {self.name}: {f'{self.column}?' if self.column else question}"


@dataclass(frozen=True)
class Place:
    """A value of a claim that does not say itself what it holds for."""

    value: str
    at: Spot
    others: tuple[tuple[Spot, ...], ...]
    """Where else it could stand: other headings, or other columns and other rows."""


@dataclass(frozen=True)
class Claim:
    """What an answer says in one sentence, list item, row or field."""

    text: str
    cited: tuple[int, ...] = ()
    """Indices of the passages that the answer cites for it; there may be no such passages."""
    written: tuple[Piece, ...] = ()
    """How it is written, if it cites passages within: "According to [1], the fee is 21 euros."."""
    places: tuple[Place, ...] = ()
    """Those of its values that hold only for what they stand under."""
    asked: str = ""
    """What it replies to, if not to the question."""

    @property
    def key(self) -> tuple[str, tuple[Spot, ...]]:
        """What is said, and where: the same words elsewhere are another claim."""
        return self.text, tuple(place.at for place in self.places)


@dataclass(frozen=True)
class Evidence:
    """A span of a passage that a claim rests on."""

    passage: int
    """Index of the passage, from 0."""
    start: int
    """Character of the passage's text."""
    end: int
    """The first character after it."""


@dataclass(frozen=True)
class Support:
    """How well passages support a claim."""

    probability: float
    """0 to 1."""
    evidence: tuple[Evidence, ...] = ()
    """What the claim rests on, several spans where it needs several; empty where nothing fits."""


class Verifier(Protocol):
    """Judges whether passages say what an answer claims, whoever wrote it."""

    @property
    def threshold(self) -> float:
        """Probability from which a claim counts as supported."""

    @property
    def trusted(self) -> bool:
        """Whether it rejects so few right claims that what it finds unsupported may be removed."""

    def verify(
        self, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        """Return each claim's support, in order, the claim read as a reply to what it has `asked`.

        That is the question where it has nothing. Any passages may support a claim, not only those
        that it cites.
        """

    async def averify(
        self, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        """Do the same in async code; cancelling the task stops the work."""


@dataclass(frozen=True)
class Extract:
    """Words of a passage that may answer a question."""

    text: str
    probability: float
    """0 to 1."""
    passage: int
    """Index of the passage, from 0."""


class Extractor(Protocol):
    """Finds words of passages that answer a question, to hold beside a model's own answer."""

    @property
    def sure(self) -> float:
        """Probability from which words may be quoted where nothing of a model's answer is left."""

    @property
    def doubtful(self) -> float:
        """Probability from which words of another document are shown beside an answer."""

    def extract(self, question: str, passages: Sequence[Document]) -> list[Extract]:
        """Return the likeliest words of each passage, those of all passages likeliest first."""

    async def aextract(self, question: str, passages: Sequence[Document]) -> list[Extract]:
        """Do the same in async code."""


@dataclass(frozen=True)
class Agreed:
    """What passages say to a question that asks for yes or no."""

    side: Literal["yes", "no"]
    probability: float
    """0 to 1."""
    evidence: tuple[Evidence, ...]
    """What tells it, at least one span."""


class Agreement(Protocol):
    """Tells whether passages say yes or no to a question, whatever a model said."""

    def agree(self, question: str, passages: Sequence[Document]) -> Agreed | None:
        """Return the side that the passages tell; None where they surely tell neither."""

    async def aagree(self, question: str, passages: Sequence[Document]) -> Agreed | None:
        """Do the same in async code."""


class Completion(Protocol):
    """Makes a whole question of a follow-up that says only what is different."""

    def complete(self, asked: Sequence[str]) -> str | None:
        """Return what the last of these questions means; None where that is not sure.

        Each follows up on those before it; the first stands alone.
        """

    async def acomplete(self, asked: Sequence[str]) -> str | None:
        """Do the same in async code; cancelling the task stops the model."""


class Seal(Protocol):
    """Hides texts from whoever lacks the key."""

    def seal(self, text: str) -> str:
        """Return the text as nobody can read it."""

    def open(self, sealed: str) -> str:
        """Return a text that was sealed."""
