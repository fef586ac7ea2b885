"""Pages and files of web servers, read through fsspec."""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from fsspec import filesystem

from app.errors import UserError
from app.ingest.addresses import Address
from app.ingest.content import Elsewhere, Room
from app.ingest.extracted import UnreadableFile
from app.ingest.readers import SUFFIXES
from app.ingest.scan import Found, SourceFile
from app.ingest.sources.files import keep, version_of
from app.ingest.sources.port import Source

_PORTS = {"http": 80, "https": 443}
_PAGES = ("text/html", "application/xhtml+xml")


class Page(Source):
    """One page or file of a web server; a whole site is read by its sitemap."""

    def __init__(self, url: str) -> None:
        self._address = Address(url)

    def __str__(self) -> str:
        return self._address.told

    def find(self, room: Room) -> Found:
        """Ask for the page's version."""
        remote = OnWeb(self._address)
        try:
            version = version_of(remote.told)
        except UnreadableFile as error:
            raise UserError(f"{self} {error.reason}: check its address") from None
        origin = str(self)
        root, _, name = origin.rpartition("/")
        file = SourceFile(name, origin, root, Elsewhere(version, lambda: remote.bring(room)))
        return Found(files=[file], roots=[origin], elsewhere={origin})


@dataclass(frozen=True)
class OnWeb:
    """A page or file at a URL of http or https."""

    address: Address
    site: str = ""
    """A URL of the site that it may not lead out of, if any."""

    @cached_property
    def told(self) -> Mapping[str, Any]:
        """What the server tells of it, asked once; raises UnreadableFile where it tells nothing."""
        files = self._files
        try:
            told: Mapping[str, Any] = files.info(self.address.url)
        except Exception as error:  # aiohttp raises what it likes
            raise self._unreadable(error) from None
        return told

    def bring(self, room: Room) -> Path:
        """Write it to a file of this machine; raises UnreadableFile where that fails."""
        suffix = _suffix(urlsplit(self.address.url).path, str(self.told.get("mimetype", "")))
        try:
            size = self.told.get("size")
            with self._files.open(self.address.url, "rb", block_size=0, size=size) as source:
                return keep(source, suffix, room)
        except UnreadableFile:
            raise
        except Exception as error:  # aiohttp raises what it likes
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> UnreadableFile:
        reason = self.address.redacted(error.__cause__ or error)
        return UnreadableFile(f"cannot be fetched ({reason})")

    @property
    def _files(self) -> Any:
        try:
            within = {"middlewares": (_Within(self.site),)} if self.site else {}
            return filesystem(urlsplit(self.address.url).scheme, **within)
        except ImportError as error:
            raise UserError(
                f"{self.address.told} is read by a package that is not installed: run pip install "
                "'groundtune[web]'"
            ) from error


@dataclass(frozen=True)
class _Within:
    """Looks at each request before it is sent, those that follow a redirect too."""

    site: str

    async def __call__(self, request: Any, send: Callable[[Any], Awaitable[Any]]) -> Any:
        url = str(request.url)
        if not is_of_site(url, self.site):
            raise ValueError(f"leads to {Address(url).told}, which is of another site")
        return await send(request)


def is_of_site(url: str, site: str) -> bool:
    """Tell whether a URL has the host and port of another, or is the same over TLS."""
    at, home = urlsplit(url), urlsplit(site)
    if at.scheme not in (home.scheme, "https") or at.hostname != home.hostname:
        return False
    port, expected = (each.port or _PORTS[each.scheme] for each in (at, home))
    return port == expected or (at.scheme, port, expected) == ("https", 443, 80)


def _suffix(path: str, kind: str) -> str:
    """Return the suffix by whose reader a page is read, whatever its address looks like."""
    own = PurePosixPath(path).suffix.lower()
    by_kind = mimetypes.guess_extension(kind) or ""
    if kind in _PAGES:
        return ".html"
    return own if own in SUFFIXES else by_kind or own
