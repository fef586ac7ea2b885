"""Make what the arms need of the questions that are not asked: worked examples, adapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.documents import Document
from rich.console import Console

from app.assistant import Assistant
from app.compare.plan.arms import Adapter, Arm, Made, Trained
from app.compare.run.closed_book import (
    BY_HEART,
    REHEARSED,
    REHEARSED_TOKENS,
    Teachable,
    recall_rows,
    teachable,
)
from app.compare.run.json_rows import IN_JSON, MOST, json_rows
from app.compare.run.own_training import OwnTraining
from app.compare.run.reuse import Kept
from app.dataset.grounded import grounded_rows
from app.dataset.mixture import Mixture
from app.dataset.pairs import Pair, grounded_pairs
from app.dataset.rehearsal import sample_rehearsal
from app.errors import UserError
from app.tuning.tune import worked_examples
from finetune.data.examples import Example, write_examples

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
    """Questions that the closed-book adapter is trained on, at most."""
    seed: int

    def make(self, arms: Sequence[Arm], console: Console) -> Made:
        """Make what these arms need."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shots = self._shots() if any(arm.shots for arm in arms) else None
        wanted = {arm.adapter for arm in arms}
        if not wanted & {"closed-book", "format"}:
            return Made(shots)
        unasked = teachable(self.assistant, self.taught, self.asked, self.chunks, seed=self.seed)
        training = OwnTraining(self.assistant, self.folder, self.kept, self.seed)
        trained, taught = dict[Adapter, Trained](), tuple[str, ...]()
        if "closed-book" in wanted:
            rows = recall_rows(unasked.some(self.lessons))
            kept_up = self._rehearsed(len(rows))
            told = f"{unasked.told(self.lessons)}; rehearsed: {len(kept_up)} replies of the base"
            console.print(f"closed-book adapter: {told}")
            taught = tuple(row.prompt[-1].content for row in rows)
            trained["closed-book"] = training.train("closed-book", [*rows, *kept_up], BY_HEART)
        if "format" in wanted:
            trained["format"] = training.train("format", self._in_json(unasked), IN_JSON)
        return Made(shots, trained, taught, self.folder / "gate.json" if taught else None)

    def _rehearsed(self, taught: int) -> list[Example]:
        count = max(1, round(REHEARSED * taught))
        seed = self.seed + 1  # so that what is rehearsed stays that of the published comparison
        data = [count, seed, REHEARSED_TOKENS]
        made = self.assistant.made_by(sample_rehearsal.__module__, index=None, data=data)

        def sample() -> dict[str, Any]:
            model = self.assistant.chat_model
            rows = sample_rehearsal(model, count=count, seed=seed, tokens=REHEARSED_TOKENS)
            return {"rows": [row.model_dump(mode="json") for row in rows]}

        kept = self.kept.once("rehearsed", made, sample, what="the rehearsed replies")
        return [Example.model_validate(row) for row in kept["rows"]]

    def _in_json(self, unasked: Teachable) -> list[Example]:
        rows = json_rows(unasked.some(MOST), self.chunks, self.assistant.chunks_for, seed=self.seed)
        if not rows:
            raise UserError("no question is left over to train json-rag on: leave it out")
        return rows

    def _shots(self) -> Path:
        contexts = grounded_rows(
            grounded_pairs(self.taught, self.chunks),
            self.assistant.chunks_for,
            Mixture(passages=(1,), rounds=1, withheld=0.5, graded=0, contexts=SHOT_CONTEXTS),
            seed=self.seed,
        )
        shots = worked_examples([row for context in contexts for row in context])
        if not shots:
            raise UserError("no question is left over for worked examples: leave out few-shot-rag")
        path = self.folder / "shots.jsonl"
        write_examples(path, shots)
        return path
