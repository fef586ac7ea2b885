"""The run behind `groundtune compare`: ingest, ask every arm, score, test, report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document
from rich.console import Console

from app.assistant import Assistant
from app.batch import GivenDocument
from app.compare.arms import ROUTED, TUNED_RAG, Arm, Made
from app.compare.asking import Asked, Asker, Given
from app.compare.choice import keep_choices
from app.compare.comparison import Comparison
from app.compare.facts import Facts, Prices
from app.compare.gathering import Gatherer
from app.compare.judging import Judge, Judged
from app.compare.knobs import Sweep, Sweeper
from app.compare.making import Maker
from app.compare.needs import Needs
from app.compare.report import CompareReport, Provenance
from app.compare.retrieval import DEPTH, SearchScores, score_search
from app.compare.routed import add_routed
from app.compare.routing import Routing
from app.compare.staleness import Told, count_told
from app.compare.variants import Search, Variant, counterfactual, formatted, noisy
from app.dataset.pairs import Grounded, Pair, by_document, ground, read_pairs, split_pairs
from app.errors import UserError
from app.models.adapters import NONE
from app.settings import Settings
from app.tuning.tune import spread
from finetune.registry.manifest import package_versions

ASKED = 0.85  # of the questions; worked examples and training rows come from the rest
QUICK_QUESTIONS = 40
HARDER, QUICK_HARDER = 12, 6  # questions of each kind that is made harder
SEED = 13


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run was asked to do; see the command's flags."""

    paths: tuple[Path, ...]
    questions: Path
    revised: Path | None
    arms: Sequence[Arm]
    needs: Needs
    prices: Prices | None
    judge: str
    output: Path
    quick: bool
    concurrency: int
    command: str

    @property
    def runnable(self) -> list[Arm]:
        """The arms that need no oracle."""
        return [arm for arm in self.arms if arm.knowledge != "given"]


@dataclass(frozen=True)
class Run:
    """A comparison in progress; every finished part is kept for the next run."""

    settings: Settings
    request: Request
    made: Made
    console: Console

    def asker(self, pairs: Sequence[Pair]) -> Asker:
        """Ask these questions, of one arm after the other."""
        return Asker(self.request.output / "answers", pairs, self.request.concurrency)

    def main(self, asked: Sequence[Pair], right: Given) -> tuple[Comparison, Routing | None]:
        """Ask every arm the questions; `right` passages are told to the oracle alone."""
        arms = [arm for arm in self.request.arms if arm != ROUTED]
        told = {arm.name: right if arm.knowledge == "given" else {} for arm in arms}
        comparison = self.ask(arms, asked, told)
        if ROUTED not in self.request.arms:
            return comparison, None
        searching = TUNED_RAG.settings(self.settings, self.made)
        return add_routed(comparison, searching, self.made, self.request.output / "answers")

    def robust(self, variants: Sequence[Variant]) -> Comparison:
        """Ask the arms that read passages about given ones."""
        given = {variant.pair.id: variant.given for variant in variants}
        reading = [arm for arm in self.request.arms if arm.knowledge == "search"]
        pairs = [variant.pair for variant in variants]
        return self.ask(reading, pairs, {arm.name: given for arm in reading})

    def formats(self, pairs: Sequence[Pair]) -> Comparison:
        """Ask every arm but the routed one, which is put together from two of them, for JSON."""
        arms = [arm for arm in self.request.runnable if arm != ROUTED]
        return self.ask(arms, pairs, {arm.name: {} for arm in arms})

    def judged(self, comparison: Comparison) -> dict[str, Judged]:
        """Let a model judge the answers, where one is named."""
        if not (name := self.request.judge):
            return {}
        plain = self.settings.model_copy(update={"adapter": NONE})
        return Judge(name, plain, self.request.output / "answers" / "judge.json").judge(comparison)

    def ask(
        self, arms: Sequence[Arm], pairs: Sequence[Pair], given: Mapping[str, Given]
    ) -> Comparison:
        """Ask arms the same questions, each with the passages that it is given."""
        asker, found = self.asker(pairs), dict[str, Asked]()
        for arm in arms:
            self.console.print(f"{arm.name}: {arm.title}, {len(pairs)} questions")
            configured = arm.settings(self.settings, self.made)
            found[arm.name] = asker.ask(arm, configured, given[arm.name])
        return Comparison(
            tuple(arms),
            tuple(pairs),
            {arm: of.answers for arm, of in found.items()},
            {arm: of.timed for arm, of in found.items()},
        )

    def facts(
        self, librarian: Assistant, chunks: Sequence[Document], asked: Sequence[Pair]
    ) -> Facts:
        """Measure what is no answer: memory, disk, forgetting, vocabulary, money."""
        arms = {arm: arm.settings(self.settings, self.made) for arm in self.request.runnable}
        gatherer = Gatherer(
            librarian, arms, self.made, self.request.output / "answers", self.console
        )
        return gatherer.gather(asked, chunks, self.request.prices)

    def knobs(self, asked: Sequence[Pair]) -> Sweep | None:
        """Turn the knobs of retrieval, where there are documents to cut in other ways."""
        if self.request.quick or not self.request.paths:
            return None
        self.console.print("knobs of retrieval: one at a time, then all together")
        plain = self.settings.model_copy(update={"adapter": NONE})
        folder = self.request.output / "knobs"
        return Sweeper(plain, self.request.paths, asked, folder).sweep(seed=SEED)

    def stale(self, pairs: Sequence[Pair]) -> dict[str, dict[Told, int]]:
        """Index the documents as they are later and ask about the facts that changed."""
        changed = [pair for pair in pairs if pair.revised_answers]
        if self.request.revised is None or not changed:
            return {}
        later = self.settings.model_copy(update={"index": self.request.output / "revised-index"})
        Assistant(later.model_copy(update={"adapter": NONE})).ingest([self.request.revised])
        asker, found = self.asker(changed), dict[str, dict[Told, int]]()
        for arm in self.request.runnable:
            if arm == ROUTED:
                continue  # its gate belongs to the former index, so that it searches always
            self.console.print(f"{arm.name}: {len(changed)} questions whose answers changed")
            answers = asker.ask(arm, arm.settings(later, self.made)).answers
            found[arm.name] = count_told(answers, changed)
        return found


