"""Fill in the ~ of a path."""

from __future__ import annotations

from pathlib import Path

from app.errors import UserError


def at_home(path: Path | str) -> Path:
    """Return a path with its ~ filled in; raises UserError for one whose home nobody knows."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise UserError(
            f"{path}: this machine knows no home folder for it: set HOME, or name it without ~"
        ) from error
