"""Recognise a base model by what it holds, so that an adapter is never put onto another one.

Knows model and adapter folders; knows nothing of what is done with them.
"""

from __future__ import annotations

import hashlib
import json
import mmap
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from finetune.errors import FinetuneError, first_fault

ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
BASE_RECORD = "base.json"
MERGE_RECORD = "merge.json"  # written last, so its existence means the merge was proven
ADAPTER_FILES = (ADAPTER_CONFIG, ADAPTER_WEIGHTS, BASE_RECORD)

SHA256 = r"^[0-9a-f]{64}$"

# What differs between two savings of one tokenizer: the last call's padding and the file format.
PASSING = ("padding", "truncation", "version")
OLDER = ("vocab.json", "merges.txt", "*.model")
DECIDING = ("bos_token", "eos_token", "unk_token", "add_bos_token", "add_eos_token")


class BaseMismatch(FinetuneError):
    """Report a base model that is not the adapter's, or that cannot be recognised."""


class BaseFingerprint(BaseModel):
    """What a base model is known by.

    Computed from tensors, vocabulary and template, not from the bytes of their files: the same
    model saved by another release of the libraries, or in other shards, stays the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    """How people call it; never its place on a machine."""
    weights: str = Field(pattern=SHA256)
    tokenizer: str = Field(pattern=SHA256)
    template: str = Field(pattern=SHA256)

    @field_validator("name")
    @classmethod
    def _is_no_place(cls, name: str) -> str:
        if any(path(name).is_absolute() for path in (PurePosixPath, PureWindowsPath)):
            raise ValueError(f"{name!r} is a place on this machine: give the base model's name")
        return name

    def differences(self, other: BaseFingerprint) -> list[str]:
        """Return which of weights, tokenizer and template differ; the name does not count."""
        parts = ("weights", "tokenizer", "template")
        return [part for part in parts if getattr(self, part) != getattr(other, part)]


def sha256_of(path: Path) -> str:
    """Hash a file's bytes without reading it into memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(folder: Path, *, name: str | None = None) -> BaseFingerprint:
    """Recognise a model folder, called by the folder's name unless another is given.

    Raises BaseMismatch when weights or tokenizer cannot be read.
    """
    try:
        return BaseFingerprint(
            name=name or folder_name(folder),
            weights=weights_sha256(folder),
            tokenizer=_tokenizer(folder),
            template=_sha256(template_text(folder)),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BaseMismatch(
            f"{folder} cannot be recognised as a base model ({' '.join(str(error).split())}): "
            "expected a folder with model.safetensors and tokenizer.json"
        ) from error


def write_base(adapter: Path, base: BaseFingerprint) -> None:
    """Note in an adapter's folder which base it was trained on.

    Also replaces the path that PEFT left in its configuration by the base's name, and sorts the
    modules, which it writes in the order of a set: the same training makes the same files.
    """
    config = json.loads((adapter / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = base.name
    if isinstance(modules := config.get("target_modules"), list):
        config["target_modules"] = sorted(modules)
    (adapter / ADAPTER_CONFIG).write_text(json.dumps(config, indent=2), encoding="utf-8")
    (adapter / BASE_RECORD).write_text(base.model_dump_json(indent=2), encoding="utf-8")


def read_base(adapter: Path) -> BaseFingerprint | None:
    """Return the base that an adapter remembers; None for one that was made elsewhere.

    Raises BaseMismatch for a damaged record.
    """
    record = adapter / BASE_RECORD
    if not record.exists():
        return None
    try:
        return BaseFingerprint.model_validate_json(record.read_bytes())
    except ValidationError as error:
        raise BaseMismatch(
            f"{record} is damaged ({first_fault(error)}): restore the adapter's folder"
        ) from error


def check_base(adapter: Path, base: Path | str) -> None:
    """Raise BaseMismatch when an adapter remembers another base than the given one.

    Reads the base's files and loads nothing. Of an adapter that was made elsewhere, the name that
    PEFT noted is compared.
    """
    expected = read_base(adapter)
    if expected is None:
        _check_name(adapter, Path(base))
        return
    differing = expected.differences(fingerprint(Path(base)))
    if differing:
        raise BaseMismatch(
            f"{adapter} was trained on {expected.name}, and {base} has other "
            f"{' and '.join(differing)}: give the base it was trained on"
        )


def _check_name(adapter: Path, base: Path) -> None:
    """Raise BaseMismatch where an adapter's configuration names another base.

    Names are compared without owner, place and case, and one may hold more than the other.
    """
    noted = _noted_base(adapter)
    names = [_plain(folder_name(Path(noted)) if noted else ""), _plain(folder_name(base))]
    shorter, longer = sorted(names, key=len)
    if shorter not in longer:
        raise BaseMismatch(
            f"{adapter} says that it was trained on {noted}, and {base} is called otherwise: give "
            "its base, or correct base_model_name_or_path in its adapter_config.json"
        )


def _noted_base(adapter: Path) -> str:
    """Return the base that PEFT noted; nothing of a damaged file, which loading tells of."""
    try:
        return str(_json(adapter / ADAPTER_CONFIG).get("base_model_name_or_path") or "")
    except (OSError, ValueError):
        return ""


def _plain(name: str) -> str:
    return name.rpartition("/")[2].casefold()


def weights_sha256(folder: Path) -> str:
    """Hash a model's tensors by name, type, shape and values, however they are stored."""
    tensors: dict[str, str] = {}
    for file in _weight_files(folder):
        tensors |= _tensors(file)
    return _sha256("\n".join(f"{name} {tensors[name]}" for name in sorted(tensors)))


def _weight_files(folder: Path) -> list[Path]:
    """Return the files that transformers would load."""
    whole = folder / "model.safetensors"
    if whole.exists():
        return [whole]
    if not (index := folder / "model.safetensors.index.json").exists():
        pickled = folder / "pytorch_model.bin"
        if pickled.exists():
            return [pickled]
        if (pickled.with_name(f"{pickled.name}.index.json")).exists():
            index = pickled.with_name(f"{pickled.name}.index.json")
    return [folder / shard for shard in sorted(set(_json(index)["weight_map"].values()))]


def _tensors(file: Path) -> dict[str, str]:
    """Describe each tensor; the format is eight bytes of length, a JSON header, then values."""
    if file.suffix == ".bin":
        return _pickled(file)
    with (
        file.open("rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data,
        memoryview(data) as view,
    ):
        start = 8 + int.from_bytes(view[:8], "little")
        header = json.loads(bytes(view[8:start]))
        header.pop("__metadata__", None)
        return {name: _tensor(view[start:], **tensor) for name, tensor in header.items()}


def _pickled(file: Path) -> dict[str, str]:
    """Describe the tensors of a file that torch wrote; nothing in it is run."""
    import torch

    tensors = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    return {
        name: f"{tensor.dtype} {list(tensor.shape)} {hashlib.sha256(data).hexdigest()}"
        for name, tensor in tensors.items()
        for data in [tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data]
    }


def _tensor(values: memoryview, dtype: str, shape: list[int], data_offsets: list[int]) -> str:
    return f"{dtype} {shape} {hashlib.sha256(values[slice(*data_offsets)]).hexdigest()}"


def _tokenizer(folder: Path) -> str:
    file, settings = folder / "tokenizer.json", _settings(folder)
    vocabulary = _json(file) if file.exists() else _older(folder)
    parts = {
        "vocabulary": {key: vocabulary[key] for key in vocabulary if key not in PASSING},
        "settings": {key: _content(settings[key]) for key in DECIDING if settings.get(key)},
    }
    return _sha256(json.dumps(parts, sort_keys=True))


def _older(folder: Path) -> dict[str, Any]:
    """Hash the files of a tokenizer that was saved without tokenizer.json."""
    files = [file for name in OLDER for file in sorted(folder.glob(name))]
    if not files:
        raise FileNotFoundError(f"no tokenizer.json, vocab.json or *.model in {folder}")
    return {file.name: sha256_of(file) for file in files}


def _content(token: Any) -> Any:
    """Return a special token's text, which some releases save with its options."""
    return token["content"] if isinstance(token, dict) else token


def template_text(folder: Path) -> str:
    """Return a folder's chat template as it stands in its files; empty where it has none."""
    file = folder / "chat_template.jinja"
    if file.exists():
        return file.read_text(encoding="utf-8")
    template = _settings(folder).get("chat_template") or ""
    return template if isinstance(template, str) else json.dumps(template)


def folder_name(folder: Path) -> str:
    """Return how people call a model: its folder's name, or its hub id in the hub's cache."""
    whole = folder.resolve()
    home = whole.parent.parent.name
    if whole.parent.name == "snapshots" and home.startswith("models--"):
        return home.removeprefix("models--").replace("--", "/", 1)
    return whole.name


def _settings(folder: Path) -> dict[str, Any]:
    file = folder / "tokenizer_config.json"
    return _json(file) if file.exists() else {}


def _json(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
