"""Write a file whole or not at all, whenever a kill comes and whoever reads it meanwhile."""

from __future__ import annotations

from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Put a text in place of a file in one step; makes the folder that it lies in."""
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_name(f"{file.name}.tmp")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(file)
