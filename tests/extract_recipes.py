"""Fit what tells whether found words answer: `python tests/extract_recipes.py fit|dev DATA OUT`.

    fit     questions of held-out articles of SQuAD train and of held-out tables, as they are, about
            another name, number, row or column, and with the passage that fits best without the
            answer; the reader saw none of these sources
    dev     the same of SQuAD's dev articles and of invented organisations (these flatter the
            reader, which was trained on others of the kind), which nothing is fitted on; with the
            weights in OUT, or those that ship

Both keep in OUT what the reader finds for each question, and print how many right and wrong words
the reader's own probability and the weighed one let through. `fit` writes the weights to OUT, too.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from claim_tables import render
from invented import worlds
from invented_questions import questions, typed
from langchain_core.documents import Document
from quote_rows import foreign_cell, near_things, plain_table, renamed
from reader_rows import CELL_QUESTIONS, near_miss
from reader_worlds import best_fitting, cut, form_of
from recipe_parts import kept_rows, lookups
from recipe_parts import rows as read_rows
from recipes import article_of, by_article, others_of, unseen_pairs
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from app.models.extract_weights import ExtractWeights
from app.models.extractor import candidates, extract_weights
from app.models.line_reader import LineReader
from finetune.evaluation.scores import token_f1
from finetune.verification.examples import split_of
from graphs.text import content

SEED = 47
SQUAD, WORLDS = 700, 60  # questions of each form; organisations
SHOWN = 8  # rows of a table
OWN = 0.5  # from this probability on the reader by itself is sure
RIGHT = 0.5  # token F1
PENALTY = 0.3


class Asked(NamedTuple):
    """A question, its answers (none where no passage has one), and the passages."""

    kind: str
    question: str
    answers: tuple[str, ...]
    passages: list[Document]


def squad(data: Path, split: str, draw: random.Random) -> Iterator[Asked]:
    """Ask three paragraphs of an article, by turns as it is, of near ones, about another name."""
    articles = by_article(data, split)
    texts = {name: [d.page_content for d in of] for name, of in articles.items()}
    stems = {name: [set(content(text)) for text in of] for name, of in texts.items()}
    for pair in draw.sample(unseen_pairs(data, split), SQUAD):
        article = article_of(pair)
        gold, others = others_of(pair, articles)
        beside = draw.sample(others, min(2, len(others)))
        yield Asked("squad", typed(pair.question, draw), tuple(pair.answers), [gold, *beside])
        near = near_miss(pair.question, pair.answers, texts[article], stems[article])
        if near:
            shown = [articles[article][texts[article].index(near)], *beside]
            yield Asked("squad, without", typed(pair.question, draw), (), shown)
        other = draw.choice(texts[article])
        changed = renamed(pair.question, gold.page_content, other, draw)
        if changed:
            yield Asked("squad, another name", typed(changed, draw), (), [gold, *beside])


def tables(data: Path, draw: random.Random) -> Iterator[Asked]:
    """Ask tables in people's words and in ours, and for what another table has."""
    every = list(read_rows(data / "tables" / "tables.jsonl.gz"))
    asked: dict[str, list[dict[str, Any]]] = {}
    for row in lookups(data, "held"):
        asked.setdefault(row["table"], []).append(row)
    for table in every:
        header, body = plain_table(table)
        body = [line for line in body[:SHOWN] if len(line) == len(header)]
        if split_of(table["id"]) != "held" or len(header) < 2 or not body:
            continue
        shown = render(header, body, draw)
        passages = [Document(shown, id="table", metadata={"document": "table.md"})]
        for row in asked.get(table["id"], []):
            told = tuple(row["answers"]) if row["answers"][0] in shown else ()
            yield Asked("tables", row["question"], told, passages)
        line, at = draw.choice(body), draw.randrange(1, len(header))
        if line[0] and line[at] and header[at]:
            words = draw.choice(CELL_QUESTIONS).format(h=header[at].lower(), k=line[0])
            yield Asked("tables", typed(words, draw), (line[at],), passages)
        foreign = foreign_cell((header, body), plain_table(draw.choice(every)), shown, draw)
        if foreign:
            yield Asked("tables, another", typed(foreign, draw), (), passages)


