"""What an index was built with; two indexes can be mixed only when these are equal."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass, fields

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

    def check(self, found: IndexConfig, *, place: str, option: str, roots: list[str]) -> None:
        """Raise UserError, naming each difference and the command that mends it.

        `option` is what tells that command of the place, with a blank before it.
        """
        if found == self:
            return
        ours, theirs = asdict(self), asdict(found)
        differences = ", ".join(
            f"{name} {theirs[name]!r} instead of {ours[name]!r}"
            for name in ours
            if ours[name] != theirs[name]
        )
        sources = shlex.join(roots) or "PATH"
        raise UserError(
            f"the index in {place} was built with {differences}: restore those settings, or run "
            f"groundtune ingest {sources}{option} --rebuild"
        )

    @classmethod
    def from_record(cls, record: dict[str, object]) -> IndexConfig:
        """Read a stored record; one from another schema version may lack or add fields."""
        known = {field.name: record.get(field.name, "missing") for field in fields(cls)}
        return cls(**known)  # type: ignore[arg-type]  # a foreign record is compared, never used
