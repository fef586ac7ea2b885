"""A store on a server that is asked again, instead of giving up a search or an ingestion."""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol, cast

import httpx

from app.index.records.tables import Database
from app.patience import again

BUSY = (429, 502, 503, 504)
"""Statuses by which a server, or a proxy before it, says that it cannot answer now."""


class Server(Database, Protocol):
    """A database on a server."""

    def passes(self, error: BaseException) -> bool:
        """Tell whether the same call may work in a moment."""


class Refused(Exception):
    """What a server or a proxy said, where its client has no kind of error for it."""


def patient(server: Server) -> Database:
    """Return the database, each call of which is made again after a fault that passes.

    Every call may be made twice: one whose answer was lost has changed what it was to change.
    """
    return cast(Database, _Patient(server, server))


def unreachable(error: object) -> bool:
    """Tell whether a server could not be reached, or fell silent before it answered."""
    return isinstance(error, httpx.NetworkError | httpx.ConnectTimeout | httpx.RemoteProtocolError)


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status that led to an error."""
    response = getattr(error.__context__, "response", None)
    status = getattr(error, "status_code", getattr(response, "status_code", None))
    return status if isinstance(status, int) else None


class _Patient:
    """A database or a table of it."""

    def __init__(self, real: Any, server: Server) -> None:
        self._real = real
        self._server = server
        self._again = again(server.passes)
        self.errors = (*server.errors, Refused)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._real, name)
        return partial(self._call, value) if callable(value) else value

    def table(self, name: str) -> Any:
        return _Patient(self._call(self._real.table, name), self._server)

    def _call(self, method: Any, *given: Any, **named: Any) -> Any:
        try:
            return self._again(method, *given, **named)
        except Exception as error:
            if isinstance(error, self.errors) or status_of(error) is None:
                raise
            raise Refused(f"status {status_of(error)}: {str(error)[:200]}") from error
