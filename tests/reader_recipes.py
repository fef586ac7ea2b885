"""Train the reader: `python tests/reader_recipes.py rows DATA OUT`, then `train OUT`.

    rows    questions of SQuAD train and of tables, and right claims with a blank, each with the
            lines that the graph would look at -> OUT/rows.jsonl
    pairs   invented questions and passages that answer them or not -> OUT/pairs.jsonl
    weigh   labelled claims of DATA, read by OUT/reader -> OUT/reader/weights.json and card
    train   those rows -> OUT/reader, resumed after a kill

DATA is a folder with `squad/`, `tables/`, `attack/` and `redis/`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from claim_facts import documents
from claim_recipes import Claim, claims, render, rows, stated
from langchain_core.documents import Document
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from tqdm import tqdm

from app.models.base import BUILTIN_EMBEDDINGS, resolve_embedding_model
from app.models.claim_features import FEATURES, Beside, features
from app.models.trees import LEAF, Node, Trees
from app.models.verifier import SupportWeights
from app.tuning.calibrate import calibration_error
from finetune.registry.fingerprint import sha256_of
from finetune.verification.examples import (
    NOWHERE,
    ReadingExample,
    read_rows,
    split_of,
    write_rows,
)
from finetune.verification.reader import Reader, RowEncoder, read
from finetune.verification.training import ReaderConfig, train_reader
from graphs.evidence import Lines, Source
from graphs.protocols import Claim as Stated
from graphs.slots import BLANK, slots

SEED = 29
UNANSWERED = 0.15
AROUND = 500  # characters of a paragraph on each side of an answer, at most
MARK = "\u2060"  # stands around a cell while its table is written
PAIRS = 400  # invented documents, every other of which gives one right and one wrong pair
FITTED, MEASURED = 5_000, 2_000  # claims
KEPT = 0.94  # of the right claims of train sources; of held-out ones it keeps some fewer
BOOSTING: dict[str, Any] = {
    "max_iter": 200,
    "learning_rate": 0.06,
    "max_leaf_nodes": 12,
    "l2_regularization": 5.0,
    "random_state": SEED,
}
READ = 600  # held-out rows for a report


def claim_rows(data: Path) -> Iterator[ReadingExample]:
    """Ask for what right claims say beyond their question, where it stands in the lines once."""
    for number, claim in enumerate(claims(data)):
        missing = claim.kind == "deleted" and not claim.right
        if not (claim.right or missing):
            continue
        lines = chosen_lines(claim).text
        for at, slot in enumerate(slots(claim.question, claim.claim)):
            begin = lines.find(slot.value)
            if missing or lines.count(slot.value) == 1:
                yield ReadingExample(
                    id=f"claim-{number:06}-{at}",
                    source=claim.source,
                    query=f"{claim.question} {slot.query}".strip(),
                    lines=lines,
                    answer=NOWHERE if missing else (begin, begin + len(slot.value)),
                )


def chosen_lines(claim: Claim) -> Lines:
    passage = Document(claim.passage, id="passage", metadata={"document": "passage"})
    source = Source.of([passage])
    (chosen, *_) = source.lines_for(claim.question, Stated(claim.claim))
    return chosen


def squad_questions(data: Path, draw: random.Random) -> Iterator[ReadingExample]:
    texts = {row["id"]: row for row in rows(data / "squad" / "train.paragraphs.jsonl.gz")}
    every = sorted(texts)
    for row in rows(data / "squad" / "train.questions.jsonl.gz"):
        text, title = texts[row["paragraph"]]["text"], texts[row["paragraph"]]["title"]
        answer = row["answers"][0]
        at = text.find(answer)
        if draw.random() < UNANSWERED:
            other = texts[draw.choice(every)]["text"][:AROUND]
            yield question(row["id"], title, row["question"], other, NOWHERE, draw)
        elif at >= 0:
            left = max(0, at - draw.randrange(50, AROUND))
            left = left and text.rfind(" ", 0, left) + 1
            lines = text[left : at + len(answer) + draw.randrange(50, AROUND)]
            yield question(
                row["id"], title, row["question"], lines, (at - left, at - left + len(answer)), draw
            )


def table_questions(data: Path, draw: random.Random) -> Iterator[ReadingExample]:
    """Ask for cells, some in words that people chose and some by header and first cell."""
    tables = {row["id"]: row for row in rows(data / "tables" / "tables.jsonl.gz")}
    asked = [
        (row["table"], row["question"], row["answers"][0])
        for row in rows(data / "tables" / "questions.jsonl.gz")
        if row["lookup"]
    ]
    for number, (name, words, answer) in enumerate(asked * 2):
        table = tables[name]
        body = [[cell.replace("\n", " ") for cell in line] for line in table["rows"]]
        places = [(r, c) for r, line in enumerate(body) for c, v in enumerate(line) if v == answer]
        header = [cell.replace("\n", " ") for cell in table["header"]]
        if len(places) == 1 and len(header) > 1:
            (r, c), own = places[0], body[places[0][0]][0]
            by_header = draw.random() < 0.5 and c > 0 and own
            told = f"What is the {header[c]} of {own}?" if by_header else words
            first = max(0, r - draw.randrange(8))
            shown = [list(line) for line in body[first : first + 8]]
            shown[r - first][c] = f"{MARK}{answer}{MARK}"
            text = render(header, shown, draw)
            at = text.find(MARK)
            if at >= 0:
                lines = text.replace(MARK, "")
                yield question(f"cell-{number}", name, told, lines, (at, at + len(answer)), draw)


def question(
    id_: str, source: str, words: str, lines: str, answer: tuple[int, int], draw: random.Random
) -> ReadingExample:
    """Ask a question, every other time with the beginning of an answer."""
    words = words.strip()
    query = f"{words} {stated(words, BLANK, draw)}" if draw.random() < 0.5 else words
    return ReadingExample(
        id=f"question-{id_}", source=source, query=query, lines=lines, answer=answer
    )


def write(data: Path, out: Path) -> None:
    draw = random.Random(SEED)
    made = [*claim_rows(data), *squad_questions(data, draw), *table_questions(data, draw)]
    write_rows(out / "rows.jsonl", made)


def write_pairs(out: Path) -> None:
    """Write what `groundtune calibrate` grades: as many right passages as wrong ones."""
    draw = random.Random(SEED)
    made = [claim for claim in documents(draw, PAIRS) if claim[1] not in ("yes-no", "refusal")]
    passages = [passage for *_, passage, _ in made]
    rows: list[tuple[str, str, bool]] = []
    for at in range(0, PAIRS, 2):
        of_source = [claim for claim in made if claim[0] == f"facts-{at}"]
        answered = [claim for claim in of_source if claim[1] != "deleted" and claim[5]]
        missing = [claim for claim in of_source if claim[1] == "deleted" and not claim[5]]
        if not answered or not missing:
            continue
        _, _, words, _, passage, _ = draw.choice(answered)
        rows.append((words, passage, True))
        withheld = draw.random() < 0.5
        _, _, words, _, passage, _ = missing[0] if withheld else draw.choice(answered)
        rows.append((words, passage if withheld else draw.choice(passages), False))
    lines = [
        {"id": f"pair-{number:03}", "question": words, "passage": passage, "right": right}
        for number, (words, passage, right) in enumerate(rows)
    ]
    draw.shuffle(lines)
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    (out / "pairs.jsonl").write_text(text, encoding="utf-8")


def train(out: Path) -> None:
    examples = list(read_rows(out / "rows.jsonl"))
    held = [row for row in examples if row.split == "held"]
    few = random.Random(SEED).sample(held, READ)
    reader = train_reader(
        encoder(),
        [row for row in examples if row.split == "train"],
        out / "run",
        ReaderConfig(),
        report=lambda reader, step: print(step, figures(reader, few), flush=True),
    )
    reader.save(out / "reader")


def weigh(data: Path, out: Path) -> None:
    """Fit the weights on claims of the train split, and measure on sources that nothing saw."""
    draw = random.Random(SEED)
    every = claims(data)
    split = {
        name: draw.sample([c for c in every if split_of(c.source) == name], count)
        for name, count in (("train", FITTED), ("held", MEASURED))
    }
    reader = Reader.load(out / "reader", encoder()), RowEncoder(encoder())
    kept = out / "values.npz"  # takes ten minutes
    if not kept.exists():
        np.savez(kept, **{name: claim_values(*reader, of) for name, of in split.items()})
    values = np.load(kept)
    right = {name: np.array([c.right for c in of]) for name, of in split.items()}
    model = HistGradientBoostingClassifier(**BOOSTING)
    guessed = cross_val_predict(
        model, values["train"], right["train"], cv=5, method="predict_proba"
    )
    threshold = float(np.quantile(guessed[:, 1][right["train"]], 1 - KEPT))
    model.fit(values["train"], right["train"])
    told = model.predict_proba(values["held"])[:, 1]
    found = guard_figures(told, right["held"], [c.kind for c in split["held"]], threshold)
    weights = exported(model, threshold, found)
    assert np.allclose([weights.model.probability(row) for row in values["held"]], told, atol=1e-6)
    (out / "reader" / "weights.json").write_text(
        weights.model_dump_json(exclude_defaults=True), encoding="utf-8"
    )
    facts = {
        "fitted_on": FITTED,
        "measured_on": MEASURED,
        "features": FEATURES,
        "reader_sha256": sha256_of(out / "reader" / "reader.safetensors"),
        "config": ReaderConfig().model_dump(),
        "command": "python tests/reader_recipes.py rows DATA OUT, train OUT, weigh DATA OUT",
        "figures": found,
    }
    (out / "reader" / "manifest.json").write_text(json.dumps(facts, indent=1))
    print(json.dumps(found, indent=1))


def claim_values(reader: Reader, rows_: RowEncoder, of: Sequence[Claim]) -> np.ndarray:
    """Return the features of claims, each beside the lines that the graph would choose."""
    found = []
    for claim in tqdm(of):
        lines, asked = chosen_lines(claim), slots(claim.question, claim.claim)
        queries = [claim.question, *(f"{claim.question} {s.query}".strip() for s in asked)]
        readings = read(reader, rows_, [(query, lines.text) for query in queries])
        beside = Beside(claim.question, claim.claim, lines.text, lines.quoted, asked)
        found.append(features(beside, readings))
    return np.array(found)


def exported(
    model: HistGradientBoostingClassifier, threshold: float, found: dict[str, Any]
) -> SupportWeights:
    """Write the fitted trees as plain numbers."""
    trees = tuple(
        tuple(
            Node(feature=LEAF, value=node["value"])
            if node["is_leaf"]
            else Node(
                feature=node["feature_idx"],
                at=node["num_threshold"],
                left=node["left"],
                right=node["right"],
            )
            for node in stage[0].nodes
        )
        for stage in model._predictors
    )
    return SupportWeights(
        model=Trees(baseline=float(model._baseline_prediction.item()), trees=trees),
        threshold=threshold,
        rejects=round(1 - found["right kept"], 4),
        accepts=found["wrong let out"],
    )


def guard_figures(
    told: np.ndarray, right: np.ndarray, kinds: Sequence[str], threshold: float
) -> dict[str, Any]:
    kept, kind_of = told >= threshold, np.array(kinds)
    figures: dict[str, Any] = {
        "auc": roc_auc_score(right, told),
        "right kept": kept[right].mean(),
        "wrong let out": kept[~right].mean(),
        "expected calibration error": calibration_error(told, right),
    }
    rounded: dict[str, Any] = {name: round(float(value), 4) for name, value in figures.items()}
    for kind in sorted(set(kinds)):
        mine = kind_of == kind
        rounded[kind] = {
            "claims": int(mine.sum()),
            "right kept": round(float(kept[mine & right].mean()), 3),
            "wrong let out": round(float(kept[mine & ~right].mean()), 3),
        }
    return rounded


def encoder() -> Path:
    folder = resolve_embedding_model(BUILTIN_EMBEDDINGS)
    assert isinstance(folder, Path)
    return folder


def figures(reader: Reader, held: Sequence[ReadingExample]) -> str:
    """Tell how many likeliest spans are right, by the kind of row."""
    reader.eval()
    readings = read(reader, RowEncoder(encoder()), [(row.query, row.lines) for row in held])
    reader.train()
    right: dict[str, list[bool]] = {}
    for row, reading in zip(held, readings, strict=True):
        best = reading.spans[0]
        found = NOWHERE if reading.nothing > best.probability else (best.start, best.end)
        right.setdefault(row.id.partition("-")[0], []).append(found == row.answer)
    return json.dumps({kind: round(sum(of) / len(of), 3) for kind, of in right.items()})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("step", choices=["rows", "train", "weigh", "pairs"])
    parser.add_argument("folders", type=Path, nargs="+")
    given = parser.parse_args()
    {"rows": write, "train": train, "weigh": weigh, "pairs": write_pairs}[given.step](
        *given.folders
    )


if __name__ == "__main__":
    main()
