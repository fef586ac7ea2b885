"""An index as the members of some groups see it: for them, no other document exists.

Every search and read goes through a snapshot, so what is hidden is hidden in one place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from langchain_core.documents import Document

from app.index.audience import SEEN_BY, labelled, sees
from app.index.forgotten import Forgotten
from app.index.port import Filter, IndexWriter, Snapshot
from app.index.store import HybridVectorStore
from app.index.vectors import Vectors


@dataclass(frozen=True)
class Sight:
    """What a view shows of one version of an index."""

    labels: dict[str, str]
    """Of the documents that not everybody may see, by name."""
    seen: frozenset[str | None]
    """The labels whose documents are shown."""

    @classmethod
    def of(cls, labels: dict[str, str], groups: Collection[str]) -> Sight:
        """Compare each label with the groups."""
        shown = {label for label in labels.values() if sees(groups, label)}
        return cls(labels, frozenset({None, *shown}))

    def shows(self, document: str) -> bool:
        """Tell whether a document is shown."""
        return self.labels.get(document) in self.seen

    def within(self, where: Filter | None) -> Filter | None:
        """Narrow a filter to what is shown."""
        if self.seen.issuperset(self.labels.values()):
            return where
        shown = sorted(label for label in self.seen if label is not None)
        return {**(where or {}), SEEN_BY: [None, *shown]}


class SeenSnapshot:
    """A snapshot without what is hidden; see `Snapshot`."""

    def __init__(self, snapshot: Snapshot, sight: Sight) -> None:
        self._snapshot = snapshot
        self._sight = sight
        self.config = snapshot.config
        self.version = snapshot.version

    @property
    def size(self) -> int:
        """Number of chunks that are shown."""
        return len(self.rows())

    def rows(self, where: Filter | None = None) -> Sequence[int]:
        """Return the rows whose metadata fits the filter, in the order of their adding."""
        return self._snapshot.rows(self._sight.within(where))

    def dense(
        self, vector: Vectors, k: int, where: Filter | None = None
    ) -> list[tuple[int, float]]:
        """Return the rows nearest to a normalised vector and their cosine, best first."""
        return self._snapshot.dense(vector, k, self._sight.within(where))

    def lexical(
        self, question: str, k: int, where: Filter | None = None
    ) -> list[tuple[int, float]]:
        """Return the rows that share words with a question; a higher score is better."""
        return self._snapshot.lexical(question, k, self._sight.within(where))

    def chunks(self, rows: Sequence[int]) -> list[Document]:
        """Return the chunks of rows that were found, without the names of groups."""
        return _unlabelled(self._snapshot.chunks(rows))

    def get(self, ids: Sequence[str]) -> list[Document]:
        """Return the chunks with these ids that are shown, in their order."""
        found = self._snapshot.get(ids)
        return _unlabelled([c for c in found if c.metadata.get(SEEN_BY) in self._sight.seen])

    def stored(self, rows: Sequence[int]) -> Vectors:
        """Return the vectors of rows that were found, in their order."""
        return self._snapshot.stored(rows)

    def documents(self) -> dict[str, tuple[str, str]]:
        """Return root and content hash of each document that is shown, by its name."""
        found = self._snapshot.documents()
        return {name: place for name, place in found.items() if self._sight.shows(name)}

    def seen_by(self) -> dict[str, str]:
        """Return nothing: who else may see a document is told to nobody."""
        return {}

    def changed(self, documents: Sequence[str]) -> dict[str, str]:
        """Return when the files of documents that are shown were last changed, by name."""
        return self._snapshot.changed([name for name in documents if self._sight.shows(name)])

    def text_of(self, document: str) -> str | None:
        """Return a document's whole text, or None for one that is hidden or not there."""
        return self._snapshot.text_of(document) if self._sight.shows(document) else None


class SeenStore(HybridVectorStore):
    """An index as members of these groups see it; it cannot be written."""

    def __init__(self, whole: HybridVectorStore, groups: Collection[str]) -> None:
        super().__init__(whole.folder, whole.embeddings, whole.config)
        self._whole = whole
        self._groups = frozenset(groups)
        self._sight: tuple[str, Sight] | None = None

    @property
    def place(self) -> str:
        """Where the index is, in words."""
        return self._whole.place

    def exists(self) -> bool:
        """Tell whether anything was ingested yet."""
        return self._whole.exists()

    def forgotten(self) -> list[Forgotten]:
        """Return nothing: what was forgotten is told to nobody."""
        return []

    @contextmanager
    def unchecked(self) -> Iterator[Snapshot]:
        """Give one state of the index, without what is hidden."""
        with self._whole.unchecked() as snapshot:
            yield SeenSnapshot(snapshot, self._sight_of(snapshot))

    def write(self, *, fresh: bool = False) -> AbstractContextManager[IndexWriter]:
        """Refuse: whoever writes must see all that is there."""
        raise PermissionError("a view of an index cannot be written: write to the whole index")

    def _sight_of(self, snapshot: Snapshot) -> Sight:
        """Return what is shown of a state; a version names its labels too."""
        known = self._sight
        if known is None or known[0] != snapshot.version:
            known = (snapshot.version, Sight.of(self._whole.labels_of(snapshot), self._groups))
            self._sight = known
        return known[1]


def _unlabelled(chunks: list[Document]) -> list[Document]:
    for chunk in chunks:
        chunk.metadata = labelled(chunk.metadata, None)
    return chunks
