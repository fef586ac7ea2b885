"""Make the examples of the mixed training: `python tests/mixed_recipes.py DATA OUT`.

Invented organisations with questions of every kind, paragraphs of SQuAD, tables of Wikipedia with
questions that people asked, follow-ups of MTRAG, and replies of the base model. Writes
OUT/mixed.jsonl to train on and OUT/kinds/KIND.jsonl to measure by: of trades and tables that are
kept apart. Needs an empty OUT, but for a rehearsal.jsonl of an earlier run; `--worlds` and
`--tables` say how much of each.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from invented import DOMAINS
from invented import write as write_worlds
from langchain_core.documents import Document
from recipe_parts import SEED, lookups, rows, write_table
from recipes import document_name, follow_ups, passage_rows, squad_trained
from recipes import write as write_once
from squad_forms import agreed, followed

from app.assistant import Assistant
from app.dataset.conversations import rewrite_row
from app.dataset.grounded import example, grounded_rows, unanswerable_row
from app.dataset.mixture import Mixture
from app.dataset.pairs import Grounded, Pair, by_document, contains, ground, read_pairs
from app.dataset.rehearsal import sample_rehearsal
from app.ingest.chunking import split_document
from app.ingest.readers import read_file
from app.settings import Settings
from finetune.data.examples import Example, Kind, read_examples, write_examples
from graphs import prompts
from graphs.passages import place

MIXTURE = Mixture(
    rounds=1, passages=(1, 2, 3, 3, 3, 4), per_passage=5, graded=0.12, withheld=0.2, seed=43
)
SQUAD = MIXTURE.model_copy(update={"contexts": 500, "per_passage": 4})
ARTICLES = 60  # of SQuAD that are searched
HELD_TRADES = 2  # the last of the list
PASSAGES = 4  # that a table may fill, for a question may ask for its last row
ASKED, FOREIGN = 6, 1  # questions about a table, and about another one while it is shown
TABLES_GRADED = 0.25  # of the questions about a table; as many are graded beside a foreign one
REHEARSED, REWRITTEN = 400, 900
MEASURED = 60  # rows of a kind


def documents(data: Path, out: Path, worlds: int) -> None:
    write_worlds(out, worlds, seed=SEED)
    titles: set[str] = set()
    for row in rows(data / "squad" / "train.paragraphs.jsonl.gz"):
        name = document_name(row["id"])
        titles.add(name.partition("/")[0])
        if len(titles) > ARTICLES:
            break
        file = out / "documents" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(row["text"], encoding="utf-8")


def invented(out: Path, assistant: Assistant) -> tuple[list[Example], dict[str, list[Example]]]:
    """Return rows about the invented organisations: to train on, and to measure by, by kind."""
    held: list[Pair] = []
    trained: list[Pair] = []
    for pair in read_pairs(out / "questions.jsonl"):
        trade = int(pair.id.partition("-")[0]) % len(DOMAINS)
        (held if trade >= len(DOMAINS) - HELD_TRADES else trained).append(pair)
    measured: dict[str, list[Example]] = defaultdict(list)
    for row in _rows(held, out, assistant):
        if row.kind in (Kind.ANSWER, Kind.REWRITE, Kind.REFUSAL):
            form = row.id.split("-", 2)[2].rsplit("-", 2 if row.kind is Kind.ANSWER else 1)[0]
            measured["refusal" if row.kind is Kind.REFUSAL else form].append(row)
    return list(_rows(trained, out, assistant)), measured


def _rows(pairs: Sequence[Pair], out: Path, assistant: Assistant) -> Iterator[Example]:
    chunks = by_document(assistant.store.all_chunks())
    together = json.loads((out / "together.json").read_text(encoding="utf-8"))
    draw, search = random.Random(SEED), assistant.chunks_for
    grounded: list[Grounded] = []
    for pair in pairs:
        if pair.kind == "unanswerable":
            yield unanswerable_row(pair, search, MIXTURE, draw)
        else:
            if pair.kind == "follow-up" and draw.random() < REWRITTEN / len(pairs):
                yield rewrite_row(pair)
            found = ground(pair, chunks)
            if isinstance(found, Grounded) and _whole(found, *together[pair.id]):
                grounded.append(found)
    for context in grounded_rows(grounded, search, MIXTURE, seed=MIXTURE.seed):
        yield from context


def _whole(found: Grounded, needs: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether the passages say all that the answer takes."""
    gold, *rest = found.gold
    said = " ".join(chunk.page_content for chunk in rest)
    return all(contains(gold.page_content, text) for text in needs) and all(
        contains(said, text) for text in others
    )


