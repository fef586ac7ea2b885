"""A gate for CI: `python examples/gate.py DOCUMENTS QUESTIONS.jsonl AT_LEAST`.

Asks questions whose answers are known, and exits with 2 if the share of right answers is surely
below AT_LEAST: that is, if its whole 95 % interval is. A few unlucky questions fail nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.assistant import Assistant
from app.compare.judge.scores import RIGHT, score_answer
from app.dataset.pairs import Pair, read_pairs
from finetune.evaluation.bootstrap import mean


def main(documents: str, questions: str, at_least: str) -> int:
    """Ask every question, and return the exit code."""
    assistant = Assistant()
    assistant.ingest([documents])
    right = [is_right(assistant, pair) for pair in read_pairs(Path(questions))]
    assistant.close()
    share = mean(right)
    print(f"right: {share.value:.2f} ({share.low:.2f}–{share.high:.2f}) of {share.n} questions")
    return 2 if share.high < float(at_least) else 0


def is_right(assistant: Assistant, pair: Pair) -> float:
    """Ask a question; 1 if the answer is right, as comparisons score it."""
    history = [turn.model_dump() for turn in pair.history]
    answer = assistant.ask(pair.question, history=history, id_=pair.id)
    right = score_answer(answer, pair, assistant.checker.verifier)[RIGHT]
    if not right:
        print(f"{pair.id}: {pair.question} → {answer['answer']}")
    return right


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
