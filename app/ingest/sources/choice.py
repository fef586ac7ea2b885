"""Tell folders from sources elsewhere by how they are written; opens none of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from app.errors import UserError
from app.ingest.sources.database import Rows
from app.ingest.sources.files import Files
from app.ingest.sources.port import Source
from app.ingest.sources.repository import Repository
from app.ingest.sources.sitemap import Sitemap
from app.ingest.sources.web import Page
from app.ingest.sources.wiki import Wiki

_KINDS: dict[str, Callable[[str], Source]] = {
    "git": Repository,
    "http": Page,
    "https": Page,
    "sitemap": Sitemap,
    "sql": Rows,
    "wiki": Wiki,
}
"""By what a URL's scheme begins with, up to a +; all others are for fsspec."""


def places_of(given: Sequence[str | Path]) -> list[Path | Source]:
    """Return the folders, files and sources that texts name.

    Raises UserError for URLs of no known form, and for two that name the same thing.
    """
    places = {text: _place(text) for text in given}
    told = [str(place) for place in places.values() if not isinstance(place, Path)]
    for name in told:
        if told.count(name) > 1:
            raise UserError(
                f"two URLs name {name}: they differ only in what is not kept of them, so give one"
            )
    return list(places.values())


def _place(text: str | Path) -> Path | Source:
    scheme, separator, rest = str(text).partition("://")
    if isinstance(text, Path) or not separator:
        return Path(text)
    if scheme == "file":
        return Path(rest)
    return _KINDS.get(scheme.partition("+")[0], Files)(text)
