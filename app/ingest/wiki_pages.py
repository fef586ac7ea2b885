"""The pages of a file that MediaWiki has exported; knows no markup."""

from __future__ import annotations

from typing import Any, NamedTuple

REDIRECT = "redirect"
NO_ARTICLE = "page of a wiki that is no article"
_ARTICLES = "0"
"""Name space of articles; talk, users, files and templates have others."""


class Page(NamedTuple):
    """A page in its last revision."""

    title: str
    left_out: str
    """What it is where it is no article, else empty."""
    revision: str
    text: str


def page_of(element: Any) -> Page:
    """Return the page that an element tells of."""
    last = "{*}revision[last()]"
    redirects = element.find("{*}redirect") is not None
    is_article = element.findtext("{*}ns") in (None, _ARTICLES)
    return Page(
        title=element.findtext("{*}title") or "",
        left_out=REDIRECT if redirects else "" if is_article else NO_ARTICLE,
        revision=element.findtext(f"{last}/{{*}}id") or "",
        text=element.findtext(f"{last}/{{*}}text") or "",
    )
