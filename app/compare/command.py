"""The run behind `groundtune compare`: ingest, ask every arm, score, test, report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from langchain_core.documents import Document
from pydantic import TypeAdapter
from rich.console import Console

from app.assistant import Assistant
from app.compare.arms import ROUTED, TUNED_RAG, Made
from app.compare.asking import Asked, Asker
from app.compare.choice import keep_choices
from app.compare.comparison import Comparison
from app.compare.facts import Facts
from app.compare.gathering import Gatherer
from app.compare.judging import Judge, Judged
from app.compare.kept import Kept, Provenance, index_of
from app.compare.knobs import Sweep, Sweeper
from app.compare.making import Maker
from app.compare.ordering import Ordering, reordered
from app.compare.parts import Part, divide, planned, searchable
from app.compare.plan.power import foretold
from app.compare.report import CompareReport
from app.compare.request import Request
from app.compare.retrieval import DEPTH, SearchScores, score_search
from app.compare.routed import add_routed
from app.compare.routing import Routing
from app.compare.rows import write_rows
from app.compare.staleness import Told, count_told
from app.compare.steps import Steps
from app.compare.variants import Search
from app.dataset.pairs import Grounded, Pair, by_document, ground, hold_out, read_pairs, spread
from app.errors import UserError
from app.models.adapters import NONE
from app.models.base import resolve_chat_model
from app.provenance import digest
from app.settings import Settings
from finetune.registry.manifest import package_versions
from graphs.protocols import Verifier
from graphs.question import subject
from graphs.state import Order

ASKED = 0.75  # of the questions; worked examples and training rows come from the rest
SEED = 13
MADE = ("prompts", "code", "settings", "model", "adapter")  # the rest is told in full


@dataclass(frozen=True)
class Run:
    """A comparison in progress; every finished part is kept for the next run."""

    settings: Settings
    request: Request
    made: Made
    steps: Steps
    verifier: Verifier
    kept: Kept

    def main(self, part: Part, taught: frozenset[str]) -> tuple[Comparison, Routing | None]:
        """Ask every arm the questions, and put the routed one together."""
        comparison = replace(self.ask(part), taught=taught)
        if ROUTED not in self.request.arms:
            return comparison, None
        searching = TUNED_RAG.settings(self.settings, self.made)
        return add_routed(comparison, searching, self.made, self.kept)

    def judged(self, comparison: Comparison) -> dict[str, Judged]:
        """Let a model judge the answers, where one is named."""
        judge = self.request.judge
        return Judge(judge, self.settings, self.kept).judge(comparison) if judge else {}

    def ask(self, part: Part, settings: Settings | None = None) -> Comparison:
        """Ask arms the same questions, each with the passages that it is given."""
        asker = Asker(self.kept, part.pairs, self.request.together, self.request.extent.timed)
        found = dict[str, Asked]()
        for arm in part.arms:
            self.steps.next()
            configured = arm.settings(settings or self.settings, self.made)
            given = part.given.get(arm.name, {})
            found[arm.name] = asker.ask(arm, configured, given, timed=part.timed)
        return Comparison(
            tuple(part.arms),
            tuple(part.pairs),
            {arm: of.answers for arm, of in found.items()},
            {arm: of.timed for arm, of in found.items()},
            self.verifier,
        )

    def facts(
        self, librarian: Assistant, chunks: Sequence[Document], asked: Sequence[Pair]
    ) -> Facts:
        """Measure what is no answer: memory, disk, forgetting, vocabulary, money."""
        self.steps.next()
        arms = {arm: arm.settings(self.settings, self.made) for arm in self.request.runnable}
        extent = self.request.extent
        gatherer = Gatherer(librarian, arms, self.made, self.kept, extent)
        return gatherer.gather(asked, chunks, self.request.prices)

    def knobs(self, librarian: Assistant, asked: Sequence[Pair]) -> Sweep | None:
        """Turn the knobs of retrieval, or take up what that found for this version of an index."""
        if not self.request.sweeps:
            return None
        self.steps.next()
        folder = self.request.output / "knobs"
        sweeper = Sweeper(librarian.settings, self.request.paths, asked, folder)
        if not sweeper.pairs:
            return None
        data = [[pair.model_dump(mode="json") for pair in asked], SEED]
        index = librarian.store.generation.version
        made = librarian.made_by(Sweeper.__module__, index=index, data=data)
        found = self.kept.once(
            "knobs", made, lambda: sweeper.sweep(seed=SEED).to_json(), what="the knobs of retrieval"
        )
        return TypeAdapter(Sweep).validate_python(found)

    def ordered(self, parts: Mapping[Order, Part], usual: Comparison) -> Ordering | None:
        """Ask an arm once more with its passages in other orders."""
        others = {
            order: self.ask(part, self.settings.model_copy(update={"passage_order": order}))
            for order, part in parts.items()
        }
        return reordered(usual, others, self.settings.passage_order)

    def stale(self, part: Part) -> dict[str, dict[Told, int]]:
        """Index the documents as they are later and ask about the facts that changed."""
        if self.request.revised is None or not part.pairs:
            return {}
        paths = [self.request.revised]
        index = index_of(paths, self.settings, self.request.output / "revised-index")
        later = self.settings.model_copy(update={"index": index})
        _ingest(Assistant(later), paths, self.steps.console)
        answers = self.ask(part, later).answers
        return {arm: count_told(of, part.pairs) for arm, of in answers.items()}


def compare(settings: Settings, request: Request, console: Console) -> CompareReport:
    """Do all of it, write the report and keep what `use` needs."""
    resolve_chat_model(  # which arms are trained on
        settings.model, cache_dir=settings.cache, template=settings.chat_template
    )
    _check_others(settings, request)
    if request.judge:
        Judge(request.judge, settings, Kept(request.answers)).check()
    pairs = read_pairs(request.questions)
    taught, asked = _split(pairs, request)
    console.print(foretold(len(asked), len(request.runnable)))
    # Whatever is made for the arms is made by the base model: an adapter is what is compared.
    librarian = Assistant(settings.model_copy(update={"adapter": NONE}))
    if request.paths:
        _ingest(librarian, request.paths, console)
    chunks = librarian.store.generation.all_chunks()
    if not chunks:
        raise UserError("the index is empty: name folders of documents, or ingest them first")
    request.output.mkdir(parents=True, exist_ok=True)
    grounded = _grounded(asked, chunks)
    parts = divide(
        request, pairs, grounded, asked, _search(librarian), order=settings.passage_order, seed=SEED
    )
    steps = Steps(console, planned(request, parts))
    steps.next()
    kept, lessons = Kept(request.answers), request.extent.lessons
    maker = Maker(librarian, taught, asked, chunks, request.output, kept, lessons, SEED)
    made = maker.make(request.arms, console)
    keep_choices(
        request.output, {arm.name: arm.settings(settings, made) for arm in request.runnable}
    )
    run = Run(settings, request, made, steps, librarian.verifier, kept)
    comparison, routing = run.main(parts.main, frozenset(pair.source for pair in taught))
    report = CompareReport(
        comparison=comparison,
        routing=routing,
        robustness={what: run.ask(part) for what, part in parts.robust.items()},
        retrieval=_retrieval(librarian, asked, settings.top_k),
        formats=run.ask(parts.formats),
        stale=run.stale(parts.changed),
        orders=run.ordered(parts.orders, comparison),
        judged=run.judged(comparison),
        facts=run.facts(librarian, chunks, asked),
        knobs=run.knobs(librarian, asked),
        needs=request.needs,
        provenance=Provenance(
            command=request.command,
            questions_sha256=hashlib.sha256(request.questions.read_bytes()).hexdigest(),
            index=librarian.store.generation.version,
            seed=SEED,
            packages=package_versions(),
            made=_made(Assistant(settings)),
            reused=kept.taken_up,
        ),
    )
    librarian.close()
    _write(report, request.output)
    return report


def _made(assistant: Assistant) -> dict[str, str]:
    """Hash what made the figures, part by part, to be compared with another run's."""
    made = assistant.made_by(__name__, index=None, data=None)
    return {part: digest(made[part])[:12] for part in MADE}


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


def _ingest(assistant: Assistant, paths: Sequence[Path], console: Console) -> None:
    """Bring an index up to date, and name each file that could not be read."""
    found = assistant.ingest(paths, progress=True)
    for name, reason in found.skipped.items():
        console.print(f"skipped {name}: {reason}", markup=False)


def _split(pairs: Sequence[Pair], request: Request) -> tuple[list[Pair], list[Pair]]:
    taught, asked = hold_out(pairs, share=ASKED, seed=SEED)
    if not asked:
        raise UserError(
            f"{request.questions} holds {len(pairs)} questions about one document: a comparison "
            "needs questions about several"
        )
    return taught, spread(asked, request.extent.questions or len(asked))


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
