"""Read which files of an embedding model decide its vectors beside its encoder's.

Knows folders and the hub's cache; loads no model.
"""

from __future__ import annotations

import hashlib
import json
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


def hub_prompts(name: str) -> str:
    """Return a hash of the prompts of a hub id's model, fetched on first use; "" for none."""
    try:
        file = Path(hf_hub_download(name, PROMPTS))
    except (OSError, HfHubHTTPError, HFValidationError):  # none there, or the whole model is not
        return ""
    prompts = {key: text for key, text in read_json(file).get("prompts", {}).items() if text}
    told = json.dumps(prompts, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest() if prompts else ""
