"""A comparison in progress: every part of it is asked or measured, and kept for the next run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from langchain_core.documents import Document
from pydantic import TypeAdapter
from rich.console import Console

from app.assistant import Assistant
from app.compare.judge.comparison import Comparison
from app.compare.judge.passage_order import Ordering, reordered
from app.compare.judge.staleness import Told, count_told
from app.compare.judge.stopping import Stopped, behind
from app.compare.plan.arms import ARMS, Arm, Made
from app.compare.plan.question_sets import QuestionSet
from app.compare.plan.request import Request
from app.compare.run.arm_answers import Asked, Asker
from app.compare.run.board import Board
from app.compare.run.gate_learning import Routing
from app.compare.run.measurements import Measurements
from app.compare.run.measuring import Gatherer
from app.compare.run.model_judge import Judge, Judged
from app.compare.run.retrieval_knobs import Sweep, Sweeper
from app.compare.run.reuse import Kept, index_of, named
from app.compare.run.routed_arm import add_routed
from app.dataset.pairs import Pair
from app.index.forgotten import Forgotten
from app.settings import Settings
from graphs.limits import Order
from graphs.protocols import Verifier


@dataclass(frozen=True)
class Run:
    """A comparison in progress; every finished part is kept for the next run."""

    settings: Settings
    request: Request
    made: Made
    board: Board
    verifier: Verifier
    kept: Kept
    seed: int
    check_unchanged: Callable[[], None]
    """Raises UserError where the index is no longer the one that arms were asked about."""
    left_out: frozenset[str] = frozenset()
    """Arms that are asked no more."""

    def next(self) -> None:
        """Begin the next step, unless what it would measure could not be compared."""
        self.check_unchanged()
        self.board.next()

    def main(
        self, rounds: Sequence[QuestionSet], taught: frozenset[str]
    ) -> tuple[Comparison, Routing | None, list[Stopped]]:
        """Ask the arms the questions round by round, and put the routed one together.

        Arms that are shown to be worse after a round are left out of the next and of the result.
        """
        routed = next((arm for arm in self.request.arms if arm.parts), None)
        needed = routed.parts if routed else ()
        ranked = [arm.name for arm in self._left(rounds[0])]
        self.board.begin(ranked, sum(len(each.pairs) for each in rounds))
        comparison, stopped = self.ask(rounds[0], ranks=True), list[Stopped]()
        for questions in rounds[1:]:
            stopped += behind(comparison, self.request.needs, needed)
            going_on = self.without(stopped)
            rest = going_on.ask(questions, ranks=True)
            comparison = comparison.without(going_on.left_out).joined(rest)
        comparison = replace(comparison, taught=taught)
        if routed is None:
            return comparison, None, stopped
        searching = ARMS[routed.parts[-1]].settings(self.settings, self.made)
        whole, routing = add_routed(comparison, routed, searching, self.made, self.kept)
        return whole, routing, stopped

    def without(self, stopped: Sequence[Stopped]) -> Run:
        """Go on without these arms."""
        self.board.stop(stopped)
        return replace(self, left_out=frozenset(each.arm for each in stopped))

    def judged(self, comparison: Comparison) -> dict[str, Judged]:
        """Let a model judge the answers, where one is named."""
        judge = self.request.judge
        return Judge(judge, self.settings, self.kept).judge(comparison) if judge else {}

    def ask(
        self, questions: QuestionSet, settings: Settings | None = None, *, ranks: bool = False
    ) -> Comparison:
        """Ask arms the same questions, each with the passages that it is given.

        Those that rank the arms count on the board.
        """
        together, alone = self.request.together, self.request.extent.timed
        heard = self.board.hear if ranks else None
        asker = Asker(self.kept, questions.pairs, together, alone, heard)
        by_arm = dict[str, Asked]()
        arms = self._left(questions)
        with self.board.live() if ranks else nullcontext():
            for arm in arms:
                self.next()
                configured = arm.settings(settings or self.settings, self.made)
                given = questions.given.get(arm.name, {})
                by_arm[arm.name] = asker.ask(arm, configured, given, timed=questions.timed)
                if ranks:
                    self.board.tell(arm.name)
        return Comparison(
            tuple(arms),
            tuple(questions.pairs) if arms else (),  # nobody was asked
            {arm: asked.answers for arm, asked in by_arm.items()},
            {arm: asked.timed for arm, asked in by_arm.items()},
            self.verifier,
            metrics=self.request.metrics,
        )

    def _left(self, questions: QuestionSet) -> list[Arm]:
        return [arm for arm in questions.arms if arm.name not in self.left_out]

    def measurements(
        self, librarian: Assistant, chunks: Sequence[Document], asked: Sequence[Pair]
    ) -> Measurements:
        """Measure what is no answer: memory, disk, forgetting, vocabulary, money."""
        self.next()
        asked_on = [arm for arm in self.request.runnable if arm.name not in self.left_out]
        arms = {arm: arm.settings(self.settings, self.made) for arm in asked_on}
        extent = self.request.extent
        gatherer = Gatherer(librarian, arms, self.made, self.kept, extent)
        return gatherer.gather(asked, chunks, self.request.prices)

    def knobs(self, librarian: Assistant, asked: Sequence[Pair]) -> Sweep | None:
        """Turn the knobs of retrieval, or take up what that found for this version of an index."""
        if not self.request.sweeps:
            return None
        self.next()
        folder = self.request.output / "knobs"
        sweeper = Sweeper(librarian, self.request.paths, asked, folder)
        if not sweeper.gold:
            return None
        paths = named(self.request.paths)
        data = [[pair.model_dump(mode="json") for pair in asked], paths, self.seed]
        index = librarian.store.version
        made = librarian.made_by(Sweeper.__module__, index=index, data=data)
        sweep = self.kept.once(
            "knobs",
            made,
            lambda: sweeper.sweep(seed=self.seed).to_json(),
            what="the knobs of retrieval",
        )
        return TypeAdapter(Sweep).validate_python(sweep)

    def ordered(self, sets: Mapping[Order, QuestionSet], usual: Comparison) -> Ordering | None:
        """Ask an arm once more with its passages in other orders."""
        others = {
            order: self.ask(questions, self.settings.model_copy(update={"passage_order": order}))
            for order, questions in sets.items()
        }
        return reordered(usual, others, self.settings.passage_order)

    def stale(self, librarian: Assistant, questions: QuestionSet) -> dict[str, dict[Told, int]]:
        """Index the documents as they are later and ask about the facts that changed."""
        if self.request.revised is None or not questions.pairs:
            return {}
        paths = [self.request.revised]
        index = index_of(paths, self.settings, self.request.output / "revised-index")
        later = self.settings.model_copy(update={"index": index})
        console, forgotten = self.board.steps.console, librarian.store.forgotten()
        ingest_into(Assistant(later), paths, console, forgotten)
        answers = self.ask(questions, later).answers
        return {arm: count_told(replies, questions.pairs) for arm, replies in answers.items()}


def ingest_into(
    assistant: Assistant,
    paths: Sequence[Path],
    console: Console,
    forgotten: Sequence[Forgotten] = (),
) -> None:
    """Bring an index up to date, and name each file that could not be read."""
    report = assistant.ingest(paths, progress=True, forgotten=forgotten)
    for name, reason in report.skipped.items():
        console.print(f"skipped {name}: {reason}", markup=False)
