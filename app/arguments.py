"""Read a command's arguments: paths as they are written, and what is wrong with one in words."""

from __future__ import annotations

import json
import re
import unicodedata
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any

from pydantic_settings import BaseSettings, CliSettingsSource

from app.errors import UserError
from app.idle_flags import is_positional

NEAR = 0.65
"""Share of equal characters from which a flag may have been meant."""
_FLAGS = re.compile(r"(?<![\w-])--?[a-z][\w.-]*")
"""The flags in a parser's usage."""


def arguments_of(command: type[BaseSettings], verb: str) -> CliSettingsSource[Any]:
    """Return what reads a command's arguments; a fault in them raises UserError."""
    return CliSettingsSource(
        command,
        cli_prog_name=f"groundtune {verb}",
        cli_exit_on_error=False,
        case_sensitive=False,
        parse_args_method=partial(_read, command),
    )


def _read(
    command: type[BaseSettings],
    parser: ArgumentParser,
    arguments: Sequence[str],
    namespace: Namespace | None,
) -> Namespace:
    read, left = parser.parse_known_args(arguments, namespace)
    if left:
        raise UserError(f"unrecognized arguments: {' '.join(left)}: {_advice(left, parser)}")
    for name, value in vars(read).items():
        given = is_positional(command, name)
        _check(value, f"{'the ' if given else '--'}{name.replace('_', '-')}", every=given)
        if given and isinstance(value, list) and value:
            # Else the library reads them as JSON without quotes, and splits names at commas.
            setattr(read, name, json.dumps(value))
    return read


def _check(value: object, told: str, *, every: bool) -> None:
    """Raise UserError for an empty text, which would count as not given, and for one of no text."""
    texts = [text for text in (value if isinstance(value, list) else [value]) if text is not None]
    if value == "" or (every and "" in texts):
        raise UserError(f"{told} is empty: give a value, or leave it out")
    for text in texts:
        if isinstance(text, str) and any(unicodedata.category(char) == "Cs" for char in text):
            raise UserError(f"{told} came as {text!r}, which is not UTF-8: write or rename it so")


def _advice(left: Sequence[str], parser: ArgumentParser) -> str:
    """Say what to do about arguments that no command takes."""
    flags = [each for each in left if unicodedata.category(each[:1] or " ") == "Pd"]
    if not flags:
        return "put quotation marks around a text with blanks, and name all paths side by side"
    flag = flags[0].partition("=")[0]
    near = get_close_matches(flag, _FLAGS.findall(parser.format_usage()), n=2, cutoff=NEAR)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}'{parser.prog} --help' shows every flag"
