"""Make what the arms need of the questions that are not asked: worked examples, an adapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document
from rich.console import Console

from app.assistant import Assistant
from app.compare.plan.arms import Arm, Made
from app.compare.run.closed_book import Lesson, lesson, train_closed_book
from app.compare.run.reuse import Kept
from app.dataset.grounded import grounded_rows
from app.dataset.mixture import Mixture
from app.dataset.pairs import Grounded, Pair, by_document, ground
from app.errors import UserError
from app.tuning.tune import worked_examples
from finetune.data.examples import write_examples

SHOT_CONTEXTS = 20  # contexts of which the shortest become worked examples


@dataclass(frozen=True)
class Maker:
    """Makes things of the questions that are not asked, in `folder`, once."""

    assistant: Assistant
    taught: Sequence[Pair]
    asked: Sequence[Pair]
    chunks: Sequence[Document]
    folder: Path
    kept: Kept
    lessons: int
    """Rows that the closed-book adapter is trained on, at most."""
    seed: int

    def make(self, arms: Sequence[Arm], console: Console) -> Made:
        """Make what these arms need."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shots = self._shots() if any(arm.shots for arm in arms) else None
        by_heart = any(arm.adapter == "closed-book" for arm in arms)
        if not by_heart:
            return Made(shots)
        learned = self._lesson(console)
        adapter, seconds = train_closed_book(
            self.assistant, learned.rows, self.folder, self.kept, seed=self.seed
        )
        return Made(shots, adapter, learned.questions, self.folder / "gate.json", seconds)

    def _shots(self) -> Path:
        grouped = by_document(self.chunks)
        found = [ground(pair, grouped) for pair in self.taught]
        contexts = grounded_rows(
            [pair for pair in found if isinstance(pair, Grounded)],
            lambda question, k: [d for d, _ in self.assistant.store.hybrid_search(question, k)],
            Mixture(passages=(1,), rounds=1, withheld=0.5, graded=0, contexts=SHOT_CONTEXTS),
            seed=self.seed,
        )
        shots = worked_examples([row for context in contexts for row in context])
        if not shots:
            raise UserError("no question is left over for worked examples: leave out few-shot-rag")
        path = self.folder / "shots.jsonl"
        write_examples(path, shots)
        return path

    def _lesson(self, console: Console) -> Lesson:
        learned = lesson(
            self.assistant,
            self.taught,
            self.asked,
            self.chunks,
            most=self.lessons,
            seed=self.seed,
        )
        console.print(
            f"closed-book adapter: {learned.given} given and {learned.generated} generated "
            f"questions, {learned.left_out} left out because they are asked"
        )
        return learned
