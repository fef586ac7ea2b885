"""Tell whoever gave a flag that it would do nothing, instead of leaving it out without a word."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from pydantic_settings import BaseSettings, CliPositionalArg

from app.errors import UserError

POSITIONAL = get_args(CliPositionalArg[str])[1]


def refuse_idle(command: BaseSettings, *names: str, where: str) -> None:
    """Raise UserError if a flag was given that does nothing there.

    Names must be the command's own flags: a setting may come from a variable as well.
    """
    given = [name for name in names if name in command.model_fields_set]
    idle = [_written(command, name) for name in given if getattr(command, name) is not False]
    if idle:
        have, them = ("has", "it") if len(idle) == 1 else ("have", "them")
        raise UserError(f"{', '.join(idle)} {have} no effect {where}: leave {them} out")


def refuse_idle_of_batch(command: BaseSettings, batch: Path | None) -> None:
    """Raise UserError for what only a batch or only a single question takes."""
    if batch is None:
        refuse_idle(command, "output", "together", where="without --batch")
    else:
        refuse_idle(command, "question", "answer", "json_", where="with --batch")


def is_positional(command: type[BaseSettings], name: str) -> bool:
    """Tell whether a command takes this by its place, and not by a flag."""
    field = command.model_fields.get(name)
    return field is not None and POSITIONAL in field.metadata


def _written(command: BaseSettings, name: str) -> str:
    if is_positional(type(command), name):
        return f"the {name}"
    field = type(command).model_fields[name]
    return f"--{(field.alias or name).replace('_', '-')}"
