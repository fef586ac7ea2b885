"""Read the text layer of a PDF page by page; knows nothing of images, so of scans neither."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import IO, Any

from app.ingest.extracted import TextBuilder, UnreadableFile, runs
from app.ingest.pdf.document import Outline, add_pages
from app.ingest.pdf.page import Block

# pypdfium2 because it tells where each glyph stands, five to ten times faster than pdfplumber and
# pypdf do; docs/reading.md has the measurement.

PATIENCE_S = 30.0  # for one page; a heavy one takes less than a second
_BROKEN = "is not a readable PDF"


def read_pdf(data: bytes, builder: TextBuilder) -> None:
    """Add paragraphs and tables page by page, and note the pages that have no text."""
    with subprocess.Popen(
        [sys.executable, "-m", "app.ingest.pdf.process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _add(data, process, builder)
        finally:
            process.kill()


def _add(data: bytes, process: subprocess.Popen[bytes], builder: TextBuilder) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    threading.Thread(target=_feed, args=[process.stdin, data], daemon=True).start()
    lines = _lines(process.stdout)
    begun: dict[str, Any] = next(lines, {"error": "broken"})
    if "late" in begun:
        raise UnreadableFile(f"takes longer than {PATIENCE_S:g} seconds to open")
    if begun.get("error") == "locked":
        raise UnreadableFile("is encrypted: save it without a password")
    if "error" in begun:
        raise UnreadableFile(_BROKEN)
    outline = [Outline(*entry) for entry in begun["outline"]]
    pages = list(_pages(lines, begun["pages"], builder))
    add_pages([blocks or [] for blocks in pages], outline, builder)
    _note_missing(pages, builder)


def _pages(
    lines: Iterator[dict[str, Any]], count: int, builder: TextBuilder
) -> Iterator[list[Block] | None]:
    size = 0
    for number in range(1, count + 1):
        line = next(lines, None)
        if line is None:
            raise UnreadableFile(f"has a page that cannot be read: page {number}")
        if "late" in line:
            told = f"page {number} takes longer than {PATIENCE_S:g} seconds"
            raise UnreadableFile(f"has a page that cannot be read: {told}")
        size += len(str(line))
        builder.check(size // 2)
        yield None if line["blocks"] is None else [Block(*block) for block in line["blocks"]]


def _note_missing(pages: list[list[Block] | None], builder: TextBuilder) -> None:
    empty = [at for at, blocks in enumerate(pages, start=1) if blocks == []]
    broken = [at for at, blocks in enumerate(pages, start=1) if blocks is None]
    if empty and len(empty) < len(pages):
        builder.note(f"{runs('page', empty)} without text: a scan needs OCR first")
    if broken:
        builder.note(f"{runs('page', broken)} that cannot be read")


def _feed(pipe: IO[bytes], data: bytes) -> None:
    try:
        with pipe:
            pipe.write(data)
    except BrokenPipeError:  # it gave up, which it tells itself
        pass


def _lines(pipe: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield what the process writes, and {"late": True} when it has been silent for too long."""
    found: queue.Queue[bytes] = queue.Queue(maxsize=64)
    threading.Thread(target=_put_lines, args=[pipe, found], daemon=True).start()
    while True:
        try:
            line = found.get(timeout=PATIENCE_S)
        except queue.Empty:
            yield {"late": True}
            return
        if not line:
            return
        yield json.loads(line)


def _put_lines(pipe: IO[bytes], found: queue.Queue[bytes]) -> None:
    for line in pipe:
        found.put(line)
    found.put(b"")
