"""Name the documents that an ingestion would write, and write nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from app.index.port import Index
from app.ingest.content import making_room
from app.ingest.identity import Unwanted
from app.ingest.readers import UnreadableFile, read_file
from app.ingest.scan import SourceFile, find_files
from app.ingest.survey import survey
from app.ingest.versions import Versions


def stale_documents(
    paths: Sequence[Path], store: Index, *, max_bytes: int, ocr: str, archives: bool
) -> set[str]:
    """Name the documents below these paths that were added, changed or removed since ingestion.

    They are those that an ingestion would write; a file that it could not read is none.
    """
    known = store.documents() if store.exists() else {}
    unwanted, versions = Unwanted.of(store.forgotten()), Versions(store.folder)
    with making_room(max_bytes) if archives else nullcontext() as room:
        seen = survey(find_files(paths, room), known, unwanted, versions, max_bytes=max_bytes)
        files = [item.source for item in seen.changes.stale]
        written = {file.document for file in files if _is_readable(file, max_bytes, ocr)}
    renamed = {name for pair in seen.report.renamed.items() for name in pair}
    return {*written, *renamed, *seen.report.removed}


def _is_readable(source: SourceFile, max_bytes: int, ocr: str) -> bool:
    try:
        read_file(source.place, max_bytes=max_bytes, ocr=ocr)
    except UnreadableFile:
        return False
    return True
