"""Parse the parts of OpenDocument files and name their elements; knows no styles."""

from __future__ import annotations

from functools import cache
from typing import Any

from lxml import etree

_BASE = "urn:oasis:names:tc:opendocument:xmlns:"


@cache
def odf(name: str) -> str:
    """Write out the namespace of a name such as "text:p"."""
    space, _, local = name.partition(":")
    return f"{{{_BASE}{space}:1.0}}{local}"


def local_name(element: Any) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def parsed(part: bytes) -> Any:
    """Parse a part of a package; blanks between two runs of text stay, for they part words."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(part, parser)
