"""Keep what was measured, by everything that made it, so that it is measured once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.homes import at_home
from app.ingest.readers import READERS
from app.ingest.run import ingest
from app.models.base import embedding_identity
from app.provenance import key, made_by
from app.settings import Settings
from finetune.whole_files import write_whole


@dataclass(frozen=True)
class TakenUp:
    """How much of a thing stood in the folder when a run began."""

    reused: int = 0
    of: int = 0

    def __str__(self) -> str:
        return "" if self.of == 1 else f" ({self.reused} of {self.of})"


@dataclass(frozen=True)
class Provenance:
    """What is needed to make the report again."""

    command: str
    questions_sha256: str
    index: str
    """Version of the index, which is a hash of its documents and settings."""
    seed: int
    packages: dict[str, str]
    made: Mapping[str, str] = field(default_factory=dict)
    """Hashes of the parts of its making, such as prompts and code, to be compared by."""
    reused: Mapping[str, TakenUp] = field(default_factory=dict)
    """What was taken up from earlier runs, by what it is."""

    def taken_up(self) -> str:
        """Say in a sentence what was taken up."""
        reused = [f"{what}{taken}" for what, taken in self.reused.items() if taken.reused]
        if not reused:
            return "Everything was made in this run."
        return (
            "Taken up from earlier runs of the same prompts, code, settings, models, index and "
            f"questions: {', '.join(reused)}. Everything else was made in this run."
        )


@dataclass(frozen=True)
class Kept:
    """What earlier runs left in a folder, and what of it this run took up."""

    folder: Path
    taken_up: dict[str, TakenUp] = field(default_factory=dict)
    """By what it is, as people read it."""

    def path(self, name: str, made: dict[str, Any], suffix: str) -> Path:
        """Return where a thing of this making is kept."""
        return self.folder / f"{name}-{key(made)}{suffix}"

    def once(
        self, name: str, made: dict[str, Any], measure: Callable[[], dict[str, Any]], *, what: str
    ) -> dict[str, Any]:
        """Return what `measure` found for what is made so, now or in an earlier run."""
        file = self.path(name, made, ".json")
        self.note(what, reused=int(file.exists()), of=1)
        if not file.exists():
            write_whole(file, json.dumps(measure()))
        measured: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return measured

    def note(self, what: str, *, reused: int, of: int) -> None:
        """Count what was taken up, and what there is of it."""
        before = self.taken_up.get(what, TakenUp())
        self.taken_up[what] = TakenUp(before.reused + reused, before.of + of)


def named(paths: Sequence[Path]) -> list[str]:
    """Name paths alike, however and from wherever they were written."""
    return [str(at_home(path).resolve()) for path in paths]


def index_of(paths: Sequence[Path], settings: Settings, place: Path, *code: str) -> Path:
    """Return the folder, beside `place`, of an index of these paths alone.

    Ingesting brings it up to date. An index keeps what other paths brought, is cut in one way and
    not read again by newer code: all these have one of their own. `code` are modules that cut it
    beside those of ingestion.
    """
    made = made_by(
        ingest.__module__,
        *map(READERS.module, READERS.names()),
        *code,
        settings=[
            *(settings.chunk_size, settings.chunk_overlap),
            *(settings.max_file_mb, settings.archives, settings.ocr),
        ],
        model=embedding_identity(settings.embedding_model, cache_dir=settings.cache),
        data=named(paths),
    )
    return place.with_name(f"{place.name}-{key(made)}")
