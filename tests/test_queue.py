"""Readiness notices runs of LangGraph's server that nobody takes up."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from server_parts import REPOSITORY

# LangGraph's runtime reads its variables when it is imported, and keeps its runs in one place.
LOOK = """
import asyncio, datetime, os, uuid
os.environ |= {"DATABASE_URI": ":memory:", "REDIS_URI": "fake", "MIGRATIONS_PATH": "__inmem",
               "LANGGRAPH_RUNTIME_EDITION": "inmem", "LOG_LEVEL": "ERROR"}
from langgraph_runtime.database import GLOBAL_STORE
from app.serving.langgraph_queue import standing

def waiting(seconds):
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=seconds)
    return {"run_id": uuid.uuid4(), "thread_id": uuid.uuid4(), "status": "pending",
            "created_at": began}

print([asyncio.run(standing())])
GLOBAL_STORE["runs"].append(waiting(5))
print([asyncio.run(standing())])
GLOBAL_STORE["runs"].append(waiting(70))
print([asyncio.run(standing())])
"""


def test_runs_that_wait_while_no_worker_works_are_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=tmp_path, env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stdout.splitlines() if line.startswith("[")]
    assert told[:2] == ["['']", "['']"]
    (late,) = told[2:]  # told a moment after the run was put there
    assert re.fullmatch(r"\['2 runs wait, for 7\d s, and none is worked on'\]", late)
