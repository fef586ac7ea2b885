"""Recipes of MITRE ATT&CK techniques and of the report sentences that TRAM gathered."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from recipe_parts import SEED, Row, chat, rows

from app.compare.run.closed_book import recall_rows
from app.dataset.pairs import Pair
from finetune.data.contamination import contamination
from finetune.data.examples import write_examples
from graphs.text import content

RECORDS = 1_500  # sentences of TRAM
RECORD = (
    "Reply with one JSON object with the keys technique, name and evidence: the MITRE ATT&CK "
    "technique that the sentence reports, its name, and the words of the sentence that show it."
)

UNSEEN, SENTENCES, ASKED = 12, 8, 40  # techniques; sentences of each trained one; asked of either
REPORTED = (
    'Which technique does this sentence report: "{}"? '
    "Reply with a JSON object of the keys technique and name."
)


def attack(data: Path, out: Path) -> None:
    """Write chat examples that ask for a record of a technique."""
    known = {row["id"]: row for row in rows(data / "attack" / "techniques.jsonl.gz")}
    found = {row["text"]: row["technique"] for row in rows(data / "attack" / "tram.jsonl.gz")}
    texts = sorted(text for text, technique in found.items() if technique in known)
    made = [
        chat(
            f"tram-{number:04}",
            [("system", RECORD), ("user", text), ("assistant", record(text, known[found[text]]))],
            kind="record",
        )
        for number, text in enumerate(random.Random(SEED).sample(texts, RECORDS))
    ]
    write_examples(out / "examples.jsonl", made)


def techniques(data: Path, out: Path) -> None:
    """Write a document for each technique, and sentences that report one.

    Of some techniques no sentence is trained on: their documents are all there is to know them by.
    Reports copy each other: what shares too many words with a trained sentence is not asked.
    """
    known = {row["id"]: row for row in rows(data / "attack" / "techniques.jsonl.gz")}
    (out / "documents").mkdir(parents=True, exist_ok=True)
    for id_, row in known.items():
        text = f"Technique {id_} is named {row['name']}.\n\n{row['description']}\n"
        (out / "documents" / f"{id_}.md").write_text(text, encoding="utf-8")
    draw, reported = random.Random(SEED), sentences_by_technique(data, known)
    ids = draw.sample(sorted(reported), len(reported))
    unseen, seen = ids[:UNSEEN], ids[UNSEEN:]
    for sentences in reported.values():
        draw.shuffle(sentences)
    parts = {
        "tram": [(id_, text) for id_ in seen for text in reported[id_][:SENTENCES]],
        "fresh": [(id_, text) for id_ in seen for text in reported[id_][SENTENCES:]],
        "never": [(id_, text) for id_ in unseen for text in reported[id_]],
    }
    made = {
        part: [
            technique_pair(f"{part}-{at:04}", known[id_], text)
            for at, (id_, text) in enumerate(found)
        ]
        for part, found in parts.items()
    }
    train = made["tram"]
    asked = [
        pair for part in ("fresh", "never") for pair in draw.sample(apart(made[part], train), ASKED)
    ]
    split = [pair.model_copy(update={"split": "train"}) for pair in train]
    split += [pair.model_copy(update={"split": "test"}) for pair in asked]
    for name, part in (("questions", split), ("train", train)):
        lines = "".join(pair.model_dump_json(exclude_defaults=True) + "\n" for pair in part)
        (out / f"{name}.jsonl").write_text(lines, encoding="utf-8")


def apart(pairs: Sequence[Pair], train: Sequence[Pair]) -> list[Pair]:
    """Leave out the questions that a comparison would take for trained ones."""
    leaked = {overlap.test_id for overlap in contamination(recall_rows(train), recall_rows(pairs))}
    rows = zip(pairs, recall_rows(pairs), strict=True)
    return [pair for pair, row in rows if row.id not in leaked]


def sentences_by_technique(data: Path, known: Mapping[str, Row]) -> dict[str, list[str]]:
    """Group TRAM's sentences; one that reports several techniques has no single right answer."""
    found: dict[str, set[str]] = {}
    for row in rows(data / "attack" / "tram.jsonl.gz"):
        found.setdefault(" ".join(row["text"].replace('"', "'").split()), set()).add(
            row["technique"]
        )
    grouped: dict[str, list[str]] = {}
    for text, of in sorted(found.items()):
        if len(of) == 1 and 60 <= len(text) <= 300 and (id_ := of.pop()) in known:
            grouped.setdefault(id_, []).append(text)
    return {id_: texts for id_, texts in grouped.items() if len(texts) > SENTENCES}


def technique_pair(id_: str, technique: Row, text: str) -> Pair:
    answer = {"technique": technique["id"], "name": technique["name"]}
    return Pair(
        id=id_,
        question=REPORTED.format(text),
        answers=(json.dumps(answer, ensure_ascii=False),),
        documents=(f"{technique['id']}.md",),
        kind="format",
    )


def record(text: str, technique: Row) -> str:
    """Cite the clause that shares most words with the technique's description."""
    wanted = set(content(f"{technique['name']} {technique['description']}"))
    clauses = [clause.strip() for clause in re.split(r"(?<=[,;])\s", text) if clause.strip()]
    evidence = max(clauses, key=lambda clause: len(wanted & set(content(clause))))
    fields = {"technique": technique["id"], "name": technique["name"], "evidence": evidence}
    return json.dumps(fields, ensure_ascii=False)
