"""Hash files once: large ones are not read again until their size or time of change differs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from finetune.registry.fingerprint import sha256_of
from finetune.whole_files import write_whole

MEMORY = "hashes.json"


def remembered(files: Iterable[Path], cache_dir: Path) -> dict[Path, str]:
    """Return each file's SHA-256, read from the cache's memory where the file is as it was."""
    memory = cache_dir / MEMORY
    known = _read(memory)
    hashes = {file: _hash(file, known) for file in files}
    if known != _read(memory):
        write_whole(memory, json.dumps(known))
    return hashes


def _hash(file: Path, known: dict[str, list[str]]) -> str:
    whole = file.resolve()
    state = whole.stat()
    mark = f"{state.st_size} {state.st_mtime_ns} {state.st_ino}"
    before = known.get(str(whole))
    if before is None or before[0] != mark:
        known[str(whole)] = before = [mark, sha256_of(whole)]
    return before[1]


def _read(memory: Path) -> dict[str, list[str]]:
    try:
        known: dict[str, list[str]] = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or damaged: everything is hashed anew
        return {}
    return known
