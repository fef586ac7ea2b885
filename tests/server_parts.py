"""Start the real servers as users do, and stop or kill them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import patient

from app.serving.busy_threads import Busy

REPOSITORY = Path(__file__).parents[1]
START_SECONDS = 400  # on a machine that does other work
STOP_SECONDS = 120  # there, too
LOWEST_PORT = 10_000
APART = 61  # ports between processes whose numbers follow one another


@dataclass
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    index: Path

    def kill(self) -> None:
        """End it as a power cut would."""
        end(self.process)


@contextmanager
def running_server(home: Path, index: Path, *flags: str, **variables: str) -> Iterator[Server]:
    """Run `groundtune serve` in a folder until the block is left.

    It serves a copy of the index there, for uploads change an index that other tests read;
    a second server in the same folder goes on with the copy.
    """
    port, index = free_port(), _own_copy(index, home / "index")
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), *flags]
    environment = {
        **os.environ,
        "GROUNDTUNE_INDEX": str(index),
        "PYTHONPATH": str(REPOSITORY),
        **variables,
    }
    with (home / "log").open("a") as log:
        process = subprocess.Popen(
            command, cwd=home, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    server = Server(f"http://127.0.0.1:{port}", process, home / "log", index)
    try:
        _wait(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        finally:
            end(process)


@contextmanager
def answering_elsewhere(server: Server, thread: str) -> Iterator[None]:
    """Mark a thread as another process of the server does that answers in it."""
    busy = Busy(server.log.parent / ".groundtune" / "server")
    busy.open()
    assert busy.take(thread)
    try:
        yield
    finally:
        busy.free(thread)


def _own_copy(index: Path, copy: Path) -> Path:
    return copy if copy.exists() else shutil.copytree(index, copy)


def _wait(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(f"{server.url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise AssertionError(f"the server did not start: {server.log.read_text()[-2000:]}")


def metric(server: Server, name: str) -> float:
    """Return what a server's metrics count, over all labels that the name leaves open."""
    lines = patient.get(f"{server.url}/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def end(process: subprocess.Popen[Any]) -> None:
    """Kill a process, unless it ended, and leave nothing of it."""
    process.kill()
    process.wait(STOP_SECONDS)


def free_port() -> int:
    """Return a port that nobody listens on, and that the system gives to nobody who wants any.

    Each process of tests begins to count elsewhere, and gives no port twice.
    """
    while True:
        port = next(_PORTS)
        with suppress(OSError), socket.socket() as free:
            free.bind(("127.0.0.1", port))
            return port


def _ports() -> Iterator[int]:
    given = Path("/proc/sys/net/ipv4/ip_local_port_range")  # of Linux; others begin higher
    highest = int(given.read_text().split()[0]) if given.exists() else 32_768
    ports = range(LOWEST_PORT, highest) or range(LOWEST_PORT, 32_768)
    begin = os.getpid() * APART % len(ports)
    return cycle([*ports[begin:], *ports[:begin]])


_PORTS = _ports()
