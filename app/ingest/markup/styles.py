"""Tell what the styles of an HTML page hide or strike out; knows no other style."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bs4.element import Tag

_SELECTOR = re.compile(r"([a-z][\w-]*)?((?:[.#][\w-]+)+)", re.IGNORECASE)
_NAME = re.compile(r"[.#][\w-]+")
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_SHOWING = re.compile(r"display\s*:\s*(?!none)\w|visibility\s*:\s*visible", re.IGNORECASE)
_STRIKING = re.compile(r"text-decoration[\w-]*\s*:[^;]*line-through", re.IGNORECASE)
_WHOLE_PAGE = {"html", "body", "main"}  # what hides them shows them once it has loaded


class _Rule(NamedTuple):
    """What is declared for one kind of element."""

    selector: str
    declared: str
    conditional: bool
    """Whether it holds on some screens only, or in print."""

    @property
    def names(self) -> frozenset[str]:
        """The classes and ids that it names."""
        return frozenset(_NAME.findall(self.selector))


@dataclass(frozen=True)
class Styles:
    """The rules of a page that hide or strike out, each under one of the names it wants."""

    hiding: dict[str, list[_Rule]]
    striking: dict[str, list[_Rule]]

    @classmethod
    def of(cls, root: Tag) -> Styles:
        """Read the page's own style sheets.

        What another rule shows again is not hidden: a click opens it, or another screen.
        """
        rules = list(_rules("\n".join(tag.get_text() for tag in root.find_all("style"))))
        shown = _by_name(rule for rule in rules if _SHOWING.search(rule.declared))
        plain = [r for r in rules if not r.conditional and _SELECTOR.fullmatch(r.selector)]
        hiding = (rule for rule in plain if _HIDING.search(rule.declared))
        return cls(
            _by_name((r for r in hiding if not _is_taken_back(r, shown)), one=True),
            _by_name((rule for rule in plain if _STRIKING.search(rule.declared)), one=True),
        )

    def hide(self, tag: Tag) -> bool:
        """Tell an element that is not shown."""
        own = _HIDING.search(str(tag.get("style", "")))
        return bool(own) or (tag.name not in _WHOLE_PAGE and _any_holds(self.hiding, tag))

    def strike(self, tag: Tag) -> bool:
        """Tell an element that is struck out."""
        return bool(_STRIKING.search(str(tag.get("style", "")))) or _any_holds(self.striking, tag)


def _rules(css: str) -> Iterator[_Rule]:
    """Yield the rules of a style sheet, one for each selector, in one pass."""
    first, *rest = css.split("/*")
    depth = 0
    for block in "".join([first, *(part.partition("*/")[2] for part in rest)]).split("}"):
        *opened, declared = block.split("{")
        depth += len(opened)
        for selector in opened[-1].rpartition(";")[2].split(",") if opened else ():
            yield _Rule(selector.strip(), declared, depth > 1)
        depth = max(depth - 1, 0)


def _by_name(rules: Iterable[_Rule], *, one: bool = False) -> dict[str, list[_Rule]]:
    """Keep rules under each of the names that they name, or under one."""
    found: defaultdict[str, list[_Rule]] = defaultdict(list)
    for rule in rules:
        for name in sorted(rule.names)[: 1 if one else None]:
            found[name].append(rule)
    return dict(found)


def _is_taken_back(rule: _Rule, shown: dict[str, list[_Rule]]) -> bool:
    return any(rule.names <= other.names for other in shown.get(min(rule.names), ()))


def _any_holds(rules: dict[str, list[_Rule]], tag: Tag) -> bool:
    if not rules:
        return False
    names = {f".{name}" for name in tag.get_attribute_list("class")} | {f"#{tag.get('id')}"}
    wanted = (rule for name in names for rule in rules.get(name, ()))
    return any(
        rule.names <= names and rule.selector.split(".")[0].split("#")[0] in ("", tag.name)
        for rule in wanted
    )
