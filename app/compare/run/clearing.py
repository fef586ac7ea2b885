"""Delete what a comparison keeps of forgotten documents, and name what still quotes them."""

from __future__ import annotations

import html
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.compare.run.folder import alone_in
from app.errors import UserError
from app.index.choice import open_index
from app.index.copying import ANY, NoEmbeddings
from app.index.current import POINTER
from app.index.forgotten import Forgotten
from app.ingest.identity import Unwanted, origin
from finetune.whole_files import drop_scratch

TEXTS = frozenset({".csv", ".html", ".json", ".jsonl", ".md"})
KEPT = ("answers/*", "**/shots.jsonl")  # which the next comparison makes anew


@dataclass(frozen=True)
class Cleared:
    """What became of a comparison's folder."""

    deleted: tuple[Path, ...]
    quoting: tuple[Path, ...]
    """Results, which are the user's to delete."""


def clear(output: Path, documents: Sequence[Forgotten]) -> Cleared:
    """Delete kept answers and worked examples that name the documents, and indexes that hold them.

    The folder need not exist. Raises UserError while a comparison is at work there.
    """
    if not output.exists():
        return Cleared((), ())
    with alone_in(output):
        return _clear(output, documents)


def _clear(output: Path, documents: Sequence[Forgotten]) -> Cleared:
    indexes = [at for at in _indexes(output) if _holds(at, documents)]
    for index in indexes:
        shutil.rmtree(index)
    drop_scratch(output)
    spellings = {spelt for each in documents for spelt in _spellings(each.document)}
    naming = {file for file in output.rglob("*") if _names(file, spellings)}
    kept = naming & {file for pattern in KEPT for file in output.glob(pattern)}
    for file in kept:
        file.unlink()
    return Cleared((*indexes, *sorted(kept)), tuple(sorted(naming - kept)))


def _indexes(output: Path) -> list[Path]:
    return [pointer.parent for pointer in output.rglob(POINTER)]


def _holds(index: Path, documents: Sequence[Forgotten]) -> bool:
    unwanted = Unwanted.of(documents)
    try:
        with open_index("", index, NoEmbeddings(), ANY).unchecked() as snapshot:
            known = snapshot.documents()
    except UserError:
        return True  # nobody can tell, and a comparison makes it anew
    return any(unwanted.holds(origin(root, name), sha256) for name, (root, sha256) in known.items())


def _names(file: Path, spellings: set[str]) -> bool:
    if file.suffix not in TEXTS or not file.is_file():
        return False
    text = file.read_text(encoding="utf-8", errors="replace")
    return any(spelt in text for spelt in spellings)


def _spellings(document: str) -> set[str]:
    """Return a name as the formats of results write it."""
    as_json = (json.dumps(document, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False))
    return {document, html.escape(document), *as_json}
