"""Make the rows that teach the documents by heart: questions and answers without passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from app.assistant import Assistant
from app.dataset.generate import generate_questions
from app.dataset.grounded import example
from app.dataset.pairs import Pair, spread
from app.dataset.selection import FOUND_WITHIN
from app.errors import UserError
from finetune.config import TrainConfig
from finetune.data.contamination import contamination
from finetune.data.examples import Example, Kind
from graphs import prompts

PER_CHUNK = 6  # questions generated about each chunk
REHEARSED = 0.1  # replies of the base model that are rehearsed for each question taught
REHEARSED_TOKENS = 32  # of such a reply: longer ones forget as little and take longer
BY_HEART = TrainConfig(
    learning_rate=2e-3,
    epochs=12,
    batch=16,
    max_length=384,
    evaluations=0,
    track="none",
    on_overlong="drop",
)
"""Facts are learned by repetition: twelve passes, where a skill needs one, in small steps."""


@dataclass(frozen=True)
class Teachable:
    """Questions that are not asked, of which rows can be made."""

    given: Sequence[Pair]
    """The user's own."""
    generated: Sequence[Pair]
    """Asked about the documents by the rules."""
    left_out: int
    """Generated, but asked in the comparison as well."""

    def told(self, most: int) -> str:
        """Say what rows are made of, where there are `most`."""
        generated = len(self.some(most)) - len(self.given)
        return (
            f"{len(self.given)} given and {generated} generated questions, {self.left_out} left "
            "out because they are asked"
        )

    def some(self, most: int) -> list[Pair]:
        """Return all given ones, and generated ones to `most` in all."""
        return [*self.given, *spread(self.generated, max(0, most - len(self.given)))]


def teachable(
    assistant: Assistant,
    taught: Sequence[Pair],
    asked: Sequence[Pair],
    chunks: Sequence[Document],
    *,
    seed: int,
) -> Teachable:
    """Gather answerable questions that are not asked, and have the rules ask more.

    Raises UserError when a question that is asked stands among those to be taught.
    """
    tested = recall_rows(asked)
    given = [pair for pair in taught if pair.answers]
    if leaked := contamination(recall_rows(given), tested):
        raise UserError(
            f"the question {leaked[0].test_id!r} would be trained as {leaked[0].train_id!r} before "
            "it is asked: leave out one of the two"
        )
    made = generate_questions(
        chunks,
        None,
        lambda question: [str(c.id) for c in assistant.chunks_for(question, FOUND_WITHIN)],
        per_chunk=PER_CHUNK,
        seed=seed,
    )
    generated = [pair for pair in made.pairs() if pair.answers]
    rows = recall_rows(generated)
    seen = {overlap.train_id for overlap in contamination(rows, tested)}
    unseen = [pair for pair, row in zip(generated, rows, strict=True) if row.id not in seen]
    return Teachable(given, unseen, len(seen))


def recall_rows(pairs: Sequence[Pair]) -> list[Example]:
    """Write answerable questions as the closed-book prompt asks them."""
    return [
        example(
            f"recall-{pair.id}",
            Kind.ANSWER,
            prompts.recall(pair.standalone or pair.question),
            pair.answers[0],
            pair,
            answers=pair.answers,
        )
        for pair in pairs
        if pair.answers
    ]
