"""Let peers do the same work in turns, each in a process of its own, and compare their medians.

Turns, because a machine is faster in one minute than in the next; processes, because peers set
threads and number formats for their whole process.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

ROOT = Path(__file__).parents[1]
GO = "go"


@dataclass(frozen=True)
class Peer:
    """One way to do the work."""

    name: str
    command: Sequence[str]
    """What is started; it reads the path of the work as its last argument."""


@dataclass
class Figures:
    """What a peer's rounds took and reached."""

    rounds: list[dict[str, Any]] = field(default_factory=list)

    def median(self, name: str) -> float:
        """Return the median of a figure over all rounds."""
        return statistics.median(float(found[name]) for found in self.rounds)


def module(name: str) -> tuple[str, ...]:
    """Return the command that starts a peer written in Python."""
    return (sys.executable, "-m", f"bench.peers.{name}")


@dataclass(frozen=True)
class Run:
    """One comparison, as it was asked for."""

    path: Path | None
    """The folder of texts or the file of rows, where one was named."""
    rounds: int
    scratch: Path
    """An empty folder for the work, for what peers say, and for their data."""

    def alternate(self, peers: Sequence[Peer], work: Mapping[str, Any]) -> dict[str, Figures]:
        """Load every peer, then let each do the work once a round; the first round warms up.

        Raises RuntimeError with the last lines of a peer that ended before its time.
        """
        written = self.scratch / "work.json"
        written.write_text(json.dumps(work), encoding="utf-8")
        figures = {peer.name: Figures() for peer in peers}
        with ExitStack() as stack:
            running = {}
            for peer in tqdm(peers, desc="loading", unit="peer"):
                log = stack.enter_context((self.scratch / f"{peer.name}.log").open("w+"))
                process = stack.enter_context(_started(peer, written, log))
                stack.callback(process.kill)
                reply = partial(_reply, process, log, peer.name)
                reply()  # once it is loaded
                running[peer.name] = partial(_asked, process, reply)
            for number in tqdm(range(self.rounds + 1), desc="rounds", unit="round"):
                for name, ask in running.items():
                    found = ask()
                    if number:
                        figures[name].rounds.append(found)
        return figures


def _started(peer: Peer, work: Path, log: TextIO) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*peer.command, str(work)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )


def _asked(process: subprocess.Popen[str], reply: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    assert process.stdin is not None
    process.stdin.write(f"{GO}\n")
    process.stdin.flush()
    return reply()


def _reply(process: subprocess.Popen[str], log: TextIO, name: str) -> dict[str, Any]:
    """Read the next line that is a reply; libraries print others."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            found: dict[str, Any] = json.loads(line)
            return found
    log.seek(0)
    raise RuntimeError(f"{name} ended: {' '.join(log.read().splitlines()[-5:])}")
