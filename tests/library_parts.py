"""A library of uploads over an index of one document."""

from __future__ import annotations

import time
from pathlib import Path

from app.assistant import Assistant
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


def done(library: Library, user: str = USER) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while library.changes.progress(user).running:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert library.changes.progress(user).error == ""


def names(library: Library, caller: Caller = CALLER) -> list[str]:
    return [listed["name"] for listed in library.listed(caller)]