def organisations(draw: random.Random) -> Iterator[Asked]:
    """Ask organisations for what they list, and for what they do not keep or have."""
    for number, made in enumerate(worlds(WORLDS, draw)):
        chunks = [chunk for name, text in made.written.items() for chunk in cut(name, text)]
        told = [row for row in questions(made, draw) if form_of(row) in ("cell", "step")]
        asked = [(row["question"], tuple(row["answers"])) for row in draw.sample(told, 4)]
        asked += [(row.query, ()) for row in near_things(made, str(number), draw)]
        for words, answers in asked:
            kind = "organisations" if answers else "organisations, not there"
            yield Asked(kind, words, answers, best_fitting(chunks, words))


def drawn(step: str, data: Path) -> list[Asked]:
    draw = random.Random(SEED)
    if step == "fit":
        return [*squad(data, "train", draw), *tables(data, draw)]
    return [*squad(data, "dev", draw), *organisations(draw)]


def measured(every: Sequence[Asked]) -> Iterator[dict[str, Any]]:
    """Keep of each question the likeliest words of each passage."""
    reader = LineReader()
    for kind, question, answers, passages in tqdm(every):
        found = [
            {
                "text": each.text,
                "own": each.own,
                "values": each.values,
                "right": bool(answers) and token_f1(each.text, answers) >= RIGHT,
            }
            for each in candidates(reader, question, passages)
        ]
        yield {"kind": kind, "question": question, "answers": answers, "found": found}


def fit(rows: Sequence[dict[str, Any]]) -> ExtractWeights:
    """Weigh what the reader finds likeliest; let as many wrong ones through as its own half did."""
    best = [max(row["found"], key=own) for row in rows]
    model = LogisticRegression(C=PENALTY, max_iter=1000)
    model.fit([found["values"] for found in best], [found["right"] for found in best])
    weights, (start,) = model.coef_[0], model.intercept_
    made = ExtractWeights(
        weights=tuple(round(float(weight), 4) for weight in weights),
        intercept=round(float(start), 4),
        sure=0.0,
    )
    through = sum(own(found) >= OWN for found in best if not found["right"])
    chosen = [
        max((made.probability(f["values"]), f["right"]) for f in row["found"]) for row in rows
    ]
    wrong = sorted((probability for probability, right in chosen if not right), reverse=True)
    return made.model_copy(update={"sure": round(wrong[min(through, len(wrong) - 1)], 2)})


def own(found: dict[str, Any]) -> float:
    return float(found["own"])


def figures(rows: Sequence[dict[str, Any]], weights: ExtractWeights) -> Iterator[str]:
    """Tell of each kind how many questions get right and wrong words, by either probability."""
    ways: dict[str, tuple[float, Callable[[dict[str, Any]], float]]] = {
        "own": (OWN, own),
        "weighed": (weights.sure, lambda found: weights.probability(found["values"])),
    }
    for kind in dict.fromkeys(row["kind"] for row in rows):
        of_kind = [row for row in rows if row["kind"] == kind]
        told = []
        for name, (least, probability) in ways.items():
            best = [max(row["found"], key=probability) for row in of_kind]
            let = [found["right"] for found in best if probability(found) >= least]
            right, wrong = sum(let) / len(best), (len(let) - sum(let)) / len(best)
            told.append(f"{name}: right {right:.3f}, wrong {wrong:.3f}")
        yield f"{kind}, {len(of_kind)} questions; {'; '.join(told)}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("step", choices=["fit", "dev"])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    kept = kept_rows(
        given.out / f"{given.step}.jsonl", lambda: measured(drawn(given.step, given.data))
    )
    rows = [row for row in kept if row["found"]]
    file = given.out / "extracts.json"
    if given.step == "fit":
        file.write_text(fit(rows).model_dump_json() + "\n", encoding="utf-8")
    weights = extract_weights(file) if file.exists() else extract_weights()
    for line in figures(rows, weights):
        print(line)


if __name__ == "__main__":
    main()
