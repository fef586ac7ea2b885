"""PostgreSQL: an ingestion that is killed at any moment leaves the old index or the new."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path

from kill_parts import Killer, held_edition, write_edition
from store_parts import engine

from app.index.store import HybridVectorStore

KILLS = 50
FILES = 10  # of ten chunks each
ATTEMPTS = 3 * KILLS  # an ingestion may end before its kill, which then counts for nothing


def has_changed(store: HybridVectorStore, version: str) -> bool:
    return store.version != version


def test_fifty_kills_at_random_moments_leave_the_old_index_or_the_new(tmp_path: Path) -> None:
    rng, folder = random.Random(50), tmp_path / "files"
    with engine("postgresql") as make:
        opened = make(tmp_path)
        with closing(Killer(tmp_path / "machine", folder, opened.url)) as killer:
            names = {0: write_edition(folder, 0, FILES)}
            began = time.monotonic()
            assert killer.run() == 0
            seconds = time.monotonic() - began
            held, ends = 0, Counter[str]()
            while ends["killed"] < KILLS and len(names) < ATTEMPTS:
                edition = len(names)
                names[edition] = write_edition(folder, edition, FILES)
                if edition % 5:
                    delay, until = rng.uniform(0, seconds), lambda: True
                else:  # after the writing, which no random moment may hit
                    delay, until = 0.0, partial(has_changed, opened(), opened().version)
                code = killer.run(until=until, delay=delay)
                if code == 0 and delay:  # it took less time than that
                    seconds = min(seconds, delay)
                now = held_edition(opened(), names)
                assert now in {held, edition}
                ends["killed"] += code == -signal.SIGKILL
                ends["new" if now == edition else "old"] += 1
                held = now
            names[len(names)] = write_edition(folder, len(names), FILES)
            assert killer.run() == 0
            assert held_edition(opened(), names) == len(names) - 1
    assert ends["killed"] == KILLS
    assert ends["new"] > 0
    assert ends["old"] > 0
