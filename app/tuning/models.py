"""What the registry commands show, and which documents changed since they were indexed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TypedDict

from rich.table import Table

from app.assistant import Assistant
from app.ingest.content import making_room
from app.ingest.identity import Unwanted
from app.ingest.readers import UnreadableFile, read_file
from app.ingest.scan import SourceFile, find_files
from app.ingest.survey import survey
from app.ingest.versions import Versions
from app.models.adapters import SHIPPED
from finetune.registry.store import Registry


class Row(TypedDict):
    """One registered version."""

    name: str
    version: str
    aliases: list[str]
    score: float | None
    gates: str
    data: str


def changed_documents(assistant: Assistant, paths: Sequence[Path]) -> set[str]:
    """Name the documents below these paths that were added, changed or removed since ingestion.

    They are those that an ingestion would write; a file that it could not read is none.
    """
    settings, store = assistant.settings, assistant.store
    known = store.documents() if store.exists() else {}
    most, unwanted = settings.max_file_mb * 1_000_000, Unwanted.of(store.forgotten())
    with making_room(most) if settings.archives else nullcontext() as room:
        seen = survey(
            find_files(paths, room), known, unwanted, Versions(store.folder), max_bytes=most
        )
        read = partial(_is_readable, max_bytes=most, ocr=settings.ocr)
        written = {item.source.document for item in seen.changes.stale if read(item.source)}
    renamed = {name for pair in seen.report.renamed.items() for name in pair}
    return {*written, *renamed, *seen.report.removed}


def _is_readable(source: SourceFile, *, max_bytes: int, ocr: str) -> bool:
    try:
        read_file(source.place, max_bytes=max_bytes, ocr=ocr)
    except UnreadableFile:
        return False
    return True


def listed(root: Path) -> list[Row]:
    """List the versions registered here, then the shipped ones."""
    return [row for registry in (Registry(root), Registry(SHIPPED)) for row in _rows(registry)]


def _rows(registry: Registry) -> list[Row]:
    rows: list[Row] = []
    for name in registry.names():
        aliases = registry.aliases(name)
        for version in registry.versions(name):
            failed = [gate for gate, result in version.manifest.gates.items() if not result.passed]
            rows.append(
                Row(
                    name=f"builtin:{name}" if registry.root == SHIPPED else name,
                    version=version.id,
                    aliases=sorted(alias for alias, id_ in aliases.items() if id_ == version.id),
                    score=version.manifest.score,
                    gates=f"not met: {', '.join(failed)}" if failed else "met",
                    data=version.manifest.data.sha256[:12],
                )
            )
    return rows


def table(rows: Sequence[Row]) -> Table:
    """Lay the versions out for the terminal."""
    made = Table("adapter", "version", "aliases", "score", "gates", "data")
    for row in rows:
        score = "" if row["score"] is None else f"{row['score']:.3f}"
        aliases = ", ".join(row["aliases"])
        made.add_row(row["name"], row["version"], aliases, score, row["gates"], row["data"])
    return made
