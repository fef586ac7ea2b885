"""Take documents out of an index so that they do not come back, and let them in again."""

from __future__ import annotations

from collections.abc import Sequence

from app.index.forgotten import Forgotten
from app.index.journal import delete_journal
from app.index.port import Index
from app.ingest.identity import origin
from app.timestamps import timestamp


def with_copies(document: str, store: Index) -> list[Forgotten]:
    """Return a document of the index and those that hold the same bytes, as they are noted.

    Empty where the index does not hold it.
    """
    known = store.documents() if store.exists() else {}
    if document not in known:
        return []
    now = timestamp()
    same = sorted(name for name in known if known[name][1] == known[document][1])
    return [
        Forgotten(
            document=name, path=origin(known[name][0], name), sha256=known[name][1], since=now
        )
        for name in [document, *(name for name in same if name != document)]
    ]


def noted(document: str, store: Index) -> list[Forgotten]:
    """Return a forgotten document and those that held the same bytes; empty if it was not."""
    known = store.forgotten()
    hashes = {each.sha256 for each in known if each.document == document}
    same = [each for each in known if each.sha256 in hashes]
    return sorted(same, key=lambda each: each.document != document)


def forget(documents: Sequence[Forgotten], store: Index) -> None:
    """Remove documents with all that was kept for readers, and note that they stay out.

    Whoever is interrupted can go on with `overwrite` once `with_copies` finds nothing.
    """
    with store.write() as writer:
        for each in documents:
            writer.delete_document(each.document)
        paths = {each.path for each in documents}
        others = [each for each in store.forgotten() if each.path not in paths]
        writer.put_forgotten([*others, *documents])
        delete_journal(store.folder)
    overwrite(store)


def overwrite(store: Index) -> None:
    """Delete what was replaced and is kept for readers: `Index.write` says for how long."""
    for _ in range(2):
        with store.write():
            pass


def recall(document: str, store: Index) -> list[Forgotten]:
    """Let a document in again, with those that hold the same bytes; returns them."""
    if back := noted(document, store):
        with store.write() as writer:
            writer.put_forgotten([each for each in store.forgotten() if each not in back])
    return back
