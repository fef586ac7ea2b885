"""Find what was made of documents that are forgotten: prepared rows, and adapters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.held import held
from app.tuning.prepare import DATASET, INPUTS, LOCK, REPORTS, SPLITS, UNUSED, recorded
from finetune.registry.store import Registry
from finetune.training.runs import LOCK as TRAINING
from finetune.whole_files import drop_scratch


@dataclass
class Trained:
    """The registered adapters, by what their manifests tell of some documents."""

    on_them: list[str] = field(default_factory=list)
    """NAME@VERSION of those that were trained on one of them, aliases behind."""
    perhaps: list[str] = field(default_factory=list)
    """Those whose manifests, of an earlier release, do not list every document."""


def trained_on(documents: Iterable[str], registry: Registry) -> Trained:
    """Tell which adapters were trained on one of these documents, by their names."""
    wanted, trained = set(documents), Trained()
    for name in registry.names():
        aliases = registry.aliases(name)
        for version in registry.versions(name):
            known = sorted(alias for alias, id_ in aliases.items() if id_ == version.id)
            shown = f"{name}@{version.id}" + (f" ({', '.join(known)})" if known else "")
            facts = version.manifest.data
            if wanted & {*facts.sources, *(facts.documents or ())}:
                trained.on_them.append(shown)
            elif facts.documents is None:
                trained.perhaps.append(shown)
    return trained


def drop_rows(run: Path, index: str) -> bool:
    """Delete the rows prepared for a run, unless they were made of this version of the index.

    Others cannot be taken up again. Those that were made of chat examples alone stay. Tells whether
    there were any; raises UserError while others are prepared there, and while an adapter that
    nobody can name yet is trained.
    """
    folder = run / DATASET
    if not folder.exists():
        return False
    busy = f"rows are being prepared in {folder}: wait until that is done"
    with held(folder / LOCK, busy):  # first: what prepares rows for the first time has none yet
        if recorded(folder).get("index", "") in (None, index):
            return False
        _check_untrained(run)
        return _delete_rows(folder)


def _check_untrained(run: Path) -> None:
    """Raise UserError where an adapter is being trained, alone or in a sweep."""
    for lock in run.rglob(TRAINING):
        if lock.parent != run / DATASET:
            busy = f"an adapter is being trained in {lock.parent}: wait until that is done"
            with held(lock, busy):
                pass


def _delete_rows(folder: Path) -> bool:
    rows = [f"{split}.jsonl" for split in SPLITS]
    # first what says that they are whole
    files = [file for name in (INPUTS, *rows, UNUSED, *REPORTS) if (file := folder / name).exists()]
    for file in files:
        file.unlink()
    return bool(files + drop_scratch(folder))
