"""Keep what makes each arm, and put one of them where every command and the server read it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values, set_key

from app.errors import UserError
from app.settings import Settings

FILE = "arms.json"
FIELDS = ("model", "adapter", "retrieval", "gate", "shots")


def keep_choices(folder: Path, arms: Mapping[str, Settings]) -> None:
    """Write what each arm sets, by name."""
    told = {
        name: {field: _text(getattr(settings, field)) for field in FIELDS}
        for name, settings in arms.items()
    }
    (folder / FILE).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def use(name: str, folder: Path, env: Path) -> dict[str, str]:
    """Set an arm's variables in `env`, whose other lines stay; returns them.

    Raises UserError when `folder` holds no comparison or no such arm, and when the shell sets one
    of the variables, which would win over the file.
    """
    file = folder / FILE
    if not file.exists():
        raise UserError(f"there is no comparison in {folder}: run 'groundtune compare' first")
    known = json.loads(file.read_text(encoding="utf-8"))
    if name not in known:
        raise UserError(f"{name!r} was not compared in {folder}: choose from {', '.join(known)}")
    variables = {f"GROUNDTUNE_{field.upper()}": value for field, value in known[name].items()}
    env.touch()
    before = dotenv_values(env)
    for variable, value in variables.items():
        shell = os.environ.get(variable)
        if shell is not None and shell != before.get(variable) and _text(shell) != value:
            raise UserError(
                f"{variable}={shell!r} is set in the shell and wins over {env}: unset it"
            )
    for variable, value in variables.items():
        set_key(env, variable, value, quote_mode="auto")
    return variables


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Path) or Path(str(value)).exists():
        return str(Path(str(value)).resolve())
    return str(value)
