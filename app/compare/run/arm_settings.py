"""Keep what makes each arm, and put one of them where every command and the server read it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values, set_key
from pydantic import SecretStr

from app.errors import UserError
from app.models.adapters import find_adapter
from app.settings import Settings, as_variable

FILE = "arms.json"
PREFIX = "GROUNDTUNE_"


def keep_choices(folder: Path, arms: Mapping[str, Settings]) -> None:
    """Write every setting of each arm as variables, by name; keys are left to whoever has them."""
    variables = {name: _variables(settings) for name, settings in arms.items()}
    (folder / FILE).write_text(json.dumps(variables, indent=2) + "\n", encoding="utf-8")


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
    variables: dict[str, str] = known[name]
    env.touch()
    _check_shell(variables, env)
    for variable, value in variables.items():
        set_key(env.resolve(), variable, value, quote_mode="auto")  # never in place of a link
    return variables


def _variables(settings: Settings) -> dict[str, str]:
    """Return settings as they mean the same tomorrow and in every folder."""
    pinned = settings.model_copy(update={"adapter": _pinned(settings)})
    values = {name: getattr(pinned, name) for name in Settings.model_fields}
    keys = {name for name in values if _is_key(name)}
    return {f"{PREFIX}{n.upper()}": as_variable(n, v) for n, v in values.items() if n not in keys}


def _is_key(name: str) -> bool:
    annotation = Settings.model_fields[name].annotation
    return annotation is not None and SecretStr in getattr(annotation, "__args__", (annotation,))


def _pinned(settings: Settings) -> str:
    """Name a registered adapter with its version: another may be in production tomorrow."""
    name = settings.adapter
    adapter = find_adapter(name, model=settings.model, registry=settings.registry)
    return adapter.label if adapter and adapter.label.startswith(f"{name}@") else name


def _check_shell(variables: Mapping[str, str], env: Path) -> None:
    before, now = dotenv_values(env), _variables(Settings())
    for variable, value in variables.items():
        shell = os.environ.get(variable)
        if shell in (None, before.get(variable)) or now[variable] == value:
            continue
        raise UserError(f"{variable}={shell!r} is set in the shell and wins over {env}: unset it")
