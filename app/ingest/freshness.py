"""Tell how far an index lags behind watched folders, to whoever asks in another process."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from app.errors import UserError
from finetune.whole_files import write_whole

WATCHED, WATCHING = "WATCHED", "watching.lock"  # in the index's folder
LOOKING_S = 1.0  # whoever only looks lets go much sooner


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """What whoever watches folders last told."""

    paths: Sequence[str]
    succeeded: str = ""
    """When an ingestion last succeeded, by ISO 8601."""
    waiting_since: str = ""
    """When changes were noticed that are not in the index yet; empty if all are."""
    error: str = ""
    """Why the last ingestion failed; empty if it did not."""

    def write(self, index: Path) -> None:
        """Tell it to others, beside the index."""
        write_whole(index / WATCHED, json.dumps(asdict(self)))

    def told(self, now: datetime) -> str:
        """Say it in a sentence."""
        at = ", ".join(self.paths)
        last = f"{_seconds(self.succeeded, now)} s ago" if self.succeeded else "never"
        lag = f"lags {_seconds(self.waiting_since, now)} s" if self.waiting_since else "current"
        return f"{at}: {lag}, last ingested {last}{f'; {self.error}' if self.error else ''}"


def freshness(index: Path, now: datetime | None = None) -> str:
    """Say how current an index is; raises UserError where it is not kept so as it should be."""
    if not (index / WATCHED).exists():
        return "not watched; 'groundtune sync FOLDER --watch' keeps an index current"
    found = Freshness(**json.loads((index / WATCHED).read_text(encoding="utf-8")))
    told = found.told(now or datetime.now(UTC))
    if _is_free(index):
        again = shlex.join(["groundtune", "sync", *found.paths, "--watch"])
        raise UserError(f"{told}; whoever watched was killed: start it again with {again}")
    if found.error:
        raise UserError(told)
    return told


@contextmanager
def watching_alone(index: Path) -> Iterator[None]:
    """Be the only one who keeps an index current; raises UserError where another does.

    What was told is withdrawn at the end, but not after an error.
    """
    index.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(index / WATCHING, timeout=LOOKING_S):
            yield
            (index / WATCHED).unlink(missing_ok=True)
    except Timeout as error:
        raise UserError(
            f"another 'groundtune sync --watch' keeps {index} current: give that one all folders"
        ) from error


def _seconds(since: str, now: datetime) -> int:
    return round((now - datetime.fromisoformat(since)).total_seconds())


def _is_free(index: Path) -> bool:
    try:
        with FileLock(index / WATCHING, timeout=0):
            return True
    except Timeout:
        return False
