"""Bring a model into a local folder that has a chat template: from the hub's cache, or as it is.

Knows files; loads no weights and no torch.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError
from tokenizers import Tokenizer

from app.errors import UserError, one_line
from app.homes import at_home
from app.models.wheels import IMPORT_RECORD
from finetune.registry.fingerprint import folder_name, template_text

TEMPLATE = "chat_template.jinja"
WANTED = ["*.json", "*.jinja", "*.txt", "*.model", "*.safetensors"]
UNWANTED = ["original/*", "onnx/*", "*/*.safetensors", "consolidated*"]
PICKLED = "*.bin"  # fetched only where nothing safer is there

DEFAULT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ message['role'] | capitalize + ':\\n' + message['content'] | trim }}"
    "{{ eos_token if message['role'] == 'assistant' else '' }}{{ '\\n\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:\\n' }}{% endif %}"
)
"""For models that bring none, such as gpt2: 'User:', the question, 'Assistant:', the reply, eos."""


def snapshot(name: str, *, setting: str) -> Path:
    """Return the folder of a hub id's snapshot in the hub's cache, fetched on first use.

    Raises UserError when it is neither there nor to be had.
    """
    try:
        folder = Path(snapshot_download(name, allow_patterns=WANTED, ignore_patterns=UNWANTED))
        if not any(folder.glob("*.safetensors")):
            patterns = [*WANTED, PICKLED]
            folder = Path(snapshot_download(name, allow_patterns=patterns))
    except (OSError, HfHubHTTPError, HFValidationError) as error:
        reason = one_line(error)[:200]
        raise UserError(
            f"{setting}={name!r} is no folder, is not in the hub's cache of this machine, and "
            f"cannot be fetched ({reason}): fetch it where there is a network, with 'hf download "
            f"{name}'"
        ) from error
    return folder


def with_template(folder: Path, template: Path | None, *, cache_dir: Path) -> Path:
    """Return the model's folder if it has the wanted chat template, else a view of it that has.

    A view holds links to the folder's files, and the template. Raises UserError for a template
    that cannot be read.
    """
    if template is None and template_text(folder):
        return folder
    text = _read(template) if template else _default(folder)
    files = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name != IMPORT_RECORD)
    record = json.dumps([str(folder.resolve()), files, text])
    key = hashlib.sha256(record.encode()).hexdigest()[:16]
    view = cache_dir / "templated" / key / Path(folder_name(folder)).name
    view.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(view.parent / ".lock"):
        if not view.exists():
            _write_view(folder, files, text, view)
    return view


def _write_view(folder: Path, files: list[str], text: str, view: Path) -> None:
    view.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=view.parent) as scratch:
        made = Path(scratch) / "view"
        made.mkdir()
        for name in files:
            _link(folder / name, made / name)
        (made / TEMPLATE).unlink(missing_ok=True)
        (made / TEMPLATE).write_text(text, encoding="utf-8")
        made.rename(view)


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source.resolve())
    except OSError:  # a file system or a user without links
        try:
            os.link(source.resolve(), target)
        except OSError:
            shutil.copyfile(source, target)


def _default(folder: Path) -> str:
    """Return the default template, with the token that begins a text where the model wants it."""
    vocabulary = folder / "tokenizer.json"
    begins = vocabulary.exists() and Tokenizer.from_file(str(vocabulary)).encode("").ids
    return f"{{{{ bos_token }}}}{DEFAULT_TEMPLATE}" if begins else DEFAULT_TEMPLATE


def _read(template: Path) -> str:
    try:
        text = at_home(template).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"GROUNDTUNE_CHAT_TEMPLATE: cannot read {template} ({error}): name a file that holds "
            "a chat template in Jinja"
        ) from error
    if not text.strip():
        raise UserError(f"GROUNDTUNE_CHAT_TEMPLATE: {template} is empty: write a template into it")
    return text
