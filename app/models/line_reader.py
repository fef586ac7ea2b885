"""The shipped reader, loaded once for all that ask it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from app.models.base import resolve_embedding_model
from app.models.names import BUILTIN_EMBEDDINGS
from finetune.registry.fingerprint import sha256_of
from finetune.verification.reader import Reader, Reading, RowEncoder, read

SHIPPED = Path(__file__).parents[2] / "finetune" / "reader"


@cache
def reader_fingerprint(folder: Path = SHIPPED) -> str:
    """Hash a reader's files, once in a process."""
    hashes = [sha256_of(file) for file in sorted(folder.iterdir()) if file.is_file()]
    return sha256("".join(hashes).encode()).hexdigest()


class LineReader:
    """Reads lines for queries; see `finetune.verification.reader.read`."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        encoder = resolve_embedding_model(BUILTIN_EMBEDDINGS)
        assert isinstance(encoder, Path), "the built-in encoder is a folder"
        self._reader = Reader.load(folder, encoder)
        self._rows = RowEncoder(encoder)

    def read(self, rows: Sequence[tuple[str, str]]) -> list[Reading]:
        """Read each (query, lines)."""
        return read(self._reader, self._rows, rows)
