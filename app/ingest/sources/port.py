"""What every source of documents can do."""

from __future__ import annotations

from typing import Protocol

from app.ingest.content import Room
from app.ingest.scan import Found


class Source(Protocol):
    """A place beyond this machine's folders. As a text it is its URL without credentials."""

    @property
    def given(self) -> str:
        """The URL as it is to be given again, without credentials."""
        return str(self)

    def find(self, room: Room) -> Found:
        """List what is there; raises UserError where that cannot be listed, or nothing is there."""
