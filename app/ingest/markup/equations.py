"""Write the equations of an HTML page in one line; knows nothing of what is around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from bs4.element import NavigableString, Tag

from app.ingest.equation_parts import fraction, in_line, root, script, seen
from app.ingest.markup.tables import BLOCKS

MATH = re.compile(r"(?:^|:)math$")
"""The name of an equation's element; books put a prefix before it."""

_LEFT_OUT = {"annotation", "annotation-xml", "mphantom", "none", "mprescripts"}


def write_equation(math: Tag) -> None:
    """Put into an equation its text, from its marks, else as its author tells it in TeX."""
    _clear_drawn(math)
    told = math.find(["annotation", "m:annotation"], encoding="application/x-tex")
    source = told.get_text() if told else str(math.get("alttext", ""))
    for part in reversed(math.find_all(True)):  # inner ones first
        part.string = _written(part)
    text = seen(_inner(math)) or seen(source)
    apart = math.get("display") == "block" or (_follows_number(math) and text[:1].isdigit())
    math.string = f" {text} " if apart else text


def _follows_number(math: Tag) -> bool:
    before = math.previous_sibling
    return isinstance(before, NavigableString) and before[-1:].isdigit()


def _clear_drawn(math: Tag) -> None:
    """Empty what draws the equation for those who see it, beside the marks for those who hear."""
    around = math.parent
    if around is None or around.name in BLOCKS or len(_children(around)) > 1:
        return
    for beside in (around.find_previous_sibling(), around.find_next_sibling()):
        if beside is not None and beside.get("aria-hidden") == "true":
            beside.clear()


def _children(tag: Tag) -> list[Tag]:
    return tag.find_all(True, recursive=False)


def _written(part: Tag) -> str:
    """Write a part whose own parts are written already."""
    name = part.name.rpartition(":")[2]
    if name in _LEFT_OUT:
        return ""
    if name in ("mtext", "ms"):
        return part.get_text()  # with its blanks
    if name == "mspace":
        return " " if re.match(r"[0.]*[1-9]", str(part.get("width", ""))) else ""
    parts = [child.get_text().strip() for child in _children(part)]
    count, write = _OF_PARTS.get(name, (0, in_line))
    if count and len(parts) == count:
        return write(*parts)
    return _OF_MANY[name](part, parts) if name in _OF_MANY else _inner(part)


def _inner(part: Tag) -> str:
    """Write the parts one after the other."""
    texts = (node for node in part.children if isinstance(node, Tag) or _is_text(node))
    return in_line(*(t.get_text() if isinstance(t, Tag) else str(t).strip() for t in texts))


def _is_text(node: object) -> bool:
    return type(node) is NavigableString  # its subclasses are comments


def _over(text: str, mark: str) -> str:
    return script(text, "", mark) if any(map(str.isalnum, mark)) else text + mark


def _under(text: str, mark: str) -> str:
    return script(text, mark) if any(map(str.isalnum, mark)) else text + mark


def _fenced(part: Tag, parts: Iterable[str]) -> str:
    return f"{part.get('open', '(')}{', '.join(parts)}{part.get('close', ')')}"


_OF_PARTS: dict[str, tuple[int, Callable[..., str]]] = {
    "mfrac": (2, fraction),
    "msup": (2, lambda text, above: script(text, "", above)),
    "msub": (2, script),
    "msubsup": (3, script),
    "mover": (2, _over),
    "munder": (2, _under),
    "munderover": (3, script),
    "mroot": (2, root),
}
"""How many parts an element has, and how they are written."""

_OF_MANY: dict[str, Callable[[Tag, list[str]], str]] = {
    "msqrt": lambda part, parts: root(_inner(part)),
    "mfenced": _fenced,
    "mtable": lambda part, parts: "; ".join(parts),
    "mtr": lambda part, parts: ", ".join(parts),
}
