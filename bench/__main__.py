"""Run a comparison of speed: `python -m bench NAME [FOLDER] [--rounds N]`.

    answers                the sample's questions about its Markdown files; LangChain's tutorial
    decoding               a prompt and 64 tokens; transformers, and llama.cpp by node-llama-cpp
    indexing [FOLDER]      a folder of texts, the sample's by default; LangChain's defaults
    training FILE          an epoch over rows of `finetune`; TRL's defaults

Prints a table, writes tests/results/speed-NAME.json, and names the machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import comparisons
from bench.results import Table, keep
from bench.rounds import Run

NAMES: dict[str, Callable[[Run], Table]] = {
    "answers": comparisons.answers,
    "decoding": comparisons.decoding,
    "indexing": comparisons.indexing,
    "training": comparisons.training,
}


def main() -> None:
    """Run one comparison and keep its figures."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("path", nargs="?", type=Path, help="folder of texts, or file of rows")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    if asked.name == "training" and asked.path is None:
        parser.error("training needs a file of rows: name it after training")
    with tempfile.TemporaryDirectory() as scratch:
        table = NAMES[asked.name](Run(asked.path, asked.rounds, Path(scratch)))
    sys.stdout.write(keep(asked.name, table, asked.rounds, asked.path or comparisons.SAMPLE))


if __name__ == "__main__":
    main()
