"""The documents of the index as a page shows them: list, upload, delete, with progress."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import nullcontext, suppress
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, TypedDict

from filelock import FileLock, Timeout

from app.assistant import Assistant
from app.errors import BeingWritten, UserError
from app.index.audience import PRIVATE, private_folder
from app.index.forgotten import Forgotten
from app.index.writer import only_writer
from app.ingest.identity import origin
from app.ingest.readers import SUFFIXES
from app.ingest.report import IngestReport
from app.ingest.run import Notify
from app.serving.blocks import document_blocks
from app.serving.changes import Changes, Progress
from app.serving.owners import Owners, is_own
from app.serving.users import Caller

FAILED = "the documents could not be indexed: the operator finds the reason in the log"
CHANGING = "another change is being indexed: try again when it is done"
WAS_FORGOTTEN = "was forgotten: the operator can let it in again"
LONGEST_NAME = 200  # bytes; file systems take 255
LONGEST_FOLDER = 250  # bytes of a private folder, with its slash
LETTING_GO_S = 5.0  # a change tells that it is done just before it lets the next one in
AGAIN_S = 2.0  # while another process writes to the index
MOST_AT_ONCE = 4  # files of the largest size; they are held in memory

log = logging.getLogger(__name__)


class Listed(TypedDict):
    """A document of the index."""

    name: str
    uploaded: bool
    """Whether the caller uploaded it, who alone may replace or delete it."""


class Refused(ValueError):
    """A document that cannot be taken in or deleted; says why."""


class Changing(Refused):
    """Another change is being indexed; it can be tried again."""


class NoRoom(Refused):
    """Nothing can be kept now."""


class Library:
    """The documents of an assistant's index; uploads live in a folder of their own.

    Where they are `private`, their user alone sees them. Several processes may share the folder:
    what one does, the others see. An upload whose user nobody noted is everybody's.
    """

    def __init__(self, assistant: Assistant, folder: Path, *, private: bool = False) -> None:
        self._assistant = assistant
        self._private = private
        self._folder = folder.resolve()
        self.changes = Changes(self._folder.parent)
        self._owners = Owners(self._folder.with_name("owners.json"))

    @property
    def most_bytes(self) -> int:
        """How much may be uploaded at once."""
        return MOST_AT_ONCE * self._assistant.settings.max_file_bytes

    def folder_of(self, user: str) -> str:
        """Return what stands before the names of what a user uploads."""
        return f"{private_folder(user)}/" if self._private else ""

    def listed(self, caller: Caller) -> list[Listed]:
        """Return the documents that a user may see by name."""
        owners, user = self._owners.all(), caller.username
        roots = self._seen_by(caller).roots()
        uploads = self._uploads(roots)
        return [
            Listed(name=name, uploaded=name in uploads and is_own(uploads[name], user, owners))
            for name in sorted(roots)
        ]

    def shown(self, document: str, caller: Caller) -> dict[str, Any]:
        """Return a document's extracted text, and the same as blocks.

        Raises UserError for one that is not there, or not for this user.
        """
        seen = self._seen_by(caller)
        text = seen.text_of(document)
        blocks = document_blocks(document, text, seen.sections_of(document))
        return {"name": document, "text": text, "blocks": blocks}

    def add(self, files: Sequence[tuple[str, bytes]], caller: Caller) -> None:
        """Keep a user's files and begin to ingest them; raises Refused before any is kept."""
        user = caller.username
        names = [self._checked(name, content, user) for name, content in files]
        self._check_free(names, caller)

        def keep() -> None:
            self._check_owner(names, user)
            self._keep(names, [content for _, content in files])
            self._owners.note(self._owners.all() | dict.fromkeys(names, user))

        self._begin(keep, user)

    def delete(self, document: str, caller: Caller) -> None:
        """Begin to delete a document that the user uploaded; raises Refused for any other."""
        roots, user = self._seen_by(caller).roots(), caller.username
        if document not in roots:
            raise Refused(f"there is no document {document!r}")
        upload = self._uploads(roots).get(document)
        if upload is None:
            raise Refused(
                f"{document!r} was not uploaded here: delete its file, then run 'groundtune ingest'"
            )

        def drop() -> None:
            self._check_owner([upload], user)
            self._drop({upload})

        self._begin(drop, user)

    def forget(self, documents: Iterable[Forgotten]) -> list[Path]:
        """Delete the uploads among documents, whoever's they are, and return their files.

        Raises UserError while another change is being made.
        """
        files = [Path(each.path) for each in documents]
        own = [file for file in files if file.is_relative_to(self._folder) and file.exists()]
        try:
            with self.changes.lock().acquire(timeout=0) if own else nullcontext():
                self._drop({file.relative_to(self._folder).as_posix() for file in own})
        except Timeout as error:
            raise UserError(CHANGING) from error
        return own

    def _seen_by(self, caller: Caller) -> Assistant:
        return self._assistant.seen_by(caller.groups)

    def _uploads(self, roots: Mapping[str, str]) -> dict[str, str]:
        """Return the paths of uploaded documents in their folder, as their owners are noted.

        Where an index is built anew, another document may have taken the name of an upload.
        """
        files = {name: Path(origin(root, name)) for name, root in roots.items()}
        return {
            name: file.relative_to(self._folder).as_posix()
            for name, file in files.items()
            if file.is_relative_to(self._folder)
        }

    def _drop(self, names: Set[str]) -> None:
        for name in names:
            if (file := self._folder / name).is_file():
                file.unlink()
        if names:
            self._owners.note({n: o for n, o in self._owners.all().items() if n not in names})

    def _check_owner(self, names: Sequence[str], user: str) -> None:
        owners = self._owners.all()
        for name in names:
            if not is_own(name, user, owners):
                raise Refused(f"another user uploaded {name!r}: give yours another name")

    def _checked(self, name: str, content: bytes, user: str) -> str:
        """Return the path that a file is to have in the folder of uploads."""
        bare = PurePosixPath(name.replace("\\", "/")).name
        settings = self._assistant.settings
        if Path(bare).suffix.lower() not in SUFFIXES:
            raise Refused(f"{bare!r} cannot be read: upload {' '.join(sorted(SUFFIXES))}")
        if len(bare.encode()) > LONGEST_NAME or "\0" in bare:
            raise Refused(f"the name {bare[:40]!r}... cannot be kept: give it a short one")
        if bare.startswith((".", PRIVATE)) or not content:
            raise Refused(f"{bare!r} is empty, hidden or named like a private folder")
        if len(content) > settings.max_file_bytes:
            raise Refused(f"{bare!r} is larger than {settings.max_file_mb} MB")
        folder = self.folder_of(user)
        if len(folder.encode()) > LONGEST_FOLDER:
            raise Refused("your user name is too long for uploads of your own: ask the operator")
        return f"{folder}{bare}"

    def _check_free(self, names: Sequence[str], caller: Caller) -> None:
        known, seen = self._assistant.roots(), self._seen_by(caller).roots()
        there = {path: document for document, path in self._uploads(known).items()}
        taken = [n for n in names if not (there[n] in seen if n in there else n not in known)]
        if taken:
            bare = PurePosixPath(taken[0]).name
            raise Refused(f"another document is called {bare!r} already: give yours another name")

    def _keep(self, names: Sequence[str], contents: Sequence[bytes]) -> None:
        with TemporaryDirectory(dir=self._folder.parent, prefix="arriving-") as folder:
            arrived = [Path(folder) / str(number) for number in range(len(names))]
            for file, content in zip(arrived, contents, strict=True):
                file.write_bytes(content)
            for file, name in zip(arrived, names, strict=True):  # now that there is room for all
                kept = self._folder / name
                kept.parent.mkdir(parents=True, exist_ok=True)
                file.replace(kept)

    def _begin(self, change: Callable[[], object], user: str) -> None:
        """Change the folder and ingest it in the background, one change at a time."""
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            working = self.changes.lock()
            running = any(progress.running for progress in self.changes.all().values())
            working.acquire(timeout=0 if running else LETTING_GO_S)
        except Timeout as error:
            raise Changing(CHANGING) from error
        except OSError as error:
            raise NoRoom(f"nothing can be kept: {error.strerror}") from error
        try:
            self.changes.tell(user, Progress(running=True))  # while an upload can still be refused
            change()
        except BaseException as error:
            self._give_up(working, user)
            if isinstance(error, OSError):
                raise NoRoom(f"nothing was kept: {error.strerror}") from error
            raise
        arguments = (working, user)
        threading.Thread(target=self._ingest, args=arguments, name="ingest", daemon=True).start()

    def _give_up(self, working: FileLock, user: str) -> None:
        try:
            self.changes.tell(user, Progress())
        except OSError:
            log.warning("what became of a change could not be noted", exc_info=True)
        finally:
            working.release()

    def _ingest(self, working: FileLock, user: str) -> None:
        def note(document: str, done: int, of: int) -> None:
            own = is_own(uploads.get(document, document), user, self._owners.all())
            shown = document if own else ""
            self.changes.tell(user, Progress(running=True, document=shown, done=done, of=of))

        try:
            uploads = self._uploads(self._assistant.roots())
            report = self._ingested(note)
            roots = self._assistant.roots()
            uploads |= self._uploads(roots)  # those that were left out are not there any more
            left_out = report.skipped | dict.fromkeys(report.forgotten, WAS_FORGOTTEN)
            skipped = self._of_user(user, {n: [why] for n, why in left_out.items()}, uploads)
            partly = self._of_user(user, report.partly, uploads)
            # Nobody could see or delete these.
            self._drop({uploads.get(name, name) for name in left_out.keys() - roots.keys()})
            of = self.changes.progress(user).of
            self.changes.tell(user, Progress(done=of, of=of, skipped=skipped, partly=partly))
        except Exception:  # its text is the operator's: it may name folders
            log.exception("an upload could not be ingested")
            self.changes.tell(user, Progress(error=FAILED))
        finally:
            working.release()

    def _ingested(self, note: Notify) -> IngestReport:
        """Ingest the uploads once nobody else writes to the index, as a watcher may."""
        while True:
            with suppress(BeingWritten):
                with only_writer(self._assistant.store.folder):
                    pass  # else each try would read a file for nothing
                return self._assistant.ingest([self._folder], notify=note)
            time.sleep(AGAIN_S)

    def _of_user(
        self, user: str, notes: Mapping[str, Sequence[str]], uploads: Mapping[str, str]
    ) -> tuple[str, ...]:
        """Log notes about uploads, and return those about the user's own."""
        owners, own = self._owners.all(), []
        for document, of in notes.items():
            name = uploads.get(document, document)
            for note in of:
                log.warning("upload of %s: %s: %s", owners.get(name, user), name, note)
                if is_own(name, user, owners):
                    own.append(f"{Path(name).name}: {note}")
        return tuple(own)
