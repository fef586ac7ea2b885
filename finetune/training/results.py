"""What a training leaves behind, noted so that nobody builds a finished one again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from finetune.registry.fingerprint import ADAPTER_WEIGHTS
from finetune.whole_files import write_whole

FINISHED = "finished.json"


@dataclass(frozen=True)
class TrainResult:
    """What a training left behind."""

    adapter: Path
    """Folder of the adapter: of the best evaluation, else of the last step."""
    steps: int
    losses: list[tuple[int, float]]
    """(step, mean loss per trained token)."""
    scores: list[tuple[int, float]]
    """(step, score on the held-back examples)."""


def is_adapter(folder: Path) -> bool:
    """Tell whether a folder holds an adapter's weights."""
    return (folder / ADAPTER_WEIGHTS).is_file()


def note(run: Path, result: TrainResult) -> None:
    """Note in a run's folder what its training left there."""
    left = asdict(result) | {"adapter": str(result.adapter.relative_to(run))}
    write_whole(run / FINISHED, json.dumps(left, indent=2))


def noted(run: Path) -> TrainResult | None:
    """Return what a training that ended left; None where none ended, or its adapter is gone."""
    if not (run / FINISHED).exists():
        return None
    left = json.loads((run / FINISHED).read_text(encoding="utf-8"))
    adapter = run / left["adapter"]
    if not is_adapter(adapter):
        return None
    losses, scores = ([(at, of) for at, of in left[name]] for name in ("losses", "scores"))
    return TrainResult(adapter, left["steps"], losses, scores)
