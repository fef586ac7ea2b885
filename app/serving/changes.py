"""How far each user's last change of the documents is, told to all processes by a file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from finetune.whole_files import write_whole

STOPPED = "the server was stopped while it indexed: upload or delete the document again"


@dataclass(frozen=True)
class Progress:
    """How far a user's last change is."""

    running: bool = False
    document: str = ""
    """The document that is read now."""
    done: int = 0
    of: int = 0
    skipped: tuple[str, ...] = ()
    """Each file that could not be read, with the reason."""
    partly: tuple[str, ...] = ()
    """What was left out of each file that was read."""
    error: str = ""


class Changes:
    """One change at a time, of whichever process and user, in a folder that they share."""

    def __init__(self, folder: Path) -> None:
        self._told = folder / "changes.json"
        self._working = folder / "ingestion.lock"

    def lock(self) -> FileLock:
        """Return the lock of who makes a change; one object a change, or it lets two in."""
        return FileLock(self._working, thread_local=False)

    def tell(self, user: str, progress: Progress) -> None:
        """Note how far a user's change is; nobody else's is under way."""
        all_ = {
            name: Progress(error=STOPPED) if known.running else known
            for name, known in self.all().items()
        }
        told = {name: asdict(known) for name, known in {**all_, user: progress}.items()}
        write_whole(self._told, json.dumps(told))

    def progress(self, user: str) -> Progress:
        """Return how far a user's last change is, whichever process makes it."""
        return self.all().get(user, Progress())

    def all(self) -> dict[str, Progress]:
        """Return each user's last change."""
        if not self._told.exists():
            return {}
        told = json.loads(self._told.read_text(encoding="utf-8"))
        lists = ("skipped", "partly")
        return {
            user: Progress(**{**known, **{name: tuple(known[name]) for name in lists}})
            for user, known in told.items()
        }

    def status(self, user: str) -> dict[str, Any]:
        """Return a user's progress as JSON; a change whose process died is told as an error."""
        progress = self.progress(user)
        if progress.running and not self._is_working():
            now = self.progress(user)  # it may have ended since it was read
            progress = Progress(error=STOPPED) if now.running else now
        return asdict(progress)

    def _is_working(self) -> bool:
        try:
            with self.lock().acquire(timeout=0):
                return False
        except Timeout:
            return True
