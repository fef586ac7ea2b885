"""Start a server once nothing stands in its way, and tell its address when it answers."""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import uvicorn

from app.errors import UserError
from app.serving.persistence import no_room

LOOK_SECONDS = 0.2
WORKER_SECONDS = 120  # in which a worker must show that it lives; loading models holds it up
PROTOCOL = "app.serving.sockets:PatientProtocol"
LEVEL = "LOG_LEVEL"
"""Variable that says what is worth a line, as LangGraph's server calls it."""


def check_place(host: str, port: int) -> None:
    """Raise UserError unless the address is free to listen on."""
    try:
        ((family, kind, _, _, address), *_) = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} is taken by another program: give another one by --port"
        else:
            message = f"the server cannot listen on {host}, port {port} ({error.strerror})"
        raise UserError(message) from error


def check_state(folder: Path) -> None:
    """Raise UserError unless the state of a server can be kept there."""
    if why := no_room(folder):
        raise UserError(
            f"nothing can be kept in {folder} ({why}): name another folder by --state, or make room"
        )


def is_open(host: str) -> bool:
    """Tell whether other machines reach an address."""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def announce(host: str, port: int) -> None:
    """Print the page's address as soon as the server is ready, from a thread of its own."""
    threading.Thread(target=_announce, args=[host, port], daemon=True).start()


def serve_plainly(host: str, port: int, *, workers: int) -> None:
    """Serve by uvicorn; ends when the server does."""
    logging.disable(logging.NOTSET)  # what is kept out of a command's output, an operator reads
    uvicorn.run(
        "app.serving.graph:site",
        host=host,
        port=port,
        workers=workers,
        http=PROTOCOL,
        timeout_worker_healthcheck=WORKER_SECONDS,
        log_level=os.environ.get(LEVEL, "warning").lower(),
    )


def _announce(host: str, port: int) -> None:
    called = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    url = f"http://{called}:{port}/"
    while not _is_ready(f"{url}readyz"):
        time.sleep(LOOK_SECONDS)
    sys.stdout.write(f"page: {url}\n")
    sys.stdout.flush()


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
