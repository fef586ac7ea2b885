"""List registered adapters for the terminal and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from rich.table import Column, Table

from app.models.adapters import SHIPPED
from finetune.registry.store import Registry


class Row(TypedDict):
    """One registered version."""

    name: str
    version: str
    aliases: list[str]
    score: float | None
    gates: str
    data: str


def listed(root: Path) -> list[Row]:
    """List the versions registered here, then the shipped ones."""
    return [row for registry in (Registry(root), Registry(SHIPPED)) for row in _rows(registry)]


def _rows(registry: Registry) -> list[Row]:
    rows: list[Row] = []
    for name in registry.names():
        aliases = registry.aliases(name)
        for version in registry.versions(name):
            failed = [gate for gate, result in version.manifest.gates.items() if not result.passed]
            rows.append(
                Row(
                    name=f"builtin:{name}" if registry.root == SHIPPED else name,
                    version=version.id,
                    aliases=sorted(alias for alias, id_ in aliases.items() if id_ == version.id),
                    score=version.manifest.score,
                    gates=f"not met: {', '.join(failed)}" if failed else "met",
                    data=version.manifest.data.sha256[:12],
                )
            )
    return rows


def table(rows: Sequence[Row]) -> Table:
    """Lay the versions out for the terminal."""
    heads = ("adapter", "version", "aliases", "score", "gates", "data")
    made = Table(*(Column(head, overflow="fold") for head in heads))  # names are given to commands
    for row in rows:
        score = "" if row["score"] is None else f"{row['score']:.3f}"
        aliases = ", ".join(row["aliases"])
        made.add_row(row["name"], row["version"], aliases, score, row["gates"], row["data"])
    return made
