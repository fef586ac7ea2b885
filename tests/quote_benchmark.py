"""Measure when a quote should stand for the model's answer: `quote_benchmark.py DATA OUT`.

Asks held-out articles of SQuAD train and held-out invented organisations, a quarter of the former
without the passage. Keeps in OUT what the model says, what the reader quotes and how well each is
supported, and prints what becomes of the answers from some probabilities of quotes on.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from invented import DOMAINS, Names, world
from invented_questions import questions
from langchain_core.documents import Document
from reader_worlds import best_fitting, cut, form_of
from recipe_parts import kept_rows, places
from recipes import by_article, three_passages, unseen_pairs
from tqdm import tqdm

from app.assistant import Assistant
from app.models.extractor import ReaderExtractor, extract_weights
from app.models.line_reader import LineReader
from app.models.verifier import ReaderVerifier
from app.settings import Settings
from finetune.evaluation.scores import token_f1, without_citations
from graphs import prompts
from graphs.citations import Draft, read_draft, read_quote, says_otherwise
from graphs.passages import place
from graphs.verification import EVEN

SEED = 77
ARTICLES, ORGANISATIONS = 100, 80  # questions
RIGHT = 0.5  # token F1
NEVER = 2.0
SURE = extract_weights().sure


class Least(NamedTuple):
    """Probabilities that words must have to be quoted."""

    fallen: float
    """Where nothing of the answer is left."""
    supported: float
    """In the place of one claim that has less support."""
    refused: float
    """Where the model refused; the product never quotes there."""


LEAST = (
    Least(NEVER, NEVER, NEVER),
    Least(SURE, NEVER, NEVER),
    Least(SURE, SURE, NEVER),
    Least(SURE, EVEN, NEVER),
    Least(EVEN, EVEN, NEVER),
    Least(SURE, EVEN, 0.6),
    Least(SURE, EVEN, SURE),
)

Asked = tuple[str, str, tuple[str, ...], list[Document]]
"""Kind, question, answers (none where no passage has one), passages."""


def squad(data: Path) -> Iterator[Asked]:
    draw, articles = random.Random(SEED), by_article(data, "train")
    for at, pair in enumerate(draw.sample(unseen_pairs(data, "train"), ARTICLES)):
        withheld = at % 4 == 0
        _, shown = three_passages(pair, articles, draw, withheld=withheld)
        yield "squad", pair.question, () if withheld else tuple(pair.answers), shown


def organisations() -> Iterator[Asked]:
    """Ask about cells and steps, the four chunks of an organisation that fit best being shown."""
    draw, asked = random.Random(SEED + 1), 0
    names = Names(draw)
    while asked < ORGANISATIONS:
        made = world(asked, DOMAINS[asked % len(DOMAINS)], names, draw)
        chunks = [chunk for name, text in made.written.items() for chunk in cut(name, text)]
        for at, chunk in enumerate(chunks):
            chunk.id = str(at)
        fit = [r for r in questions(made, draw) if form_of(r) in ("cell", "step", "untold")]
        for row in draw.sample(fit, 5):
            best = best_fitting(chunks, row["question"])
            yield "organisations", row["question"], tuple(row["answers"]), best
            asked += 1


def candidates(data: Path) -> Iterator[dict[str, Any]]:
    reader = LineReader()
    extractor = ReaderExtractor(reader)
    verifier, model = ReaderVerifier(reader), Assistant(Settings()).chat_model
    for kind, question, answers, shown in tqdm([*squad(data), *organisations()]):
        prompt = prompts.generate(question, [place(chunk) for chunk in shown])
        said = read_draft(model.invoke(prompt).text, question)
        found = next(iter(extractor.extract(question, shown)), None)
        quote = read_quote(found.text if found else "")

        def support(draft: Draft, question: str = question, shown: Any = shown) -> float:
            told = verifier.verify(question, draft.claims, shown)
            return max((support.probability for support in told), default=0.0)

        yield {
            "kind": kind,
            "answerable": bool(answers),
            "refused": not said.claims,
            "one claim": len(said.claims) == 1,
            "other": says_otherwise(said.answer, quote.answer),
            "support": support(said),
            "quote support": support(quote),
            "quote probability": found.probability if found else 0.0,
            "right": score(said.answer, answers) if said.claims else 0.0,
            "quote right": score(quote.answer, answers),
            "threshold": verifier.threshold,
        }


def score(text: str, answers: tuple[str, ...]) -> float:
    return token_f1(without_citations(text), answers) if answers else 0.0


def outcome(row: dict[str, Any], least: Least) -> float | None:
    """Return the token F1 of what is let out; None if nothing is."""
    supported = row["support"] >= row["threshold"]
    needed = least.supported if supported else least.refused if row["refused"] else least.fallen
    quoted = row["quote probability"] >= needed and row["quote support"] >= row["threshold"]
    if not supported:
        return row["quote right"] if quoted else None
    more = row["quote support"] > row["support"]
    replaced = quoted and row["one claim"] and row["other"] and more
    return row["quote right"] if replaced else row["right"]


def figures(rows: list[dict[str, Any]], least: Least) -> dict[str, float]:
    told = [outcome(row, least) for row in rows if row["answerable"]]
    withheld = [outcome(row, least) for row in rows if not row["answerable"]]
    made = {
        "token F1": sum(value or 0.0 for value in told) / len(told),
        "right": sum((value or 0.0) >= RIGHT for value in told) / len(told),
        "wrong": sum(value is not None and value < RIGHT for value in told) / len(told),
        "withheld refused": sum(value is None for value in withheld) / len(withheld),
    }
    return {name: round(value, 3) for name, value in made.items()}


def main() -> None:
    data, out = places(__doc__, "data", "out")
    rows = kept_rows(out, lambda: candidates(data))
    for kind in ("squad", "organisations"):
        of_kind = [row for row in rows if row["kind"] == kind]
        for least in LEAST:
            print(kind, *least, json.dumps(figures(of_kind, least)))


if __name__ == "__main__":
    main()
