"""Run every verb on a tiny model of every family, and print what came of it as a table.

`python tests/family_table.py [FAMILY ...]`: ok, or the one line that a user would read.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "LANGSMITH_TRACING": "false"}

import torch
from families import FAMILIES, write_family

from app.cli import main

TOWNS = "Ossel Culvie Marram Skjorn Kester Ebrard".split()
MAYORS = "Anna Bert Cleo Dora Emil Fina".split()
RECIPE = (
    "--start none --mixture.passages [1,2] --mixture.rounds 1 --mixture.rehearsal 0.1 "
    "--mixture.dev 0.2 --train.rank 4 --train.batch 8 --train.dtype float32 --train.track none "
    "--train.max-length 900 --train.evaluations 1 --train.evaluation-examples 4 "
    "--train.baseline-examples 4 --train.epochs 1 --gates.gain -1"
).split()
VERBS: dict[str, list[str]] = {
    "doctor": ["doctor"],
    "ask": ["ask", "Who is mayor of Ossel?", "--json"],
    "talk": ["ask", "Hello, how are you?", "--json"],
    "plan": ["finetune", "--questions", "q.jsonl", *RECIPE, "--plan"],
    "finetune": ["finetune", "--questions", "q.jsonl", *RECIPE, "--no-promote"],
    "promote": ["promote", "domain", "--force"],
    "ask --adapter": ["ask", "Who is mayor of Ossel?", "--json", "--adapter", "domain"],
    "export": ["export", "domain", "merged"],
    "export adapter": ["export", "domain", "alone", "--kind", "adapter"],
    "verify": ["verify", "domain"],
}


def write_documents(folder: Path) -> None:
    """Write six documents and two questions about each."""
    (folder / "docs").mkdir()
    pairs = []
    for at, (town, mayor) in enumerate(zip(TOWNS, MAYORS, strict=True)):
        (folder / "docs" / f"{town}.md").write_text(f"{town} has {at + 3} bees. Mayor: {mayor}.")
        asked = {f"Who is mayor of {town}?": mayor, f"How many bees has {town}?": f"{at + 3} bees"}
        for number, (question, answer) in enumerate(asked.items()):
            pair = {"id": f"{town}-{number}", "question": question, "answers": [answer]}
            pairs.append({**pair, "documents": [f"{town}.md"]})
    (folder / "q.jsonl").write_text("\n".join(map(json.dumps, pairs)))


def run(arguments: list[str], call: Callable[[list[str]], int] = main) -> tuple[int, str, str]:
    """Return a command's exit code, what it printed, and the last line of its errors."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = call(arguments)
    told = re.split(r"[\r\n]+", err.getvalue().strip())
    return code, out.getvalue(), told[-1]


def outcomes(name: str, index: Path) -> Iterable[tuple[str, int, str, str]]:
    """Run the verbs in the present folder; yield each with what `run` returned."""
    os.environ["GROUNDTUNE_MODEL"] = name
    os.environ["GROUNDTUNE_INDEX"] = str(index)
    for verb, arguments in VERBS.items():
        code, out, told = run(arguments)
        yield verb, code, out, told
        if code and verb == "finetune":
            return


def table(names: Iterable[str], root: Path) -> dict[str, dict[str, Any]]:
    """Run all verbs on all families below a folder, printing as it goes."""
    os.chdir(root)
    os.environ["GROUNDTUNE_CACHE"] = str(root / "cache")
    write_documents(root)
    assert run(["ingest", "docs", "--index", "index"])[0] == 0
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        began, folder = time.perf_counter(), root / f"with-{name}"
        folder.mkdir()
        os.chdir(folder)
        (folder / "q.jsonl").write_text((root / "q.jsonl").read_text())
        write_family(name, folder / name)
        found[name] = {}
        for verb, code, out, told in outcomes(name, root / "index"):
            found[name][verb] = code
            said = json.loads(out)["answer"] if out.startswith("{") else ""
            print(f"{name:14} {verb:15} {code} {told if code else said}"[:330], flush=True)
        print(f"{name:14} {time.perf_counter() - began:.0f} s", flush=True)
    return found


def show(found: dict[str, dict[str, Any]]) -> None:
    """Print the table."""
    print(f"{'family':14} " + " ".join(f"{verb[:9]:9}" for verb in VERBS))
    for name, codes in found.items():
        cells = ("ok" if codes.get(verb) == 0 else str(codes.get(verb, "-")) for verb in VERBS)
        print(f"{name:14} " + " ".join(f"{cell:9}" for cell in cells))


if __name__ == "__main__":
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="families-") as scratch:
        show(table(sys.argv[1:] or FAMILIES, Path(scratch)))
