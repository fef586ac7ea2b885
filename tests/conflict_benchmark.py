"""Measure how often contradictions are shown: `conflict_benchmark.py DATA train|dev N`.

Takes N answered questions of SQuAD 2.0: of train, the articles that nothing was trained on. The
right answer is given. Beside the paragraph that holds it stand two others of the article, each a
document of its own, which do not hold it, and at last a copy of the first, in which another answer
of the same type stands: another number, or the answer to another question.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from claim_recipes import shape
from langchain_core.documents import Document
from langchain_core.messages import AIMessage
from recipes import Pair, article_of, by_article, others_of, unseen_pairs
from tqdm import tqdm

from app.models.extractor import ReaderExtractor
from app.models.line_reader import LineReader
from app.models.verifier import ReaderVerifier
from graphs.citations import cite
from graphs.conflicts import rivals_of, with_conflicts

SEED = 29
OTHERS = 2
PLANTED = "planted"
LEAST = (0.1, 0.2, 0.3, 0.5, 0.7)


class Measured:
    """Shows conflicts as the product does, from any probability on."""

    def __init__(self) -> None:
        reader = LineReader()
        self._extractor = ReaderExtractor(reader)
        self._verifier = ReaderVerifier(reader)

    def shown(self, pair: Pair, gold: Document, passages: Sequence[Document]) -> dict[float, str]:
        """Return from each of some probabilities on which documents are shown."""
        reply = AIMessage(pair.answers[0])
        update = {"messages": [reply], "citations": [cite(gold, 0, 1)]}
        extracts = self._extractor.extract(pair.question, passages)
        found = {}
        for least in LEAST:
            rivals = rivals_of(pair.question, update, extracts, passages, least)
            supports = [
                self._verifier.verify(pair.question, rival.quote.claims, [rival.passage])
                for rival in rivals
            ]
            told = with_conflicts(update, rivals, supports, self._verifier.threshold)
            found[least] = [each["document"] for each in told.get("conflicts", [])]
        return found


def cases(data: Path, split: str, count: int) -> Iterator[tuple[Pair, Document, list[Document]]]:
    """Yield questions with the paragraph that answers, and all paragraphs, the planted one last."""
    draw, articles = random.Random(SEED), by_article(data, split)
    pairs = unseen_pairs(data, split)
    draw.shuffle(pairs)
    answers = [(article_of(pair), pair.answers[0]) for pair in pairs]
    for pair in pairs:
        gold, others = others_of(pair, articles)
        same = [answer for article, answer in answers if article == article_of(pair)]
        planted = contradicting(pair, gold, same, draw)
        if planted and count:
            count -= 1
            yield pair, gold, [gold, *draw.sample(others, min(OTHERS, len(others))), planted]


def contradicting(
    pair: Pair, gold: Document, answers: Sequence[str], draw: random.Random
) -> Document | None:
    """Copy a paragraph with another answer in it; None where the article has none of its type."""
    said = pair.answers[0]
    other = re.sub(r"\d+", lambda number: _other_number(number[0], draw), said)
    if other == said:
        fitting = [
            answer
            for answer in answers
            if shape(answer) == shape(said)
            and answer.lower() not in gold.page_content.lower()
            and not set(answer.lower().split()) & set(said.lower().split())
        ]
        other = draw.choice(fitting) if fitting else said
    text = gold.page_content.replace(said, other)
    if text == gold.page_content:
        return None
    return Document(text, id=PLANTED, metadata={"document": PLANTED, "start": 0})


def figures(data: Path, split: str, count: int) -> dict[str, dict[str, float]]:
    """Count questions with a planted paragraph that is shown, and with another that is shown."""
    measured = Measured()
    rows = [
        (any(map(str.isdigit, pair.answers[0])), measured.shown(pair, gold, passages))
        for pair, gold, passages in tqdm(list(cases(data, split, count)))
    ]
    return {
        f"from {least}": {
            "questions": len(rows),
            "planted shown": _share([PLANTED in shown[least] for _, shown in rows]),
            "planted numbers shown": _share([PLANTED in s[least] for number, s in rows if number]),
            "others shown": _share([bool(set(shown[least]) - {PLANTED}) for _, shown in rows]),
        }
        for least in LEAST
    }


def _other_number(digits: str, draw: random.Random) -> str:
    lowest = 10 ** (len(digits) - 1) if len(digits) > 1 else 1
    return str(draw.choice([n for n in {lowest, 3 * lowest, 7 * lowest + 1} if n != int(digits)]))


def _share(found: Sequence[bool]) -> float:
    return round(sum(found) / len(found), 3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("split", choices=["train", "dev"])
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    print(json.dumps(figures(given.data, given.split, given.count), indent=2))


if __name__ == "__main__":
    main()
