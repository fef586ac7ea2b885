"""The run behind `groundtune compare`: ingest, ask every arm, score, test, report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from langchain_core.documents import Document
from rich.console import Console

from app.assistant import Assistant
from app.compare.judge.comparison import Comparison
from app.compare.judge.repeats import repeated
from app.compare.judge.search_scores import DEPTH, SearchScores, score_search
from app.compare.plan.arms import Made
from app.compare.plan.harder_questions import Search
from app.compare.plan.power import foretold
from app.compare.plan.question_sets import QuestionSet, divide, main_set, searchable
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
from app.compare.run.model_judge import Judge
from app.compare.run.preparation import Maker
from app.compare.run.progress import Steps
from app.compare.run.reuse import Kept, Provenance
from app.dataset.pairs import Grounded, Pair, by_document, ground, read_pairs
from app.errors import UserError
from app.models.adapters import NONE
from app.models.base import resolve_chat_model
from app.provenance import digest
from app.settings import Settings
from finetune.registry.manifest import package_versions
from graphs.question import subject

MADE = ("prompts", "code", "settings", "model", "adapter")  # the rest is told in full


def compare(settings: Settings, request: Request, console: Console) -> CompareReport:
    """Do all of it, write the report and keep what `use` needs."""
    _check(settings, request)
    pairs = read_pairs(request.questions)
    first, *others = splits(pairs, request)
    asked = first.asked
    console.print(foretold(len(asked), len(request.runnable)))
    librarian, chunks = _brought_in(settings, request, console)
    request.output.mkdir(parents=True, exist_ok=True)
    grounded = _grounded(asked, chunks)
    search, order = _search(librarian), settings.passage_order
    sets = divide(request, pairs, grounded, asked, search, order=order, seed=first.seed)
    again = [main_set(request, of.asked, _grounded(of.asked, chunks)) for of in others]
    steps = Steps(console, planned(request, sets, again))
    board = Board(steps, lambda state: write_board(state, request.output))
    console.print(f"while it runs: {request.output / BOARD}", markup=False)
    with board.watched():
        board.next()
        kept, lessons = Kept(request.answers), request.extent.lessons
        maker = Maker(
            librarian, first.taught, asked, chunks, request.output, kept, lessons, first.seed
        )
        made = maker.make(request.arms, console)
        keep_choices(
            request.output, {arm.name: arm.settings(settings, made) for arm in request.runnable}
        )
        run = Run(settings, request, made, board, librarian.verifier, kept, first.seed)
        comparison, routing, stopped = run.main(sets.main, first.documents)
        run = run.without(stopped)
        report = CompareReport(
            comparison=comparison,
            routing=routing,
            stopped=stopped,
            robustness={what: run.ask(harder) for what, harder in sets.robust.items()},
            retrieval=_retrieval(librarian, asked, settings.top_k),
            formats=run.ask(sets.formats),
            stale=run.stale(sets.changed),
            orders=run.ordered(sets.orders, comparison),
            judged=run.judged(comparison),
            measurements=run.measurements(librarian, chunks, asked),
            knobs=run.knobs(librarian, asked),
            repeats=repeated(
                {first.seed: comparison}
                | {
                    of.seed: _again(run, maker, of, asks)
                    for of, asks in zip(others, again, strict=True)
                }
            ),
            needs=request.needs,
            provenance=_provenance(run, librarian),
        )
        _write(report, request.output)
    librarian.close()
    return report


def _check(settings: Settings, request: Request) -> None:
    """Refuse what would only show after hours: a model, a judge or a store that cannot be used."""
    if settings.store:
        raise UserError(
            "compare measures each arm alone and without a network, which an index in a database "
            "needs: leave GROUNDTUNE_STORE empty for it"
        )
    resolve_chat_model(  # which arms are trained on
        settings.model, cache_dir=settings.cache, template=settings.chat_template
    )
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
                f"--prices tells no price of {arm.model}: add it to its models, as "
                '{MODEL: {"input_million", "output_million"}}'
            )
        Assistant(arm.settings(settings, Made())).set_up()


def _again(run: Run, maker: Maker, split: Split, questions: QuestionSet) -> Comparison:
    """Make everything of another split, with its seed, and rank the arms by its questions."""
    run.board.next()
    folder = maker.folder / f"seed-{split.seed}"
    own = replace(maker, taught=split.taught, asked=split.asked, folder=folder, seed=split.seed)
    made = own.make(run.request.arms, run.board.steps.console)
    own_run = replace(run, made=made, seed=split.seed)
    comparison, *_ = own_run.main([questions], split.documents)
    return comparison


def _grounded(pairs: Sequence[Pair], chunks: Sequence[Document]) -> list[Grounded]:
    grouped = by_document(chunks)
    return [found for pair in pairs if isinstance(found := ground(pair, grouped), Grounded)]


def _search(assistant: Assistant) -> Search:
    return lambda question, k: [d for d, _ in assistant.store.hybrid_search(question, k)]


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
