"""Measure a model on held-back examples, by itself: no index, no graph, no judge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from finetune.causal import context_length
from finetune.data.chat_format import encode_prompt
from finetune.data.encoding import encode_example
from finetune.data.examples import Example, Kind, Message
from finetune.evaluation.bootstrap import Estimate, auc, mean, mean_of_means
from finetune.evaluation.forgetting import perplexity
from finetune.evaluation.generation import Reply, computing, generate, label_scores
from finetune.evaluation.scores import (
    exact_match,
    first_citation_right,
    is_refusal,
    right_fields,
    token_f1,
    valid_record,
    without_citations,
)

GRADES = ("yes", "no")
SHORTEST_LIMIT = 48  # tokens; below, even a refusal could be cut
MAIN = {
    Kind.ANSWER: "f1",
    Kind.REFUSAL: "refusal_recall",
    Kind.GRADE: "grading_accuracy",
    Kind.REWRITE: "rewrite_f1",
    Kind.RECORD: "right_fields",
    Kind.DIRECT: "likelihood",
}
"""The metric of each kind that counts for the headline score.

A likelihood is measured only where all examples are DIRECT: beside other kinds these are a few
greetings, whose wording matters little.
"""


@dataclass(frozen=True)
class Outcome:
    """What a model said to one example, and what that is worth."""

    id: str
    kind: Kind
    reply: str
    scores: dict[str, float]
    odds: float | None = None
    """Of a GRADE: log-probability of "yes" less that of "no"."""


@dataclass(frozen=True)
class Evaluation:
    """A model's outcomes on a set of examples."""

    outcomes: tuple[Outcome, ...]

    def values(self, metric: str) -> dict[str, float]:
        """Return the rows that have a metric, by id."""
        return {row.id: row.scores[metric] for row in self.outcomes if metric in row.scores}

    def metrics(self) -> dict[str, Estimate]:
        """Return the mean of each metric with its interval, and the grades' AUC if it has one."""
        names = {name for row in self.outcomes for name in row.scores}
        means = {name: mean(list(self.values(name).values())) for name in names}
        if all(grades := self._odds()):
            means["grading_auc"] = auc(*grades)
        return dict(sorted(means.items()))

    def _odds(self) -> tuple[list[float], list[float]]:
        """Return the odds of the rows whose right grade is "yes", and of those where it is "no"."""
        yes: list[float] = []
        no: list[float] = []
        for row in self.outcomes:
            if row.odds is not None:
                right = row.scores["grading_accuracy"] == 1
                (yes if (row.odds > 0) == right else no).append(row.odds)
        return yes, no

    @property
    def score(self) -> float:
        """The mean of the main metrics of the kinds that occur; 0 where none does."""
        scores = [list(values.values()) for name in MAIN.values() if (values := self.values(name))]
        return sum(sum(rows) / len(rows) for rows in scores) / max(1, len(scores))

    def gain(self, other: Evaluation) -> Estimate | None:
        """Return by how much the score exceeds another's on the rows of both; None without any."""
        groups = [values for name in MAIN.values() if (values := self._differences(other, name))]
        return mean_of_means(groups) if groups else None

    def over(self, other: Evaluation) -> dict[str, Estimate]:
        """Return by how much each metric exceeds the other's on the rows that both have."""
        differences = {name: self._differences(other, name) for name in self.metrics()}
        return {name: mean(values) for name, values in differences.items() if values}

    def _differences(self, other: Evaluation, metric: str) -> list[float]:
        mine, theirs = self.values(metric), other.values(metric)
        return [mine[row] - theirs[row] for row in sorted(mine.keys() & theirs.keys())]

    def write(self, path: Path) -> None:
        """Write one JSON object a row."""
        rows = (json.dumps(asdict(row), ensure_ascii=False) for row in self.outcomes)
        path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Evaluation:
        """Read what `write` wrote."""
        # At \n alone: a reply may hold other characters that end lines.
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
        return cls(tuple(Outcome(**{**row, "kind": Kind(row["kind"])}) for row in rows))


