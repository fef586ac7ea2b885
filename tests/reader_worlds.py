"""Rows that the reader learns from: price lists, forms and steps of invented organisations."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from invented import worlds
from invented_questions import questions
from langchain_core.documents import Document

from app.ingest.chunking import split_document
from app.ingest.readers import read_file
from finetune.verification.examples import NOWHERE
from graphs.evidence import Lines, Source
from graphs.protocols import Claim
from graphs.text import content

WORLDS = 1_000
SHOWN = 4  # chunks beside a question
FORMS = ("cell", "step", "yes-no", "untold")
BY_QUESTION = 0.5  # of the rows show what fits the question; the others what fits an answer

Asked = tuple[str, str, str, str, tuple[int, int]]
"""Id, source, question, lines, and where its answer stands in them; NOWHERE if it does not."""


def world_rows(draw: random.Random, count: int = WORLDS) -> Iterator[Asked]:
    """Ask about one cell or step each, beside lines as the product reads and cuts them."""
    for number, made in enumerate(worlds(count, draw)):
        chunks = {name: cut(name, text) for name, text in made.written.items()}
        values = [value for thing in made.things for value in thing.values.values()]
        for row in questions(made, draw):
            if form_of(row) in FORMS:
                wanted = row["documents"] or [made.document("list")]
                claim = draw.choice([*row["answers"], *draw.sample(values, 1)])
                held = row["question"] if draw.random() < BY_QUESTION else claim
                shown = lines_of(chunks[wanted[0]], row["question"], held)
                place = _place(shown.text, row)
                if place is not None:
                    yield row["id"], f"world-{number}", row["question"], shown.text, place


def best_fitting(chunks: Sequence[Document], words: str) -> list[Document]:
    """Return the chunks that have most of a question's words, best first."""
    wanted = set(content(words))
    return sorted(chunks, key=lambda c: -len(wanted & set(content(c.page_content))))[:SHOWN]


def lines_of(passages: Sequence[Document], words: str, claim: str) -> Lines:
    """Return the lines that the graph would look at for a claim about a question."""
    return Source.of(passages).lines_for(words, Claim(claim))[0]


def form_of(row: dict[str, Any]) -> str:
    """Read the form of a question off its id."""
    return str(row["id"]).split("-", 1)[1].rsplit("-", 1)[0]


def cut(name: str, text: str) -> list[Document]:
    """Cut a document as the product reads and cuts it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / Path(name).name
        file.write_text(text, encoding="utf-8")
        return split_document(read_file(file), document=file.name)


def _place(lines: str, row: dict[str, Any]) -> tuple[int, int] | None:
    """Return where the answer stands; None where it stands twice and may be a sibling's."""
    if not row["answers"]:
        return NOWHERE
    (answer,) = row["answers"]
    told = lines.count(answer)
    if told > 1:
        return None
    at = lines.find(answer)
    named = all(need in lines for need in row["needs"])
    return (at, at + len(answer)) if told and named else NOWHERE
