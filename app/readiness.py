"""Look whether everything an answer depends on is in its place; loads nothing of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from app.errors import UserError
from app.index.current import current_folder, ingested
from app.ingest.freshness import freshness
from app.models.names import BUILTIN_CHAT, BUILTIN_EMBEDDINGS, local_or_hub_id, read_remote
from app.models.wheels import CHAT_WHEEL, EMBEDDINGS_WHEEL, IMPORT_RECORD, Wheel, imported_chat
from app.plugins import describe_added
from app.settings import Settings

PACKAGES = ("torch", "transformers", "peft", "langchain-core", "langgraph", "faiss-cpu")
NEEDED_GB = 2  # imported model, merged model and room to write them
UNSEARCHED = "none, and none is searched: GROUNDTUNE_RETRIEVAL is never"


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    found: str


def look_round(settings: Settings) -> list[Check]:
    """Check packages, disk, and whether models and index are there; what they hold is not read."""
    looks: dict[str, Callable[[], str]] = {
        "packages": packages,
        "disk": lambda: disk(settings.cache),
        "chat model": lambda: _chat_model(settings),
        "embedding model": lambda: _embedding_model(settings),
        "index": lambda: _index(settings),
        "plugins": describe_added,
        "freshness": lambda: freshness(settings.index),
    }
    return [look_at(name, look) for name, look in looks.items()]


def look_at(name: str, look: Callable[[], str]) -> Check:
    """Return what a look finds, or why it fails."""
    try:
        return Check(name, True, look())
    except Exception as error:  # whatever is wrong is what was looked for
        known = isinstance(error, UserError)
        return Check(name, False, str(error) if known else f"{type(error).__name__}: {error}")


def packages() -> str:
    """Return the versions of the packages that answers depend on most."""
    return ", ".join(f"{name} {version(name)}" for name in PACKAGES)


def disk(cache: Path) -> str:
    """Return how much room there is; raises UserError for too little."""
    existing = next(parent for parent in [cache, *cache.parents] if parent.exists())
    free = shutil.disk_usage(existing).free / 1e9
    if free < NEEDED_GB:
        raise UserError(f"{free:.1f} GB free in {existing}: {NEEDED_GB} GB are needed")
    return f"{free:.0f} GB free for {cache}"


def _index(settings: Settings) -> str:
    if settings.store:
        return "in the database of GROUNDTUNE_STORE; doctor without --quick reads it"
    if not settings.searches() and current_folder(settings.index) is None:
        return UNSEARCHED
    return str(ingested(settings.index))


def _chat_model(settings: Settings) -> str:
    if settings.model != BUILTIN_CHAT:
        return _named(settings.model, "GROUNDTUNE_MODEL", BUILTIN_CHAT)
    folder = imported_chat(settings.cache)
    if (folder / IMPORT_RECORD).exists():
        return f"{settings.model} in {folder}"
    return f"{_carried(CHAT_WHEEL)}, imported at the first question"


def _embedding_model(settings: Settings) -> str:
    if settings.embedding_model == BUILTIN_EMBEDDINGS:
        return _carried(EMBEDDINGS_WHEEL)
    return _named(settings.embedding_model, "GROUNDTUNE_EMBEDDING_MODEL", BUILTIN_EMBEDDINGS)


def _named(name: str, setting: str, builtin: str) -> str:
    if remote := read_remote(name, setting=setting):
        return remote.where
    model = local_or_hub_id(name, setting=setting, builtin=builtin)
    return str(model) if isinstance(model, Path) else f"{model} of the hub"


def _carried(wheel: Wheel) -> str:
    path = wheel.path()
    if not path.exists():
        raise UserError(wheel.mending)
    return str(path)
