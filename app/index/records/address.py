"""Read from a URL where a store of records is, and which of its tables are an index's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

USUAL = "groundtune"


@dataclass(frozen=True)
class Address:
    """A folder or a server, and what the names of one index's tables begin with."""

    parts: SplitResult
    folder: Path | None
    """Folder of a store that runs inside this process."""
    prefix: str

    @classmethod
    def of(cls, url: str) -> Address:
        """Read a URL; a plain scheme names a folder, one with `+http` or `+https` a server."""
        parts = urlsplit(url)
        if "+" not in parts.scheme:
            return cls(parts, Path(parts.path), USUAL)
        return cls(parts, None, parts.path.strip("/") or USUAL)

    def place(self, store: str) -> str:
        """Tell where it is, in words and without its key."""
        return f"{store} ({self.folder or self.parts.hostname})"

    def whole(self, name: str) -> str:
        """Return the name that a table has in the store."""
        return f"{self.prefix}_{name}"

    def own(self, names: Iterable[str]) -> list[str]:
        """Return this index's tables among the store's, by their own names."""
        begin = self.whole("")
        return [name.removeprefix(begin) for name in names if name.startswith(begin)]
