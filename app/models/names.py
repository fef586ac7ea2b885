"""Tell models that run elsewhere by their names: PROVIDER:NAME, or http(s)://HOST/v1#NAME."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import UserError

_PROVIDED = re.compile(r"(?P<provider>[a-z][a-z0-9_-]+):(?P<name>[^/\\\s].*)")
_OWN = "builtin"


@dataclass(frozen=True)
class Remote:
    """A model that a provider, or a server of the user's, runs."""

    provider: str
    """As LangChain's `init_chat_model` names it; `openai` for a server that speaks its language."""
    name: str
    url: str = ""
    """Of a server; empty for a provider."""

    @property
    def told(self) -> str:
        """How answers name it: never by the machine that it runs on."""
        return self.name if self.url else f"{self.provider}:{self.name}"

    @property
    def where(self) -> str:
        """How errors name it, for whoever operates it."""
        return f"{self.name} at {self.url}" if self.url else f"{self.provider}:{self.name}"


def read_remote(text: str, *, setting: str) -> Remote | None:
    """Read a model's name; None for a builtin, a folder or a hub id.

    Raises UserError for a URL without a model's name, or with a key in it.
    """
    if text.startswith(("http://", "https://")):
        return _served(text, setting)
    found = _PROVIDED.fullmatch(text)
    if found is None or found["provider"] == _OWN or Path(text).exists():
        return None
    return Remote(found["provider"].replace("-", "_"), found["name"])


def _served(text: str, setting: str) -> Remote:
    url, _, name = text.partition("#")
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query:
        raise UserError(
            f"{setting} holds a key or a query in its URL, which would be shown: put keys into "
            f"{setting}_KEY, and give http://HOST:PORT/v1#MODEL"
        )
    if not name or not parts.hostname:
        raise UserError(
            f"{setting}={text!r} names no model: give http://HOST:PORT/v1#MODEL, MODEL as the "
            "server's /v1/models lists it"
        )
    return Remote("openai", name, url.rstrip("/"))
