"""A site on this machine that remembers what it was asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Site(SimpleHTTPRequestHandler):
    """Serves a folder; remembers what it was asked for, and wants a password below /private."""

    asked: list[str]
    moved: Mapping[str, str]

    def do_GET(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        if self.path.startswith("/private") and "Authorization" not in self.headers:
            self.send_error(401)
            return
        if self.path in self.moved:
            self.send_response(302)
            self.send_header("Location", self.moved[self.path])
            self.end_headers()
            return
        super().do_HEAD() if self.command == "HEAD" else super().do_GET()

    do_HEAD = do_GET

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(folder: Path, **moved: str) -> Iterator[tuple[str, list[str]]]:
    """Serve a folder, and say where pages moved; gives host and port, and what was asked for."""
    known = {f"/{page}": to for page, to in moved.items()}
    handler = type("Handler", (Site,), {"asked": [], "moved": known})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}", handler.asked
        finally:
            server.shutdown()
            thread.join()
