"""Decide between the forms in which an office document holds what old programs do not know."""

from __future__ import annotations

from typing import Any

_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"


def take_choices(element: Any) -> None:
    """Put what stands in two forms, for new programs and for old ones, in its first form."""
    for alternatives in list(element.iter(f"{_COMPATIBILITY}AlternateContent")):
        for child in alternatives.findall(f"{_COMPATIBILITY}Choice[1]/*"):
            alternatives.addprevious(child)
        alternatives.getparent().remove(alternatives)
