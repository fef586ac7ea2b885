"""Measure the product as it ships: retrieval, answers, and what the graph adds to the model's time.

    python tests/benchmark.py                      all but Redis, which needs its documents
    python tests/benchmark.py retrieval            the sample's questions with a gold document
    python tests/benchmark.py redis FOLDER         200 questions about Redis commands
    python tests/benchmark.py answers              all 120 sample questions, by kind
    python tests/benchmark.py second               a second sample's 80 questions, by kind
    python tests/benchmark.py overhead             share of an answer's time outside the model
    python tests/benchmark.py handbook             fine-tune on the sample, documents to production
    python tests/benchmark.py records FOLDER       fine-tune on what `recipes.py attack` wrote there
    python tests/benchmark.py serving              first token and whole answers over the server
    python tests/benchmark.py crowd                sixteen askers of one server for three minutes
    python tests/benchmark.py techniques FOLDER    all arms on what `recipes.py techniques` wrote
    python tests/benchmark.py compare FOLDER       all arms on the sample, twice; resumes in FOLDER;
                                                   takes flags of `compare`, such as --arms=A,B

Each prints a table and writes tests/results/NAME.json with what is needed to repeat it.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from askers import askers
from tqdm import tqdm
from tuned_runs import SAMPLE, compare, handbook, records, techniques
from waits import waits

from app.answers import Answer
from app.assistant import Assistant
from app.models.worker import PipelineWorker
from app.provenance import published
from app.settings import Settings
from finetune.registry.fingerprint import sha256_of

RESULTS = Path(__file__).parent / "results"
SECOND = Path(__file__).parent / "second_sample"
SEED = 13
K = 5
MOST_ADDED = 0.10  # of the model's own time
PACKAGES = ("torch", "transformers", "langgraph", "faiss-cpu", "groundtune")

REDIS_TEMPLATES = (
    "What is the time complexity of the {} command?",
    "Since which version is {} available?",
    "What does {} do?",
    "How do I use {}?",
)


def retrieval() -> dict[str, Any]:
    """Document hit@5 on the sample's questions that have a gold document."""
    assistant = sample_assistant()
    rows: defaultdict[str, list[bool]] = defaultdict(list)
    for question in sample_questions():
        if question["documents"] and question["kind"] != "follow-up":
            gold = set(question["documents"])
            rows[question["kind"]].append(_hit(assistant, question["question"], gold))
    return {kind: _share(hits) for kind, hits in rows.items()} | {
        "all": _share([hit for hits in rows.values() for hit in hits])
    }


def redis(folder: Path) -> dict[str, Any]:
    """Hit@5 of the command's own page for 200 questions made from `commands.json`."""
    documents = folder / "documents.jsonl.gz"
    commands = json.loads((folder / "commands.json").read_text())
    with tempfile.TemporaryDirectory() as scratch:
        pages = unpack(documents, Path(scratch) / "pages")
        assistant = Assistant(Settings(index=Path(scratch) / "index"))
        assistant.ingest([Path(scratch) / "pages"], progress=True)
        asked = redis_questions(commands, pages)
        hits = [_hit(assistant, question, {page}) for question, page in tqdm(asked)]
    return {"documents": len(pages), "data_sha256": sha256_of(documents), **_share(hits)}


def answers() -> dict[str, Any]:
    """Answer every sample question and count what came of it, by kind and by type of file."""
    return _asked(sample_assistant(), sample_questions())


def second() -> dict[str, Any]:
    """Do the same on a second sample, which nothing may be tuned on."""
    return _asked(_assistant_over(SECOND / "documents"), _questions(SECOND))


