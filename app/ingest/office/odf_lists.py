"""Count the items of lists and the headings of an OpenDocument file; knows no text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from app.ingest.office.numbering import letter, roman
from app.ingest.office.odf_styles import Styles
from app.ingest.office.odf_xml import local_name, odf

_OUTLINE = "Outline"  # the name of the list that all headings are in
_FORMATS: dict[str, Callable[[int], str]] = {
    "a": letter,
    "A": lambda number: letter(number).upper(),
    "i": roman,
    "I": lambda number: roman(number).upper(),
}
_WRITTEN = odf("text:number")  # the number that some programs write beside how it is counted
_NUMBERED = {"list-level-style-number", "outline-level-style"}
_PARAGRAPHS = {"p", "h"}
_MARKS = {"number", "soft-page-break"}


class _Place(NamedTuple):
    style: str
    level: int
    counts: dict[int, int]


class Lists:
    """The counters of a document's lists and of its headings."""

    def __init__(self, styles: Styles, *sources: Any) -> None:
        """Collect how each list writes its numbers."""
        self._styles = styles
        self._levels: dict[str, dict[int, Any]] = {}
        for source in sources:
            for style in source.iter(odf("text:list-style")):
                self._levels[style.get(odf("style:name"))] = _levels(style)
            for style in source.iter(odf("text:outline-style")):
                self._levels[_OUTLINE] = _levels(style)
        self._outline: dict[int, int] = {}
        self._of_style = {_OUTLINE: self._outline}
        self._of_list: dict[str, dict[int, int]] = {}

    def heading(self, heading: Any) -> str:
        """Count a heading outside of lists and return its number; "" for one that has none."""
        level = int(heading.get(odf("text:outline-level"), "1"))
        unnumbered = self._styles.value(heading, "style:list-style-name") == ""
        if unnumbered or heading.get(odf("text:is-list-header")) == "true":
            return ""
        restarts = heading.get(odf("text:restart-numbering")) == "true"
        start = heading.get(odf("text:start-value"), "1") if restarts else None
        counted = self._counted(_Place(_OUTLINE, level, self._outline), start)
        return heading.findtext(_WRITTEN) or counted

    def items(self, element: Any, around: _Place | None = None) -> Iterator[tuple[str, list[Any]]]:
        """Yield the items of a list, and of lists inside it, as a label and what it labels.

        What it labels are paragraphs that follow each other, or one other block; what comes
        after it in the same item has the label "".
        """
        place = self._place(element, around)
        for item in element:
            label = self._label(item, place)
            blocks = (child for child in item if local_name(child) not in _MARKS)
            for _, group in groupby(blocks, key=_together):
                first, *others = group
                if local_name(first) == "list":
                    yield from self.items(first, place)
                else:
                    yield label, [first, *others]
                    label = ""

    def _place(self, element: Any, around: _Place | None) -> _Place:
        level = 1 if around is None else around.level + 1
        style = element.get(odf("text:style-name")) or (around.style if around else "")
        style = style or self._style_of_paragraph(element)
        counts = self._counts(element, style, around)
        self._of_style[style] = counts
        self._of_list[element.get("{http://www.w3.org/XML/1998/namespace}id", "")] = counts
        return _Place(style, level, counts)

    def _style_of_paragraph(self, element: Any) -> str:
        paragraph = next(element.iter(odf("text:p"), odf("text:h")), None)
        if paragraph is None:
            return ""
        return self._styles.value(paragraph, "style:list-style-name") or ""

    def _counts(self, element: Any, style: str, around: _Place | None) -> dict[int, int]:
        """Return the counters of the list that goes on here, or new ones."""
        earlier = element.get(odf("text:continue-list"))
        if earlier in self._of_list:
            return self._of_list[earlier]
        if element.get(odf("text:continue-numbering")) == "true" or style == _OUTLINE:
            return self._of_style.get(style, {})
        if around is None:
            return {}
        return around.counts if around.style == style else dict(around.counts)

    def _label(self, item: Any, place: _Place) -> str:
        """Count an item; one that holds but a list of a deeper level has no number."""
        if local_name(item) != "list-item" or not any(local_name(c) in _PARAGRAPHS for c in item):
            return ""
        counted = self._counted(place, item.get(odf("text:start-value")))
        return item.findtext(_WRITTEN) or counted

    def _counted(self, place: _Place, start: str | None) -> str:
        counts, level = place.counts, place.level
        if start is not None:
            counts[level] = int(start)
        else:
            counts[level] = counts[level] + 1 if level in counts else self._start(place)
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        return self._written(place)

    def _start(self, place: _Place) -> int:
        shape = self._levels.get(place.style, {}).get(place.level)
        return 1 if shape is None else int(shape.get(odf("text:start-value"), "1"))

    def _written(self, place: _Place) -> str:
        shape = self._levels.get(place.style, {}).get(place.level)
        if shape is None or local_name(shape) not in _NUMBERED:
            return "" if place.style == _OUTLINE else "-"
        if not shape.get(odf("style:num-format")):
            return ""
        top = place.level + 1 - int(shape.get(odf("text:display-levels"), "1"))
        shown = [self._number(place._replace(level=at)) for at in range(top, place.level + 1)]
        prefix, suffix = (shape.get(odf(f"style:num-{end}"), "") for end in ("prefix", "suffix"))
        return f"{prefix}{'.'.join(filter(None, shown))}{suffix}".strip()

    def _number(self, place: _Place) -> str:
        shape = self._levels[place.style].get(place.level)
        form = "" if shape is None else shape.get(odf("style:num-format"), "")
        number = place.counts.get(place.level, self._start(place))
        return _FORMATS.get(form, str)(number) if form else ""


def _levels(style: Any) -> dict[int, Any]:
    return {int(level.get(odf("text:level"), "0")): level for level in style}


def _together(block: Any) -> Any:
    """Give all paragraphs one key, and each other block its own."""
    return "p" if local_name(block) == "p" else block
