"""What the page builds, written as a line."""

from __future__ import annotations

from app.serving.blocks import Block


def outline(blocks: list[Block]) -> str:
    """Write a tree as a line: tags around texts."""
    return "".join(
        block["text"] if "text" in block else f"<{block['tag']}>{outline(block['children'])}</>"
        for block in blocks
    )
