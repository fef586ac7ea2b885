"""What an invented organisation has and writes down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def capital(text: str) -> str:
    """Begin a text as a sentence begins."""
    return text[0].upper() + text[1:]


@dataclass(frozen=True)
class Thing:
    """What a table has a row for."""

    name: str
    group: str
    """Where another document says that it is."""
    person: str
    values: dict[str, str]
    sizes: dict[str, float]
    """Of the values that can be compared."""


@dataclass
class World:
    """An organisation of one trade, and what it has."""

    folder: str
    organisation: str
    domain: dict[str, Any]
    things: list[Thing]
    extensions: dict[str, str]
    written: dict[str, str] = field(default_factory=dict)
    """Documents by name."""

    def unkept(self) -> list[dict[str, Any]]:
        """Return the columns of its trade that it does not keep."""
        kept = {column["name"] for column in self.domain["columns"]}
        return [column for column in self.domain["all"] if column["name"] not in kept]

    def mixed(self, one: Thing, other: Thing) -> str:
        """Return one thing's name with the last word of another's; nothing if it has such."""
        name = f"{one.name.rsplit(' ', 1)[0]} {other.name.rsplit(' ', 1)[-1]}"
        return "" if name in {thing.name for thing in self.things} else name

    def document(self, kind: str) -> str:
        """Return the name of a document, as the index will have it."""
        (name,) = (name for name in self.written if name.split("/")[1].startswith(kind))
        return name
