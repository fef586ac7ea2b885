"""Find what an ingestion has to write, by names and hashes; reads no text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.ingest.extracted import UnreadableFile
from app.ingest.identity import Known, Unwanted, origin
from app.ingest.report import IngestReport
from app.ingest.scan import SourceFile
from app.ingest.versions import Versions


@dataclass(frozen=True)
class Stale:
    """A file that is new or changed, and the hash that its bytes had when it was compared."""

    source: SourceFile
    sha256: str

    def hash_of(self, read: str) -> str:
        """Return what to compare with from now on, given the hash of what was read since.

        Of a file that comes with its version, the hash that is kept for the version counts.
        """
        return self.sha256 if self.source.content.version else read


@dataclass
class Changes:
    """What has to be written, as far as names and hashes tell."""

    stale: list[Stale] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    """New root of each document that is unchanged otherwise."""
    renamed: dict[str, SourceFile] = field(default_factory=dict)
    """File by old name of each document that is unchanged but for its name."""
    shown: dict[str, str | None] = field(default_factory=dict)
    """New label of each unchanged document that others may see from now on."""
    places: tuple[str, ...] | None = None
    """What has to be given from now on to build the index anew; None where that is unknown."""

    @property
    def names(self) -> set[str]:
        """The names of all documents that are written, old ones and new."""
        new = [item.source.document for item in self.stale]
        new += [source.document for source in self.renamed.values()]
        return {*new, *self.moved, *self.renamed, *self.shown}

    def files(self, known: Known) -> dict[str, tuple[str, str]]:
        """Return the name and the origin that each document has from now on, by its old name."""
        stay = {
            name: (name, origin(self.moved.get(name, root), name))
            for name, (root, _) in known.items()
        }
        return stay | {old: (file.document, file.origin) for old, file in self.renamed.items()}


def compare(
    files: Iterable[SourceFile],
    known: Known,
    report: IngestReport,
    unwanted: Unwanted,
    versions: Versions,
    *,
    max_bytes: int,
) -> Changes:
    """Find what is new, changed, moved or renamed, and report what is not to be read."""
    changes = Changes()
    for source in files:
        _compare_one(source, known, changes, report, unwanted, versions, max_bytes)
    _find_renamed(changes, known, report)
    return changes


def _compare_one(
    source: SourceFile,
    known: Known,
    changes: Changes,
    report: IngestReport,
    unwanted: Unwanted,
    versions: Versions,
    max_bytes: int,
) -> None:
    name = source.document
    root, old = known.get(name, ("", ""))
    try:
        new = versions.sha256(source, max_bytes)
    except (UnreadableFile, OSError) as error:
        report.skip(name, error, kept=name in known)
        return
    if unwanted.holds(source.origin, new):
        report.forgotten.append(name)
        report.removed += [name] if name in known else []
    elif new != old:
        changes.stale.append(Stale(source, new))
    else:
        report.unchanged.append(name)
        if origin(root, name) != source.origin or root != source.root:
            changes.moved[name] = source.root


def _find_renamed(changes: Changes, known: Known, report: IngestReport) -> None:
    """Find new files that are what a deleted one of their type was."""
    gone = {(known[name][1], Path(name).suffix): name for name in report.removed}
    for item in list(changes.stale):
        new = item.source.document
        old = gone.pop((item.sha256, Path(new).suffix), None)
        if old is not None and new not in known:
            changes.renamed[old] = item.source
            changes.stale.remove(item)
            report.removed.remove(old)
            report.renamed[old] = new
