"""Thirty towns with two facts each, and training rows made of them."""

import re

from langchain_core.documents import Document

from app.dataset.grounded import grounded_rows
from app.dataset.mixture import Mixture
from app.dataset.pairs import Grounded, Pair, grounded_pairs
from finetune.data.examples import Example

TOWNS = [f"Town{at}" for at in range(30)]
ASKED = {"mayor": "Who is mayor of {}?", "founded": "When was {} founded?"}


def document(at: int) -> Document:
    text = f"{TOWNS[at]} has the mayor Name{at:02} and was founded in {1500 + at}."
    return Document(text, id=f"c{at}", metadata={"document": f"{at}.md", "start": 0})


CHUNKS = [document(at) for at in range(30)]
PAIRS = [
    Pair(
        id=f"{name}-{at}",
        question=question.format(TOWNS[at]),
        answers=(f"Name{at:02}" if name == "mayor" else str(1500 + at),),
        documents=(f"{at}.md",),
    )
    for at in range(30)
    for name, question in ASKED.items()
]


def search(question: str, k: int) -> list[Document]:
    """Rank towns by how near their number is to the one asked about."""
    named = re.search(r"Town(\d+)", question)
    asked = int(named[1]) if named else 0
    return sorted(CHUNKS, key=lambda c: abs(int(str(c.id)[1:]) - asked))[:k]


def grounded() -> list[Grounded]:
    return grounded_pairs(PAIRS, CHUNKS)


def made(mixture: Mixture, seed: int = 1) -> list[Example]:
    contexts = grounded_rows(grounded(), search, mixture, seed=seed)
    return [row for context in contexts for row in context]


def passages(row: Example) -> dict[int, str]:
    numbered = re.findall(r"^\[(\d+)\] (.*)$", row.prompt[-1].content, re.MULTILINE)
    return {int(number): text for number, text in numbered}
