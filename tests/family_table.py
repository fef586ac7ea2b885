"""Run every verb on a tiny model of every family, and keep what came of it as a table.

`python tests/family_table.py [FAMILY ...]` prints ok, or the one line that a user would read, and
keeps it in tests/results/families.json; families that are not named stay as they were there.
`--show` prints that table alone.
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

os.environ |= {"HF_HUB_OFFLINE": "1", "LANGSMITH_TRACING": "false"}

import torch
from families import FAMILIES
from family_models import write_family

from app.cli import main

RESULTS = Path(__file__).parent / "results" / "families.json"
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


def run_all(names: Iterable[str], root: Path) -> None:
    """Run all verbs on all families below a folder, printing and keeping as it goes."""
    os.chdir(root)
    os.environ["GROUNDTUNE_CACHE"] = str(root / "cache")
    write_documents(root)
    assert run(["ingest", "docs", "--index", "index"])[0] == 0
    for name in names:
        began, folder = time.perf_counter(), root / f"with-{name}"
        folder.mkdir()
        os.chdir(folder)
        (folder / "q.jsonl").write_text((root / "q.jsonl").read_text())
        write_family(name, folder / name)
        found: dict[str, str] = {}
        for verb, code, out, told in outcomes(name, root / "index"):
            found[verb] = f"{code}: {told}" if code else "ok"
            said = json.loads(out)["answer"] if out.startswith("{") else ""
            print(f"{name:14} {verb:15} {code} {told if code else said}"[:330], flush=True)
        keep(name, found)
        print(f"{name:14} {time.perf_counter() - began:.0f} s", flush=True)


def keep(name: str, found: dict[str, str]) -> None:
    """Put a family's row into the table, in the order of the families."""
    rows = {**kept(), name: found}
    ordered = {family: rows[family] for family in FAMILIES if family in rows}
    RESULTS.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def kept() -> dict[str, dict[str, str]]:
    """Return the table as it was kept."""
    rows: dict[str, dict[str, str]] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    return rows


def show() -> None:
    """Print the table, and below it why a verb refuses."""
    print(f"{'family':14} " + " ".join(f"{verb[:9]:9}" for verb in VERBS))
    refused: list[str] = []
    for name, found in kept().items():
        print(
            f"{name:14} "
            + " ".join(f"{found.get(verb, '-').partition(':')[0]:9}" for verb in VERBS)
        )
        refused += [f"{name} {verb} {of}" for verb, of in found.items() if of != "ok"]
    print("\n".join(refused))


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:] != ["--show"]:
        with tempfile.TemporaryDirectory(prefix="families-") as scratch:
            run_all(sys.argv[1:] or FAMILIES, Path(scratch))
    show()
