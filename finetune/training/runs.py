"""Keep a run's folder to one training, find what a killed one left, and tell processes apart."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from finetune.errors import DataError
from finetune.whole_files import write_whole

RUN_RECORD = "run.json"
LOCK = ".lock"
FULL_DISK = 1_000_000  # bytes


def last_checkpoint(run: Path) -> str | None:
    """Return the newest checkpoint that was written whole; a kill can leave half of one."""
    whole = [folder for folder in run.glob("checkpoint-*") if _is_whole(folder)]
    return str(max(whole, key=lambda folder: int(folder.name.split("-")[1]))) if whole else None


def _is_whole(checkpoint: Path) -> bool:
    try:  # the state is written last
        json.loads((checkpoint / "trainer_state.json").read_text())
    except (OSError, ValueError):
        return False
    return True


@contextmanager
def claimed(run: Path, identity: dict[str, Any]) -> Iterator[None]:
    """Keep a run's folder to this training; of several processes the first one speaks for all.

    Raises DataError where another training holds the folder or has its record there, and where the
    disk is full.
    """
    if not is_first_process():
        yield
        return
    run.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(run / LOCK, timeout=0):
            _claim(run, identity)
            yield
    except Timeout as error:
        raise DataError(
            f"another training is at work in {run}: wait for it, or name another folder"
        ) from error
    except (OSError, RuntimeError) as error:  # torch tells of a full disk in its own words
        if shutil.disk_usage(run).free < FULL_DISK:
            raise DataError(
                f"the disk of {run} is full: make room and run again, the training goes on from "
                "its last checkpoint"
            ) from error
        raise


def _claim(run: Path, identity: dict[str, Any]) -> None:
    """Note what is trained in `run`, or refuse when it is something else."""
    record = run / RUN_RECORD
    if record.exists():
        before = json.loads(record.read_text())
        if others := [part for part in identity if before.get(part) != identity[part]]:
            raise DataError(
                f"{run} holds a training with other {', '.join(others)}: name another folder, or "
                "delete it to start anew"
            )
        return
    write_whole(record, json.dumps(identity, indent=2))


def is_first_process() -> bool:
    """Tell whether this is the process, of those that train together, that writes."""
    return os.environ.get("RANK", "0") == "0"


def world_size() -> int:
    """Return how many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))  # set by accelerate and torchrun