def _asked(assistant: Assistant, questions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    rows: defaultdict[str, list[dict[str, bool]]] = defaultdict(list)
    for question in tqdm(questions):
        history = question.get("history", [])
        answer = assistant.ask(question["question"], history=history)
        judged = _judge(answer, question, assistant)
        rows["yes-no" if _side(question) else question["kind"]].append(judged)
        if question["kind"] == "answerable":
            rows[f"answerable {Path(question['documents'][0]).suffix}"].append(judged)
    return {
        kind: {"n": len(judged)} | {key: sum(row[key] for row in judged) for key in judged[0]}
        for kind, judged in rows.items()
    }


def overhead() -> dict[str, Any]:
    """Time inside the model against the time of whole answers, in one run."""
    assistant = sample_assistant()
    questions = [q["question"] for q in sample_questions() if q["kind"] == "answerable"]
    chosen = random.Random(SEED).sample(questions, 20)
    assistant.ask(chosen[0])  # the first pass of a model is slower than all others
    worker = assistant.runtime.worker
    spent = _timed_passes(worker)
    shares, graded = [], []
    for question in tqdm(chosen):
        spent.clear()
        start = time.perf_counter()
        answer = assistant.ask(question)
        total = time.perf_counter() - start
        time.sleep(0.2)  # the answer is out before the worker has noted its last pass
        inside = sum(seconds for _, seconds in spent)
        generating = sum(seconds for kind, seconds in spent if kind == "_decode")
        if answer["tokens"]["completion"]:
            shares.append((total - inside) / inside)
            graded.append((total - generating) / generating)
    return {
        "n": len(shares),
        "added_to_model_time_median": round(statistics.median(shares), 4),
        "added_to_model_time_max": round(max(shares), 4),
        "added_to_generation_time_with_grading_median": round(statistics.median(graded), 4),
    }


def serving() -> dict[str, Any]:
    """Wait for the first token and for whole answers: in Python, on the page, by LangGraph."""
    questions = [q["question"] for q in sample_questions() if q["kind"] == "answerable"]
    return waits(sample_assistant(), random.Random(SEED).sample(questions, 20))


def crowd() -> dict[str, Any]:
    """Let sixteen people ask for three minutes: waiting, order, refusals, memory."""
    questions = [q["question"] for q in sample_questions() if q["kind"] == "answerable"]
    return askers(sample_assistant().settings.index.resolve(), questions, 16, 180)


def sample_assistant() -> Assistant:
    """Return the assistant as shipped, on the sample handbook."""
    return _assistant_over(SAMPLE / "handbook")


def _assistant_over(documents: Path) -> Assistant:
    folder = Path(tempfile.mkdtemp(prefix="groundtune-benchmark-"))
    assistant = Assistant(Settings(index=folder / "index"))
    assistant.ingest([documents])
    return assistant


def sample_questions() -> list[dict[str, Any]]:
    """Return the sample's questions."""
    return _questions(SAMPLE)


def _questions(sample: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (sample / "questions.jsonl").open(encoding="utf-8")]


def _timed_passes(worker: PipelineWorker) -> list[tuple[str, float]]:
    """Note the seconds of every decoding and scoring that the worker does from now on."""
    spent: list[tuple[str, float]] = []

    def timed(name: str) -> Callable[..., Any]:
        inner = getattr(worker, name)

        def run(*args: Any) -> Any:
            start = time.perf_counter()
            try:
                return inner(*args)
            finally:
                spent.append((name, time.perf_counter() - start))

        return run

    for name in ("_decode", "_score"):
        setattr(worker, name, timed(name))
    return spent


def _judge(answer: Answer, question: dict[str, Any], assistant: Assistant) -> dict[str, bool]:
    quotes = [citation["quote"] for citation in answer["citations"]]
    right = _holds(answer["answer"], question["answers"])
    if side := _side(question):
        reason = right or any(_holds(quote, question["answers"]) for quote in quotes)
        right = reason and _began(answer["answer"]) == side
    return {
        "correct": right,
        "quote_holds_answer": any(_holds(quote, question["answers"]) for quote in quotes),
        "cited_gold": any(c["document"] in question["documents"] for c in answer["citations"]),
        "abstained": answer["abstained"],
        "direct": answer["route"] == "direct",
        "conflicts": bool(answer.get("conflicts")),
        "quotes_verbatim": all(
            assistant.text_of(c["document"])[c["start"] : c["end"]] == c["quote"]
            for c in answer["citations"]
        ),
    }


def _side(question: dict[str, Any]) -> str:
    """Return whether a question of the second sample is to be answered with yes or no, or ""."""
    return _began(question["reply"]) if question.get("id", "").startswith("yn-") else ""


def _began(text: str) -> str:
    return next(iter(re.findall(r"\w+", text.casefold())), "")


def _holds(text: str, gold: Sequence[str]) -> bool:
    plain = " ".join(text.casefold().split())
    return any(
        re.search(rf"(?<!\w){re.escape(' '.join(g.casefold().split()))}(?!\w)", plain) for g in gold
    )


def _hit(assistant: Assistant, question: str, gold: set[str]) -> bool:
    return any(hit["document"] in gold for hit in assistant.search(question, K)["results"])


def unpack(documents: Path, target: Path) -> set[str]:
    """Write documents as files; returns their names."""
    names = set()
    with gzip.open(documents, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            path = target / record["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(record["text"], encoding="utf-8")
            names.add(record["path"])
    return names


def redis_questions(commands: dict[str, Any], pages: set[str]) -> list[tuple[str, str]]:
    """Draw 200 questions about commands, each with the page that answers it."""
    paged = {
        name: page
        for name in sorted(commands)
        if (page := f"commands/{name.lower().replace(' ', '-')}.md") in pages
    }
    pairs = [
        (template.format(name), page)
        for name, page in paged.items()
        for template in REDIS_TEMPLATES
    ]
    return random.Random(SEED).sample(pairs, 200)


def _share(hits: Sequence[bool]) -> dict[str, Any]:
    return {"n": len(hits), f"hit@{K}": round(sum(hits) / len(hits), 4)}


def main(arguments: Sequence[str]) -> None:
    """Run one measurement, print it, and keep it with what is needed to repeat it."""
    if not arguments:
        for each in ("retrieval", "overhead", "answers"):
            main([each])
        return
    name, *rest = arguments
    flags = [argument for argument in rest if argument.startswith("--")]
    folders = [argument for argument in rest if argument not in flags]
    measures: dict[str, Callable[..., dict[str, Any]]] = {
        "retrieval": retrieval, "redis": redis, "answers": answers, "second": second,
        "overhead": overhead,
        "handbook": handbook, "records": records, "compare": compare, "serving": serving,
        "techniques": techniques, "crowd": crowd,
    }  # fmt: skip
    if name not in measures:
        sys.exit(f"{name} is not measured here, only {', '.join(measures)}")
    figures = measures[name](*map(Path, folders), *flags)
    asked = SECOND if name == "second" else SAMPLE
    record = {
        "command": " ".join(
            ["python tests/benchmark.py", name, *["FOLDER"] * bool(folders), *flags]
        ),
        "figures": figures,
        "seed": SEED,
        "settings": Settings().model_dump(mode="json", exclude={"index", "cache"}),
        **published(Assistant.__module__, data=[asked], packages=PACKAGES),
    }
    RESULTS.mkdir(exist_ok=True)
    kept = json.dumps(record, indent=2).replace(f"{SAMPLE.parents[1]}/", "")
    for folder in folders:
        kept = kept.replace(folder, "FOLDER")
    (RESULTS / f"{name}.json").write_text(f"{kept}\n")
    print(json.dumps(figures, indent=2))
    if figures.get("added_to_model_time_median", 0) > MOST_ADDED:
        sys.exit(f"graph, retrieval and checks add more than {MOST_ADDED:.0%} to the model's time")


if __name__ == "__main__":
    main(sys.argv[1:])
