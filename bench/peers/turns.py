"""The other end of `bench.rounds`: load, say so, and do the work at every line that comes in."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Work = dict[str, Any]
Load = Callable[[Work], Callable[[], dict[str, Any]]]
"""Takes the work and returns what does it once; that returns figures beside the seconds."""


def serve(load: Load) -> None:
    """Load a peer and let it work until nobody asks any more."""
    work = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    do = load(work)
    _say({})
    for _ in sys.stdin:
        start = time.perf_counter()
        found = do()
        _say({"seconds": time.perf_counter() - start, **found})


def _say(found: dict[str, Any]) -> None:
    print(json.dumps(found), flush=True)
