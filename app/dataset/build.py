"""Put a data set together: every pair becomes rows of one split, or is named with the reason."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel

from app.dataset.conversations import direct_rows, rewrite_row
from app.dataset.grounded import Search, grounded_contexts, unanswerable_row
from app.dataset.mixture import Mixture
from app.dataset.pairs import (
    Grounded,
    Pair,
    by_document,
    ground,
    hold_out,
    split_pairs,
    without_split,
)
from app.errors import UserError
from finetune.data.examples import Example

Rehearsal = Callable[[int], Sequence[Example]]
"""Gives this many rows of what the base model says of itself."""

UNSAID = 'it has no "split", and others have one'
REPLACED = 'its "split" is test, and other rows are given to be measured on'
TORN = "some of its documents are held back, and others are trained on"


@dataclass
class Rows:
    """The splits of a data set, none of which shares a document's questions with another."""

    train: list[Example] = field(default_factory=list)
    dev: list[Example] = field(default_factory=list)
    """Answered during training, to stop in time."""
    test: list[Example] = field(default_factory=list)
    """Answered once, after training: the figures that count."""
    unused: dict[str, str] = field(default_factory=dict)
    """Pairs that no row could be made of, and why."""


@dataclass(frozen=True)
class RowBuilder:
    """Makes rows of pairs, given what searches and what speaks."""

    chunks: dict[str, list[Document]]
    search: Search
    chat_model: BaseChatModel
    mixture: Mixture

    def rows(self, pairs: Sequence[Pair], *, seed: int, unused: dict[str, str]) -> list[Example]:
        """Make the rows of one split; pairs without any are added to `unused`."""
        grounded, reasons = self._grounded(pairs)
        contexts = list(grounded_contexts(grounded, self.search, self.mixture, seed=seed))
        alone = self._alone(pairs, seed)
        used = alone.keys() | {id_ for context in contexts for id_ in context.pairs}
        left = [pair for pair in pairs if pair.id not in used]
        unused.update({p.id: reasons.get(p.id) or self._passed_over(p) for p in left})
        return [*(row for context in contexts for row in context.rows), *alone.values()]

    def _alone(self, pairs: Sequence[Pair], seed: int) -> dict[str, Example]:
        """Make the rows that share no context, by the id of their pair."""
        draw = random.Random(seed)
        rows = {
            pair.id: unanswerable_row(pair, self.search, self.mixture, draw)
            for pair in pairs
            if pair.kind == "unanswerable"
        }
        follow_ups = [pair for pair in pairs if pair.kind == "follow-up" and pair.standalone]
        rows |= {pair.id: rewrite_row(pair) for pair in follow_ups}
        talk = [pair for pair in pairs if pair.kind == "small-talk"]
        replies = direct_rows(talk, self.chat_model) if talk else []
        return rows | {row.id.removeprefix("direct-"): row for row in replies}

    def _passed_over(self, pair: Pair) -> str:
        if pair.kind == "small-talk":
            return "the base model replies nothing to it"
        return f"the {self.mixture.contexts} contexts of a round came to an end before it"

    def _grounded(self, pairs: Sequence[Pair]) -> tuple[list[Grounded], dict[str, str]]:
        """Find what answers the pairs, or say why nothing does."""
        examples: list[Grounded] = []
        reasons: dict[str, str] = {}
        for pair in pairs:
            if pair.kind in ("unanswerable", "small-talk"):
                continue
            if pair.kind == "follow-up" and not pair.documents:
                if not pair.standalone:  # which teaches rewriting alone
                    reasons[pair.id] = "a follow-up with neither documents nor its question in full"
                continue
            match ground(pair, self.chunks):
                case Grounded() as grounded:
                    examples.append(grounded)
                case str() as reason:
                    reasons[pair.id] = reason
        return examples, reasons


def build_rows(
    pairs: Sequence[Pair],
    *,
    chunks: Sequence[Document],
    search: Search,
    chat_model: BaseChatModel,
    mixture: Mixture,
    rehearsal: Rehearsal,
    measured_elsewhere: bool = False,
) -> Rows:
    """Split pairs by document and make the rows of each split; no test where others are given."""
    rest, test = hold_out(pairs, share=mixture.test, seed=mixture.seed)
    _check_parted("test", rest, test, of=len(pairs) - len(without_split(pairs)))
    train, dev = split_pairs(rest, share=mixture.dev, seed=mixture.seed)
    _check_parted("dev", train, dev, of=len(rest))
    grouped = by_document(chunks)
    # Held-back questions are asked once: asked again they would look like more evidence.
    once = mixture.model_copy(update={"rounds": 1})
    unused = _in_no_split(pairs, (*train, *dev, *test))
    if measured_elsewhere:
        unused |= {pair.id: REPLACED for pair in test}
        test = []
    made = [
        RowBuilder(grouped, search, chat_model, how).rows(
            split, seed=mixture.seed + at, unused=unused
        )
        for at, (split, how) in enumerate(((train, mixture), (dev, once), (test, once)))
    ]
    kept_up = rehearsal(round(len(made[0]) * mixture.rehearsal))
    return Rows(train=[*made[0], *kept_up], dev=made[1], test=made[2], unused=unused)


def _check_parted(name: str, kept: Sequence[Pair], held: Sequence[Pair], *, of: int) -> None:
    """Raise UserError where pairs of several documents leave nothing on one side of a split."""
    torn = of - len(kept) - len(held)
    if torn and not (kept and held):
        raise UserError(
            f"no {name} split can be held back of {of} questions: {torn} need documents of both "
            f"sides, and none are left {'to hold back' if kept else 'to train on'}: set "
            f"--mixture.{name} to 0"
        )


def _in_no_split(pairs: Sequence[Pair], placed: Sequence[Pair]) -> dict[str, str]:
    """Name the pairs of no split, and say why that is."""
    known, unsaid = ({pair.id for pair in of} for of in (placed, without_split(pairs)))
    return {
        pair.id: UNSAID if pair.id in unsaid else TORN for pair in pairs if pair.id not in known
    }
