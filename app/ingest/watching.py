"""Keep an index current: ingest folders when their files change, and now and then in any case."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from watchfiles import watch

from app.errors import UserError
from app.ingest.freshness import Freshness, watching_alone
from app.ingest.report import IngestReport
from app.ingest.scan import root_of
from app.ingest.sources.port import Source
from app.timestamps import timestamp

QUIET_MS = 1_000  # without a change, before files count as written
LONGEST_MS = 30_000  # that changes may go on for until they are ingested all the same
LOOK_MS = 1_000
AGAIN_S = 10.0  # after a failure


@dataclass
class Watcher:
    """Ingests folders again and again, one ingestion at a time.

    Raises UserError where a path does not exist.
    """

    places: Sequence[Path | Source]
    index: Path
    """Folder of the index, whose own changes do not count."""
    ingest: Callable[[], IngestReport]
    tell: Callable[[str], None]
    """Told in a line what an ingestion changed, or why it failed."""
    every: float
    """Seconds after which all is looked at though no change was noticed: network drives and
    sources elsewhere notice none."""
    stop: threading.Event = field(default_factory=threading.Event)
    quiet_ms: int = QUIET_MS
    again_s: float = AGAIN_S

    def __post_init__(self) -> None:
        self._roots = [root_of(place) for place in self.places if isinstance(place, Path)]
        told = [str(root_of(at)) if isinstance(at, Path) else at.given for at in self.places]
        self._known = Freshness(paths=told)
        self._skipped: dict[str, str] = {}

    def run(self) -> None:
        """Go on until `stop` is set or Ctrl-C is pressed.

        Raises UserError where another process keeps the same index current.
        """
        with watching_alone(self.index):
            try:
                while not self.stop.is_set():
                    self._until_failure()
                    self.stop.wait(self.again_s)
            except KeyboardInterrupt:  # the usual end
                return

    def _until_failure(self) -> None:
        due = 0.0
        try:
            self._check()
            for changed in watch(
                *self._roots,
                watch_filter=lambda _, path: self._counts(Path(path)),
                step=self.quiet_ms, debounce=LONGEST_MS,
                rust_timeout=LOOK_MS, yield_on_timeout=True,
                stop_event=self.stop,
                ignore_permission_denied=True,
            ):  # fmt: skip
                if changed or time.monotonic() >= due:
                    self._ingest_now()
                    due = time.monotonic() + self.every
        except (UserError, OSError) as error:
            new = str(error) != self._known.error
            self._note(error=str(error))
            if new:
                self.tell(f"failed, and is tried again: {error}")

    def _ingest_now(self) -> None:
        self._note(waiting_since=self._known.waiting_since or timestamp())
        self._check()
        report = self.ingest()
        self._note(succeeded=timestamp(), waiting_since="", error="")
        if told := changes_told(report, self._skipped):
            self.tell(told)
        self._skipped = report.skipped

    def _check(self) -> None:
        for place in self.places:
            check_not_emptied(place)

    def _note(self, **changes: str) -> None:
        self._known = replace(self._known, **changes)
        with suppress(OSError):  # of a full disk; `tell` says what the ingestion meets
            self._known.write(self.index)

    def _counts(self, changed: Path) -> bool:
        """Tell whether a changed file may be one to read: neither hidden nor the index's own."""
        if changed.is_relative_to(self.index.resolve()):
            return False
        roots = [root for root in self._roots if changed.is_relative_to(root)]
        parts = [part for root in roots for part in changed.relative_to(root).parts]
        return not any(part.startswith(".") for part in parts)


def check_not_emptied(path: Path | Source) -> None:
    """Refuse a folder without any entry, as one that is not mounted: all would be pruned.

    Sources elsewhere refuse to be listed where nothing is there.
    """
    if not isinstance(path, Path):
        return
    root = root_of(path)
    if root.is_dir() and next(root.iterdir(), None) is None:
        raise UserError(
            f"{path} is empty, as a folder that is not mounted: nothing was removed; if that is "
            f"meant, run 'groundtune ingest {path}'"
        )


def changes_told(report: IngestReport, skipped_before: Mapping[str, str]) -> str:
    """Say what an ingestion changed, and what it could not read by now; empty for nothing new."""
    counts = {
        "added": len(report.added),
        "changed": len(report.changed),
        "removed": len(report.removed),
        "renamed": len(report.renamed),
        "shown to others": len(report.shown),
    }
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    new = dict(report.skipped.items() - skipped_before.items())
    skipped = [f"skipped {name}: {new[name]}" for name in sorted(new)]
    return "; ".join([told, *skipped] if told else skipped)
