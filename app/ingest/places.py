"""List what lies in the places that are given, and write these so that they can be given again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from app.homes import at_home
from app.ingest.addresses import is_url
from app.ingest.content import Room
from app.ingest.identity import is_below
from app.ingest.scan import Found, find_files, is_there
from app.ingest.sources.port import Source


def find(places: Sequence[Path | Source], room: Room | None, *, archives: bool) -> Found:
    """List the files of folders and sources."""
    here = [place for place in places if isinstance(place, Path)]
    found = find_files(here, room if archives else None)
    for source in places:
        if room is not None and not isinstance(source, Path):
            found.add(source.find(room))
    return found


def as_given_again(place: Path | Source) -> str:
    """Write a place so that it names the same from whichever folder it is given again."""
    return str(at_home(place).absolute()) if isinstance(place, Path) else place.given


def noted(
    places: Iterable[Path | Source],
    before: Sequence[str] | None,
    *,
    found: Collection[str],
    others: Collection[str],
) -> tuple[str, ...] | None:
    """Return what has to be given to build an index anew, of what was and what is given.

    `found` are the files that these places hold, `others` those of the index's other documents.
    None where it was not noted what brought the others. A folder that is gone counts as long as
    any of the files was in it.
    """
    if before is None and others:
        return None
    files = [*found, *others]
    kept = (at for at in before or () if is_url(at) or is_there(at) or _holds(at, files))
    return tuple(sorted({*map(as_given_again, places), *kept}))


def _holds(place: str, files: Iterable[str]) -> bool:
    there = str(Path(place).resolve())  # as files are named, also where a link leads nowhere now
    return any(is_below(file, [there]) for file in files)
