"""Keep the weights of grades that were fitted for a model and adapter, under their fingerprints."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.errors import UserError
from app.models.base import recorded_fingerprint
from app.models.grader import Calibration
from app.models.merged import adapter_fingerprint
from app.models.weights import Quantize
from finetune.whole_files import write_whole


@dataclass(frozen=True)
class Fitted:
    """Weights in use, and whether they were fitted for what uses them."""

    weights: Calibration
    borrowed: bool
    origin: str
    """Whose they are, as users read it."""


def calibration_file(
    cache: Path, model: Path | str, adapter: Path | None, *, quantize: Quantize = "none"
) -> Path:
    """Return where the weights of a model (a folder or a name elsewhere) and its adapter are kept.

    In fewer bits a model grades otherwise, and has weights of its own.
    """
    known = recorded_fingerprint(model, cache_dir=cache) if isinstance(model, Path) else model
    tuned = adapter_fingerprint(adapter) if adapter else ""
    held = "" if quantize == "none" else f" {quantize}"
    key = hashlib.sha256(f"{known} {tuned}{held}".encode()).hexdigest()
    return cache / "calibrations" / f"{key[:16]}.json"


def write_calibration(file: Path, weights: Calibration, facts: dict[str, Any]) -> None:
    """Keep weights with what was measured of them, whole or not at all."""
    write_whole(file, json.dumps({"weights": asdict(weights), **facts}, indent=2))


def read_calibration(file: Path) -> Calibration | None:
    """Return kept weights, None if there are none; raises UserError for a damaged file."""
    if not file.exists():
        return None
    try:
        return Calibration(**json.loads(file.read_text())["weights"])
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{file} is damaged: run 'groundtune calibrate' again") from error
