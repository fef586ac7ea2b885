"""Look at everything an answer depends on and say what is not in order."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from langsmith.utils import get_env_var, tracing_is_enabled

from app.assistant import Assistant
from app.errors import UserError
from app.models.base import resolve_chat_model, resolve_embedding_model, verify_import
from app.settings import Settings
from finetune.training.hardware import compute_dtype

PACKAGES = ("torch", "transformers", "peft", "langchain-core", "langgraph", "faiss-cpu")
NEEDED_GB = 2  # imported model, merged model and room to write them


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    found: str


def examine(settings: Settings) -> list[Check]:
    """Check packages, hardware, disk, models, index and tracing."""
    assistant = Assistant(settings)
    looks: dict[str, Callable[[], str]] = {
        "packages": lambda: ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "hardware": lambda: f"{platform.machine()}, weights in {compute_dtype(settings.dtype)}",
        "disk": lambda: _disk(settings.cache),
        "chat model": lambda: _chat_model(settings),
        "adapter": lambda: assistant.adapter or "none",
        "grading": lambda: _grading(assistant),
        "embedding model": lambda: str(resolve_embedding_model(settings.embedding_model)),
        "index": lambda: _index(assistant),
        "tracing": _tracing,
    }
    return [_look(name, look) for name, look in looks.items()]


def _look(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except Exception as error:  # whatever is wrong is what was looked for
        known = isinstance(error, UserError)
        return Check(name, False, str(error) if known else f"{type(error).__name__}: {error}")


def _disk(cache: Path) -> str:
    existing = next(parent for parent in [cache, *cache.parents] if parent.exists())
    free = shutil.disk_usage(existing).free / 1e9
    if free < NEEDED_GB:
        raise UserError(f"{free:.1f} GB free in {existing}: {NEEDED_GB} GB are needed")
    return f"{free:.0f} GB free for {cache}"


def _chat_model(settings: Settings) -> str:
    folder = resolve_chat_model(
        settings.model, cache_dir=settings.cache, template=settings.chat_template
    )
    if isinstance(folder, Path):
        verify_import(folder)
    return f"{settings.model} in {folder}"


def _grading(assistant: Assistant) -> str:
    if assistant.calibration.borrowed:
        return "with weights borrowed from the built-in model: 'groundtune calibrate' fits them"
    return "with weights fitted for this model and adapter"


def _index(assistant: Assistant) -> str:
    generation = assistant.store.generation
    documents = len(generation.documents())
    return f"{documents} documents, {generation.size} chunks, version {generation.version}"


def _tracing() -> str:
    if not tracing_is_enabled():
        return "off"
    if not get_env_var("API_KEY"):
        raise UserError("tracing is on without LANGSMITH_API_KEY: set the key, or turn it off")
    return f"on, to {get_env_var('ENDPOINT', default='the LangSmith service')}"
