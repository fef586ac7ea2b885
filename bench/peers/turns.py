"""The other end of `bench.rounds`: load, say so, and do the work at every line that comes in."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, TextIO

Work = dict[str, Any]
Load = Callable[[Work], Callable[[], dict[str, Any]]]
"""Takes the work and returns what does it once; that returns figures beside the seconds."""


def serve(load: Load) -> None:
    """Load a peer and let it work until nobody asks any more."""
    replies = sys.stdout
    work = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with redirect_stdout(sys.stderr):  # libraries print what looks like a reply
        do = load(work)
        _say({}, replies)
        for _ in sys.stdin:
            start = time.perf_counter()
            found = do()
            _say({"seconds": time.perf_counter() - start, **found}, replies)


def _say(found: dict[str, Any], replies: TextIO) -> None:
    print(json.dumps(found), file=replies, flush=True)
