"""Which version a name such as `production` stands for, and how that came about.

Readers see a switch whole or not at all and leave no trace; writers take turns.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock
from pydantic import AwareDatetime, Field, ValidationError

from finetune.errors import first_fault
from finetune.registry.manifest import Fact, RegistryError
from finetune.whole_files import write_whole

ALIASES = "aliases.json"
PRODUCTION = "production"
CANDIDATE = "candidate"


class Switch(Fact):
    """One change of an alias."""

    alias: str
    version: str
    rollback: bool = False
    forced: str | None = None
    """The refusal that was overruled, if one was."""
    at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))


class AliasRecord(Fact):
    """Where the aliases stand and every switch so far."""

    aliases: dict[str, str] = Field(default_factory=dict)
    history: tuple[Switch, ...] = ()

    def switched(self, switch: Switch) -> AliasRecord:
        """Return the record after one more switch."""
        return AliasRecord(
            aliases={**self.aliases, switch.alias: switch.version},
            history=(*self.history, switch),
        )

    def earlier(self, alias: str) -> list[str]:
        """Return what else the alias stood for, latest first; what was rolled back is forgotten."""
        stack: list[str] = []
        for switch in self.history:
            if switch.alias == alias and switch.rollback:
                # It may have passed versions that were gone.
                while stack and stack[-1] != switch.version:
                    stack.pop()
            elif switch.alias == alias:
                stack.append(switch.version)
        return [version for version in reversed(stack) if version != stack[-1]]


def read_aliases(folder: Path) -> AliasRecord:
    """Read the aliases of one name; none where nothing was ever switched.

    Raises RegistryError for a damaged record.
    """
    try:
        return AliasRecord.model_validate_json((folder / ALIASES).read_bytes())
    except FileNotFoundError:
        return AliasRecord()
    except ValidationError as error:
        raise RegistryError(
            f"{folder / ALIASES} is damaged ({first_fault(error)}): restore it, or delete it and "
            "promote again"
        ) from error


def write_aliases(folder: Path, record: AliasRecord) -> None:
    """Put the new aliases in place of the old in one step."""
    write_whole(folder / ALIASES, record.model_dump_json(indent=2))


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Keep other writers out; raises RegistryError where nothing can be written."""
    lock = FileLock(folder / f".{ALIASES}.lock")
    try:
        lock.acquire()
    except OSError as error:
        raise RegistryError(
            f"{folder} cannot be written ({error.strerror}): use a registry of your own"
        ) from error
    try:
        yield
    finally:
        lock.release()
