"""A library of uploads over an index of one document."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.assistant import Assistant
from app.ingest.report import IngestReport
from app.serving.changes import Progress
from app.serving.library import Library
from app.serving.users import Caller
from app.settings import Settings

PATIENCE_S = 60
USER = "alice"
CALLER = Caller(USER)


def open_library(tmp_path: Path) -> Library:
    """Index a handbook of one page; uploads are shared."""
    (tmp_path / "handbook").mkdir()
    (tmp_path / "handbook" / "boats.md").write_text("The last boat leaves at 18:30.\n")
    assistant = Assistant(Settings(index=tmp_path / "index", max_file_mb=1))
    assistant.ingest([tmp_path / "handbook"])
    return Library(assistant, tmp_path / "server" / "uploads")


@contextmanager
def halted(library: Library) -> Iterator[None]:
    """Let no change that begins get on until the block is left."""
    assistant, on = library._assistant, threading.Event()
    ingest = assistant.ingest

    def ingest_later(*paths: Any, **options: Any) -> IngestReport:
        assert on.wait(PATIENCE_S)
        return ingest(*paths, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assistant, "ingest", ingest_later)
        try:
            yield
        finally:
            on.set()


def done(library: Library, user: str = USER) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while library.changes.progress(user).running:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert library.changes.progress(user).error == ""


def names(library: Library, caller: Caller = CALLER) -> list[str]:
    return [listed["name"] for listed in library.listed(caller)]


def told_of(library: Library, patch: pytest.MonkeyPatch) -> list[Progress]:
    """Return a list that every progress which is told is added to."""
    told, tell = list[Progress](), library.changes.tell
    patch.setattr(library.changes, "tell", lambda *of: (told.append(of[1]), tell(*of)))
    return told
