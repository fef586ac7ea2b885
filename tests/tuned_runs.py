"""Measure what trains: fine-tuning and the comparison, run as users run them.

`benchmark.py` calls these; each resumes in its folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from finetune.registry.store import Registry

SAMPLE = Path(__file__).parents[1] / "app" / "sample"
GROUNDTUNE = (sys.executable, "-m", "app.cli")


def handbook() -> dict[str, Any]:
    """Fine-tune on the sample: from its documents to an adapter in production."""
    questions = SAMPLE / "questions.jsonl"
    folder = Path(tempfile.mkdtemp(prefix="groundtune-benchmark-"))
    return _tuned("handbook", folder, str(SAMPLE / "handbook"), "--questions", str(questions))


def records(folder: Path) -> dict[str, Any]:
    """Fine-tune on sentences whose replies are JSON records, from the base; resumes in FOLDER."""
    examples = ("--examples", str(folder / "examples.jsonl"))
    two = ("--start", "none", "--train.epochs", "2")
    found = _tuned("attack", folder / "tuning", *examples, *two)
    return {name: of for name, of in found.items() if name != "minutes"}


def techniques(folder: Path) -> dict[str, Any]:
    """Compare all arms on techniques of which some were held out; resumes in FOLDER.

    Adapters are trained on the sentences of the others; see `recipes.py techniques`.
    """
    places = [f"--{place}={folder / place}" for place in ("index", "registry")]
    if not (folder / "registry" / "techniques").exists():
        command = ["finetune", str(folder / "documents"), "--name", "techniques"]
        rows = ["--questions", str(folder / "train.jsonl"), "--run", str(folder / "run")]
        # 2 says that a gate was not met; the comparison shows what that is worth
        subprocess.run([*GROUNDTUNE, *command, *rows, *places, "--no-show-rows"], check=False)
    asked = ["--questions", str(folder / "questions.jsonl"), "--output", str(folder / "compare")]
    # A reported sentence is its own evidence: no document needs to be cited for its technique.
    chosen = ["--adapter", "techniques@candidate", "--no-needs.traceable"]
    subprocess.run([*GROUNDTUNE, "compare", *asked, *chosen, *places], check=True)
    found = json.loads((folder / "compare" / "comparison.json").read_text(encoding="utf-8"))
    return {name: of for name, of in found.items() if name != "questions"}


def compare(folder: Path, *flags: str) -> dict[str, Any]:
    """Compare all arms on the sample, then once more to see what is reused.

    The minutes are those of the first call in an empty `folder`.
    """
    command = [
        *(*GROUNDTUNE, "compare", str(SAMPLE / "handbook")),
        *("--questions", str(SAMPLE / "questions.jsonl"), "--revised", str(SAMPLE / "revised")),
        *("--index", str(folder / "index"), "--output", str(folder), *flags),
    ]
    took, kept = folder / "seconds.txt", folder / "comparison.json"
    if not took.exists():
        took.write_text(str(_seconds(command)))
    first = _found(kept)
    again_s = _seconds(command)
    return {
        "minutes": round(float(took.read_text()) / 60, 1),
        "again_seconds": round(again_s),
        "again_equal": first == _found(kept),
        **{name: of for name, of in first.items() if name != "questions"},
    }


def _found(comparison: Path) -> dict[str, Any]:
    """Return what a comparison found, without what it took up, which tells two runs apart."""
    found = json.loads(comparison.read_text(encoding="utf-8"))
    del found["provenance"]["reused"]
    return dict(found)


def _seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - start


def _tuned(name: str, folder: Path, *arguments: str) -> dict[str, Any]:
    places = [f"--{place}={folder / place}" for place in ("index", "registry", "run")]
    start = time.perf_counter()
    command = [*GROUNDTUNE, "finetune", *arguments, "--name", name, *places]
    done = subprocess.run(command, check=False)  # 2 says that a gate was not met
    minutes = (time.perf_counter() - start) / 60
    manifest = Registry(folder / "registry").version(name, "candidate").manifest
    return {
        "minutes": round(minutes, 1),
        "promoted": done.returncode == 0,
        "rows": manifest.data.rows,
        "gates": {gate: found.passed for gate, found in manifest.gates.items()},
        **manifest.metrics,
    }
