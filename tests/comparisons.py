"""Comparisons of arms that answered so many questions rightly."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dotenv import dotenv_values
from word_verifier import WordVerifier

from app.answers import Answer
from app.compare.judge.ablation import Ablated
from app.compare.judge.comparison import Comparison
from app.compare.judge.passage_order import Ordering
from app.compare.judge.repeats import Repeats, repeated
from app.compare.judge.search_scores import SearchScores
from app.compare.judge.stopping import Stopped
from app.compare.plan.arms import (
    BASE,
    BASE_RAG,
    FEW_SHOT_RAG,
    HYBRID,
    ORACLE,
    TUNED,
    TUNED_RAG,
    Arm,
    Role,
)
from app.compare.plan.needs import Needs
from app.compare.report.compare_report import CompareReport
from app.compare.run.gate_learning import Policy, Routing
from app.compare.run.measurements import Measurements
from app.compare.run.model_judge import Judged
from app.compare.run.retrieval_knobs import Knobs, Sweep
from app.compare.run.reuse import Provenance
from app.dataset.pairs import Pair
from app.models.learned_gate import LearnedWeights
from finetune.evaluation.bootstrap import Estimate


def answer(pair: Pair, text: str, *, ms: float = 100.0) -> Answer:
    return Answer(
        id=pair.id,
        question=pair.question,
        answer=text,
        abstained=False,
        origin="documents",
        route="retrieve",
        citations=[],
        documents=[],
        timings_ms={"generate": ms},
        tokens={"prompt": 10, "completion": 2},
        model="tiny",
        adapter=None,
        index=None,
    )


def compared(right: dict[Arm, int], n: int = 40, **ms: float) -> Comparison:
    """Let each arm answer its first so many questions rightly."""
    pairs = tuple(
        Pair(id=f"q{at:02}", question=f"What is {at}?", answers=("yes",), documents=("a.md",))
        for at in range(n)
    )
    answers = {
        arm.name: [
            answer(pair, "yes" if at < count else "no", ms=ms.get(arm.name.replace("-", "_"), 100))
            for at, pair in enumerate(pairs)
        ]
        for arm, count in right.items()
    }
    return Comparison(tuple(right), pairs, answers, answers, WordVerifier())


def report_of(
    comparison: Comparison,
    repeats: Repeats | None = None,
    stopped: Sequence[Stopped] = (),
    **made: object,
) -> CompareReport:
    """Report a comparison beside which nothing was measured."""
    told = {"command": "groundtune compare", "questions_sha256": "0" * 64, "index": "v1"}
    return CompareReport(
        comparison=comparison,
        robustness={},
        routing=None,
        retrieval=SearchScores(6, {}, {}),
        knobs=None,
        orders=None,
        stale={},
        formats=compared({}, n=0),
        judged={},
        measurements=Measurements(),
        stopped=stopped,
        repeats=repeats,
        needs=Needs(traceable=False),
        provenance=Provenance(**{**told, "seed": 13, "packages": {"python": "3"}, **made}),
    )


def whole_report(n: int = 12) -> CompareReport:
    """Report a comparison in which everything was measured, and some texts are long."""
    arms = {BASE: 2, BASE_RAG: 6, FEW_SHOT_RAG: 5, TUNED: 3, TUNED_RAG: 5, HYBRID: 9, ORACLE: 10}
    right = {arm: count * n // 12 for arm, count in arms.items()}
    main = _told_in_full(compared(right, n, hybrid=3400, base=2600, tuned=500))
    reading = {arm: 2 for arm in right if arm.role is Role.SEARCHES}
    share, gain = Estimate(0.93, 0.86, 0.98, 57), Estimate(-0.09, -0.18, -0.02, 57)
    plain = Ablated("reader", "as plain text", share, Estimate(-0.02, -0.07, 0.04, 57))
    used, larger = Knobs(800, 0.125, 6), Ablated("chunk size", "1600 characters", share, gain)
    other = compared({arm: count - 1 for arm, count in right.items()}, n)
    policies = {"always search": Policy(0.4, 1.0, 3100.0), "never search": Policy(0.1, 0.0, 500.0)}
    stopped = Stopped(FEW_SHOT_RAG.name, n // 2, 0.2, HYBRID.name, 0.9, 0.001)
    hits = {k: 1 - 1 / (k + 1) for k in range(1, 21)}
    return replace(
        report_of(main, repeated({13: main, 14: other}), [stopped]),
        robustness={
            "the right passage among look-alikes": _told_in_full(compared(reading, 4), "-x")
        },
        formats=_as_json(_told_in_full(compared({BASE: 0, HYBRID: 2}, 4), "-format")),
        routing=Routing(LearnedWeights.model_construct(), {}, policies, 0.03),
        retrieval=SearchScores(6, {"q00": {"hit@6": 1.0}}, hits),
        knobs=Sweep(used, share, (larger, plain), replace(used, k=10), share, gain, 3),
        orders=Ordering(HYBRID.name, "ends", share, (Ablated("order", "best-first", share, gain),)),
        stale={arm.name: {"new": 5, "old": 2, "neither": 5} for arm in (BASE, TUNED, HYBRID)},
        judged={HYBRID.name: Judged(0.7, 0.1, 0.9)},
    )


def _told_in_full(found: Comparison, suffix: str = "") -> Comparison:
    """Give every answer a passage, a citation, and what the chat model was asked.

    The last arm refuses what it does not know.
    """
    passage = {"document": "ports/a-long-name-of-a-harbour-and-its-ferries-in-winter.pdf"}
    passage |= {"chunk": "a@0", "score": 0.03, "grade": 0.9, "text": "| Stop | First |\n" * 9}
    cited = [{**passage, "page": 2, "start": 0, "end": 5, "quote": "Pier, 8:00 " * 9}]
    prompt = [{"role": "system", "content": "Answer."}, {"role": "human", "content": "[1] <b>Pier"}]
    asked = {"step": "generate", "prompt": prompt, "reply": "word for word " * 9 + "[1]"}
    more = {"documents": [passage], "citations": cited, "exchanges": [asked]}
    last = found.arms[-1].name
    return replace(
        found,
        pairs=tuple(p.model_copy(update={"id": f"{p.id}{suffix}"}) for p in found.pairs),
        answers={
            arm: [
                {
                    **{**one, **more, "id": f"{one['id']}{suffix}"},
                    "abstained": arm == last and one["answer"] == "no",
                }
                for one in said
            ]
            for arm, said in found.answers.items()
        },
    )


def _as_json(found: Comparison) -> Comparison:
    """Ask the same for an object of one key, which every arm writes."""
    asked = {"kind": "format", "answers": ('{"answer": "yes"}',)}
    return replace(
        found,
        pairs=tuple(pair.model_copy(update=asked) for pair in found.pairs),
        answers={
            arm: [{**one, "answer": json.dumps({"answer": one["answer"]})} for one in said]
            for arm, said in found.answers.items()
        },
    )


def write_towns(folder: Path, towns: Sequence[str]) -> None:
    """Write a document about each town, its later form, and questions about them."""
    (folder / "docs").mkdir()
    (folder / "later").mkdir()
    pairs = []
    for at, town in enumerate(towns):
        (folder / "docs" / f"{town}.md").write_text(f"{town} has {at + 3} bees.")
        asked = {
            "id": f"q{at}",
            "question": f"How many bees has {town} & <b>co</b>?",
            "answers": [f"{at + 3}"],
        }
        later = {"revised_answers": [f"{at + 30}"]} if at < 4 else {}
        pairs.append({**asked, "documents": [f"{town}.md"], **later})
        (folder / "later" / f"{town}.md").write_text(f"{town} has {at + 30} bees.")
    pairs.append({"id": "odd", "question": "Why rain?", "kind": "unanswerable"})
    (folder / "q.jsonl").write_text("\n".join(map(json.dumps, pairs)))


def figures(folder: Path) -> dict:
    """Read what a comparison found."""
    return json.loads((folder / "comparison.json").read_text())


def forget() -> None:
    """Unset what a command read from `.env`, as its end would; nothing puts it back."""
    for variable in dotenv_values(".env"):
        os.environ.pop(variable, None)
