"""The index in a store of records, as every other part of the package knows it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from langchain_core.embeddings import Embeddings

from app.errors import NoIndex, UserError, one_line
from app.index.config import IndexConfig
from app.index.forgotten import Forgotten
from app.index.records.lease import lease
from app.index.records.snapshot import RecordSnapshot
from app.index.records.state import State, forgotten_documents, kept_places, load_state
from app.index.records.tables import Database
from app.index.records.writer import RecordWriter, begin
from app.index.store import HybridVectorStore
from app.index.writer import only_writer


class RecordVectorStore(HybridVectorStore):
    """Chunks of documents with their vectors, kept in a store that knows no transactions.

    `folder` only keeps vectors that wait.
    """

    def __init__(
        self, database: Database, folder: Path, embeddings: Embeddings, config: IndexConfig
    ) -> None:
        super().__init__(folder, embeddings, config)
        self._database = database
        self._seen = 0  # the last generation that this process knows of

    @property
    def place(self) -> str:
        """Where the index is, without its key."""
        return self._database.place

    @property
    def option(self) -> str:
        """What tells a command of this place, with a blank before it."""
        return ""  # the setting names the place

    def exists(self) -> bool:
        """Tell whether anything was ingested yet."""
        with self._told():
            return load_state(self._database).config is not None

    def forgotten(self) -> list[Forgotten]:
        """Return the documents that are not to come back, whatever the index was built with."""
        with self._told():
            return forgotten_documents(self._database, load_state(self._database))

    def kept_places(self, places: Sequence[str]) -> tuple[str, ...] | None:
        """Return what `IndexWriter.put_places` keeps of places; None where they are too many."""
        return kept_places(places)

    @contextmanager
    def unchecked(self) -> Iterator[RecordSnapshot]:
        """Give the generation that holds now, whatever is written meanwhile."""
        with self._told():
            state = self._present()
            if state.config is None:
                raise NoIndex(
                    f"there is no index in {self.place}: run 'groundtune ingest PATH' first"
                )
            yield RecordSnapshot(self._database, state)

    @contextmanager
    def write(self, *, fresh: bool = False) -> Iterator[RecordWriter]:
        """Write the next generation and switch to it; see `Index.write`."""
        if not fresh and self.exists():
            self.version  # noqa: B018  # reading it checks that its choices equal ours
        place = self._database.folder or self.folder
        place.mkdir(parents=True, exist_ok=True)
        with self._told(), only_writer(place), self._lease(place) as renew:
            state = begin(self._database, self._present(), self.config, fresh=fresh)
            writer = RecordWriter(self._database, state, renew)
            yield writer
            self._seen = writer.save().generation

    def _present(self) -> State:
        state = load_state(self._database)
        if state.generation != self._seen:
            self._database.refresh()
            self._seen = state.generation
        return state

    def _lease(self, place: Path) -> AbstractContextManager[Callable[[], None]]:
        """Keep other machines from writing; on this one, the file of `only_writer` does."""
        if self._database.folder is not None:
            return nullcontext(lambda: None)
        return lease(self._database, f"{socket.gethostname()}:{place.resolve()}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._database.errors as error:
            reason = one_line(error)
            raise UserError(f"GROUNDTUNE_STORE cannot be used ({reason})") from error