def evaluate(
    model: Any,
    tokenizer: Any,
    examples: Sequence[Example],
    *,
    shots: Sequence[Example] = (),
    max_new_tokens: int | None = None,
    dtype: torch.dtype = torch.float32,
    progress: str = "",
) -> Evaluation:
    """Answer every example but rehearsal's, and score the replies by kind.

    Grades are read off the more probable of "yes" and "no"; `shots` are worked examples that are
    put before prompts of their kind, as many as the model's context has room for. Replies may be
    half as long again as the longest completion.
    """
    scored = _scored(examples)
    graded = [example for example in scored if example.kind is Kind.GRADE]
    written = [example for example in scored if example.kind is not Kind.GRADE]
    refusals = {e.completion for e in (*examples, *shots) if e.kind is Kind.REFUSAL}
    reply_limit = max_new_tokens or reply_tokens(tokenizer, written)
    room = context_length(model.config, tokenizer) - reply_limit
    chats = [_fitting(tokenizer, example, shots, room) for example in written]
    replies = generate(
        model,
        tokenizer,
        chats,
        max_new_tokens=reply_limit,
        dtype=dtype,
        progress=progress,
    )
    direct = all(example.kind is Kind.DIRECT for example in scored)
    with computing(model, dtype):
        likely = [
            _likelihood(model, tokenizer, example, chat) if direct else {}
            for example, chat in zip(written, chats, strict=True)
        ]
    outcomes = [
        Outcome(example.id, example.kind, reply.text, _scores(example, reply, refusals) | more)
        for example, reply, more in zip(written, replies, likely, strict=True)
    ]
    prompts = [_fitting(tokenizer, example, shots, room) for example in graded]
    verdicts = label_scores(model, tokenizer, prompts, GRADES, dtype=dtype) if graded else []
    outcomes += [_graded(example, *odds) for example, odds in zip(graded, verdicts, strict=True)]
    return Evaluation(tuple(sorted(outcomes, key=lambda outcome: outcome.id)))


def that_count(examples: Sequence[Example]) -> list[Example]:
    """Return the rows that the headline score is made of, whichever of them are then chosen."""
    scored = _scored(examples)
    return [example for example in scored if example.kind is not Kind.DIRECT] or scored


def _scored(examples: Sequence[Example]) -> list[Example]:
    return [example for example in examples if example.kind is not Kind.REHEARSAL]


def reply_tokens(tokenizer: Any, examples: Sequence[Example]) -> int:
    """Return how long a reply may get: room for what is expected, none for rambling on."""
    lengths = [len(tokenizer.encode(e.completion, add_special_tokens=False)) for e in examples]
    return max(SHORTEST_LIMIT, round(1.5 * max(lengths, default=0)))


def _fitting(
    tokenizer: Any, example: Example, shots: Sequence[Example], room: int
) -> list[dict[str, str]]:
    """Leave out the last worked examples until the prompt has room; none at all, if need be."""
    for count in range(len(shots), 0, -1):
        prompt = with_shots(example, shots[:count])
        if len(encode_prompt(tokenizer, prompt)) <= room:
            return prompt
    return example.prompt_chat()


def with_shots(example: Example, shots: Sequence[Example]) -> list[dict[str, str]]:
    """Return the prompt after the worked examples of its kind; an answer's are refusals as well."""
    grounded = (Kind.ANSWER, Kind.REFUSAL)
    kinds = grounded if example.kind in grounded else (example.kind,)
    before = [
        message.model_dump()
        for shot in shots
        if shot.kind in kinds
        for message in shot.messages
        if message.role != "system"
    ]
    chat = example.prompt_chat()
    lead = 1 if chat[0]["role"] == "system" else 0
    return [*chat[:lead], *before, *chat[lead:]]


def _scores(example: Example, reply: Reply, refusals: set[str]) -> dict[str, float]:
    text = reply.text
    scores = {"stop_rate": float(reply.stopped), "non_empty": float(bool(text))}
    refused = float(is_refusal(text, refusals))
    match example.kind:
        case Kind.ANSWER:
            answers = example.answers or (without_citations(example.completion),)
            scores |= {"exact_match": exact_match(text, answers), "f1": token_f1(text, answers)}
            if example.citation is not None:
                scores |= {"citation": first_citation_right(text, example.citation)}
            # Where no refusal is known none is seen, and 0 would look like a merit.
            scores |= {"over_refusal": refused} if refusals else {}
        case Kind.REFUSAL:
            scores |= {"refusal_recall": refused}
        case Kind.REWRITE:
            scores |= {"rewrite_f1": token_f1(text, [example.completion])}
        case Kind.RECORD:
            scores |= {"valid_records": valid_record(text, example.completion)}
            scores |= {"right_fields": right_fields(text, example.completion)}
    return scores


def _likelihood(
    model: Any, tokenizer: Any, example: Example, chat: Sequence[dict[str, str]]
) -> dict[str, float]:
    """Return how probable a token of the completion is (geometric mean).

    Nothing where prompt and completion are beyond the model's context.
    """
    asked = tuple(Message.model_validate(message) for message in chat)
    whole = example.model_copy(update={"messages": (*asked, example.messages[-1])})
    row = encode_example(tokenizer, whole)
    fits = len(row.ids) <= context_length(model.config, tokenizer)
    return {"likelihood": 1 / perplexity(model, [row])} if fits else {}


def _graded(example: Example, yes: float, no: float) -> Outcome:
    verdict = GRADES[0] if yes > no else GRADES[1]
    right = float(verdict == example.completion.strip().lower())
    reply, odds = f"{verdict} ({yes - no:+.2f})", yes - no
    return Outcome(example.id, example.kind, reply, {"grading_accuracy": right}, odds)
