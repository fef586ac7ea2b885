"""Write the markup of MediaWiki as Markdown: headings, lists and tables stay what they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from wikitextparser import Table, Tag, Template, WikiText, parse

from finetune.markdown import as_table

_HEADING = re.compile(r"^(={1,6})[ \t]*(.+?)[ \t]*\1[ \t]*$", re.MULTILINE)
_ITEM = re.compile(r"^([*#:;]+)[ \t]*", re.MULTILINE)


def to_markdown(title: str, text: str) -> str:
    """Return a page as Markdown; of templates their arguments, as none can be carried out here."""
    for parts, written in _WRITTEN:
        page = parse(text)  # anew, as parts that were replaced are not known to be gone
        for part in reversed(parts(page)):
            part.string = written(part)
        text = page.string
    body = _ITEM.sub(_item, _plain(text))
    return f"# {title}\n\n{_HEADING.sub(_heading, body)}\n"


def _reference(tag: Tag) -> str:
    return f" ({tag.contents})" if tag.contents else ""


def _table(table: Table) -> str:
    rows = [[_cell(cell) for cell in row] for row in table.data(span=True)]
    parts = [_plain(table.caption or ""), as_table(rows[0], rows[1:]) if rows else ""]
    return "\n\n".join(["", *filter(None, parts), ""])


def _template(template: Template) -> str:
    """Write named arguments as a table, and others one behind the other."""
    if all(argument.positional for argument in template.arguments):
        return _inline(template)
    rows = [[_cell(a.name), _cell(a.value)] for a in template.arguments if a.value.strip()]
    return f"\n\n{as_table(['', template.name.strip()], rows)}\n\n"


def _inline(template: Template) -> str:
    values = [
        a.value.strip() if a.positional else f"{a.name.strip()}: {a.value.strip()}"
        for a in template.arguments
    ]
    return " ".join(filter(None, values))


def _cell(text: str | None) -> str:
    return " ".join(_plain(text or "").replace("|", r"\|").split())


def _plain(text: str) -> str:
    page = parse(text)
    for template in reversed(page.templates):  # inner ones first
        template.string = _inline(template)
    return str(parse(page.string).plain_text()).strip()


def _item(marks: re.Match[str]) -> str:
    """Indent an item by its depth; `:` and `;`, which only indent, become items too."""
    depth, last = len(marks[1]) - 1, marks[1][-1]
    return f"{'    ' * depth}{'1.' if last == '#' else '-'} "


def _heading(line: re.Match[str]) -> str:
    return f"{'#' * len(line[1])} {line[2]}"


_WRITTEN: Sequence[tuple[Callable[[WikiText], Sequence[Any]], Callable[[Any], str]]] = (
    (lambda page: page.get_tags("ref"), _reference),
    (lambda page: [table for table in page.tables if not table.parent("Table")], _table),
    (lambda page: [each for each in page.templates if not each.parent("Template")], _template),
)
"""Parts of a page, and how each is written; what is inside of another is written with it."""
