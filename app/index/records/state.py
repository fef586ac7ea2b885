"""Which generation of the index holds now: one record, so that a switch is one write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.index.config import IndexConfig
from app.index.forgotten import Forgotten, as_list
from app.index.records.tables import ID, PART, Database, OneOf, Record, joined

CHUNKS, DOCUMENTS = KINDS = ("chunks", "documents")
FORGOTTEN = "forgotten"
POINTER, ROW = "index", 1
CHANGED = "changed"  # a document's field


@dataclass(frozen=True, kw_only=True)
class State:
    """A generation. Its tables were begun when all content was last written anew."""

    generation: int = 0
    began: int = 0
    """Generation that began the tables."""
    before: int = 0
    """The same of the generation before this one, which readers may still have open."""
    next_row: int = 1
    version: str = ""
    config: dict[str, Any] | None = None
    """None before the first ingestion."""
    forgotten: int = 0
    """Generation that wrote the list of documents that are not to come back; zero for none."""

    def table(self, kind: str) -> str:
        """Name the table of that kind."""
        return table_name(kind, self.began)

    def index_config(self) -> IndexConfig:
        """Return the choices that the index was built with."""
        return IndexConfig.from_record(self.config or {})


def table_name(kind: str, began: int) -> str:
    """Name the table of that kind which a generation began."""
    return f"{kind}_{began:06d}"


def is_table_name(name: str) -> bool:
    """Tell whether `table_name` writes this name, as it writes none of another index's."""
    kind, _, began = name.rpartition("_")
    known = kind in (*KINDS, FORGOTTEN) and began.isdecimal()
    return known and name == table_name(kind, int(began))


def forgotten_documents(database: Database, state: State) -> list[Forgotten]:
    """Return the documents that are not to come back."""
    if not state.forgotten:
        return []
    table = database.table(table_name(FORGOTTEN, state.forgotten))
    return as_list(joined(table, table.rows([OneOf(ID, [FORGOTTEN])])))


def kept_places(places: Sequence[str]) -> tuple[str, ...] | None:
    """Return places as a state keeps them, in its one record; None where they are too many."""
    return tuple(places) if len(json.dumps(places)) <= PART else None


def load_state(database: Database) -> State:
    """Return the generation that holds now; the zeroth where nothing was ingested yet."""
    if POINTER not in database.names():
        return State()
    found = database.table(POINTER).get([ROW])
    return State(**json.loads(found[0].text)) if found else State()


def save_state(database: Database, state: State) -> None:
    """Switch to a generation; everything that belongs to it is written before."""
    database.create(POINTER)
    record = Record(row=ROW, text=json.dumps(asdict(state)), fields={ID: POINTER})
    database.table(POINTER).put([record])
