"""Compare libraries that read PDF and Word files: what they keep, and how fast.

    pip install pdfplumber pypdf pypdfium2 markitdown mammoth docx2python kreuzberg pdf_oxide
    python tests/reading_libraries.py

Each file is made here, so that what it says is known. A library that is not installed is left out.
"""

from __future__ import annotations

import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

from reading_parts import drawn, ruled, set_pdf
from test_reading_pdf import PROSE, STOCK, grid

from app.ingest.readers import read_file

Read = Callable[[str], str]
STAFF = [[f"Post {n}", f"Name {n}", f"{n + 20} h"] for n in range(12)]


def rows_of(text: str, rows: list[list[str]]) -> int:
    """Count the rows whose cells stand in one line and in their order."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    wanted = [re.compile(".*?".join(map(re.escape, filter(None, row)))) for row in rows]
    return sum(any(pattern.search(line) for line in lines) for pattern in wanted)


def pypdf_layout(path: str) -> str:
    import pypdf

    pages = pypdf.PdfReader(path).pages
    return "\n".join(page.extract_text(extraction_mode="layout") for page in pages)


def pdfplumber_text(path: str) -> str:
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        parts = [page.extract_text() or "" for page in pdf.pages]
        tables = [table for page in pdf.pages for table in page.extract_tables()]
    rows = ["|".join(cell or "" for cell in row) for table in tables for row in table]
    return "\n".join([*parts, *rows])


def pypdfium2_text(path: str) -> str:
    import pypdfium2

    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path))


def kreuzberg_markdown(path: str) -> str:
    import kreuzberg

    config = kreuzberg.ExtractionConfig(output_format="markdown")
    return str(kreuzberg.extract_file_sync(path, config=config).content)


def pdf_oxide_markdown(path: str) -> str:
    import pdf_oxide

    document = pdf_oxide.PdfDocument(path)
    return "\n".join(document.to_markdown(page) for page in range(document.page_count()))


def groundtune(path: str) -> str:
    return read_file(Path(path)).text


READERS: list[Read] = [
    pypdf_layout,
    pdfplumber_text,
    pypdfium2_text,
    kreuzberg_markdown,
    pdf_oxide_markdown,
    groundtune,
]


def files(folder: Path) -> dict[str, Path]:
    columns = [PROSE * 4 + f"Entry {n} ends." for n in range(1, 9)]
    made = {
        "borderless": drawn(sorted(grid([72, 180, 250, 330], STOCK))),  # column by column
        "ruled": set_pdf(PROSE, ruled(STAFF), PROSE),
        "columns": set_pdf(*columns, columns=2),
        "long": set_pdf(*(part for n in range(60) for part in (PROSE * 20, ruled(STAFF)))),
    }
    paths = {name: folder / f"{name}.pdf" for name in made}
    for name, content in made.items():
        paths[name].write_bytes(content)
    return paths


def measure(read: Read, paths: dict[str, Path]) -> tuple[str, ...]:
    borderless, ruled_, columns = (read(str(paths[n])) for n in ("borderless", "ruled", "columns"))
    columns = " ".join(columns.split())
    places = [columns.find(f"Entry {n} ends.") for n in range(1, 9)]
    whole = columns.count("before the ice goes out")
    begun = time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    read(str(paths["long"]))
    taken = time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begun
    import pypdfium2

    pages = len(pypdfium2.PdfDocument(str(paths["long"])))
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    memory = max(resource.getrusage(kind).ru_maxrss for kind in kinds)
    return (
        f"{rows_of(borderless, STOCK)} of {len(STOCK)}",
        f"{rows_of(ruled_, STAFF)} of {len(STAFF)}",
        "yes" if -1 not in places and places == sorted(places) else "no",
        f"{whole} of 32",
        f"{taken / pages * 1000:.0f}",
        f"{memory // 1024}",
    )


def in_process(at: int, paths: dict[str, Path]) -> tuple[str, ...] | None:
    try:
        return measure(READERS[at], paths)
    except ImportError:
        return None


def main() -> None:
    heads = (
        "borderless rows",
        "ruled rows",
        "columns in order",
        "phrases whole",
        "ms a page",
        "MB",
    )
    print(f"| reader | {' | '.join(heads)} |")
    print(f"|{'---|' * (len(heads) + 1)}")
    with tempfile.TemporaryDirectory() as scratch:
        paths = files(Path(scratch))
        for at, read in enumerate(READERS):
            with get_context("spawn").Pool(1) as pool:  # so that memory is a reader's own
                found = pool.apply(in_process, (at, paths))
            if found:
                print(f"| {read.__name__} | {' | '.join(found)} |")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
