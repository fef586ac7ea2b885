"""Measure the check between model and user: `python tests/guard_benchmark.py NAME ...`.

    cases FILE       {"question", "answer", "documents", "right", "kind"} a line: which leave whole
    squad DATA N     questions of `squad/dev` with passages: the adapter alone, and the graph
    time             milliseconds of a short answer and of ten sentences
    company          50 sample questions alone and four together: what differs

Each prints its figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmark import sample_assistant, sample_questions
from langchain_core.documents import Document
from recipes import WITHHELD, by_article, squad_pairs, three_passages
from tqdm import tqdm

from app.answers import Answer
from app.assistant import Assistant
from app.settings import Settings
from finetune.evaluation.scores import is_refusal, token_f1, without_citations
from graphs import prompts
from graphs.passages import place
from graphs.protocols import Claim

SEED = 13


def cases(file: str) -> dict[str, Any]:
    """Ask which labelled answers leave whole: the right ones should, the wrong ones should not."""
    checker = Assistant(Settings()).checker
    kept: Counter[tuple[str, bool]] = Counter()
    asked: Counter[tuple[str, bool]] = Counter()
    for number, line in enumerate(Path(file).read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        given = [
            document if isinstance(document, dict) else {"id": f"{at}", "text": document}
            for at, document in enumerate(row["documents"], start=1)
        ]
        found = checker.check(row["question"], row["answer"], documents=given, id_=str(number))
        key = row["kind"], bool(row["right"])
        asked[key] += 1
        kept[key] += found["supported"] == "all"
    return {
        "right whole": _of(kept, asked, right=True),
        "wrong let out": _of(kept, asked, right=False),
        "kinds": {
            f"{kind} {'right' if right else 'wrong'}": f"{kept[kind, right]} of {count}"
            for (kind, right), count in sorted(asked.items())
        },
    }


def _of(kept: Counter[Any], asked: Counter[Any], *, right: bool) -> str:
    total = sum(count for (_, label), count in asked.items() if label is right)
    return f"{sum(n for (_, label), n in kept.items() if label is right)} of {total}"


def squad(data: str, count: str = "500") -> dict[str, Any]:
    """Ask questions with three passages of one article; of a quarter the right one is withheld."""
    articles = by_article(Path(data))
    draw = random.Random(SEED)
    pairs = draw.sample(list(squad_pairs(Path(data), "dev")), int(count))
    assistant = Assistant(Settings(index=Path(tempfile.mkdtemp()) / "index"))
    told: dict[str, list[float]] = {}
    for at, pair in enumerate(tqdm(pairs)):
        withheld = at < WITHHELD * len(pairs)
        _, shown = three_passages(pair, articles, draw, withheld=withheld)
        graph = _graph(assistant, pair.question, shown)
        said = {
            "graph": "" if graph["abstained"] else graph["answer"],
            "adapter alone": _alone(assistant, pair.question, shown),
        }
        for name, answer in said.items():
            refused = not answer or is_refusal(answer, [prompts.REFUSAL])
            if withheld:
                told.setdefault(f"{name}: withheld refused", []).append(refused)
            else:
                f1 = 0.0 if refused else token_f1(without_citations(answer), pair.answers)
                told.setdefault(f"{name}: F1", []).append(f1)
                told.setdefault(f"{name}: answerable refused", []).append(refused)
        if not withheld:
            by_check = graph["abstained"] and graph["removed"] > 0
            graded_out = graph["abstained"] and not graph["tokens"].get("completion")
            told.setdefault("graph: answerable refused by the check", []).append(by_check)
            told.setdefault("graph: answerable graded out", []).append(graded_out)
    return {name: round(statistics.mean(values), 3) for name, values in sorted(told.items())}


def _graph(assistant: Assistant, question: str, shown: list[Document]) -> Answer:
    given = [{"id": str(chunk.id), "text": chunk.page_content} for chunk in shown]
    return assistant.ask(question, documents=given)


def _alone(assistant: Assistant, question: str, shown: list[Document]) -> str:
    prompt = prompts.generate(question, [place(chunk) for chunk in shown])
    return assistant.chat_model.invoke(prompt).text


def timing() -> dict[str, Any]:
    """Time the verifier alone, after one call that warms it up."""
    verifier = Assistant(Settings()).verifier
    sentences = [f"The room {n} has {n + 7} chairs and a window to the south." for n in range(10)]
    passage = Document(" ".join(sentences), id="a", metadata={"document": "a"})
    spent = {}
    for name, claims in {
        "short answer": [Claim("47 chairs", (0,))],
        "ten sentences": [Claim(sentence, (0,)) for sentence in sentences],
    }.items():
        times = []
        for _ in range(6):
            start = time.perf_counter()
            verifier.verify("How many chairs has the room?", claims, [passage] * 3)
            times.append(1000 * (time.perf_counter() - start))
        spent[f"{name}, ms"] = round(statistics.median(times[1:]), 1)
    return {**spent, "share of a sample answer's time": _share_of_checking()}


def _share_of_checking() -> float:
    assistant = sample_assistant()
    asked = [row["question"] for row in sample_questions() if row["kind"] == "answerable"][:13]
    timed = [assistant.ask(question)["timings_ms"] for question in asked][1:]
    checking = sum(times.get("verify_citations", 0.0) for times in timed)
    return round(checking / sum(sum(times.values()) for times in timed), 3)


def company() -> dict[str, Any]:
    """Ask 50 sample questions one by one, and again four at a time."""
    assistant = sample_assistant()
    asked = [row["question"] for row in sample_questions()][:50]
    alone = [assistant.ask(question) for question in tqdm(asked)]
    with ThreadPoolExecutor(4) as pool:
        together = list(tqdm(pool.map(assistant.ask, asked), total=len(asked)))
    same = ("answer", "route", "citations", "abstained")
    grades = [
        abs(a["grade"] - b["grade"])
        for one, other in zip(alone, together, strict=True)
        for a, b in zip(one["documents"], other["documents"], strict=True)
    ]
    return {
        **{
            f"same {key}": sum(a[key] == b[key] for a, b in zip(alone, together, strict=True))
            for key in same
        },
        "of": len(asked),
        "greatest difference of grades": max(grades),
    }


MEASURES: dict[str, Callable[..., dict[str, Any]]] = {
    "cases": cases,
    "squad": squad,
    "time": timing,
    "company": company,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("name", choices=MEASURES)
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    print(json.dumps(MEASURES[given.name](*given.arguments), indent=1))


if __name__ == "__main__":
    main()
