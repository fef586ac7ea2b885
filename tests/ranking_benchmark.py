"""Rank the techniques that a sentence may report, instead of writing one.

    python tests/ranking_benchmark.py FOLDER    which `recipes.py techniques` wrote

The search names ten candidates, and each ranking orders them: the search's own, the grades of
their documents, and how much likelier the sentence makes the model to write their names. Nothing
is trained on the sentences. Writes tests/results/ranking.json.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attack_recipes import REPORTED
from langchain_core.documents import Document
from langchain_core.messages import HumanMessage
from tqdm import tqdm

from app.assistant import Assistant
from app.dataset.pairs import Pair, read_pairs
from app.models.adapters import NONE
from app.models.ports import Scorer
from app.provenance import published
from app.settings import Settings

RESULTS = Path(__file__).parent / "results" / "ranking.json"
CANDIDATES = 10
PACKAGES = ("torch", "transformers", "groundtune")
BEFORE, AFTER = REPORTED.split("{}")


def ranked(
    assistant: Assistant, base: Scorer, sentence: str, known: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return the candidates' documents in the order of each ranking, best first.

    `known` holds the name of each document's technique.
    """
    found = candidates(assistant, sentence)
    question = REPORTED.format(sentence)
    grades = assistant.grader.grade(question, [chunk.page_content for chunk in found])
    documents = [str(chunk.metadata["document"]) for chunk in found]
    gains = name_gains(base, sentence, [known[document] for document in documents])
    return {
        "search": documents,
        "grades of the documents": _by(documents, grades),
        "names, by the base model": _by(documents, gains),
    }


def candidates(assistant: Assistant, sentence: str) -> list[Document]:
    """Return the best chunk of each of the documents that a search finds."""
    best: dict[str, Document] = {}
    for chunk in assistant.chunks_for(sentence, 3 * CANDIDATES):
        best.setdefault(str(chunk.metadata["document"]), chunk)
    return list(best.values())[:CANDIDATES]


def name_of(document: Path) -> str:
    """Return the technique's name, with which its document begins."""
    heading = document.read_text(encoding="utf-8").split("\n", 1)[0]
    return heading.partition(" is named ")[2].rstrip(".")


def name_gains(scorer: Scorer, sentence: str, names: Sequence[str]) -> list[float]:
    """Return by how many nats a token the sentence makes each name likelier."""
    return [
        _mean(scorer, f"{sentence}\nTechnique: {name}", name)
        - _mean(scorer, f"Technique: {name}", name)
        for name in names
    ]


def _mean(scorer: Scorer, asked: str, text: str) -> float:
    [score] = scorer.score([[HumanMessage(asked)]], text=text)
    return sum(score.text) / max(1, len(score.text))


def _by(documents: Sequence[str], scores: Sequence[float]) -> list[str]:
    order = sorted(range(len(documents)), key=lambda at: -scores[at])
    return [documents[at] for at in order]


def places(rankings: Sequence[tuple[Pair, Mapping[str, Sequence[str]]]]) -> dict[str, Any]:
    """Count for each ranking how often the right technique is its first, and among its five."""
    names = list(rankings[0][1])
    return {
        name: {
            "first": sum(pair.documents[0] in of[name][:1] for pair, of in rankings),
            "among five": sum(pair.documents[0] in of[name][:5] for pair, of in rankings),
        }
        for name in names
    } | {
        "sentences": len(rankings),
        "among the candidates": sum(pair.documents[0] in of[names[0]] for pair, of in rankings),
    }


def main(folder: Path) -> None:
    """Rank for all sentences that were held out, and keep the figures."""
    pairs = [pair for pair in read_pairs(folder / "questions.jsonl") if pair.split == "test"]
    assistant = Assistant(Settings(index=folder / "index"))
    assistant.ingest([folder / "documents"], progress=True)
    known = {file.name: name_of(file) for file in (folder / "documents").glob("*.md")}
    base = Assistant(Settings(index=folder / "index", adapter=NONE))
    rankings = [
        (pair, ranked(assistant, base.runtime.scorer, sentence, known))
        for pair in tqdm(pairs, unit="sentence")
        for sentence in [pair.question.removeprefix(BEFORE).removesuffix(AFTER)]
    ]
    kinds = {"trained on": "fresh", "not trained on": "never"}
    figures = {
        f"techniques {kind} elsewhere": places([r for r in rankings if r[0].id.startswith(part)])
        for kind, part in kinds.items()
    }
    data = [folder / "questions.jsonl"]
    made = published(Assistant.__module__, data=data, packages=PACKAGES)
    record = {"command": "python tests/ranking_benchmark.py FOLDER", "figures": figures, **made}
    RESULTS.write_text(json.dumps(record, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
