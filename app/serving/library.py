"""The documents of the index as a page shows them: list, upload, delete, with progress."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypedDict

from app.assistant import Assistant
from app.ingest.readers import SUFFIXES

FAILED = "the documents could not be indexed: the operator finds the reason in the log"
LONGEST_NAME = 200  # bytes; file systems take 255
MOST_AT_ONCE = 4  # files of the largest size; they are held in memory

log = logging.getLogger(__name__)


class Listed(TypedDict):
    """A document of the index."""

    name: str
    uploaded: bool
    """Whether it came through the page, which alone may delete it."""


class Refused(ValueError):
    """A document that cannot be taken in or deleted; says why."""


@dataclass(frozen=True)
class Progress:
    """How far the last ingestion is."""

    running: bool = False
    document: str = ""
    """The document that is read now."""
    done: int = 0
    of: int = 0
    skipped: tuple[str, ...] = ()
    """Each file that could not be read, with the reason."""
    error: str = ""


class Library:
    """The documents of an assistant's index; uploads live in a folder of their own."""

    def __init__(self, assistant: Assistant, folder: Path) -> None:
        self._assistant = assistant
        self._folder = folder.resolve()
        self._working = threading.Lock()
        self.progress = Progress()

    @property
    def most_bytes(self) -> int:
        """How much may be uploaded at once."""
        return MOST_AT_ONCE * self._assistant.settings.max_file_mb * 1_000_000

    def listed(self) -> list[Listed]:
        """Return the documents of the index by name."""
        roots = self._assistant.roots()
        return [
            Listed(name=name, uploaded=root == self._folder) for name, root in sorted(roots.items())
        ]

    def text_of(self, document: str) -> str:
        """Return a document's extracted text; raises UserError for an unknown one."""
        return self._assistant.text_of(document)

    def add(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Keep uploaded files and begin to ingest them; raises Refused before any is kept."""
        names = [self._checked(name, content) for name, content in files]
        self._begin(lambda: self._keep(names, files))

    def delete(self, document: str) -> None:
        """Begin to delete an uploaded document; raises Refused for any other."""
        uploaded = {listed["name"]: listed["uploaded"] for listed in self.listed()}
        if document not in uploaded:
            raise Refused(f"there is no document {document!r}")
        if not uploaded[document]:
            raise Refused(
                f"{document!r} was not uploaded here: delete its file, then run 'groundtune ingest'"
            )
        self._begin(lambda: (self._folder / document).unlink(missing_ok=True))

    def _checked(self, name: str, content: bytes) -> str:
        bare = PurePosixPath(name.replace("\\", "/")).name
        most = self._assistant.settings.max_file_mb
        if Path(bare).suffix.lower() not in SUFFIXES:
            raise Refused(f"{bare!r} cannot be read: upload {' '.join(sorted(SUFFIXES))}")
        if len(bare.encode()) > LONGEST_NAME or "\0" in bare:
            raise Refused(f"the name {bare[:40]!r}... cannot be kept: give it a short one")
        if bare.startswith(".") or not content:
            raise Refused(f"{bare!r} is empty or hidden: upload a document")
        if len(content) > most * 1_000_000:
            raise Refused(f"{bare!r} is larger than {most} MB")
        known = self._assistant.roots()
        if bare in known and known[bare] != self._folder:
            raise Refused(f"another document is called {bare!r} already: give yours another name")
        return bare

    def _keep(self, names: Sequence[str], files: Sequence[tuple[str, bytes]]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, (_, content) in zip(names, files, strict=True):
            (self._folder / name).write_bytes(content)

    def _begin(self, change: Callable[[], object]) -> None:
        """Change the folder and ingest it in the background, one change at a time."""
        if not self._working.acquire(blocking=False):
            raise Refused("another change is being indexed: try again when it is done")
        try:
            change()
        except BaseException:
            self._working.release()
            raise
        self.progress = Progress(running=True)
        threading.Thread(target=self._ingest, name="ingest", daemon=True).start()

    def _ingest(self) -> None:
        try:
            report = self._assistant.ingest([self._folder], notify=self._note)
            skipped = tuple(f"{Path(name).name}: {why}" for name, why in report.skipped.items())
            for name in report.skipped.keys() - self._assistant.roots().keys():
                (self._folder / name).unlink(missing_ok=True)  # nobody could see or delete it
            self.progress = Progress(done=self.progress.of, of=self.progress.of, skipped=skipped)
        except Exception:  # its text is the operator's: it may name folders
            log.exception("an upload could not be ingested")
            self.progress = Progress(error=FAILED)
        finally:
            self._working.release()

    def _note(self, document: str, done: int, of: int) -> None:
        self.progress = Progress(running=True, document=document, done=done, of=of)

    def status(self) -> dict[str, Any]:
        """Return the progress as JSON."""
        return asdict(self.progress)
