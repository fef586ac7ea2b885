"""Move an index from one store to another with its vectors, and look whether all has arrived."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from tqdm import tqdm

from app.errors import CheckFailed, UserError
from app.index.choice import open_index
from app.index.config import SCHEMA_VERSION, IndexConfig
from app.index.forgotten import Forgotten
from app.index.kinds import kind_of
from app.index.port import Snapshot
from app.index.store import HybridVectorStore
from app.index.vectors import Vectors

TOGETHER = 512  # chunks held in memory
ROUNDING = 1e-6  # of a vector's numbers, where a store writes them as text
ANY = IndexConfig(embedding_model="", dimension=0, chunk_size=0, chunk_overlap=0)


class NoEmbeddings(Embeddings):
    """Embed nothing: a copy takes vectors as they are."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Refuse."""
        raise NotImplementedError

    def embed_query(self, text: str) -> list[float]:
        """Refuse."""
        raise NotImplementedError


@dataclass(frozen=True)
class Copied:
    """What a store holds after a copy."""

    documents: int
    chunks: int
    version: str


def copy_index(
    source: str, target: str, *, machine: Path, anew: bool = False, progress: bool = True
) -> Copied:
    """Make a store hold what another one does, and compare all texts and vectors.

    A store is a folder or a URL; `machine` is where stores that are no folder keep their lock.
    The target is the old or the new index at every moment. One that holds another index is
    refused unless `anew`; one of the same texts is written where anything else differs. Raises
    CheckFailed where something did not arrive.
    """
    if source == target:
        raise UserError(f"{source} is both ends of the copy: name two stores")
    original = _open(source, machine, ANY)
    with original.unchecked() as snapshot:
        known = replace(snapshot.config, schema_version=SCHEMA_VERSION)
        places = snapshot.config.places or ()
        known.check(snapshot.config, place=source, option=original.option, places=places)
        other = _open(target, machine, known)
        forgotten = original.forgotten()
        held = not anew and _holds(other, snapshot.version)
        if not held or _differences(snapshot, forgotten, other, progress=progress):
            _write(snapshot, forgotten, other, progress=progress)
            _check_arrived(snapshot, forgotten, other, progress=progress)
        return Copied(len(snapshot.documents()), snapshot.size, snapshot.version)


def _open(place: str, machine: Path, config: IndexConfig) -> HybridVectorStore:
    url = place if "://" in place else ""
    if url:
        try:
            kind_of(url)
        except ValueError as error:
            raise UserError(f"a store that is no folder: {error}") from error
    return open_index(url, machine if url else Path(place), NoEmbeddings(), config)


def _holds(target: HybridVectorStore, version: str) -> bool:
    """Tell whether a store holds that content; raises UserError where it holds another."""
    if not target.exists():
        return False
    with target.unchecked() as snapshot:
        if snapshot.version != version:
            raise UserError(
                f"{target.place} holds another index of {snapshot.size} chunks: name an empty "
                "store, or replace it with --anew"
            )
    return True


def _write(
    snapshot: Snapshot,
    forgotten: Sequence[Forgotten],
    target: HybridVectorStore,
    *,
    progress: bool,
) -> None:
    with target.write(fresh=True) as writer:
        writer.put_forgotten(forgotten)
        seen_by = snapshot.seen_by()
        for document, (root, sha256) in snapshot.documents().items():
            text = snapshot.text_of(document) or ""
            writer.put_document(
                document=document,
                root=root,
                sha256=sha256,
                text=text,
                seen_by=seen_by.get(document),
                changed=snapshot.changed([document]).get(document),
            )
        for chunks, vectors in _parts(snapshot, "copying", progress):
            writer.add(chunks, vectors)


def _check_arrived(
    snapshot: Snapshot,
    forgotten: Sequence[Forgotten],
    target: HybridVectorStore,
    *,
    progress: bool,
) -> None:
    if differ := _differences(snapshot, forgotten, target, progress=progress):
        told = ", ".join(differ)
        raise CheckFailed(f"what {target.place} holds differs from its source in {told}")


def _differences(
    snapshot: Snapshot,
    forgotten: Sequence[Forgotten],
    target: HybridVectorStore,
    *,
    progress: bool,
) -> list[str]:
    """Name what of a store differs from what it is to hold, each thing once."""
    with target.snapshot() as arrived:
        documents = snapshot.documents()
        changed = (each.changed(list(documents)) for each in (arrived, snapshot))
        differs = {
            "documents": arrived.documents() != documents,
            "dates of documents": len({frozenset(each.items()) for each in changed}) > 1,
            "who may see them": arrived.seen_by() != snapshot.seen_by(),
            "forgotten documents": set(target.forgotten()) != set(forgotten),
            "version": arrived.version != snapshot.version,
            "number of chunks": arrived.size != snapshot.size,
        }
        pairs = zip(
            _parts(snapshot, "comparing", progress), _parts(arrived, "", False), strict=False
        )
        for (ours, vectors), (theirs, stored) in pairs:
            if ours != theirs:
                differs["chunks"] = True
            if not _equal(vectors, stored):
                differs["vectors"] = True
    return [name for name, differ in differs.items() if differ]


def _equal(ours: Vectors, theirs: Vectors) -> bool:
    return ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=0, atol=ROUNDING)


def _parts(
    snapshot: Snapshot, what: str, progress: bool
) -> Iterator[tuple[list[Document], Vectors]]:
    rows = snapshot.rows()
    # disable=None hides the bar by itself where stderr is not a terminal
    with tqdm(total=len(rows), desc=what, leave=False, disable=None if progress else True) as bar:
        for at in range(0, len(rows), TOGETHER):
            part = rows[at : at + TOGETHER]
            yield snapshot.chunks(part), snapshot.stored(part)
            bar.update(len(part))
