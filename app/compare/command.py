"""The run behind `groundtune compare`: ingest, ask every arm, score, test, report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from langchain_core.documents import Document
from rich.console import Console

from app.assistant import Assistant
from app.batch import GivenDocument
from app.compare.arms import Arm, Made
from app.compare.asking import Asker
from app.compare.choice import keep_choices
from app.compare.closed_book import lesson, train_closed_book
from app.compare.comparison import Comparison
from app.compare.needs import Needs
from app.compare.report import CompareReport, Provenance
from app.compare.retrieval import score_rankings
from app.compare.staleness import Told, count_told
from app.dataset.grounded import grounded_rows
from app.dataset.mixture import Mixture
from app.dataset.pairs import Grounded, Pair, by_document, ground, read_pairs, split_pairs
from app.errors import UserError
from app.models.adapters import NONE
from app.settings import Settings
from app.tuning.tune import spread, worked_examples
from finetune.data.examples import write_examples
from finetune.registry.manifest import package_versions

ASKED = 0.85  # of the questions; worked examples come from the documents of the rest
QUICK_QUESTIONS = 40
SHOT_CONTEXTS = 20  # contexts of which the shortest become worked examples
SEED = 13


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run was asked to do; see the command's flags."""

    paths: tuple[Path, ...]
    questions: Path
    revised: Path | None
    arms: Sequence[Arm]
    needs: Needs
    output: Path
    quick: bool
    concurrency: int
    command: str


def compare(settings: Settings, request: Request, console: Console) -> CompareReport:
    """Do all of it and write the report; every finished part is kept for the next run."""
    pairs = read_pairs(request.questions)
    taught, asked = split_pairs(pairs, share=ASKED, seed=SEED)
    if request.quick:
        asked = spread(asked, QUICK_QUESTIONS)
    if not asked:
        raise UserError(
            f"{request.questions} holds {len(pairs)} questions about one document: a comparison "
            "needs questions about several"
        )
    librarian = Assistant(settings.model_copy(update={"adapter": NONE}))
    if request.paths:
        librarian.ingest(request.paths, progress=True)
    chunks = librarian.store.generation.all_chunks()
    if not chunks:
        raise UserError("the index is empty: name folders of documents, or ingest them first")
    request.output.mkdir(parents=True, exist_ok=True)
    made = _make(librarian, taught, asked, chunks, request, console)
    asker = Asker(
        request.output / "answers", asked, right_passages(asked, chunks), request.concurrency
    )
    found = {}
    runnable = {
        arm.name: arm.settings(settings, made) for arm in request.arms if arm.knowledge != "given"
    }
    keep_choices(request.output, runnable)
    for number, arm in enumerate(request.arms, start=1):
        console.print(f"{number}/{len(request.arms)} {arm.name}: {arm.title}")
        found[arm.name] = asker.ask(arm, arm.settings(settings, made))
    report = CompareReport(
        Comparison(
            tuple(request.arms),
            tuple(asked),
            {arm: of.answers for arm, of in found.items()},
            {arm: of.timed for arm, of in found.items()},
        ),
        retrieval=_retrieval(librarian, asked, settings.top_k),
        stale=_staleness(settings, request, made, pairs, console),
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


def _staleness(
    settings: Settings, request: Request, made: Made, pairs: Sequence[Pair], console: Console
) -> dict[str, dict[Told, int]]:
    """Index the documents as they are later and ask every arm about the facts that changed."""
    changed = [pair for pair in pairs if pair.revised_answers]
    if request.revised is None or not changed:
        return {}
    later = settings.model_copy(update={"index": request.output / "revised-index"})
    librarian = Assistant(later.model_copy(update={"adapter": NONE}))
    librarian.ingest([request.revised], progress=True)
    asker = Asker(request.output / "answers", changed, {}, request.concurrency)
    found = {}
    for arm in request.arms:
        if arm.knowledge == "given":
            continue
        console.print(f"{arm.name}: {len(changed)} questions whose answers changed")
        answers = asker.ask(arm, arm.settings(later, made)).answers
        found[arm.name] = count_told(answers, changed)
    return found


def right_passages(
    pairs: Sequence[Pair], chunks: Sequence[Document]
) -> dict[str, list[GivenDocument]]:
    """Find the chunks that answer each question, for the arm that is told them."""
    grouped = by_document(chunks)
    given: dict[str, list[GivenDocument]] = {}
    for pair in pairs:
        if isinstance(found := ground(pair, grouped), Grounded):
            given[pair.id] = [
                GivenDocument(id=str(chunk.metadata["document"]), text=chunk.page_content)
                for chunk in found.gold
            ]
    return given


def _make(
    assistant: Assistant,
    taught: Sequence[Pair],
    asked: Sequence[Pair],
    chunks: Sequence[Document],
    request: Request,
    console: Console,
) -> Made:
    """Make what the arms need that the settings do not name."""
    shots = closed_book = None
    if any(arm.shots for arm in request.arms):
        shots = _write_shots(assistant, taught, chunks, request)
    if any(arm.adapter == "closed-book" for arm in request.arms):
        learned = lesson(assistant, taught, asked, chunks, seed=SEED)
        console.print(
            f"closed-book adapter: {learned.given} given and {learned.generated} generated "
            f"questions, {learned.left_out} left out because they are asked"
        )
        closed_book = train_closed_book(assistant, learned.rows, request.output)
    return Made(shots, closed_book)


def _write_shots(
    assistant: Assistant, pairs: Sequence[Pair], chunks: Sequence[Document], request: Request
) -> Path:
    """Make worked examples of questions that are not asked."""
    grouped = by_document(chunks)
    found = [ground(pair, grouped) for pair in pairs]
    contexts = grounded_rows(
        [pair for pair in found if isinstance(pair, Grounded)],
        lambda question, k: [d for d, _ in assistant.store.hybrid_search(question, k)],
        Mixture(passages=(1,), rounds=1, withheld=0.5, graded=0, contexts=SHOT_CONTEXTS),
        seed=SEED,
    )
    shots = worked_examples([row for context in contexts for row in context])
    if not shots:
        raise UserError("no question is left over for worked examples: leave out few-shot-rag")
    path = request.output / "shots.jsonl"
    write_examples(path, shots)
    return path


def _retrieval(assistant: Assistant, pairs: Sequence[Pair], k: int) -> dict[str, dict[str, float]]:
    """Score the search alone; a follow-up's words are no search without its conversation."""
    searched = [pair for pair in pairs if pair.documents and pair.kind != "follow-up"]
    ranked = {
        pair.id: [hit["document"] for hit in assistant.search(pair.question, k)["results"]]
        for pair in searched
    }
    return score_rankings(ranked, {pair.id: pair.documents for pair in searched}, k)


def _write(report: CompareReport, folder: Path) -> None:
    (folder / "comparison.json").write_text(
        json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    (folder / "report.md").write_text(report.to_markdown(), encoding="utf-8")
    (folder / "report.html").write_text(report.to_html(), encoding="utf-8")
