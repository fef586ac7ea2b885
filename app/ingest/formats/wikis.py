"""Read the articles of a MediaWiki export that is one file among others; knows no markup."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from app.errors import one_line
from app.ingest.extracted import TextBuilder
from app.ingest.formats.elements import local
from app.ingest.formats.markdown import add_markdown
from app.ingest.wiki_pages import NO_ARTICLE, REDIRECT, Page, page_of

_LEFT_OUT = {REDIRECT: "redirects", NO_ARTICLE: "pages of a wiki that are no articles"}


def is_wiki(root: Any, builder: TextBuilder) -> bool:
    """Tell an export whose markup can be read; what reads it is an extra."""
    if local(root) != "mediawiki":
        return False
    if find_spec("wikitextparser"):
        return True
    missing = "pip install 'groundtune[wiki]' reads it"
    builder.note(f"markup of MediaWiki, which stands as it is written: {missing}")
    return False


def add_wiki(root: Any, builder: TextBuilder) -> None:
    """Add each article in its last revision, under its title."""
    for page in map(page_of, root.iterfind("{*}page")):
        if page.left_out:
            builder.note(_LEFT_OUT[page.left_out])
        else:
            _add_article(page, builder)


def _add_article(page: Page, builder: TextBuilder) -> None:
    from app.ingest.wikitext import to_markdown

    try:
        text = to_markdown(page.title, page.text)
    except Exception as error:  # a parser of markup that anybody may write
        builder.note(f"the page {page.title}, whose markup cannot be read ({one_line(error)})")
    else:
        add_markdown(text, builder)