def compare(settings: Settings, request: Request, console: Console) -> CompareReport:
    """Do all of it, write the report and keep what `use` needs."""
    pairs = read_pairs(request.questions)
    taught, asked = _split(pairs, request)
    # Whatever is made for the arms is made by the base model: an adapter is what is compared.
    librarian = Assistant(settings.model_copy(update={"adapter": NONE}))
    if request.paths:
        librarian.ingest(request.paths, progress=True)
    chunks = librarian.store.generation.all_chunks()
    if not chunks:
        raise UserError("the index is empty: name folders of documents, or ingest them first")
    request.output.mkdir(parents=True, exist_ok=True)
    made = Maker(librarian, taught, asked, chunks, request.output, SEED).make(request.arms, console)
    keep_choices(
        request.output, {arm.name: arm.settings(settings, made) for arm in request.runnable}
    )
    run, grounded = Run(settings, request, made, console), _grounded(asked, chunks)
    right = {found.pair.id: _passages(found) for found in grounded}
    comparison, routing = run.main(asked, right)
    each = QUICK_HARDER if request.quick else HARDER
    report = CompareReport(
        comparison=comparison,
        routing=routing,
        robustness={
            "the right passage among look-alikes": run.robust(
                noisy(grounded, _search(librarian), each=each, seed=SEED)
            ),
            "a passage whose fact was changed": run.robust(
                counterfactual(grounded, each=each, seed=SEED)
            ),
        },
        retrieval=_retrieval(librarian, asked, settings.top_k),
        stale=run.stale(pairs),
        formats=run.formats(formatted(grounded, each=each, seed=SEED)),
        judged=run.judged(comparison),
        facts=run.facts(librarian, chunks, asked),
        knobs=run.knobs(asked),
        needs=request.needs,
        provenance=Provenance(
            command=request.command,
            questions_sha256=hashlib.sha256(request.questions.read_bytes()).hexdigest(),
            index=librarian.store.generation.version,
            seed=SEED,
            packages=package_versions(),
        ),
    )
    librarian.close()
    _write(report, request.output)
    return report


def _split(pairs: Sequence[Pair], request: Request) -> tuple[list[Pair], list[Pair]]:
    taught, asked = split_pairs(pairs, share=ASKED, seed=SEED)
    if not asked:
        raise UserError(
            f"{request.questions} holds {len(pairs)} questions about one document: a comparison "
            "needs questions about several"
        )
    return taught, spread(asked, QUICK_QUESTIONS) if request.quick else asked


def _grounded(pairs: Sequence[Pair], chunks: Sequence[Document]) -> list[Grounded]:
    grouped = by_document(chunks)
    return [found for pair in pairs if isinstance(found := ground(pair, grouped), Grounded)]


def _passages(found: Grounded) -> list[GivenDocument]:
    return [
        GivenDocument(id=str(chunk.metadata["document"]), text=chunk.page_content)
        for chunk in found.gold
    ]


def _search(assistant: Assistant) -> Search:
    return lambda question, k: [d for d, _ in assistant.store.hybrid_search(question, k)]


def _retrieval(assistant: Assistant, pairs: Sequence[Pair], k: int) -> SearchScores:
    """Score the search alone; a follow-up's words are no search without its conversation."""
    searched = [pair for pair in pairs if pair.documents and pair.kind != "follow-up"]
    ranked = {
        pair.id: [
            hit["document"] for hit in assistant.search(pair.question, max(k, DEPTH))["results"]
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
