"""Write as text what an HTML page shows without it: fields, images, raised digits, equations."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from bs4.element import Tag

from app.ingest.extracted import clean_line
from app.ingest.markup.drawings import ICONS, is_empty, label_of
from app.ingest.markup.equations import MATH, write_equation
from app.ingest.markup.tables import text_of
from app.ingest.raised import raised
from app.ingest.ticks import tick

_WRITTEN = ["sup", "input", "select", "textarea", "img", "a"]
_UNSAID = {"hidden", "password", "submit", "button", "reset", "image", "file", "search"}
_BOXES = {"checkbox", "radio"}
_AROUND_A_BOX = ["label", "td", "th", "li", "p", "dt", "dd"]
_SUPER = re.compile(r"vertical-align\s*:\s*super", re.IGNORECASE)
_ADDRESSES = {"mailto": re.compile("@"), "tel": re.compile(r"(?:\d\D*){5}")}
"""By the scheme of a link, how its text looks where that gives the address already."""


def write_controls(root: Tag) -> None:
    """Put text into fields, images, equations and raised text, from the last, so inside out."""
    for tag in reversed(root.find_all([*_WRITTEN, *ICONS, MATH])):
        if MATH.search(tag.name):
            write_equation(tag)
        elif tag.name == "a":
            tag.append(_address(tag))
        elif tag.name == "sup" or (tag.name == "span" and _SUPER.search(str(tag.get("style", "")))):
            tag.string = raised("".join(tag.strings))
        elif tag.name not in ICONS:
            tag.string = f" {_said(tag)} "
        elif is_empty(tag) and (label := label_of(tag)):
            tag.string = f" {label} "


def _said(tag: Tag) -> str:
    """Return what a field or an image says."""
    if tag.name == "img":
        return _described(tag)
    if tag.name == "select":
        return _chosen(tag)
    if tag.name == "textarea":
        return text_of(tag)
    kind = str(tag.get("type", "text")).lower()
    if kind in _BOXES:
        return _ticked(tag)
    return "" if kind in _UNSAID else str(tag.get("value", ""))


def _described(image: Tag) -> str:
    """Return the description of an image, unless it only names the file."""
    text = clean_line(str(image.get("alt", "")))
    file = PurePosixPath(urlsplit(str(image.get("src", ""))).path)
    return "" if text in (file.name, file.stem) else text


def _chosen(select: Tag) -> str:
    """Return the chosen options, or those that there are to choose."""
    options = select.find_all("option")
    chosen = [option for option in options if option.has_attr("selected")]
    return " / ".join(filter(None, map(text_of, chosen or options)))


def _ticked(box: Tag) -> str:
    """Return a box, unless nothing beside it says what it is for."""
    label = box.find_next_sibling()
    labelled = label is not None and label.name == "label" and label.get("for") == box.get("id")
    if not labelled and box.find_parent(_AROUND_A_BOX) is None:
        return ""
    return tick(is_on=box.has_attr("checked"))


def _address(link: Tag) -> str:
    """Return the address or number behind a link whose text gives none."""
    scheme, _, rest = str(link.get("href", "")).partition(":")
    address = unquote(rest.partition("?")[0]).strip()
    text = text_of(link)
    told = _ADDRESSES.get(scheme.lower())
    if told is None or not address or told.search(text):
        return ""
    return f" ({address})" if text else address
