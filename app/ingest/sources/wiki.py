"""The articles of a wiki, from a file that MediaWiki has exported."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import fsspec
from lxml import etree

from app.errors import UserError, one_line
from app.ingest.addresses import Address
from app.ingest.content import Elsewhere, Room
from app.ingest.extracted import UnreadableFile
from app.ingest.readers import check_size
from app.ingest.scan import Found, SourceFile, Unreadable
from app.ingest.sources.port import Source
from app.ingest.wiki_pages import Page, page_of

_FORM = "wiki+file:///FOLDER/EXPORT.xml, also .xml.bz2 and .xml.gz"


class Wiki(Source):
    """The articles of an export, each in its last revision; fsspec opens it."""

    def __init__(self, url: str) -> None:
        self._address = Address(url.removeprefix("wiki+"))

    def __str__(self) -> str:
        return f"wiki+{self._address.told}"

    def find(self, room: Room) -> Found:
        """List the articles. All are unpacked when the first is read that is new or changed."""
        _check_parser(self)
        root, found, unpacked = str(self), Found(roots=[str(self)]), _Unpacked(self, room)
        for page in self._listed():
            name, origin = f"{page.title}.md", f"{root}/{page.title}.md"
            if page.left_out:
                found.left_out[page.left_out] += 1
            elif origin in found.elsewhere:
                why = "has the title of another page: export the wiki again"
                found.unreadable[origin] = Unreadable(name, why)
            else:
                found.elsewhere.add(origin)
                content = Elsewhere(page.revision, partial(unpacked.bring, page.title))
                found.files.append(SourceFile(name, origin, root, content))
        if not found.files:
            raise UserError(f"{self} holds no article: nothing was removed")
        return found

    def articles(self) -> Iterator[Page]:
        """Yield the articles, one in memory at a time; raises whatever opens or parses them."""
        return (page for page in self._pages() if not page.left_out)

    def _listed(self) -> list[Page]:
        try:
            return [page._replace(text="") for page in self._pages()]
        except Exception as error:  # a file system raises what it likes
            reason = self._address.redacted(error)
            raise UserError(f"{self} cannot be read ({reason}): expected {_FORM}") from None

    def _pages(self) -> Iterator[Page]:
        with fsspec.open(self._address.url, "rb", compression="infer") as file:
            parsed = etree.iterparse(
                file, tag="{*}page", resolve_entities=False, no_network=True, remove_comments=True
            )
            for _, element in parsed:
                yield page_of(element)
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        if etree.QName(parsed.root).localname != "mediawiki":
            raise ValueError(f"XML that begins with <{etree.QName(parsed.root).localname}>")


class _Unpacked:
    """The articles of an export as files, all of which are written when one is asked for."""

    def __init__(self, wiki: Wiki, room: Room) -> None:
        self._wiki = wiki
        self._room = room
        self._files: dict[str, Path] = {}

    def bring(self, title: str) -> Path:
        """Write one as Markdown."""
        from app.ingest.wikitext import to_markdown

        self._files = self._files or {p.title: self._kept(p.text) for p in self._wiki.articles()}
        if title not in self._files:
            raise UnreadableFile("is gone from the export")
        check_size(self._files[title].stat().st_size, self._room.max_bytes)
        text = self._files[title].read_text(encoding="utf-8")
        try:
            return self._kept(to_markdown(title, text))
        except Exception as error:  # a parser of markup that anybody may write
            raise UnreadableFile(f"has markup that cannot be read ({one_line(error)})") from error

    def _kept(self, text: str) -> Path:
        place = self._room.new(".md")
        place.write_text(text, encoding="utf-8")
        return place


def _check_parser(wiki: Wiki) -> None:
    if not find_spec("wikitextparser"):
        raise UserError(f"{wiki} needs wikitextparser: run pip install 'groundtune[wiki]'")
