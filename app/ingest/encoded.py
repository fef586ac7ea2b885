"""Leave out pictures and files that are written as letters and digits inside data."""

from __future__ import annotations

import re

from app.ingest.extracted import TextBuilder

_LETTERS = "A-Za-z0-9+/_-"
_WRAPPED = 60  # characters; lines of encoded data are at least so long
_RUN = re.compile(
    rf"(?<![{_LETTERS}])[{_LETTERS}]{{{_WRAPPED},}}+(?:\s[{_LETTERS}]{{{_WRAPPED},}}+)*+"
    rf"(?:\s?[{_LETTERS}]*={{1,2}}|\n[{_LETTERS}]+\s*\Z)?"
)
_SHORTEST = 500  # characters; keys and signatures are shorter
_KINDS = tuple(map(re.compile, ("[A-Z]", "[a-z]", "[0-9]")))  # sequences of genes have one


def without_encoded(text: str, builder: TextBuilder) -> str:
    """Write "(encoded data)" for Base64, and tell the builder that it is left out."""
    return _RUN.sub(lambda run: _told(run[0], builder), text) if len(text) >= _SHORTEST else text


def _told(run: str, builder: TextBuilder) -> str:
    if len(run) < _SHORTEST or not all(kind.search(run) for kind in _KINDS):
        return run
    builder.note("files inside it that are encoded as letters and digits")
    return "(encoded data)"
