"""The run behind `groundtune compare`: ingest, ask every arm, score, test, report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from langchain_core.documents import Document
from rich.console import Console

from app.assistant import Assistant
from app.compare.judge.comparison import Comparison
from app.compare.judge.repeats import Repeats, repeated
from app.compare.judge.scores import check_scorable
from app.compare.judge.search_scores import DEPTH, SearchScores, score_search
from app.compare.plan.arms import Made
from app.compare.plan.power import foretold
from app.compare.plan.question_sets import (
    QuestionSet,
    QuestionSets,
    check_documents,
    check_revised,
    divide,
    main_set,
    searchable,
    without_passages,
)
from app.compare.plan.request import Request
from app.compare.plan.splits import Split, splits
from app.compare.plan.steps import planned
from app.compare.report.board_page import FILE as BOARD
from app.compare.report.board_page import write_board
from app.compare.report.compare_report import CompareReport
from app.compare.report.rows import write_rows
from app.compare.run.arm_settings import keep_choices
from app.compare.run.board import Board
from app.compare.run.comparing import Run, ingest_into
from app.compare.run.folder import alone_in
from app.compare.run.model_judge import Judge
from app.compare.run.preparation import Maker
from app.compare.run.progress import Steps
from app.compare.run.reuse import Kept, Provenance
from app.dataset.pairs import Grounded, Pair, by_document, ground, read_pairs, without_split
from app.errors import UserError
from app.model_parts import base_folder
from app.models.adapters import NONE
from app.provenance import digest
from app.settings import Settings
from finetune.registry.manifest import package_versions
from graphs.question import subject

MADE = ("prompts", "code", "settings", "model", "adapter")  # the rest is told in full


@dataclass(frozen=True)
class Design:
    """What is asked of whom about which documents: all that is known before anything is made."""

    settings: Settings
    request: Request
    librarian: Assistant
    """Makes things for the arms."""
    index: str
    """Version of the index that the chunks were read of."""
    chunks: Sequence[Document]
    first: Split
    sets: QuestionSets
    """All that is asked of the first split."""
    repeats: Sequence[tuple[Split, QuestionSet]]
    """The other splits, each with the questions that rank the arms once more."""

    def maker(self, split: Split, folder: Path, kept: Kept) -> Maker:
        """Return what makes things of a split's taught questions, in a folder."""
        lessons = self.request.extent.lessons
        taught, asked, seed = split.taught, split.asked, split.seed
        return Maker(self.librarian, taught, asked, self.chunks, folder, kept, lessons, seed)


def compare(settings: Settings, request: Request, console: Console) -> CompareReport:
    """Do all of it, write the report and keep what `use` needs."""
    _check(settings, request)
    request.output.mkdir(parents=True, exist_ok=True)
    with alone_in(request.output):
        design = _designed(settings, request, console)
        board = _board(design, console)
        with board.watched():
            run = _begun(design, board)
            report = _report(design, run)
            _check_unchanged(design)
            _write(report, request.output)
    design.librarian.close()
    return report


def _designed(settings: Settings, request: Request, console: Console) -> Design:
    """Split the questions, bring the documents in, and say what is asked of whom."""
    pairs = read_pairs(request.questions)
    check_scorable(pairs)
    check_revised(pairs, request)
    first, *others = splits(pairs, request)
    if left := len(without_split(pairs)):
        console.print(f'{left} questions are left out: they have no "split", and others have one')
    console.print(foretold(len(first.asked), len(request.runnable)))
    librarian, chunks = _brought_in(settings, request, console)
    index = librarian.store.version
    grouped = by_document(chunks)
    check_documents(pairs, grouped)
    grounded, reasons = _grounded(first.asked, grouped)
    for line in without_passages(request, first.asked, reasons):
        console.print(line, markup=False)
    search, order, seed = librarian.chunks_for, settings.passage_order, first.seed
    sets = divide(request, pairs, grounded, first.asked, search, order=order, seed=seed)
    repeats = [
        (split, main_set(request, split.asked, _grounded(split.asked, grouped)[0]))
        for split in others
    ]
    return Design(settings, request, librarian, index, chunks, first, sets, repeats)


def _board(design: Design, console: Console) -> Board:
    """Announce the steps, and say where the board can be seen."""
    folder = design.request.output
    again = [questions for _, questions in design.repeats]
    steps = Steps(console, planned(design.request, design.sets, again))
    console.print(f"while it runs: {folder / BOARD}", markup=False)
    return Board(steps, lambda state: write_board(state, folder))


def _begun(design: Design, board: Board) -> Run:
    """Make what the arms need, and keep their settings for `use`."""
    board.next()
    settings, request, first = design.settings, design.request, design.first
    kept = Kept(request.answers)
    made = design.maker(first, request.output, kept).make(request.arms, board.steps.console)
    chosen = {arm.name: arm.settings(settings, made) for arm in request.runnable}
    keep_choices(request.output, chosen)
    verifier, check = design.librarian.verifier, partial(_check_unchanged, design)
    return Run(settings, request, made, board, verifier, kept, first.seed, check)


