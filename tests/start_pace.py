"""Measure what a command costs from its start to its end, models loaded anew each time.

python tests/start_pace.py [RUNS]          five runs of each command, on the sample handbook

Processor time, user and system, so that whatever else runs on the machine counts little.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "app" / "sample" / "handbook"
QUESTION = "How long do the buses wait?"
COMMANDS = (["--help"], ["doctor", "--quick"], ["search", QUESTION], ["ask", QUESTION])


def run(*arguments: str) -> float:
    """Run a command and return its processor time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "app.cli", *arguments]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print("| command | processor time, s: median | least | most |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        index = ("--index", folder)
        run("ingest", str(SAMPLE), *index)
        for command in COMMANDS:
            place = () if command == ["--help"] else index
            took = [run(*command, *place) for _ in range(runs)]
            figures = (statistics.median(took), min(took), max(took))
            print(f"| `{command[0]}` |", *(f"{figure:.2f} |" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
