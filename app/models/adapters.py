"""Find an adapter by what a user calls it: the shipped one, a registered one, or a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from app.errors import UserError
from app.models.folders import snapshot
from app.models.grader import Calibration
from app.models.names import BUILTIN_CHAT, adapter_folder, read_remote
from finetune.registry.fingerprint import ADAPTER_CONFIG
from finetune.registry.manifest import RegistryError
from finetune.registry.store import Registry

AUTO, NONE = "auto", "none"
BUILTIN_ADAPTER = "builtin:grounded"
SHIPPED = Path(__file__).parents[2] / "finetune" / "adapters"
CALIBRATION = "calibration.json"


@dataclass(frozen=True)
class Adapter:
    """An adapter's folder, what answers call it, and how its grades become probabilities."""

    folder: Path
    label: str
    """Name and version; a folder of no registry is named with its fingerprint by whoever loads."""
    calibration: Calibration | None = None
    """None where nothing was fitted when the adapter was made."""
    licence: str = ""
    attribution: str = ""
    """What a registered one says of its licence, and what must be said where it is passed on."""


def find_adapter(name: str, *, model: str, registry: Path) -> Adapter | None:
    """Find an adapter; None for none, and for the default where the model is not the built-in one.

    `name` is auto, none, builtin:grounded, a folder in PEFT's format, a hub id, or a registered
    NAME or NAME@VERSION, whose production version counts where no version is named. Raises
    UserError.
    """
    if name in ("", NONE) or (name == AUTO and model != BUILTIN_CHAT):
        return None
    if remote := read_remote(model, setting="GROUNDTUNE_MODEL"):
        raise UserError(
            f"GROUNDTUNE_ADAPTER={name!r} needs the weights of its base, and {remote.told} runs "
            "elsewhere: set it to none, and serve there what 'groundtune export' writes"
        )
    if name in (AUTO, BUILTIN_ADAPTER):
        return _registered(Registry(SHIPPED), BUILTIN_ADAPTER.partition(":")[2], "production")
    if folder := adapter_folder(name):
        return Adapter(folder, folder.resolve().name)
    if "/" in name:
        return Adapter(snapshot(name, setting="GROUNDTUNE_ADAPTER"), name)
    title, _, version = name.partition("@")
    return _registered(Registry(registry), title, version or "production")


def _registered(registry: Registry, name: str, which: str) -> Adapter:
    try:
        version = registry.version(name, which)
    except RegistryError as error:
        raise UserError(
            f"GROUNDTUNE_ADAPTER={name!r} is no folder with {ADAPTER_CONFIG}, and {error}: give "
            "auto, none, a folder, a hub id, or NAME@VERSION as 'groundtune models' lists them"
        ) from error
    return Adapter(
        version.adapter,
        f"{name}@{version.id}",
        _calibration(version.folder),
        licence=version.manifest.data.licence,
        attribution=version.manifest.data.attribution,
    )


def _calibration(folder: Path) -> Calibration | None:
    file = folder / CALIBRATION
    return Calibration(**json.loads(file.read_text())) if file.exists() else None
