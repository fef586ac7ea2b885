"""Write the series of a chart as a table; knows no file format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from app.ingest.number_formats.sections import sections
from app.ingest.number_formats.shown import shown
from app.ingest.office.slide_text import paragraph_text
from app.ingest.tables.cells import check_size

Chart = tuple[str, list[list[str]]]
"""A title, and a row for each category below the names of the columns."""

Points = dict[int, str]
"""What is shown at each place of a series, counted from 0."""

MOST_SPANNED = 10_000  # points of a series; a broken file may name any number

_PARAGRAPH = "{http://schemas.openxmlformats.org/drawingml/2006/main}p"


class Series(NamedTuple):
    """Values that are drawn alike."""

    across: str
    """What the categories are, if it is told."""
    categories: Points
    columns: list[tuple[str, Points]]
    """The name of each column of values."""


def chart_of(title: str, series: Sequence[Series]) -> Chart:
    """Put series side by side, those with other categories in rows of their own."""
    head = next((one.across for one in series if one.across), "Category")
    names = [name for one in series for name, _ in one.columns]
    groups = [_Group(categories, members, series) for categories, members in _groups(series)]
    check_size(sum(len(group.places) for group in groups) * (len(names) + 1))
    rows = [row for group in groups for row in group.rows()]
    return title, [[head, *names], *rows] if rows else []


def title_of(element: Any, space: str) -> str:
    """Return the title of a chart or an axis, typed or taken from a cell."""
    title = None if element is None else element.find(f"{space}title")
    if title is None:
        return ""
    typed = " ".join(filter(None, map(paragraph_text, title.iter(_PARAGRAPH))))
    return typed or " ".join(value.text or "" for value in title.iter(f"{space}v"))


def measured(name: str, by: str) -> str:
    """Name a column of values by its series and by the title of their axis, often a unit."""
    return f"{name} ({by})" if by and name and by != name else name or by or "Value"


def point_text(text: str, shape: str | None, days: int = 0) -> str:
    """Write a stored point, a number as its format shows it, so many days later if it is a date."""
    if shape is None:  # of texts
        return text
    try:
        number = float(text)
    except ValueError:  # as #N/A
        return text
    return shown(number + days if sections(shape)[0].is_moment else number, shape)


def joined(levels: list[Points]) -> Points:
    """Join the levels of categories, of which the outer ones hold until the next of them."""
    if not levels:
        return {}
    inner, *outer = levels
    categories, above = {}, [""] * len(outer)
    for at in sorted(set().union(*levels)):
        above = [level.get(at, before) for level, before in zip(outer, above, strict=True)]
        categories[at] = " ".join(filter(None, [*reversed(above), inner.get(at, "")]))
    return categories


def _groups(series: Sequence[Series]) -> list[tuple[Points, set[int]]]:
    """Return which series name the same categories, or none, and all that they name."""
    groups: list[tuple[Points, set[int]]] = []
    for at, one in enumerate(series):
        fitting = (group for group in groups if _agree(group[0], one.categories))
        categories, members = next(fitting, ({}, set[int]()))
        if not members:
            groups.append((categories, members))
        categories.update(one.categories)
        members.add(at)
    return groups


def _agree(known: Points, categories: Points) -> bool:
    return all(known.get(at, category) == category for at, category in categories.items())


class _Group:
    """Series with the same categories among all series of a chart."""

    def __init__(self, categories: Points, members: set[int], series: Sequence[Series]) -> None:
        self._categories = categories
        self._columns = [
            values if at in members else {}
            for at, one in enumerate(series)
            for _, values in one.columns
        ]
        self.places = sorted(set(categories).union(*self._columns))

    def rows(self) -> Iterator[list[str]]:
        for at in self.places:
            values = (column.get(at, "") for column in self._columns)
            yield [self._categories.get(at, str(at + 1)), *values]
