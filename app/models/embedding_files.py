"""Read which files of an embedding model decide its vectors beside its encoder's.

Knows folders and the hub's cache; loads no model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

PROMPTS = "config_sentence_transformers.json"
ROUTER = "router_config.json"  # names the folders of what it chooses from


def read_json(file: Path) -> Any:
    """Return what a file holds; an empty object where there is none."""
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def deciding_files(folder: Path) -> set[Path]:
    """Return the files by which sentence-transformers makes vectors of what an encoder says."""
    steps = [step["path"] for step in read_json(folder / "modules.json") or []]
    routed = read_json(folder / ROUTER).get("types", {})
    below = [folder / name for name in (*steps, *routed) if name]
    named = [folder / PROMPTS, folder / ROUTER]
    every = [*named, *(file for part in below for file in part.rglob("*"))]
    return {file for file in every if file.is_file()}


@dataclass(frozen=True)
class Prompts:
    """What an embedding model wants before a text, by the names that it gives them."""

    named: Mapping[str, str]
    default: str
    """The name of the one for texts of any kind; "" for none."""

    def first(self, names: Sequence[str], *, not_of: Sequence[str]) -> str:
        """Return the first of these names, else the default unless it is one of the others."""
        general = [self.default] if self.default not in not_of else []
        return next(filter(None, map(self.named.get, [*names, *general])), "")


def read_prompts(model: Path | str) -> Prompts:
    """Read a folder's prompts, or those of a hub id, which are fetched on first use."""
    file = model / PROMPTS if isinstance(model, Path) else _fetched(model)
    told = read_json(file) if file else {}
    named = {name: text for name, text in (told.get("prompts") or {}).items() if text}
    return Prompts(named, told.get("default_prompt_name") or "")


def hub_prompts(name: str) -> str:
    """Return a hash of the prompts of a hub id's model; "" for none."""
    named = read_prompts(name).named
    told = json.dumps(named, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest() if named else ""


def _fetched(name: str) -> Path | None:
    """Return where the hub's cache has the file of prompts; None where there is none."""
    try:
        return Path(hf_hub_download(name, PROMPTS))
    except (OSError, HfHubHTTPError, HFValidationError):  # none there, or the whole model is not
        return None
