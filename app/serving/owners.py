"""Who uploaded each document, told to all processes by a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from app.index.audience import private_folder, private_label
from finetune.whole_files import write_whole


class Owners:
    """The users of uploads, by the paths of these in their folder."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> dict[str, str]:
        """Return the user of each upload that has one."""
        if not self._file.exists():
            return {}
        owners: dict[str, str] = json.loads(self._file.read_text(encoding="utf-8"))
        return owners

    def note(self, owners: Mapping[str, str]) -> None:
        """Replace what was noted."""
        write_whole(self._file, json.dumps(owners, ensure_ascii=False))


def is_own(name: str, user: str, owners: Mapping[str, str]) -> bool:
    """Tell whether a user uploaded a document; what is in a private folder is of its user."""
    if private_label(f"{name}/any"):
        return name.startswith(f"{private_folder(user)}/")
    return owners.get(name, user) == user
