"""Write the markup of MediaWiki as Markdown: headings, lists and tables stay what they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from wikitextparser import Table, Tag, Template, WikiText, parse

from app.ingest.markup.shown import STRUCK
from app.ingest.markup.tables import BLOCKS, HEADINGS
from app.ingest.raised import raised
from finetune.markdown import as_table

_HEADING = re.compile(r"^(={1,6})[ \t]*(.+?)[ \t]*\1[ \t]*$", re.MULTILINE)
_BREAK = "\x1f"  # stands where a tag begins a line inside one; no XML holds it
_ITEM = re.compile(rf"([*#:;]+)[ \t{_BREAK}]*")
_BREAKS = re.compile(rf"\n?{_BREAK}(?:\s*[\n{_BREAK}])?(?:(?<={_BREAK})[ \t]+)?")  # \s is one too
_BREAKING = BLOCKS | {"br", *HEADINGS}
_LITERAL = {"nowiki", "pre", "source", "syntaxhighlight"}  # tags in these are text


def to_markdown(title: str, text: str) -> str:
    """Return a page as Markdown; of templates their arguments, as none can be carried out here."""
    for parts, written in _WRITTEN:
        page = parse(text)  # anew, as parts that were replaced are not known to be gone
        for part in reversed(parts(page)):
            part.string = written(part)
        text = page.string
    body = _HEADING.sub(_heading, _itemised(_plain(text)))
    return f"# {title}\n\n{_BREAKS.sub(_lines_ended, body)}\n"


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
    return str(parse(_with_tags_done(page.string)).plain_text()).strip()


def _with_tags_done(text: str) -> str:
    """Do what tags say that strike, raise or part text; others only change its look."""
    tags = parse(text).get_tags() if "<" in text else []
    literal = [tag.span for tag in tags if tag.name in _LITERAL]
    signs = list(text)
    for tag in reversed(tags):  # inner ones first
        if not any(start < tag.span[0] < end for start, end in literal):
            _do(tag, signs)
    return "".join(signs)


def _do(tag: Tag, signs: list[str]) -> None:
    """Change the signs of a tag, each in its place, for tags may cross."""
    start, end = tag.span
    if tag.name in _BREAKING:
        signs[start], signs[end - 1] = _BREAK + signs[start], signs[end - 1] + _BREAK
    elif tag.name == "sup" and tag.contents and "<sup" not in tag.contents:
        close = start + tag.string.rindex("</")
        _raise(signs, close - len(tag.contents), close)
    elif tag.name in STRUCK and tag.contents is not None:
        between = signs[start - 1 : start] == signs[end : end + 1] == [" "]
        _put(signs, start, end + between, "")


def _raise(signs: list[str], start: int, end: int) -> None:
    said = str(parse("".join(signs[start:end])).plain_text())
    if (written := raised(said)) != said:
        _put(signs, start, end, written)


def _put(signs: list[str], start: int, end: int, text: str) -> None:
    signs[start:end] = [text, *[""] * (end - start - 1)]


def _lines_ended(breaks: re.Match[str]) -> str:
    return "\n" * max(breaks[0].count("\n"), 1)


def _itemised(text: str) -> str:
    """Write items as Markdown does, those of each numbered list with their numbers."""
    counts: dict[str, int] = {}
    return "\n".join(_item(line, counts) for line in text.split("\n"))


def _item(line: str, counts: dict[str, int]) -> str:
    """Indent an item by its depth; `:` and `;`, which only indent, become items too.

    `counts` tells the items of the lists that the line before stands in, by their marks.
    """
    item = _ITEM.match(line)
    marks = item[1] if item else ""
    for ended in [each for each in counts if not marks.startswith(each)]:
        del counts[ended]
    if item is None:
        return line
    counts[marks] = counts.get(marks, 0) + 1
    label = f"{counts[marks]}." if marks[-1] == "#" else "-"
    said = line[item.end() :]
    return f"{'    ' * (len(marks) - 1)}{label} {said}" if said.strip() else ""


def _heading(line: re.Match[str]) -> str:
    return f"{'#' * len(line[1])} {_BREAKS.sub(' ', line[2]).strip()}"


_WRITTEN: Sequence[tuple[Callable[[WikiText], Sequence[Any]], Callable[[Any], str]]] = (
    (lambda page: page.get_tags("ref"), _reference),
    (lambda page: [table for table in page.tables if not table.parent("Table")], _table),
    (lambda page: [each for each in page.templates if not each.parent("Template")], _template),
)
"""Parts of a page, and how each is written; what is inside of another is written with it."""
