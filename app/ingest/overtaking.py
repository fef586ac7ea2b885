"""Begin an ingestion anew where another process changed what it goes by before it could write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, Self, TypeVar

from app.index.forgotten import Forgotten
from app.index.port import Index, IndexWriter
from app.ingest.identity import Known

Given = ParamSpec("Given")
Made = TypeVar("Made")


class Overtaken(Exception):
    """What an ingestion is about to write was decided on what is no longer so."""


@dataclass(frozen=True)
class Held:
    """What an ingestion goes by of an index, as it was before anybody was kept from writing."""

    known: Known
    places: tuple[str, ...] | None
    """What had to be ingested to build the index anew; None where nobody noted it."""
    forgotten: Sequence[Forgotten]

    @classmethod
    def by(cls, store: Index, *, rebuild: bool) -> Self:
        """Look what an index holds; a rebuild goes by what was forgotten alone."""
        forgotten = store.forgotten()
        if rebuild or not store.exists():
            return cls({}, None, forgotten)
        with store.snapshot() as snapshot:
            return cls(snapshot.documents(), snapshot.config.places, forgotten)

    def check(self, store: Index, writer: IndexWriter, names: Iterable[str]) -> None:
        """Raise Overtaken where it is not so now that nobody else can write.

        Of documents, those of these names count, which are to be written: what happened to others
        does no harm.
        """
        now = writer.documents()
        others = any(now.get(name) != self.known.get(name) for name in names)
        if others or writer.places != self.places or {*store.forgotten()} != {*self.forgotten}:
            raise Overtaken


def again_if_overtaken(act: Callable[Given, Made]) -> Callable[Given, Made]:
    """Run it again whenever another process changed the index first."""

    @wraps(act)
    def repeated(*given: Given.args, **named: Given.kwargs) -> Made:
        while True:
            with suppress(Overtaken):
                return act(*given, **named)

    return repeated
