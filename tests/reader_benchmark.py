"""Measure what a reader would quote, by itself: `python tests/reader_benchmark.py DATA READER`.

Asks SQuAD's dev articles, a quarter without the passage that answers, and invented organisations
that no reader was trained on (made by the same code, so they flatter): follow-ups, and questions
about what is not there. Prints the figures as JSON.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from invented import worlds
from invented_questions import questions
from invented_world import World
from langchain_core.documents import Document
from quote_rows import listed, near_follow_ups, near_things
from reader_worlds import form_of
from recipe_parts import places
from recipes import by_article, squad_pairs, three_passages

from app.models.extractor import Candidate, candidates
from app.models.line_reader import LineReader
from finetune.evaluation.scores import token_f1
from finetune.verification.examples import ReadingExample

SEED = 83
QUESTIONS, WORLDS = 400, 60
RIGHT = 0.5  # token F1
SURE = 0.5  # by the reader's own probability

Near = Callable[[World, str, random.Random], Iterator[ReadingExample]]


def squad(reader: LineReader, data: Path) -> dict[str, Any]:
    """Read three passages of an article for each question."""
    draw, articles = random.Random(SEED), by_article(data, "dev")
    told, withheld = [], []
    for at, pair in enumerate(draw.sample(list(squad_pairs(data, "dev")), QUESTIONS)):
        _, shown = three_passages(pair, articles, draw, withheld=at % 4 == 0)
        best = likeliest(reader, pair.question, shown)
        if at % 4:
            told.append((best.own >= SURE, token_f1(best.text, pair.answers)))
        else:
            withheld.append(best.own < SURE)
    return {
        "token F1 of the likeliest words": mean([f1 for _, f1 in told]),
        "surely right": mean([sure and f1 >= RIGHT for sure, f1 in told]),
        "surely wrong": mean([sure and f1 < RIGHT for sure, f1 in told]),
        "withheld, nothing sure": mean(withheld),
    }


def follow_ups(reader: LineReader) -> dict[str, Any]:
    """Read for a short question with the whole one before it."""
    draw, told = random.Random(SEED + 1), []
    for made in worlds(WORLDS, draw):
        chunks = numbered(listed(made))
        for row in (row for row in questions(made, draw) if form_of(row) == "follow-up"):
            asked = f"{row['history'][0]['content']} {row['question']}"
            best = likeliest(reader, asked, chunks)
            told.append((best.own >= SURE, best.text in row["answers"]))
    return {
        "surely right": mean([sure and right for sure, right in told]),
        "surely wrong": mean([sure and not right for sure, right in told]),
    }


def not_there(reader: LineReader, near: Near, seed: int) -> dict[str, Any]:
    """Read for what an organisation does not keep or have."""
    draw, silent = random.Random(seed), []
    for number, made in enumerate(worlds(WORLDS, draw)):
        chunks = numbered(listed(made))
        for row in near(made, str(number), draw):
            silent.append(likeliest(reader, row.query, chunks).own < SURE)
    return {"nothing sure": mean(silent)}


def likeliest(reader: LineReader, question: str, passages: list[Document]) -> Candidate:
    return max(candidates(reader, question, passages), key=lambda found: found.own)


def numbered(chunks: list[Document]) -> list[Document]:
    for at, chunk in enumerate(chunks):
        chunk.id = str(at)
    return chunks


def mean(values: list[Any]) -> float:
    return round(sum(values) / len(values), 3)


def figures(folder: Path, data: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    reader = LineReader(folder)
    yield "squad dev", squad(reader, data)
    yield "follow-ups", follow_ups(reader)
    yield "not there", not_there(reader, near_things, SEED + 2)
    yield "follow-ups, not there", not_there(reader, near_follow_ups, SEED + 3)


def main() -> None:
    data, reader = places(__doc__, "data", "reader")
    print(json.dumps(dict(figures(reader, data)), indent=1))


if __name__ == "__main__":
    main()
