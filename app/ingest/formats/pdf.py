"""Read a PDF page by page in another process: its text, and if asked that of its scans."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from app.ingest.extracted import TextBuilder, UnreadableFile, runs
from app.ingest.pdf.document import Outline, add_pages
from app.ingest.pdf.page import Block
from app.ingest.pdf.scans import PATIENCE_S as OCR_PATIENCE_S
from app.processes import module_command

# pypdfium2 because it tells where each glyph stands, five to ten times faster than pdfplumber and
# pypdf do; docs/reading.md has the measurement.

PATIENCE_S = 30.0  # for one page; a heavy one takes less than a second
_BROKEN = "is not a readable PDF"


class _Page(NamedTuple):
    """What the process tells of a page; it has no blocks where it cannot be read."""

    blocks: list[Block] | None
    recognised: bool
    comments: list[str]


def read_pdf(data: bytes, builder: TextBuilder) -> None:
    """Add paragraphs and tables page by page, and note the pages that have no text."""
    with subprocess.Popen(
        module_command("app.ingest.pdf.process", builder.ocr),
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
    lines = _lines(process.stdout, PATIENCE_S + (OCR_PATIENCE_S if builder.ocr else 0))
    begun: dict[str, Any] = next(lines, {"error": "broken"})
    if "late" in begun:
        raise UnreadableFile(f"takes longer than {PATIENCE_S:g} seconds to open")
    if begun.get("error") == "locked":
        raise UnreadableFile("is encrypted: save it without a password")
    if "error" in begun:
        raise UnreadableFile(_BROKEN)
    outline = [Outline(*entry) for entry in begun["outline"]]
    pages = list(_pages(lines, begun["pages"], builder))
    recognised = {at for at, page in enumerate(pages) if page.recognised}
    comments = [page.comments for page in pages]
    add_pages([page.blocks or [] for page in pages], outline, recognised, comments, builder)
    _note_missing(pages, builder)


def _pages(lines: Iterator[dict[str, Any]], count: int, builder: TextBuilder) -> Iterator[_Page]:
    size = 0
    for number in range(1, count + 1):
        line = next(lines, None)
        if line is None:
            raise UnreadableFile(f"has a page that cannot be read: page {number}")
        if "late" in line:
            reason = f"page {number} takes longer than {PATIENCE_S:g} seconds"
            raise UnreadableFile(f"has a page that cannot be read: {reason}")
        size += len(str(line))
        builder.check(size // 2)
        blocks = None if line["blocks"] is None else [Block(*block) for block in line["blocks"]]
        yield _Page(blocks, line["recognised"], line["comments"])


def _note_missing(pages: list[_Page], builder: TextBuilder) -> None:
    empty = [at for at, page in enumerate(pages, start=1) if page.blocks == []]
    broken = [at for at, page in enumerate(pages, start=1) if page.blocks is None]
    if empty and any(page.blocks or page.comments for page in pages):
        hint = "" if builder.ocr else ": --ocr reads scans"
        builder.note(f"{runs('page', empty)} without text{hint}")
    if broken:
        builder.note(f"{runs('page', broken)} that cannot be read")


def _feed(pipe: IO[bytes], data: bytes) -> None:
    try:
        with pipe:
            pipe.write(data)
    except BrokenPipeError:  # it gave up, which it tells itself
        pass


def _lines(pipe: IO[bytes], patience_s: float) -> Iterator[dict[str, Any]]:
    """Yield what the process writes, and {"late": True} when it has been silent for too long."""
    written: queue.Queue[bytes] = queue.Queue(maxsize=64)
    threading.Thread(target=_put_lines, args=[pipe, written], daemon=True).start()
    while True:
        try:
            line = written.get(timeout=patience_s)
        except queue.Empty:
            yield {"late": True}
            return
        if not line:
            return
        yield json.loads(line)


def _put_lines(pipe: IO[bytes], written: queue.Queue[bytes]) -> None:
    for line in pipe:
        written.put(line)
    written.put(b"")
