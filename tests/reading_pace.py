"""Measure how fast long PDF files are read, and in how much memory.

python tests/reading_pace.py               makes files of 100 and 300 pages, and reads each

Pages hold headings, prose and ruled tables. Processor time is that of both processes, the one that
ingests and the one that opens the file; memory is the most that either held.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reading_parts import heading, ruled, set_pdf
from reportlab.platypus import Flowable, PageBreak  # type: ignore[import-untyped]  # has no stubs

from app.ingest.chunking import split_document
from app.ingest.readers import read_file

Figures = dict[str, float]

SEED = 13
PAGES = (100, 300)
BOTH = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
WORDS = (
    "the harbour keeps a lamp for every boat that comes after dark and members who leave before "
    "dawn sign the book at the gate where pilots wait and read what wind and water will allow"
).split()


def pages(count: int) -> bytes:
    """Set so many full pages: of three, two hold prose and one a table as well."""
    chance = random.Random(SEED)
    parts: list[Flowable | str] = []
    for number in range(count):
        parts.append(heading(f"Chapter {number + 1}"))
        parts += [_prose(chance, 90) for _ in range(4 if number % 3 == 0 else 7)]
        if number % 3 == 0:
            rows = [[f"K-{chance.randrange(999)}", chance.randrange(99), "euro"] for _ in range(12)]
            parts.append(ruled([["Part", "Stock", "Unit"], *rows]))
        parts.append(PageBreak())
    return set_pdf(*parts)


def _prose(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(words)).capitalize() + "."


def measured(content: bytes) -> Figures:
    """Read a file in a process of its own, whose memory holds nothing else."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        command = [sys.executable, __file__, file.name]
        done = subprocess.run(command, check=True, capture_output=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def measure(file: Path) -> Figures:
    """Read one file and cut it into chunks."""
    begun, spent = time.perf_counter(), _processor_s()
    extracted = read_file(file)
    chunks = split_document(extracted, document=file.name)
    taken = time.perf_counter() - begun
    return {
        "pages": len(extracted.pages),
        "chunks": len(chunks),
        "seconds": round(taken, 1),
        "pages a minute": round(60 * len(extracted.pages) / taken),
        "processor seconds": round(_processor_s() - spent, 1),
        "MB": max(round(resource.getrusage(who).ru_maxrss / 1024) for who in BOTH),
    }


def _processor_s() -> float:
    usages = map(resource.getrusage, BOTH)
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(measure(Path(sys.argv[1]))))
    else:
        for count in PAGES:
            print(measured(pages(count)))