def _report(design: Design, run: Run) -> CompareReport:
    """Ask and measure; the arguments stand in the order of the announced steps."""
    sets, librarian, asked = design.sets, design.librarian, design.first.asked
    comparison, routing, stopped = run.main(sets.main, design.first.documents)
    run = run.without(stopped)
    return CompareReport(
        comparison=comparison,
        routing=routing,
        stopped=stopped,
        robustness={what: run.ask(harder) for what, harder in sets.robust.items()},
        retrieval=_retrieval(librarian, asked, design.settings.top_k),
        formats=run.ask(sets.formats),
        stale=run.stale(librarian, sets.changed),
        orders=run.ordered(sets.orders, comparison),
        judged=run.judged(comparison),
        measurements=run.measurements(librarian, design.chunks, asked),
        knobs=run.knobs(librarian, asked),
        repeats=_repeats(design, run, comparison),
        needs=run.request.needs,
        provenance=_provenance(run, librarian),
    )


def _check_unchanged(design: Design) -> None:
    """Refuse to compare arms that were asked about different documents."""
    now = design.librarian.store.version
    if now != design.index:
        raise UserError(
            f"the index changed from {design.index!r} to {now!r} while arms were asked about it: "
            "run again, and what does not hang on it is taken up"
        )


def _check(settings: Settings, request: Request) -> None:
    """Refuse what would only show after hours: a model, a judge or a store that cannot be used."""
    if settings.store:
        raise UserError(
            "compare measures each arm alone and without a network, which an index in a database "
            "needs: leave GROUNDTUNE_STORE empty for it"
        )
    base_folder(settings)  # which arms are trained on
    _check_others(settings, request)
    if request.judge:
        Judge(request.judge, settings, Kept(request.answers)).check()


def _brought_in(
    settings: Settings, request: Request, console: Console
) -> tuple[Assistant, list[Document]]:
    """Ingest the documents; return who makes things for the arms, and all chunks."""
    # Whatever is made for the arms is made by the base model: an adapter is what is compared.
    librarian = Assistant(settings.model_copy(update={"adapter": NONE}))
    if request.paths:
        ingest_into(librarian, request.paths, console)
    chunks = librarian.store.all_chunks()
    if not chunks:
        raise UserError("the index is empty: name folders of documents, or ingest them first")
    return librarian, chunks


def _provenance(run: Run, librarian: Assistant) -> Provenance:
    """Say what made the figures; its parts are hashed to be compared with another run's."""
    made = Assistant(run.settings).made_by(__name__, index=None, data=None)
    return Provenance(
        command=run.request.command,
        questions_sha256=hashlib.sha256(run.request.questions.read_bytes()).hexdigest(),
        index=librarian.store.version,
        seed=run.seed,
        packages=package_versions(),
        made={part: digest(made[part])[:12] for part in MADE},
        reused=run.kept.taken_up,
    )


def _check_others(settings: Settings, request: Request) -> None:
    """Refuse a model elsewhere that cannot be reached for want of a client, a key or a price."""
    for arm in request.arms:
        if arm.model is None:
            continue
        if request.prices and arm.model not in request.prices.models:
            raise UserError(
                f"--prices has no price for {arm.model}: add it to its models, as "
                '{MODEL: {"input_million", "output_million"}}'
            )
        Assistant(arm.settings(settings, Made())).set_up()


def _repeats(design: Design, run: Run, comparison: Comparison) -> Repeats | None:
    others = {split.seed: _again(design, run, split, asks) for split, asks in design.repeats}
    return repeated({design.first.seed: comparison} | others)


def _again(design: Design, run: Run, split: Split, questions: QuestionSet) -> Comparison:
    """Make everything of another split, with its seed, and rank the arms by its questions."""
    run.next()
    folder = run.request.output / f"seed-{split.seed}"
    made = design.maker(split, folder, run.kept).make(run.request.arms, run.board.steps.console)
    own = replace(run, made=made, seed=split.seed)
    comparison, *_ = own.main([questions], split.documents)
    return comparison


def _grounded(
    pairs: Sequence[Pair], chunks: Mapping[str, Sequence[Document]]
) -> tuple[list[Grounded], dict[str, str]]:
    """Find the chunks that answer the pairs, or say by id why there are none."""
    found = {pair.id: ground(pair, chunks) for pair in pairs}
    grounded = [one for one in found.values() if isinstance(one, Grounded)]
    return grounded, {id_: one for id_, one in found.items() if isinstance(one, str)}


def _retrieval(assistant: Assistant, pairs: Sequence[Pair], k: int) -> SearchScores:
    searched = searchable(pairs)
    ranked = {
        pair.id: [
            hit["document"]
            for hit in assistant.search(subject(pair.question), max(k, DEPTH))["results"]
        ]
        for pair in searched
    }
    return score_search(ranked, {pair.id: pair.documents for pair in searched}, k)


def _write(report: CompareReport, folder: Path) -> None:
    (folder / "comparison.json").write_text(
        json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    (folder / "report.md").write_text(report.to_markdown(), encoding="utf-8")
    (folder / "report.html").write_text(report.to_html(), encoding="utf-8")
    write_rows(folder, report.rows)
