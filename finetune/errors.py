"""The errors of this package, each one line for the user; no torch import."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

from pydantic import ValidationError
from safetensors import SafetensorError

LOAD_ERRORS = (OSError, ValueError, KeyError, RuntimeError, ImportError, SafetensorError)
"""What libraries raise for files that are missing, damaged or unfit, or that need a package."""


class FinetuneError(ValueError):
    """Report what the user can mend; the exit code is the command line's."""

    exit_code = 3


class DataError(FinetuneError):
    """Report examples or a recipe that cannot be trained."""


class TrainingDiverged(FinetuneError):
    """Report a gradient that is no number."""

    exit_code = 2


class Fault(NamedTuple):
    """What is wrong with a value, and where in it; as text, both in one line."""

    place: str
    """Names and numbers joined by dots, as in "messages.0.role"."""
    message: str
    came: str
    """The value there, as Python writes it; empty where there is none."""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def first_fault(error: ValidationError, whole: str = "") -> Fault:
    """Return what was found wrong first; `whole` is its place where no single field is wrong."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    came = "" if first["type"] == "missing" else repr(first["input"])
    return Fault(place or whole, first["msg"], came)


def shortened(error: Exception, width: int = 300) -> str:
    """Return what an error says, shortened, in one line."""
    return textwrap.shorten(str(error) or repr(error), width)
