"""Comparisons of arms that answered so many questions rightly."""

from collections.abc import Sequence

from app.answers import Answer
from app.compare.judge.comparison import Comparison
from app.compare.judge.repeats import Repeats
from app.compare.judge.search_scores import SearchScores
from app.compare.judge.stopping import Stopped
from app.compare.plan.arms import Arm
from app.compare.plan.needs import Needs
from app.compare.report.compare_report import CompareReport
from app.compare.run.measurements import Measurements
from app.compare.run.reuse import Provenance
from app.dataset.pairs import Pair
from graphs.support import WordVerifier


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
