"""Find what was made of documents that are forgotten: prepared rows, and adapters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from app.errors import UserError
from app.tuning.prepare import INPUTS, LOCK, REPORTS, SPLITS, UNUSED, recorded
from finetune.registry.store import Registry


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


def drop_rows(folder: Path, index: str) -> bool:
    """Delete the rows prepared in a folder, unless they were made of this version of the index.

    Others cannot be taken up again. Those that were made of chat examples alone stay. Tells whether
    there were any; raises UserError while a run prepares others there.
    """
    rows = [f"{split}.jsonl" for split in SPLITS]
    # first what says that they are whole
    files = [file for name in (INPUTS, *rows, UNUSED, *REPORTS) if (file := folder / name).exists()]
    if not files or recorded(folder).get("index", "") in (None, index):
        return False
    try:
        with FileLock(folder / LOCK, timeout=0):
            for file in files:
                file.unlink(missing_ok=True)
    except Timeout as error:
        raise UserError(f"rows are being prepared in {folder}: wait until that is done") from error
    return True
