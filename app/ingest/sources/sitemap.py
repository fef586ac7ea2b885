"""The pages of a site, as its sitemap lists them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from app.errors import UserError
from app.ingest.addresses import Address
from app.ingest.content import Elsewhere, Room
from app.ingest.extracted import UnreadableFile
from app.ingest.scan import ANOTHER_SITE, Found, SourceFile
from app.ingest.sources.files import version_of
from app.ingest.sources.port import Source
from app.ingest.sources.web import OnWeb

_GZIP = b"\x1f\x8b"
_MOST_BYTES = 50_000_000  # of one sitemap, as the protocol has it
_MOST_MAPS = 1_000


@dataclass(frozen=True)
class _Entry:
    """What a sitemap lists."""

    url: str
    changed: str
    """When it last changed, if the sitemap tells."""


class Sitemap(Source):
    """All pages of one site that a sitemap, or an index of sitemaps, lists."""

    def __init__(self, url: str) -> None:
        self._address = Address(url.removeprefix("sitemap+"))

    def __str__(self) -> str:
        return f"sitemap+{self._address.told}"

    def find(self, room: Room) -> Found:
        """Read the sitemap. Pages whose `lastmod` is known are not asked for."""
        site = urlsplit(self._address.told)
        root = f"sitemap+{site.scheme}://{site.netloc}"
        found = Found(roots=[root])
        for entry in self._entries(self._address, room):
            if not self._is_ours(entry.url):
                found.left_out[ANOTHER_SITE] += 1
                continue
            path = urlsplit(entry.url)._replace(scheme="", netloc="", fragment="").geturl()
            name = path.lstrip("/") or "/"
            found.elsewhere.add(f"{root}/{name}")
            found.files.append(SourceFile(name, f"{root}/{name}", root, self._content(entry, room)))
        if not found.files:
            raise UserError(f"{self} lists no page of its site: nothing was removed")
        return found

    def _content(self, entry: _Entry, room: Room) -> Elsewhere:
        page = OnWeb(self._opened(entry.url), self._address.told)
        version = entry.changed
        if not version:
            with suppress(UnreadableFile):  # which it will say when it is read
                version = version_of(page.told)
        return Elsewhere(version, lambda: page.bring(room))

    def _is_ours(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self._address.told)[:2]

    def _opened(self, url: str) -> Address:
        """Give a page of the site the credentials of its sitemap."""
        if not self._is_ours(url):
            told = f"leads to {Address(url).told}, which is of another site"
            raise UserError(f"{self} {told}: give that by itself")
        netloc = urlsplit(self._address.url).netloc
        return Address(urlsplit(url)._replace(netloc=netloc).geturl())

    def _entries(self, first: Address, room: Room) -> Iterator[_Entry]:
        """Yield pages; an index of sitemaps leads to further ones."""
        waiting, read = [first], 0
        while waiting:
            read += 1
            if read > _MOST_MAPS:
                raise UserError(f"{self} leads to more than {_MOST_MAPS:,} sitemaps: give these")
            kind, entries = self._read(waiting.pop(0), room)
            if kind == "sitemapindex":
                waiting += [self._opened(entry.url) for entry in entries]
            else:
                yield from entries

    def _read(self, at: Address, room: Room) -> tuple[str, list[_Entry]]:
        try:
            page = OnWeb(at, self._address.told)
            place = page.bring(Room(room.folder, _MOST_BYTES, room.numbers))
            root = etree.fromstring(_unpacked(place.read_bytes()), _parser())
        except (UnreadableFile, zlib.error, OSError, EOFError) as error:
            raise UserError(f"sitemap+{at.told} {error}: check its address") from None
        except etree.XMLSyntaxError as error:
            raise UserError(f"sitemap+{at.told} is no sitemap ({at.redacted(error)})") from None
        kind = etree.QName(root).localname
        if kind not in ("urlset", "sitemapindex"):
            raise UserError(f"sitemap+{at.told} is no sitemap, but XML that begins with <{kind}>")
        return kind, [_Entry(_child(each, "loc"), _child(each, "lastmod")) for each in root]


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    text = unpacking.decompress(data, _MOST_BYTES)
    if unpacking.unconsumed_tail:
        raise UnreadableFile("unpacks to more than 50 MB")
    return text


def _child(element: etree._Element, name: str) -> str:
    return str(element.findtext(f"{{*}}{name}") or "").strip()
