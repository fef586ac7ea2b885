"""Read what is printed on each page of a sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from app.ingest.extracted import clean_line

_PRINTED = [
    f"{pages}{place}" for place in ("Header", "Footer") for pages in ("odd", "first", "even")
]
_AMPERSAND = "\ue000"  # stands for the two that mean one, while codes are looked for
_PAGE = re.compile(r"&(?:[PN](?:[+-]\d+)?|\[Pages?\])")
_CODE = re.compile(r"&(?:\[\w+\]|[A-Z])")  # dates, names of files and looks


def printed(sheet: Any) -> Iterator[str]:
    """Yield the texts of a sheet's printed headers and footers."""
    for name in _PRINTED:
        item = getattr(sheet, name)
        for part in (item.left, item.center, item.right):
            for line in (part.text or "").splitlines():
                yield from _without_codes(line)


def _without_codes(line: str) -> Iterator[str]:
    """Yield what a line says beside its codes; one word beside a page's number is its name."""
    coded = line.replace("&&", _AMPERSAND)
    parts = [
        clean_line(_CODE.sub("", part).replace(_AMPERSAND, "&")) for part in _PAGE.split(coded)
    ]
    yield from (part for part in parts if part and (len(parts) == 1 or " " in part))
