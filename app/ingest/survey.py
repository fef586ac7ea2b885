"""Look over what lies in the places that are given, beside what an index holds; reads no text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.ingest.changes import Changes, compare
from app.ingest.identity import Known, Unwanted, deleted, origin, settled
from app.ingest.report import IngestReport
from app.ingest.scan import Found, SourceFile
from app.ingest.versions import Versions

Watch = Callable[[Sequence[SourceFile]], Iterable[SourceFile]]
"""Yields the files that are compared, and may show how far that is."""


@dataclass(frozen=True)
class Survey:
    """What an ingestion would find to do."""

    changes: Changes
    present: dict[str, str]
    """Where each document comes from that lies in the places, by its name."""
    report: IngestReport
    """What was left out, is unreadable, was forgotten, unchanged, renamed or deleted."""


def survey(
    found: Found,
    known: Known,
    unwanted: Unwanted,
    versions: Versions,
    *,
    max_bytes: int,
    watch: Watch = iter,
) -> Survey:
    """Compare the files that were found with the documents that an index holds."""
    report = _begun(found, known)
    files = settled(found.files, known)
    present = {file.document: file.origin for file in files}
    report.removed = deleted(found, set(present), known)
    changes = compare(watch(files), known, report, unwanted, versions, max_bytes=max_bytes)
    return Survey(changes, present, report)


def _begun(found: Found, known: Known) -> IngestReport:
    """Report what was left out before anything is read."""
    report = IngestReport(left_out=dict(found.left_out))
    kept = {origin(root, name) for name, (root, _) in known.items()}
    for place, (name, reason) in found.unreadable.items():
        report.skip(name, reason, kept=place in kept)
    return report
