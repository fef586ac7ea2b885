"""Make the data set of a run out of an index and questions, or take up the one made before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from langchain_core.documents import Document

from app.assistant import Assistant
from app.dataset.build import Rows, build_rows
from app.dataset.generate import generate_questions
from app.dataset.mixture import Mixture
from app.dataset.pairs import Pair, read_pairs, spread
from app.dataset.rehearsal import rehearsal_from, sample_rehearsal
from app.dataset.selection import FOUND_WITHIN
from app.errors import UserError
from app.provenance import made_by
from finetune.causal import check_whole, context_of, load_tokenizer
from finetune.config import TrainConfig
from finetune.data.examples import Example, Kind, read_examples, split_by_source, write_examples
from finetune.data.report import Checked, check
from finetune.registry.fingerprint import fingerprint
from finetune.whole_files import drop_scratch, write_whole

DATASET = "dataset"  # folder of a run
SPLITS = ("train", "dev", "test")
INPUTS = "inputs.json"
UNUSED = "unused.json"
REPORTS = ("report.md", "report.html")
LOCK = ".lock"
PER_CHUNK = 3  # questions generated about each chunk


@dataclass(frozen=True)
class Sources:
    """Where the rows of a data set come from."""

    questions: Path | None = None
    """Question file; without one, questions are generated from the documents."""
    examples: Path | None = None
    """Chat examples that are trained as they are, instead of rows made of documents; rehearsal is
    added where they hold none."""
    rehearsal: Path | None = None
    """General chats; without them, the base model's own replies are rehearsed."""
    test: Path | None = None
    """Chat examples to measure on, instead of the share of the mixture."""

    def fingerprint(self) -> dict[str, str]:
        """Hash the files."""
        files = {
            "questions": self.questions,
            "examples": self.examples,
            "rehearsal": self.rehearsal,
        }
        return {name: _sha256(path) for name, path in files.items() if path is not None}


def prepare(
    assistant: Assistant,
    sources: Sources,
    folder: Path,
    mixture: Mixture,
    config: TrainConfig,
    *,
    base: Path,
    progress: bool = True,
) -> tuple[Checked, str]:
    """Return the checked data set in `folder`, made now unless it was made of the same before.

    Says in words which of the two, what differs, and how much of a rehearsal file was not used.
    """
    check_whole(base)
    drop_scratch(folder)
    if sources.test is not None:
        mixture = mixture.model_copy(update={"test": 0.0})
    inputs = made_by(
        *(__name__, Assistant.__module__),
        settings=[
            mixture.model_dump(mode="json"),
            assistant.settings.answering(),
            sources.test is not None,
        ],
        model=[fingerprint(base).model_dump(exclude={"name"}), assistant.weights],
        index=None if sources.examples else assistant.store.version,
        data=sources.fingerprint(),
    )
    made = _made_before(folder, inputs)
    record = _told(folder, inputs, made)
    general = rehearsal_from(sources.rehearsal) if sources.rehearsal else None
    rows = made or _make(assistant, sources, mixture, general, progress=progress)
    record += _not_rehearsed(general or (), rows, sources.rehearsal)
    if sources.test is not None:
        rows = replace(rows, test=read_examples(sources.test))
    if rows is not made:
        write_rows(rows, folder, inputs)
    tokenizer = load_tokenizer(base)
    checked = check(
        {"train": rows.train, "dev": rows.dev, "test": rows.test},
        tokenizer,
        max_length=min(config.max_length, context_of(base, tokenizer)),
        on_overlong=config.on_overlong,
        unused=rows.unused,
    )
    texts = (checked.report.to_markdown(), checked.report.to_html())
    for name, text in zip(REPORTS, texts, strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    return checked, record


def generated_pairs(
    assistant: Assistant, chunks: Sequence[Document], *, seed: int, progress: bool
) -> list[Pair]:
    """Ask questions about the chunks whose answers stand in them."""
    made = generate_questions(
        chunks,
        assistant.chat_model,
        lambda question: [str(c.id) for c in assistant.chunks_for(question, FOUND_WITHIN)],
        per_chunk=PER_CHUNK,
        seed=seed,
        progress=progress,
    )
    return made.pairs()


def _make(
    assistant: Assistant,
    sources: Sources,
    mixture: Mixture,
    general: Sequence[Example] | None,
    *,
    progress: bool,
) -> Rows:

    def rehearsal(count: int) -> list[Example]:
        return _rehearsal(assistant, general, count, mixture.seed)

    if sources.examples is not None:
        rows = _split(read_examples(sources.examples), mixture)
        if any(row.kind is Kind.REHEARSAL for row in rows.train):
            return rows
        kept_up = rehearsal(round(len(rows.train) * mixture.rehearsal))
        return replace(rows, train=[*rows.train, *kept_up])
    chunks = assistant.store.all_chunks()
    if not chunks:
        raise UserError("the index is empty: ingest documents first")
    pairs = (
        read_pairs(sources.questions)
        if sources.questions
        else generated_pairs(assistant, chunks, seed=mixture.seed, progress=progress)
    )
    return build_rows(
        pairs,
        chunks=chunks,
        search=assistant.chunks_for,
        chat_model=assistant.chat_model,
        mixture=mixture,
        rehearsal=rehearsal,
        measured_elsewhere=sources.test is not None,
    )


def _split(examples: list[Example], mixture: Mixture) -> Rows:
    rest, test = split_by_source(examples, share=mixture.test, seed=mixture.seed)
    train, dev = split_by_source(rest, share=mixture.dev, seed=mixture.seed)
    return Rows(train=train, dev=dev, test=test)


def _rehearsal(
    assistant: Assistant, general: Sequence[Example] | None, count: int, seed: int
) -> list[Example]:
    if not count:
        return []
    if general is not None:
        return spread(general, count)
    return sample_rehearsal(assistant.chat_model, count=count, seed=seed)


def write_rows(rows: Rows, folder: Path, inputs: dict[str, Any]) -> None:
    """Write rows and what made them; a run that is cut short leaves none that could be taken up."""
    # Its existence means that the rows are whole and of these inputs: gone first, written last.
    (folder / INPUTS).unlink(missing_ok=True)
    for name in SPLITS:
        write_examples(folder / f"{name}.jsonl", getattr(rows, name))
    write_whole(folder / UNUSED, json.dumps(rows.unused, indent=2))
    write_whole(folder / INPUTS, json.dumps(inputs, indent=2))


def _made_before(folder: Path, inputs: dict[str, Any]) -> Rows | None:
    if recorded(folder) != inputs:
        return None
    splits = {
        name: read_examples(file) if (file := folder / f"{name}.jsonl").stat().st_size else []
        for name in SPLITS
    }
    unused = json.loads((folder / UNUSED).read_text(encoding="utf-8"))
    return Rows(**splits, unused=unused)


def recorded(folder: Path) -> dict[str, Any]:
    """Return what made the rows in a folder; nothing where there are none."""
    record = folder / INPUTS
    return json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}


def _told(folder: Path, inputs: dict[str, Any], made: Rows | None) -> str:
    if made is not None:
        return "taken up from an earlier run of the same"
    before = recorded(folder)
    others = [part for part in inputs if before and before.get(part) != inputs[part]]
    return f"made anew, for these differ: {', '.join(others)}" if others else "made in this run"


def _not_rehearsed(general: Sequence[Example], rows: Rows, file: Path | None) -> str:
    given = set(general)
    left = given - set(rows.train)
    return f", {len(left)} of {len(given)} chats of {file} not rehearsed" if left else ""


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}): name a .jsonl file") from error
