"""Tell models that run elsewhere by their names: PROVIDER:NAME, or http(s)://HOST/v1#NAME."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.errors import UserError
from app.homes import at_home
from finetune.registry.fingerprint import ADAPTER_CONFIG

_PROVIDED = re.compile(r"(?P<provider>[a-z][a-z0-9_-]+):(?P<name>[^/\\\s].*)")
_OWN = "builtin"
BUILTIN_CHAT = f"{_OWN}:smollm2-135m-instruct"
BUILTIN_EMBEDDINGS = f"{_OWN}:all-minilm-l6-v2"


@dataclass(frozen=True)
class Remote:
    """A model that a provider, or a server of the user's, runs."""

    provider: str
    """As LangChain's `init_chat_model` names it; `openai` for a server that speaks its language."""
    name: str
    url: str = ""
    """Of a server; empty for a provider."""

    @property
    def client(self) -> tuple[str, bool]:
        """What tells whose client calls it: those of one kind take the same options."""
        return self.provider, bool(self.url)

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
    match = _PROVIDED.fullmatch(text)
    if match is None or match["provider"] == _OWN or Path(text).exists():
        return None
    return Remote(provider_named(match["provider"]), match["name"])


def adapter_folder(name: str) -> Path | None:
    """Return the folder that an adapter's name means; None for one that a registry or hub knows."""
    folder = at_home(name)
    # A folder of documents may be called as the adapter that was made of it.
    written_as_path = Path(name).name != name
    if folder.is_dir() and (written_as_path or (folder / ADAPTER_CONFIG).is_file()):
        return folder
    return None


def provider_named(text: str) -> str:
    """Return a provider's name as it is looked up: with _ for -, in small letters."""
    return text.lower().replace("-", "_")


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


def local_or_hub_id(name: str, *, setting: str, builtin: str) -> Path | str:
    """Return a model's folder, or its hub id; raises UserError for what is neither."""
    folder = at_home(name)
    if (folder / "config.json").exists() or (folder / "modules.json").exists():
        return folder
    looks_like_path = folder.exists() or name.count("/") != 1 or name.startswith((".", "~", "/"))
    if looks_like_path:
        raise UserError(
            f"{setting}={name!r} is not a model folder (no config.json in it) and not a hub id: "
            f"set it to a folder, 'owner/name', PROVIDER:NAME, http://HOST/v1#NAME, or {builtin!r}"
        )
    return name