def tables(data: Path, out: Path, split: str) -> Iterator[Example]:
    """Ask about whole tables, each cut as the product cuts a CSV file."""
    asked: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in lookups(data, split):
        asked[row["table"]].append(row)
    draw = random.Random(SEED)
    known = [row for row in rows(data / "tables" / "tables.jsonl.gz") if row["id"] in asked]
    draw.shuffle(known)
    for table in known:
        chunks = _cut(table, out)
        if len(chunks) <= PASSAGES:
            other = draw.choice(known)["id"]
            yield from _table_rows(chunks, asked[table["id"]], asked[other], other, draw)


def _cut(table: dict[str, Any], out: Path) -> list[Document]:
    file = write_table(out / "tables", table)
    return split_document(read_file(file), document=file.name)


def _table_rows(
    chunks: Sequence[Document],
    asked: Sequence[dict[str, Any]],
    foreign: Sequence[dict[str, Any]],
    other: str,
    draw: random.Random,
) -> Iterator[Example]:
    shown = draw.sample(chunks, len(chunks))
    passages = [place(chunk) for chunk in shown]
    for row in asked[:ASKED]:
        (answer,) = row["answers"]
        holding = [n for n, chunk in enumerate(shown, 1) if contains(chunk.page_content, answer)]
        if len(holding) != 1:
            continue
        pair = Pair(id=row["id"], question=row["question"], answers=(answer,))
        yield example(
            f"table-{row['id']}",
            Kind.ANSWER,
            prompts.generate(row["question"], passages),
            f"{answer} [{holding[0]}]",
            pair,
            answers=(answer,),
            citation=holding[0],
        )
        if draw.random() < TABLES_GRADED:
            yield _graded(pair, shown[holding[0] - 1], "yes")
    for row in foreign[:FOREIGN]:
        if not any(contains(chunk.page_content, row["answers"][0]) for chunk in shown):
            pair = Pair(id=row["id"], question=row["question"])
            prompt = prompts.generate(row["question"], passages)
            id_ = f"{row['id']}-{other}"
            yield example(f"no-table-{id_}", Kind.REFUSAL, prompt, prompts.REFUSAL, pair)
            yield _graded(pair, draw.choice(shown), "no")


def _graded(pair: Pair, chunk: Document, verdict: str) -> Example:
    prompt = prompts.grade_document(pair.question, place(chunk))
    return example(f"grade-{pair.id}-{chunk.id}", Kind.GRADE, prompt, verdict, pair)


def rehearsal(out: Path, assistant: Assistant) -> list[Example]:
    """Return replies of the base model, which take ten minutes, or those of an earlier run."""
    file = out / "rehearsal.jsonl"
    if not file.exists():
        made = sample_rehearsal(assistant.chat_model, count=REHEARSED, seed=MIXTURE.seed)
        write_examples(file, made)
    return read_examples(file)


def make(data: Path, out: Path, worlds: int, count: int) -> None:
    documents(data, out, worlds)
    settings = Settings(index=out / "index", adapter="none", max_batch=32)
    assistant = Assistant(settings)
    assistant.ingest([out / "documents"], progress=True)
    trained, measured = invented(out, assistant)
    articles = [*followed(squad_trained(data)), *agreed(data, random.Random(SEED))]
    trained += passage_rows(articles, assistant, SQUAD)
    rehearsed = rehearsal(out, assistant)
    assistant.close()
    trained += islice(tables(data, out, "train"), count)
    measured["table"] = list(tables(data, out, "held"))
    trained += [*follow_ups(data), *rehearsed]
    write_once(out / "mixed.jsonl", trained)
    draw = random.Random(SEED)
    for kind, made in measured.items():
        kept = draw.sample(made, min(MEASURED, len(made)))
        write_examples(out / "kinds" / f"{kind}.jsonl", kept)


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--worlds", type=int, default=140)
    parser.add_argument("--tables", type=int, default=3_000, help="rows about tables")
    given = parser.parse_args(None if arguments is None else list(arguments))
    make(given.data, given.out, given.worlds, given.tables)


if __name__ == "__main__":
    main()
