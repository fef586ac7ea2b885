"""Fit what tells yes from no: `python tests/agreement_recipes.py fit DATA OUT`, `dev DATA OUT`.

    fit     questions for yes or no about held-out articles of SQuAD train, held-out tables and
            invented organisations, each with passages that tell and with others
    dev     those about SQuAD's dev articles and facts of Redis commands, which nothing is fitted on

Both keep in OUT what the check makes of each question, and print how often the right side is told.
`fit` writes the weights to OUT, too.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from answer_benchmark import asked_of, page_of
from invented import DOMAINS, Names, world
from invented_questions import questions
from langchain_core.documents import Document
from reader_worlds import cut, form_of
from recipe_parts import kept_rows, rows, write_table
from sklearn.linear_model import LogisticRegression
from squad_forms import agreed_of
from tqdm import tqdm

from app.ingest.chunking import split_document
from app.ingest.readers import read_file
from app.models.agreement import SIDES, AgreementWeights, Side, weighed
from app.models.line_reader import LineReader
from app.models.verifier import ReaderVerifier
from finetune.verification.examples import split_of

SEED = 61
SQUAD, TABLES, ORGANISATIONS, REDIS = 130, 90, 90, 60  # questions that are told
SURE, LEAST = 0.8, (0.4, 0.5, 0.6, 0.7, 0.8)  # probabilities that a side must have
PENALTY = 0.1  # of 0.01 to 1, what does best when a kind of question is left out
FORMS = ("Is the {h} of {k} {v}?", "Does {k} have {v} as {h}?", "Was the {h} of {k} {v}?")


class Asked(NamedTuple):
    """A question, the side that its passages tell, and the passages."""

    kind: str
    question: str
    side: Side
    passages: list[Document]


def squad(data: Path, draw: random.Random, split: str, count: int) -> Iterator[Asked]:
    """Ask paragraphs for what they say or, with a name or number changed, do not."""
    paragraphs = [
        row
        for row in rows(data / "squad" / f"{split}.paragraphs.jsonl.gz")
        if split == "dev" or split_of(row["title"]) == "held"
    ]
    draw.shuffle(paragraphs)
    told = 0
    for row in paragraphs:
        made = [pair for pair in agreed_of(row["id"], row["text"], draw) if pair]
        others = [p for p in paragraphs if p["title"] == row["title"] and p is not row]
        if not made or len(others) < 2:
            continue
        pair = draw.choice(made)
        one, other = (numbered(p["text"], p["id"]) for p in draw.sample(others, 2))
        gold = numbered(row["text"], row["id"])
        yield Asked("squad", pair.question, _side(pair.reply), draw.sample([gold, one], 2))
        yield Asked("squad", pair.question, "nothing", [one, other])
        if (told := told + 1) == count:
            return


def tables(data: Path, draw: random.Random) -> Iterator[Asked]:
    """Ask tables whether a cell is what stands there or below."""
    known = [
        row
        for row in rows(data / "tables" / "tables.jsonl.gz")
        if split_of(row["id"]) == "held" and len(row["rows"]) > 2 and len(row["header"]) > 1
    ]
    told = 0
    while told < TABLES:
        table, other = draw.sample(known, 2)
        line, below = draw.sample(table["rows"], 2)
        at = draw.randrange(1, len(line))
        key, value, wrong, head = line[0], line[at], below[at], table["header"][at]
        firsts = [row[0] for row in table["rows"]]
        if not (key and value and wrong) or value == wrong or firsts.count(key) > 1:
            continue
        true = draw.random() < 0.5
        put = value if true else wrong
        words = draw.choice(FORMS).format(h=head.lower(), k=key, v=put).replace("\n", " ")
        holding = [c for c in _cut(table) if key in c.page_content and value in c.page_content]
        if holding:
            foreign = _cut(other)[0]
            yield Asked("tables", words, "yes" if true else "no", [foreign, holding[0]])
            yield Asked("tables", words, "nothing", [foreign])
            told += 1


def organisations(draw: random.Random) -> Iterator[Asked]:
    """Ask invented organisations, and others of the same trade."""
    names, told, number = Names(draw), 0, 0
    while told < ORGANISATIONS:
        domain = DOMAINS[number % len(DOMAINS)]
        made, other = (world(at, domain, names, draw) for at in (number, number + 1))
        number += 1
        chunks = [chunk for name, text in made.written.items() for chunk in cut(name, text)]
        foreign = [chunk for name, text in other.written.items() for chunk in cut(name, text)]
        for row in (r for r in questions(made, draw) if form_of(r) == "yes-no"):
            (name,), (value,) = row["needs"], row["answers"]
            fit = [c for c in chunks if name in c.page_content and value in c.page_content]
            if fit:
                shown = [*fit[:2], draw.choice(chunks)]
                yield Asked("organisations", row["question"], _side(row["reply"]), shown)
                yield Asked("organisations", row["question"], "nothing", foreign[:3])
                told += 1


def redis(data: Path, draw: random.Random) -> Iterator[Asked]:
    """Ask pages of Redis commands for their facts."""
    commands = json.loads((data / "redis" / "commands.json").read_text(encoding="utf-8"))
    for name, question, _, true in asked_of(commands, REDIS):
        other = draw.choice([each for each in commands if each != name])
        pages = [numbered(page_of(each, commands), each) for each in (name, other)]
        yield Asked("redis", question, "yes" if true else "no", pages)
        yield Asked("redis", question, "nothing", pages[1:])


def numbered(text: str, id_: str) -> Document:
    return Document(text, id=id_, metadata={"document": f"{id_}.txt"})


def _side(reply: str | None) -> Side:
    return "yes" if (reply or "").startswith("Yes") else "no"


def _cut(table: dict[str, Any]) -> list[Document]:
    with tempfile.TemporaryDirectory() as folder:
        file = write_table(Path(folder), table)
        return split_document(read_file(file), document=file.name)


def drawn(step: str, data: Path) -> list[Asked]:
    draw = random.Random(SEED)
    if step == "fit":
        told = [*squad(data, draw, "train", SQUAD), *tables(data, draw)]
        return [*told, *organisations(draw)]
    return [*squad(data, draw, "dev", SQUAD), *redis(data, draw)]


def measured(every: Sequence[Asked]) -> Iterator[dict[str, Any]]:
    verifier = ReaderVerifier(LineReader())
    for kind, question, side, passages in tqdm(every):
        values = weighed(verifier, question, passages).values
        yield {"kind": kind, "question": question, "side": side, "values": values}


def figures(rows: Sequence[dict[str, Any]], weights: AgreementWeights, least: float) -> str:
    """Tell how many told questions get the right side and a wrong one, and others any."""
    told, others = ([r for r in rows if (r["side"] == "nothing") == n] for n in (False, True))
    said = [told_side(weights, row["values"], least) for row in told]
    right = [side == row["side"] for side, row in zip(said, told, strict=True)]
    wrong = [side != "nothing" and not ok for side, ok in zip(said, right, strict=True)]
    answered = [told_side(weights, row["values"], least) != "nothing" for row in others]
    return (
        f"{len(told)} told: right {sum(right) / len(right):.3f}, wrong "
        f"{sum(wrong) / len(wrong):.3f}; {len(others)} not told: "
        f"answered {sum(answered) / len(answered):.3f}"
    )


def told_side(weights: AgreementWeights, values: Sequence[float], least: float) -> Side:
    probability, side = weights.best(values)
    return side if probability >= least else "nothing"


def fit(rows: Sequence[dict[str, Any]]) -> AgreementWeights:
    model = LogisticRegression(C=PENALTY, max_iter=1000, class_weight="balanced")
    model.fit([row["values"] for row in rows], [SIDES.index(row["side"]) for row in rows])
    rounded = [[round(float(w), 4) for w in row] for row in model.coef_]
    return AgreementWeights(
        weights=rounded, intercepts=[round(float(b), 4) for b in model.intercept_], sure=SURE
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("step", choices=["fit", "dev"])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    rows = kept_rows(
        given.out / f"{given.step}.jsonl", lambda: measured(drawn(given.step, given.data))
    )
    file = given.out / "agreement.json"
    if given.step == "fit":
        file.write_text(fit(rows).model_dump_json() + "\n", encoding="utf-8")
    weights = AgreementWeights.model_validate_json(file.read_text(encoding="utf-8"))
    for kind in dict.fromkeys(row["kind"] for row in rows):
        for least in LEAST:
            of_kind = [row for row in rows if row["kind"] == kind]
            print(kind, least, figures(of_kind, weights, least))


if __name__ == "__main__":
    main()
