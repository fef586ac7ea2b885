"""Keep what was measured, by everything that it depends on, so that it is measured once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def digest(told: object) -> str:
    """Name JSON data by its content."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


def once(path: Path, told: object, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what `measure` found for `told`, now or in an earlier run, kept beside `path`."""
    file = path.with_name(f"{path.name}-{digest(told)}.json")
    if not file.exists():
        file.write_text(json.dumps(measure()), encoding="utf-8")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
