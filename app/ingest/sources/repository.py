"""The files of a Git repository at one revision, brought by git itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from app.errors import UserError
from app.ingest.addresses import Address
from app.ingest.content import Elsewhere, Room
from app.ingest.extracted import UnreadableFile
from app.ingest.readers import check_size
from app.ingest.scan import ARCHIVE_ELSEWHERE, SUBMODULE, Found, SourceFile, left_out_by_name

_FORM = "git+https://HOST/REPOSITORY[@REVISION][#FOLDER]"
_FILE, _LINK = "100", "120"
"""What the modes of files and of links begin with."""


class _Entry(NamedTuple):
    mode: str
    blob: str
    name: str


class Repository:
    """The files of a branch, tag or commit, or those below a folder of it; without history.

    Git asks nobody for a password: it uses its own helpers and keys, or what the URL holds.
    """

    def __init__(self, url: str) -> None:
        whole, _, self._folder = url.removeprefix("git+").partition("#")
        parts = urlsplit(whole)
        path, at, revision = parts.path.rpartition("@")
        self._address = Address(parts._replace(path=path if at else parts.path).geturl())
        self._revision = revision if at else "HEAD"
        if self._revision.startswith("-") or not self._revision:
            raise UserError(f"{self} names no revision: expected {_FORM}")

    def __str__(self) -> str:
        folder = f"/{self._folder.strip('/')}" if self._folder else ""
        return f"{self._whole}{folder}"

    @property
    def given(self) -> str:
        """The URL as it is to be given again, without credentials."""
        return f"{self._whole}#{self._folder}" if self._folder else self._whole

    @property
    def _whole(self) -> str:
        revision = "" if self._revision == "HEAD" else f"@{self._revision}"
        return f"git+{self._address.told}{revision}"

    def find(self, room: Room) -> Found:
        """List the files: their names come without their bytes where the server can do that."""
        git = _Git(self._address, self._revision, room)
        root, found = str(self), Found(roots=[str(self)])
        for entry in self._entries(git):
            name = PurePosixPath(entry.name)
            found.elsewhere.add(f"{root}/{name}")
            if kind := _left_out(entry, name):
                found.left_out[kind] += 1
                continue
            content = Elsewhere(entry.blob, partial(git.bring, entry.blob, name.suffix))
            found.files.append(SourceFile(str(name), f"{root}/{name}", root, content))
        if not found.elsewhere:
            raise UserError(f"{self} holds no file: nothing was removed")
        return found

    def _entries(self, git: _Git) -> Iterator[_Entry]:
        try:
            folder = self._folder.strip("/")
            listed = git.names("ls-tree", "-r", "-z", f"FETCHED:{folder}")
        except UnreadableFile as error:
            raise UserError(f"{self} {error.reason}: check address, revision and folder") from None
        for line in filter(None, listed.decode(errors="replace").split("\0")):
            told, _, name = line.partition("\t")
            mode, _, blob = told.split()
            yield _Entry(mode, blob, name)


class _Git:
    """One revision of a repository, of which names are fetched first and bytes when wanted."""

    def __init__(self, address: Address, revision: str, room: Room) -> None:
        self._address = address
        self._revision = revision
        self._room = room

    def names(self, *command: str) -> bytes:
        """Run a command where only names are; raises UnreadableFile where that fails."""
        return self._run(self._fetched("--filter=blob:none"), *command)

    def bring(self, blob: str, suffix: str) -> Path:
        """Write a file's bytes to this machine."""
        size = int(self._run(self._whole, "cat-file", "-s", blob))
        check_size(size, self._room.max_bytes)
        target = self._room.new(suffix)
        target.write_bytes(self._run(self._whole, "cat-file", "blob", blob))
        return target

    @cached_property
    def _whole(self) -> Path:
        return self._fetched()

    def _fetched(self, *how: str) -> Path:
        place = self._room.new(".git")
        self._run(place.parent, "init", "--quiet", "--bare", str(place))
        only = ("--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head")
        self._run(place, "fetch", *only, *how, "origin", f"+{self._revision}:FETCHED")
        return place

    def _run(self, folder: Path, *command: str) -> bytes:
        try:
            done = subprocess.run(
                ["git", *command], cwd=folder, env=self._environment, capture_output=True
            )
        except FileNotFoundError:
            raise UserError("a Git repository is read by git: install it") from None
        if done.returncode:
            told = self._address.redacted(done.stderr.decode(errors="replace").strip())
            raise UnreadableFile(f"cannot be fetched ({told})")
        return done.stdout

    @property
    def _environment(self) -> dict[str, str]:
        """Tell git the address here: neither files nor lists of processes hold it then."""
        settings = {
            "remote.origin.url": self._address.url,
            "http.lowSpeedLimit": "1000",  # bytes a second, or a dead server is waited for
            "http.lowSpeedTime": "60",
        }
        numbered = {
            f"GIT_CONFIG_{what}_{number}": value
            for number, pair in enumerate(settings.items())
            for what, value in zip(("KEY", "VALUE"), pair, strict=True)
        }
        count = {"GIT_CONFIG_COUNT": str(len(settings)), "GIT_TERMINAL_PROMPT": "0"}
        ssh = {"GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")}
        return os.environ | numbered | count | ssh


def _left_out(entry: _Entry, name: PurePosixPath) -> str:
    if entry.mode.startswith(_LINK):
        return "link"
    if not entry.mode.startswith(_FILE):
        return SUBMODULE
    return left_out_by_name(name, ARCHIVE_ELSEWHERE)
