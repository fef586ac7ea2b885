"""Fit what tells which question a short follow-up means: `completion_recipes.py DATA OUT`.

Reads off the built-in model with the shipped adapter how likely all ways to complete follow-ups
are, made of SQuAD train for fitting and of dev for measuring. Prints how often the surest one is
what was meant, beside what the model writes by itself, and writes OUT/completion.json.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from elided import Elided, elided
from recipe_parts import kept_rows, places
from recipes import squad_pairs
from scipy.optimize import minimize
from tqdm import tqdm

from app.assistant import Assistant
from app.models.completion import CompletionWeights, completion_values, rewrites, shares
from app.settings import Settings
from graphs import prompts
from graphs.ellipsis import completions
from graphs.nodes import REWRITE_TOKENS
from graphs.text import words

SEED = 13
COUNTS = {"train": 400, "dev": 300}  # follow-ups
PENALTY = 0.01  # of squared weights
SURE = 0.5

Row = dict[str, Any]


def read(assistant: Assistant, one: Elided) -> Row:
    """Return the values of each way to complete a follow-up, and which ones are what was meant."""
    former, follow_up = one.former.question, one.follow_up
    ways = completions(former, follow_up)
    written, texts = rewrites(former, follow_up, ways)
    scores = assistant.runtime.scorer.score(written, text=texts)
    asking = prompts.rewrite_follow_up([("User", former)], follow_up)
    reply = assistant.chat_model.invoke(asking, max_tokens=REWRITE_TOKENS).text
    return {
        "former": former,
        "follow_up": follow_up,
        "meant": one.meant.question,
        "ways": texts,
        "values": [completion_values(*each) for each in zip(ways, scores, strict=True)],
        "written": reply.strip(),
    }


def right(row: Row) -> np.ndarray:
    """Tell which ways are the question that was meant."""
    return np.array([words(way) == words(row["meant"]) for way in row["ways"]])


def probabilities(row: Row, weights: np.ndarray) -> np.ndarray:
    return np.array(shares(row["values"], weights.tolist()))


def fit(found: Sequence[Row]) -> np.ndarray:
    """Fit a conditional logit: the ways that are meant, among all of their row."""
    known = [row for row in found if row["ways"] and right(row).any()]

    def loss(weights: np.ndarray) -> float:
        likely = [np.log(probabilities(row, weights)[right(row)].sum()) for row in known]
        return float(PENALTY * weights @ weights - np.mean(likely))

    return np.array(minimize(loss, np.zeros(len(known[0]["values"][0]))).x)


def figures(found: Sequence[Row], weights: np.ndarray) -> dict[str, Any]:
    """Tell how often the surest way is meant: of all follow-ups, and where it is sure."""
    taken = [row for row in found if row["ways"]]
    told = [probabilities(row, weights) for row in taken]
    hits = [right(row)[share.argmax()] for row, share in zip(taken, told, strict=True)]
    sure = np.array([share.max() >= SURE for share in told])
    return {
        "follow-ups": len(found),
        "not taken for one": len(found) - len(told),
        "surest is meant": round(float(np.mean(hits)), 3),
        "sure": round(float(sure.mean()), 3),
        "of these meant": round(float(np.array(hits)[sure].mean()), 3),
        "written by the model": round(
            float(np.mean([words(row["written"]) == words(row["meant"]) for row in found])), 3
        ),
    }


def recipe(data: Path, out: Path) -> None:
    """Fit on follow-ups of train, measure on those of dev, and write what ships."""
    assistant = Assistant(Settings())
    found = {
        split: kept_rows(
            out / f"{split}.jsonl",
            lambda split=split, count=count: (
                read(assistant, one)
                for one in tqdm(elided(list(squad_pairs(data, split)), random.Random(SEED))[:count])
            ),
        )
        for split, count in COUNTS.items()
    }
    weights = fit(found["train"])
    print(json.dumps({split: figures(of, weights) for split, of in found.items()}, indent=1))
    fitted = CompletionWeights(weights=tuple(np.round(weights, 4).tolist()), sure=SURE)
    (out / "completion.json").write_text(fitted.model_dump_json() + "\n", encoding="utf-8")


if __name__ == "__main__":
    recipe(*places(__doc__, "data", "out"))
