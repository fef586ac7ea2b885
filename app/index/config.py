"""What an index was built with; two indexes can be mixed only when these are equal."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from app.errors import UserError

SCHEMA_VERSION = 3  # also to be raised when the same text gives other chunks


@dataclass(frozen=True, kw_only=True)
class IndexConfig:
    """The choices that an index's vectors and spans depend on."""

    embedding_model: str
    dimension: int
    chunk_size: int
    chunk_overlap: int
    schema_version: int = SCHEMA_VERSION
    places: tuple[str, ...] | None = field(default=None, compare=False, repr=False)
    """What has to be ingested to build the index anew: no choice, and never compared. None where
    nobody noted it, as in indexes of earlier releases."""

    def check(self, found: IndexConfig, *, place: str, option: str, places: Sequence[str]) -> None:
        """Raise UserError, naming each difference and the command that mends it.

        `option` is what tells that command of the place, with a blank before it.
        """
        if found == self:
            return
        pairs = [
            (each.name, getattr(found, each.name), getattr(self, each.name))
            for each in fields(self)
            if each.compare
        ]
        differences = ", ".join(
            f"{name} {theirs!r} instead of {ours!r}"
            for name, theirs, ours in pairs
            if theirs != ours
        )
        sources = shlex.join(places) or "PATH"
        raise UserError(
            f"the index in {place} was built with {differences}: restore those settings, or run "
            f"groundtune ingest {sources}{option} --rebuild"
        )

    def going_on(self, record: dict[str, object] | None) -> IndexConfig:
        """Return these choices with the places of a stored record, where there is one."""
        if record is None or self.places is not None:
            return self
        return replace(self, places=IndexConfig.from_record(record).places)

    @classmethod
    def from_record(cls, record: dict[str, object]) -> IndexConfig:
        """Read a stored record; one from another schema version may lack or add fields."""
        known = {each.name: record.get(each.name, "missing") for each in fields(cls)}
        places = record.get("places")
        known["places"] = tuple(places) if isinstance(places, list | tuple) else None
        return cls(**known)  # type: ignore[arg-type]  # a foreign record is compared, never used
