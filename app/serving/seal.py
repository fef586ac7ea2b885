"""Seal drafts that wait for a person, so that only the server reads them."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet

from app.serving.settings import ServerSettings

FILE = "seal.key"


class FernetSeal:
    """Encrypts by a key that the servers of a state folder share."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)

    def seal(self, text: str) -> str:
        """Return the text as nobody can read it."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return a text that was sealed."""
        return self._fernet.decrypt(sealed.encode()).decode()


def seal_of(settings: ServerSettings) -> FernetSeal | None:
    """Return what hides drafts, where some users may not read what others are to review."""
    if not (settings.review_below and settings.reviewers):
        return None
    file = settings.state / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    _make(file)
    return FernetSeal(file.read_bytes())


def _make(file: Path) -> None:
    """Write a new key unless there is one; whoever is first wins."""
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(Fernet.generate_key())
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
