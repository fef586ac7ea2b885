"""Train the readers: `python tests/reader_recipes.py rows DATA OUT`, then `train OUT`.

    rows    questions of SQuAD train and of tables, and right claims with a blank, each with the
            lines that the graph would look at -> OUT/rows.jsonl
    quotes  the same questions, near ones that nothing answers, and follow-ups -> OUT/rows.jsonl,
            for the reader that quotes passages
    pairs   invented questions and passages that answer them or not -> OUT/pairs.jsonl
    train   those rows -> OUT/reader, resumed after a kill; `train OUT READER` goes on from a reader

DATA is a folder with `squad/`, `tables/`, `attack/` and `redis/`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from claim_facts import documents
from quote_rows import quoting_rows
from reader_rows import SEED, reading_rows

from app.models.base import resolve_embedding_model
from app.models.names import BUILTIN_EMBEDDINGS
from finetune.verification.examples import (
    NOWHERE,
    ReadingExample,
    read_rows,
    write_rows,
)
from finetune.verification.reader import Reader, RowEncoder, read
from finetune.verification.training import ReaderConfig, train_reader

FURTHER = 800  # steps of a training that goes on from a trained reader
PAIRS = 400  # invented documents, every other of which gives one right and one wrong pair
READ = 600  # held-out rows for a report


def write(data: Path, out: Path) -> None:
    write_rows(out / "rows.jsonl", reading_rows(data))


def write_quotes(data: Path, out: Path) -> None:
    write_rows(out / "rows.jsonl", quoting_rows(data))


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


def train(out: Path, start: Path | None = None, *, steps: int = FURTHER) -> None:
    examples = list(read_rows(out / "rows.jsonl"))
    held = [row for row in examples if row.split == "held"]
    few = random.Random(SEED).sample(held, READ)
    reader = train_reader(
        encoder(),
        [row for row in examples if row.split == "train"],
        out / "run",
        ReaderConfig(steps=steps, learning_rate=2e-4) if start else ReaderConfig(),
        start=start,
        report=lambda reader, step: print(step, figures(reader, few), flush=True),
    )
    reader.save(out / "reader")


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
    parser.add_argument("step", choices=["rows", "quotes", "train", "pairs"])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--steps", type=int, default=FURTHER, help="of a training that goes on")
    given = parser.parse_args()
    further = partial(train, steps=given.steps)
    {"rows": write, "quotes": write_quotes, "train": further, "pairs": write_pairs}[given.step](
        *given.folders
    )


if __name__ == "__main__":
    main()
