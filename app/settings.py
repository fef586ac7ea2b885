"""Every knob of a deployment: its recommended value, its bounds and one sentence.

A value comes from a flag, else from a GROUNDTUNE_ variable, else from `.env`, else from here.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    Field,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.homes import at_home
from app.index.kinds import kind_of
from app.models.names import BUILTIN_CHAT, BUILTIN_EMBEDDINGS, adapter_folder
from app.models.weights import DeviceMap, DtypeName, Quantize
from graphs.limits import Knobs, Limits

MODELS = ("model", "fallback_model", "embedding_model")
"""Settings that take a folder or a name."""
NO_PART_OF_ANSWERS = {
    # places, whose contents count instead
    *("index", "cache", "registry", "access", "gate", "shots"),
    *("model_key", "model_timeout", "fallback_model_key", "embedding_model_key", "trace_texts"),
}


def default_cache() -> Path:
    """Return the user's cache folder for imported and merged models."""
    return Path(os.environ.get("XDG_CACHE_HOME") or at_home(Path("~/.cache"))) / "groundtune"


class Deployment(BaseSettings):
    """What a deployment is made of: places, models, ingestion, search."""

    model_config = SettingsConfigDict(
        env_prefix="GROUNDTUNE_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        cli_kebab_case=True,
        cli_hide_none_type=True,
        cli_avoid_json=True,
        cli_implicit_flags=True,
        use_attribute_docstrings=True,
    )

    index: Path = Path(".groundtune/index")
    """Folder of the index."""
    store: SecretStr | None = None
    """URL of the database or vector store that holds the index; its folder does if empty."""
    model: str = BUILTIN_CHAT
    """Chat model: a builtin name, a folder, a hub id, PROVIDER:NAME, or http://HOST/v1#NAME."""
    model_key: SecretStr | None = None
    """Key of the model's server, if it wants one; providers' own variables hold theirs."""
    model_options: dict[str, Any] = {}
    """What the client of a model elsewhere is told besides, as a JSON object."""
    model_timeout: PositiveFloat = 60.0
    """Seconds of silence after which a model elsewhere counts as hanging."""
    fallback_model: str | None = None
    """Model that answers while one elsewhere does not, named in the same ways."""
    fallback_model_key: SecretStr | None = None
    """Key of that model's server, if it wants one."""
    chat_template: Path | None = None
    """A .jinja file to use instead of the chat model's own template."""
    adapter: str = "auto"
    """LoRA adapter: auto (the shipped one), none, a folder, a hub id, or NAME@VERSION."""
    retrieval: Literal["always", "never", "learned"] = "always"
    """When documents are searched: for all but small talk, never, or when a gate says so."""
    gate: Path | None = None
    """A gate.json that a comparison wrote, for learned retrieval."""
    shots: Path | None = None
    """A .jsonl file of chat examples that stand before each question as worked examples."""
    registry: Path = Path(".groundtune/models")
    """Folder of the adapters that were trained here."""
    embedding_model: str = BUILTIN_EMBEDDINGS
    """Embedding model: a builtin name, a folder, a hub id, PROVIDER:NAME, or http://HOST/v1#NAME."""
    embedding_model_key: SecretStr | None = None
    """Key of the embedding model's server, if it wants one."""
    cache: Path = Field(default_factory=default_cache)
    """Folder for imported and merged models; about 0.5 GB each."""
    dtype: DtypeName = "auto"
    """Number format of weights and embedded passages; auto is bfloat16 where hardware has it."""
    quantize: Quantize = "none"
    """Shorten the served weights by bitsandbytes: int8, nf4 (4 bits), or none."""
    device_map: DeviceMap = "auto"
    """How accelerate spreads a model: auto (over GPUs, if any), balanced, sequential, or none."""
    max_batch: PositiveInt = 8
    """Most requests that share one pass of the model, or are under way to one elsewhere."""
    max_tokens: PositiveInt = 128
    """Most tokens of an answer."""
    chunk_size: int = Field(800, ge=100, le=20_000)
    """Most characters of a chunk."""
    chunk_overlap: int = Field(100, ge=0)
    """Most characters that neighbouring chunks share."""
    max_file_mb: PositiveInt = 50
    """Larger files are skipped."""
    archives: bool = False
    """Whether .zip, .tar, .tar.gz and .tgz are opened and the files in them read."""
    ocr: str = Field("", pattern=r"^(\w+(\+\w+)*)?$")
    """Languages in which tesseract reads pages that are images, such as eng+deu; none if empty."""
    access: Path | None = None
    """TOML file that says which groups may see which documents; everybody sees all if empty."""
    top_k: int = Field(6, ge=1, le=50)
    """Chunks retrieved for a question."""
    trace_texts: bool = True
    """Whether traces, where they are on, hold questions, passages, answers and error texts."""

    @field_validator(
        *("index", "registry", "cache", "access", "gate", "shots", "chat_template"), mode="after"
    )
    @classmethod
    def _home_is_known(cls, path: Path | None) -> Path | None:
        return path and at_home(path)

    @field_validator("store", mode="after")
    @classmethod
    def _store_is_known(cls, store: SecretStr | None) -> SecretStr | None:
        if store and store.get_secret_value():
            kind_of(store.get_secret_value())
        return store

    @model_validator(mode="after")
    def _overlap_fits(self) -> Self:
        if self.chunk_overlap * 2 > self.chunk_size:
            raise ValueError(
                f"chunk_overlap {self.chunk_overlap} is more than half of chunk_size "
                f"{self.chunk_size}: lower it"
            )
        return self


class Settings(Knobs, Deployment):
    """Settings of Groundtune."""

    model_config = Deployment.model_config

    def store_url(self) -> str:
        """Return the URL of the database that holds the index, or nothing."""
        return self.store.get_secret_value() if self.store else ""

    @property
    def max_file_bytes(self) -> int:
        """The size of the largest file that is read."""
        return self.max_file_mb * 1_000_000

    def searches(self, retrieval: str | None = None) -> bool:
        """Tell whether the index is searched, as set or by another retrieval than is set."""
        return (retrieval or self.retrieval) != "never"

    def answering(self) -> dict[str, Any]:
        """Return what answers depend on, as JSON; files are told apart by whoever reads them."""
        own = set(Settings.model_fields)  # a command is settings and its flags, which ask nothing
        return self.model_dump(mode="json", include=own - NO_PART_OF_ANSWERS)

    def shown(self, arguments: Sequence[str]) -> str:
        """Write a command for others to read: stars stand for what is secret."""
        values = (getattr(self, name) for name in type(self).model_fields)
        secrets = {value.get_secret_value() for value in values if isinstance(value, SecretStr)}
        return shlex.join(["groundtune", *(_starred(each, secrets) for each in arguments)])

    def limits(self) -> Limits:
        """Return what the graph goes by; a server alone can hold answers back."""
        return Limits.model_validate(self.model_dump(include=set(Limits.model_fields)))


def _starred(argument: str, secrets: Collection[str]) -> str:
    flag, equals, value = argument.partition("=") if argument[:2] == "--" else ("", "", argument)
    return f"{flag}{equals}***" if value in secrets else argument


def as_variable(name: str, value: object) -> str:
    """Write a setting as a variable that means the same in every folder."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, Path):
        return str(at_home(value).absolute())
    folder = _folder_named(name, str(value))
    return str(folder.absolute()) if folder else str(value)


def _folder_named(name: str, value: str) -> Path | None:
    if name == "adapter":
        return adapter_folder(value)
    folder = at_home(value)
    return folder if name in MODELS and folder.is_dir() else None
