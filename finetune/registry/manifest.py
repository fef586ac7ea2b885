"""What a registered version of an adapter records about itself, and whether its files still hold.

Knows one version's folder; knows nothing of other versions or of who is in production.
"""

from __future__ import annotations

import importlib.metadata
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    NonNegativeInt,
    ValidationError,
    computed_field,
)

from finetune.errors import FinetuneError, first_fault
from finetune.registry.fingerprint import SHA256, BaseFingerprint, sha256_of

MANIFEST = "manifest.json"
CARD = "README.md"
ADAPTER = "adapter"
PACKAGES = ("torch", "transformers", "peft", "trl")


class RegistryError(FinetuneError):
    """Report a version that is not there, not allowed or not what it was."""


class Fact(BaseModel):
    """A frozen record without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DataFacts(Fact):
    """What an adapter was trained on, and on whose terms."""

    sha256: str = Field(pattern=SHA256)
    """Version of the data set, the hash of its canonical rows."""
    rows: dict[str, NonNegativeInt]
    """Rows trained of each kind."""
    sources: tuple[str, ...]
    licence: str
    """Identifier of the hub's list, such as cc-by-sa-4.0."""
    attribution: str = ""
    """What the licences of the sources ask to be said."""
    datasets: tuple[str, ...] = ()
    """Hub ids of those sources that have one."""
    documents: tuple[str, ...] | None = None
    """Every document that rows were made from or show; None where that was not recorded."""


class Start(Fact):
    """The adapter that a training went on from, and some of whose weights are in the result."""

    label: str
    """What it is called, with its version where it is registered."""
    weights: str = Field(pattern=SHA256)


class Gate(BaseModel):
    """A measured value and what it must reach."""

    model_config = ConfigDict(frozen=True)  # `passed` is written for readers, never read back

    value: FiniteFloat
    floor: FiniteFloat | None = None
    ceiling: FiniteFloat | None = None
    best: FiniteFloat | None = None
    """The end of the value's 95 % interval that is nearest to passing, where it has one."""

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def passed(self) -> bool:
        """Whether the value lies within both bounds, or may do so and be low by chance."""
        return not self.shortfall

    @property
    def shortfall(self) -> str:
        """Say which bound is broken; empty when none is."""
        reached = self.value if self.best is None else self.best
        at_best = "" if self.best is None else f", at best {self.best:.4g},"
        if self.floor is not None and reached < self.floor:
            return f"{self.value:.4g}{at_best} is below {self.floor:.4g}"
        if self.ceiling is not None and reached > self.ceiling:
            return f"{self.value:.4g}{at_best} is above {self.ceiling:.4g}"
        return ""


class MergeProof(Fact):
    """The merged model's weights, and how far its logits are from adapter and base."""

    weights: str = Field(pattern=SHA256)
    from_adapter: FiniteFloat
    from_base: FiniteFloat


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide what a training gives."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions


class ManifestFacts(Fact):
    """What only the one who trained can tell."""

    purpose: str = ""
    """What the adapter is for, in a sentence or two."""
    limits: tuple[str, ...] = ()
    """What it was not made for or not measured on."""
    base_hub_id: str = ""
    """Where the hub has the base model."""
    start: Start | None = None
    """None where training began with the base, or that was not recorded."""
    data: DataFacts
    test_sha256: str = Field(pattern=SHA256)
    """Version of the data that the metrics were measured on."""
    prompt_sha256: str = Field(pattern=SHA256)
    """Hash of the rendered prompts' wording."""
    config: dict[str, Any]
    """The training configuration."""
    seed: int
    command: str
    """What to run to make this version again."""
    metrics: dict[str, Any]
    """Numbers, or {"value", "low", "high"} with a 95 % interval, in groups; `score` decides."""
    gates: dict[str, Gate]
    merged: MergeProof
    packages: dict[str, str] = Field(default_factory=package_versions)
    created: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))


class Manifest(ManifestFacts):
    """Everything about a version; its own hash is part of the version's id."""

    schema_version: Literal[1] = 1
    name: str
    base: BaseFingerprint
    files: dict[str, str]
    """SHA-256 of every other file in the version's folder."""

    @property
    def score(self) -> float | None:
        """The one number that versions are compared by, if it was measured."""
        return number(self.metrics.get("score"))


def number(leaf: Any) -> float | None:
    """Return a metric's value, with or without an interval around it; None for anything else."""
    value = leaf.get("value") if isinstance(leaf, dict) else leaf
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def version_id(created: datetime, manifest: Path) -> str:
    """Name a version by the second it was made in and its manifest's bytes."""
    return f"{created.astimezone(UTC):%Y%m%dT%H%M%SZ}-{sha256_of(manifest)[:12]}"


def read_manifest(folder: Path) -> Manifest:
    """Read a version's manifest; raises RegistryError when it is missing or damaged."""
    file = folder / MANIFEST
    try:
        return Manifest.model_validate_json(file.read_bytes())
    except OSError as error:
        raise RegistryError(f"{folder} is no registered version: it has no {MANIFEST}") from error
    except ValidationError as error:
        raise RegistryError(
            f"{file} is damaged or of another release ({first_fault(error, 'the file')}): restore "
            "it, or update Groundtune"
        ) from error


def file_hashes(folder: Path) -> dict[str, str]:
    """Hash every file below a folder but the manifest, by its path there."""
    return {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != folder / MANIFEST
    }


def findings(folder: Path) -> list[str]:
    """Hash a version's files again and return what is no longer as it was registered."""
    if not (folder / MANIFEST).is_file():
        return [f"{MANIFEST}: missing"]
    if sha256_of(folder / MANIFEST)[:12] != folder.resolve().name.rpartition("-")[2]:
        return [f"{MANIFEST}: changed"]  # it can no longer speak for the others
    recorded, present = read_manifest(folder).files, file_hashes(folder)
    return [
        f"{path}: {_change(recorded.get(path), present.get(path))}"
        for path in sorted({*recorded, *present})
        if recorded.get(path) != present.get(path)
    ]


def _change(recorded: str | None, present: str | None) -> str:
    if recorded is None:
        return "added"
    return "missing" if present is None else "changed"
