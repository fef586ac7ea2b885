"""Encoders that differ from the built-in one in a file."""

from __future__ import annotations

import json
from pathlib import Path

POOLING = "1_Pooling/config.json"
PROMPTS = "config_sentence_transformers.json"


def view_of(builtin: Path, folder: Path, name: str, content: object) -> Path:
    """Make a view of the built-in model in which one file says something else."""
    for file in sorted(builtin.rglob("*")):
        place = folder / file.relative_to(builtin)
        place.mkdir() if file.is_dir() else place.symlink_to(file)
    (folder / name).unlink()
    (folder / name).write_text(json.dumps(content))
    return folder


def pooled(builtin: Path, folder: Path, *, by_mean: bool) -> Path:
    """Make a view of it that pools tokens by their mean, or takes the first one."""
    pooling = {"pooling_mode_mean_tokens": by_mean, "pooling_mode_cls_token": not by_mean}
    return view_of(builtin, folder, POOLING, {"word_embedding_dimension": 384, **pooling})
