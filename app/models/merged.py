"""Find the merged form of base model and adapter in the cache, merging once."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from filelock import FileLock

from app.errors import UserError
from app.models.base import recorded_fingerprint
from app.provenance import key, made_by
from finetune.errors import FinetuneError
from finetune.registry.fingerprint import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    BASE_RECORD,
    MERGE_RECORD,
    sha256_of,
)

MERGE = "finetune.registry.merge"
"""The module that merges."""


def adapter_fingerprint(adapter: Path) -> str:
    """Hash an adapter's configuration, weights and the base it remembers, if it does.

    Raises UserError when configuration or weights are not there.
    """
    files = [adapter / ADAPTER_CONFIG, adapter / ADAPTER_WEIGHTS]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise UserError(
            f"GROUNDTUNE_ADAPTER={str(adapter)!r} holds no {' and no '.join(missing)}: give the "
            "folder of a LoRA adapter in PEFT's format"
        )
    if (adapter / BASE_RECORD).is_file():
        files.append(adapter / BASE_RECORD)
    return hashlib.sha256("".join(sha256_of(file) for file in files).encode()).hexdigest()


def merged_model(base: Path, adapter: Path, *, cache_dir: Path) -> Path:
    """Return a folder with the adapter merged into the base, made and proven on first use."""
    made = made_by(
        MERGE,
        model=recorded_fingerprint(base, cache_dir=cache_dir),
        adapter=adapter_fingerprint(adapter),
    )
    target = cache_dir / "merged" / key(made)
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not (target / MERGE_RECORD).exists():
            shutil.rmtree(target, ignore_errors=True)  # what is left of one without its record
            _merge(base, adapter, target)
    return target


def _merge(base: Path, adapter: Path, target: Path) -> None:
    # Imported here: PEFT costs seconds, and a model that is merged already needs none of it.
    from finetune.registry.merge import merge_adapter

    try:
        merge_adapter(base, adapter, target)
    except FinetuneError as error:
        raise UserError(str(error)) from error
