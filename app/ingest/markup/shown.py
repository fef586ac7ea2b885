"""Leave in an HTML page only what a reader sees, all of it as text; knows nothing of blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from app.ingest.markup.controls import write_controls
from app.ingest.markup.drawings import write_drawings
from app.ingest.markup.roles import name_by_roles
from app.ingest.markup.styles import Styles
from app.ingest.markup.tables import BLOCKS, HEADINGS, LISTS, text_of

Origin = Literal["site", "book", "mail"]
"""Where a page is from: only a site has furniture around its content."""

_INVISIBLE = {"title", "script", "style", "template", "noscript", "iframe", "object"}
STRUCK = {"s", "del", "strike"}
_INVISIBLE |= {"nav", "dialog", "datalist"} | STRUCK
_TITLES = [*HEADINGS, "dt"]
_NAMING = ("aria-controls", "data-target", "data-bs-target")  # what a control opens
_PARENTS = ("p", "td", "main", "article")  # what stands in these is no menu
_FURNITURE = {"footer", "aside"}  # of the page, unless they stand in its content
_CONTENT = ["main", "article", "section", "table"]
_LISTED_LINKS = 0.8  # of a list's text; where links hold so much, it is a menu
_FEWEST_LINKS = 8
_MOST_LINKED = 0.5  # of a note's or footer's text


def leave_shown(soup: BeautifulSoup, origin: Origin) -> None:
    """Take out what is hidden, struck or furniture, and write what is no text as text."""
    name_by_roles(soup)
    shown = _Shown(soup, origin)
    write_drawings(soup, shown.leaves_out)
    for tag in [tag for tag in soup.find_all(True) if shown.leaves_out(tag)]:
        _empty(tag)
    _name_panels(soup)
    write_controls(soup)


def _empty(tag: Tag) -> None:
    """Leave of an element only its place: to take it out is slow where it has many siblings."""
    tag.clear()
    tag.name, tag.attrs = "span", {}


class _Shown:
    """What one page shows."""

    def __init__(self, soup: BeautifulSoup, origin: Origin) -> None:
        self.styles = Styles.of(soup)
        self.site = origin == "site"
        self.landmarks = soup.find(["main", "article"]) is not None
        named = (str(tag.get(key, "")) for tag in soup.find_all(True) for key in _NAMING)
        self.opened = {name.removeprefix("#") for names in named for name in names.split()}

    def leaves_out(self, tag: Tag) -> bool:
        """Tell what a reader of the page never sees, or what is the same on every page."""
        if tag.name in _INVISIBLE or self.styles.strike(tag):
            return True
        if (tag.has_attr("hidden") or self.styles.hide(tag)) and not self.is_opened(tag):
            return True
        return self.site and (_is_menu(tag) or self.is_furniture(tag) or _is_masthead(tag))

    def is_opened(self, tag: Tag) -> bool:
        """Tell a part that a reader opens: a tab's panel, or what a button names or precedes.

        A heading of a site with nothing below it but what is hidden opens that, too.
        """
        if tag.get("role") == "tabpanel" or tag.get("hidden") == "until-found":
            return True
        before = tag.find_previous_sibling()
        led = before is not None and before.name == "button" and not before.find_parent("form")
        headed = self.site and _is_all_below_a_heading(tag)
        return led or headed or tag.get("id") in self.opened

    def is_furniture(self, tag: Tag) -> bool:
        """Tell a note or footer of the site; a page without landmarks may mean its own."""
        if tag.name not in _FURNITURE or tag.find_parent([*_CONTENT, *_FURNITURE]) is not None:
            return False
        return self.landmarks or tag.find("nav") is not None or _linked(tag) >= _MOST_LINKED


def _is_all_below_a_heading(tag: Tag) -> bool:
    """Tell a block between a heading and the next one, or the end of what is around them."""
    if tag.name not in BLOCKS or not _heads(_first_said(tag.previous_siblings)):
        return False
    after = _first_said(tag.next_siblings)
    return after is None or _heads(after)


def _first_said(nodes: Iterable[PageElement]) -> PageElement | None:
    texts = (node for node in nodes if isinstance(node, Tag) or type(node) is NavigableString)
    return next((node for node in texts if isinstance(node, Tag) or node.strip()), None)


def _heads(tag: PageElement | None) -> bool:
    """Tell a heading or term, or a block that holds nothing else."""
    if not isinstance(tag, Tag):
        return False
    if tag.name in _TITLES:
        return True
    title = tag.find(_TITLES) if tag.name in BLOCKS else None
    return title is not None and text_of(title) == text_of(tag)


def opens(button: Tag) -> bool:
    """Tell a button that says what it opens and shows from one that does something."""
    shown = button.find_next_sibling()
    if shown is None or shown.name not in BLOCKS or button.find_parent("form") is not None:
        return False
    first = button.find_previous_sibling() is None
    return first or button.has_attr("aria-expanded") or button.has_attr("aria-controls")


def _is_masthead(tag: Tag) -> bool:
    """Tell a page's header with a menu from one that carries the title."""
    top = ("body", "head")  # the second where a page names neither
    on_top = tag.name == "header" and tag.parent is not None and tag.parent.name in top
    return on_top and tag.find("nav") is not None and tag.find(HEADINGS) is None


def _is_menu(tag: Tag) -> bool:
    """Tell a long list that is hardly more than links: a menu, or the page in other languages.

    A list right beside the page's title is what the page is about. One inside another is a part
    of that.
    """
    if tag.name not in LISTS or tag.find_parent([*_PARENTS, *LISTS]) is not None:
        return False
    if len(tag.find_all("a")) < _FEWEST_LINKS or _linked(tag) < _LISTED_LINKS:
        return False
    return tag.find_previous_sibling("h1") is None


def _linked(tag: Tag) -> float:
    """Return how much of an element's text is links."""
    return sum(len(text_of(link)) for link in tag.find_all("a")) / max(len(text_of(tag)), 1)


def _name_panels(soup: BeautifulSoup) -> None:
    """Write the name of each tab as the heading of the panel that it opens."""
    for tab, panel in list(_paired(soup.find_all(role="tab"), soup.find_all(role="tabpanel"))):
        name = soup.new_tag("summary", string=text_of(tab))
        panel.insert(0, name)
        _empty(tab)


def _paired(tabs: list[Tag], panels: list[Tag]) -> Iterator[tuple[Tag, Tag]]:
    """Pair tabs and panels by the ids they give, or by their order where as many give none."""
    places = {panel.get("id") or panel.get("aria-labelledby"): panel for panel in panels}
    labelled = {panel.get("aria-labelledby"): panel for panel in panels}
    if not any(places) and len(tabs) == len(panels):
        yield from zip(tabs, panels, strict=True)
        return
    for tab in tabs:
        target = str(tab.get("aria-controls") or tab.get("href", "")).removeprefix("#")
        panel = (target and places.get(target)) or labelled.get(tab.get("id") or "")
        if panel:
            yield tab, panel
