"""Files of a bucket, a server or a hub: whatever fsspec opens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from fsspec.core import get_filesystem_class, url_to_fs

from app.errors import UserError
from app.ingest.addresses import Address
from app.ingest.content import Elsewhere, Room
from app.ingest.extracted import UnreadableFile
from app.ingest.readers import check_size
from app.ingest.scan import ARCHIVE_ELSEWHERE, Found, SourceFile, left_out_by_name
from app.ingest.sources.port import Source

CHANGING = (
    *("ETag", "etag", "sha", "md5Hash", "md5"),
    *("LastModified", "Last-Modified", "last_modified", "mtime", "modified", "updated", "created"),
)
"""What file systems call that which changes with a file's bytes."""
_PART = 1_000_000


class Files(Source):
    """All files below a URL such as s3://BUCKET/FOLDER, or the one file that it names.

    Credentials are found where fsspec and its packages look for them.
    """

    def __init__(self, url: str) -> None:
        if "::" in url:
            raise UserError(f"{Address(url).told} is a chain of URLs: give one that is none")
        self._address = Address(url)

    def __str__(self) -> str:
        return self._address.told

    def find(self, room: Room) -> Found:
        """List the files."""
        try:
            self._address = Address(self._address.url, names_users=self._names_users())
            files, path = url_to_fs(self._address.url)
            files.invalidate_cache()  # or a watcher is told the first listing for ever
            listed: Mapping[str, Any] = files.find(path, detail=True)
        except ImportError as error:
            reason = self._address.redacted(error)
            raise UserError(f"{self} needs a package that is not installed: {reason}") from None
        except Exception as error:  # a file system raises what it likes
            raise UserError(
                f"{self} cannot be listed ({self._address.redacted(error)}): check its address and "
                "your credentials"
            ) from None
        if not listed:
            raise UserError(f"{self} lists no file: check its address; nothing was removed")
        return self._found(files, path, listed, room)

    def _names_users(self) -> bool:
        """Tell whether user and password may stand in such a URL, or what GitHub puts there."""
        kind = get_filesystem_class(self._address.url.partition("://")[0])
        named: Mapping[str, Any] = kind._get_kwargs_from_urls(self._address.url)
        return not named or bool({"username", "password"} & named.keys())

    def _found(self, files: Any, path: str, listed: Mapping[str, Any], room: Room) -> Found:
        alone = list(listed) == [path]
        root = str(self).rpartition("/")[0] if alone else str(self)
        above = path.rpartition("/")[0] if alone else path.rstrip("/")
        found = Found(roots=[str(self)])
        for place, told in sorted(listed.items()):
            name = PurePosixPath(place.removeprefix(above).lstrip("/"))
            found.elsewhere.add(f"{root}/{name}")
            if kind := left_out_by_name(name, ARCHIVE_ELSEWHERE):
                found.left_out[kind] += 1
                continue
            bring = partial(self._bring, files, place, name.suffix, told.get("size"), room)
            content = Elsewhere(version_of(told), bring)
            found.files.append(SourceFile(str(name), f"{root}/{name}", root, content))
        return found

    def _bring(self, files: Any, place: str, suffix: str, size: int | None, room: Room) -> Path:
        check_size(size or 0, room.max_bytes)
        try:
            with files.open(place, "rb") as source:
                return keep(source, suffix, room)
        except UnreadableFile:
            raise
        except Exception as error:  # a file system raises what it likes
            reason = self._address.redacted(error)
            raise UnreadableFile(f"cannot be fetched ({reason})") from None


def version_of(told: Mapping[str, Any]) -> str:
    """Write what a listing tells of a file's version; "" if it tells nothing."""
    found = {key: str(told[key]) for key in CHANGING if told.get(key)}
    return json.dumps(found | {"size": told.get("size")}) if found else ""


def keep(source: Any, suffix: str, room: Room) -> Path:
    """Write what a source holds to a file of this machine; refuse more than is allowed."""
    target, size = room.new(suffix), 0
    with target.open("wb") as file:
        while part := source.read(_PART):
            size += len(part)
            check_size(size, room.max_bytes)
            file.write(part)
    return target
