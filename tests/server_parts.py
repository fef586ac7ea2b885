"""Start the real servers as users do, and stop or kill them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).parents[1]
START_SECONDS = 400  # on a machine that does other work


@dataclass
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    index: Path

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)


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
        process.wait(20)


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


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
