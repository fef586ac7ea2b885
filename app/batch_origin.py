"""Note beside a file of answers what made them, so that no other run goes on with it.

As digests alone: settings may hold keys, and questions are private.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import UserError
from app.jsonl import Identified
from app.provenance import digest
from finetune.whole_files import write_whole

SUFFIX = ".made-by.json"


class Origin(BaseModel):
    """What answers hang on: all that makes them, and each question with what is given with it."""

    model_config = ConfigDict(frozen=True)

    made: dict[str, str]
    rows: dict[str, str]
    """By id."""

    @classmethod
    def of(cls, made: Mapping[str, Any], rows: Iterable[Identified]) -> Self:
        """Hash what `app.provenance` tells, each setting, model and package by itself."""
        parts: dict[str, Any] = {}
        for name, value in made.items():  # what models hold counts, not what settings call them
            parts |= value if isinstance(value, dict) and name != "prompts" else {name: value}
        return cls(
            made={name: digest(value) for name, value in parts.items()},
            rows={row.id: digest(row.model_dump(mode="json")) for row in rows},
        )

    def go_on(self, output: Path, known: Collection[str]) -> None:
        """Note that this makes the answers of a file from now on; it has the `known` ones already.

        Raises UserError where these were made of anything else. Where nothing tells of what, as in
        earlier releases, nothing ever will.
        """
        file = output.with_name(output.name + SUFFIX)
        if known and not file.exists():
            return
        if known:
            self._compare(_read(file), output, known)
        write_whole(file, self.model_dump_json(indent=2) + "\n")

    def _compare(self, before: Origin, output: Path, known: Collection[str]) -> None:
        names = sorted({*self.made, *before.made})
        if others := [name for name in names if before.made.get(name) != self.made.get(name)]:
            raise _mixed(f"{output} was made with another {', '.join(others)}")
        for id_ in known:
            if before.rows.get(id_) != self.rows[id_]:
                told = "with another history or other documents than the file gives with it"
                raise _mixed(f"{output} answers {id_!r} {told}")


def _read(file: Path) -> Origin:
    try:
        return Origin.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise _mixed(f"{file} does not tell what made the answers beside it") from error


def _mixed(found: str) -> UserError:
    return UserError(f"{found}: name another --output, or delete that file")
