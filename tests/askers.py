"""Ask as many people would, all the time, and note who waits how long and what they are told."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice, pairwise
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import httpx
from server_parts import Server, running_server

PATIENCE_S = 600
SETTLED = 0.4  # of the time; what memory and threads are like is compared from here on
BOUND = 8  # waiting; fewer than the askers, so that some are turned away


@dataclass
class Told:
    """What one asker met."""

    came: list[tuple[float, float, float]] = field(default_factory=list)
    """When a question was let in, when its turn came, and when its answer did, in seconds."""
    without_a_place: int = 0
    """Answers that came after more than a second without any word on the place."""
    refused: int = 0
    without_retry_after: int = 0
    failed: int = 0


def askers(index: Path, questions: Sequence[str], count: int, seconds: float) -> dict[str, Any]:
    """Let `count` people ask the real server for `seconds`, each again when an answer came."""
    bounds = {"GROUNDTUNE_MAX_WAITING": str(BOUND)}
    with (
        tempfile.TemporaryDirectory() as home,
        running_server(Path(home), index, "--plain", **bounds) as server,
        ThreadPoolExecutor(count + 1) as pool,
    ):
        over = Event()
        began = time.monotonic()
        drawn = [pool.submit(_ask_on, server, questions, at, over, began) for at in range(count)]
        watched = pool.submit(_watch, server, over)
        time.sleep(seconds)
        over.set()
        return _summary([of.result() for of in drawn], watched.result())


def _ask_on(server: Server, questions: Sequence[str], at: int, over: Event, began: float) -> Told:
    told = Told()
    with httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client:
        for question in islice(cycle(questions), at, None):
            if over.is_set():
                return told
            pause = _ask(client, question, told, began)
            over.wait(pause)
    return told


def _ask(client: httpx.Client, question: str, told: Told, began: float) -> float:
    """Ask once; return the seconds to wait before the next."""
    path = f"/api/threads/{uuid4()}/ask"
    with client.stream("POST", path, json={"question": question}) as reply:
        if reply.status_code in (429, 503):
            told.refused += 1
            after = reply.headers.get("retry-after")
            told.without_retry_after += after is None
            return float(after or 1)
        let_in = time.monotonic() - began
        events = {_kind(line): time.monotonic() - began for line in reply.iter_lines()}
    answered = time.monotonic() - began
    turn = events.get("run", answered)
    told.failed += "answer" not in events
    told.without_a_place += "queued" not in events and turn - let_in > 1
    told.came.append((let_in, turn, answered))
    return 0.0


def _kind(line: str) -> str:
    """Return the kind of event that a line of a stream tells, if any."""
    return str(json.loads(line[5:])["event"]) if line.startswith("data:") else ""


def _watch(server: Server, over: Event) -> list[tuple[float, int]]:
    """Note the server's memory in MiB and its threads every few seconds."""
    status = Path(f"/proc/{server.process.pid}/status")
    noted = []
    while not over.wait(5):
        rows = dict(line.split(":", 1) for line in status.read_text().splitlines())
        noted.append((int(rows["VmRSS"].split()[0]) / 1024, int(rows["Threads"])))
    return noted


def _summary(drawn: Sequence[Told], noted: Sequence[tuple[float, int]]) -> dict[str, Any]:
    came = sorted(pair for told in drawn for pair in told.came)
    turns = [turn for _, turn, _ in came]
    waits = [end - start for start, _, end in came]
    settled = noted[int(SETTLED * len(noted)) :]
    return {
        "askers": len(drawn),
        "answers": len(came),
        "wait_s_median": round(statistics.median(waits), 1),
        "wait_s_max": round(max(waits), 1),
        "overtaken_by_the_next": sum(b < a for a, b in pairwise(turns)),
        "waited_without_a_place": sum(told.without_a_place for told in drawn),
        "refused": sum(told.refused for told in drawn),
        "refused_without_retry_after": sum(told.without_retry_after for told in drawn),
        "failed": sum(told.failed for told in drawn),
        "memory_mib": [round(settled[0][0]), round(settled[-1][0])],
        "threads": [settled[0][1], settled[-1][1]],
    }
