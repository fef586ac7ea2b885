"""Fine-tune an adapter to know the documents by heart: questions and answers without passages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document
from transformers import AutoTokenizer

from app.assistant import Assistant
from app.compare.run.reuse import Kept
from app.dataset.generate import generate_questions
from app.dataset.grounded import example
from app.dataset.pairs import Pair, spread
from app.errors import UserError
from app.models.base import resolve_chat_model
from app.provenance import key
from app.tuning.tune import Lineage, train_adapter, training
from finetune.config import TrainConfig
from finetune.data.contamination import contamination
from finetune.data.examples import Example, Kind
from finetune.data.report import check
from graphs import prompts

PER_CHUNK = 6  # questions generated about each chunk
RECIPE = TrainConfig(
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
class Lesson:
    """The rows that a closed-book adapter is trained on."""

    rows: list[Example]
    questions: tuple[str, ...]
    given: int
    """Made of the user's own questions."""
    generated: int
    """Made of questions that the rules ask about the documents."""
    left_out: int
    """Generated, but asked in the comparison as well."""


def lesson(
    assistant: Assistant,
    taught: Sequence[Pair],
    asked: Sequence[Pair],
    chunks: Sequence[Document],
    *,
    most: int,
    seed: int,
) -> Lesson:
    """Make the rows of the questions that are not asked, and of what the rules ask, to `most`.

    Raises UserError when a question that is asked stands among those to be taught.
    """
    tested = recall_rows(asked)
    given = recall_rows(taught)
    if leaked := contamination(given, tested):
        raise UserError(
            f"the question {leaked[0].test_id!r} would be trained as {leaked[0].train_id!r} before "
            "it is asked: leave out one of the two"
        )
    made = generate_questions(
        chunks,
        None,
        lambda question: [str(found.id) for found, _ in assistant.store.hybrid_search(question, 3)],
        per_chunk=PER_CHUNK,
        seed=seed,
    )
    generated = recall_rows(made.pairs())
    seen = {overlap.train_id for overlap in contamination(generated, tested)}
    unseen = [row for row in generated if row.id not in seen]
    kept = spread(unseen, max(0, most - len(given)))
    rows = [*given, *kept]
    questions = tuple(row.prompt[-1].content for row in rows)
    return Lesson(rows, questions, len(given), len(kept), len(seen))


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


def train_closed_book(
    assistant: Assistant, rows: Sequence[Example], folder: Path, kept: Kept, *, seed: int
) -> tuple[Path, float]:
    """Train on rows, or take up a training of the same rows, base and code in `folder`.

    Returns the adapter and the seconds that its training took, since it was last resumed.
    """
    settings, recipe = assistant.settings, RECIPE.model_copy(update={"seed": seed})
    base = resolve_chat_model(
        settings.model, cache_dir=settings.cache, template=settings.chat_template
    )
    tokenizer = AutoTokenizer.from_pretrained(base)
    data = check(
        {"train": rows}, tokenizer, max_length=RECIPE.max_length, on_overlong=RECIPE.on_overlong
    )
    lineage = Lineage(name="closed-book", command="groundtune compare")
    made = training(base, data, lineage) | {"settings": recipe.model_dump(mode="json")}
    run = folder / f"closed-book-{key(made)}"
    start = time.perf_counter()
    adapter = train_adapter(base, data, run, recipe, lineage, progress=True).adapter
    took = adapter / "seconds.txt"
    kept.note("the closed-book training", reused=int(took.exists()), of=1)
    if not took.exists():
        took.write_text(f"{time.perf_counter() - start:.1f}\n", encoding="utf-8")
    return adapter, float(took.read_text(encoding="utf-8"))
