"""Read from a URL where a store of records is, and which of its tables are an index's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from app.errors import UserError

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
        """Read a URL; a plain scheme names a folder, one with `+http` or `+https` a server.

        Raises UserError, which repeats nothing of the URL, where its port is none.
        """
        parts = urlsplit(url)
        if "+" not in parts.scheme:
            return cls(parts, Path(parts.path), USUAL)
        _check_port(parts)
        return cls(parts, None, parts.path.strip("/") or USUAL)

    @property
    def user(self) -> str:
        """Who asks, as the server knows them; empty where the URL names nobody."""
        return unquote(self.parts.username or "")

    @property
    def key(self) -> str:
        """The key or password; empty where the URL has none."""
        return unquote(self.parts.password or "")

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


def _check_port(parts: SplitResult) -> None:
    try:
        _ = parts.port
    except ValueError:  # says a piece of the key, where that has a mark of URLs
        raise UserError(
            "GROUNDTUNE_STORE: its port is no number up to 65535: see to it, and write marks in a "
            "user, key or password percent-encoded, / as %2F and @ as %40"
        ) from None
