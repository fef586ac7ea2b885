"""Write an equation of an office document in one line; knows nothing of what is around it."""

from collections.abc import Callable, Iterator
from typing import Any

from app.ingest.equation_parts import fraction, grouped, limits, root, script, seen, texts_in_line

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def equation(element: Any) -> str:
    """Write `element` (m:oMath) as text: a fraction as "a/b", a power as "x^2"."""
    return seen(_inner(element))


def _inner(element: Any) -> str:
    return texts_in_line(_pieces(element)) if element is not None else ""


def _pieces(element: Any) -> Iterator[tuple[bool, str]]:
    """Yield what stands in line, and whether it is plain text: a number may lie in two runs."""
    for child in element:
        name = _name(child)
        if name == "t":
            yield True, child.text or ""
        elif write := _WRITERS.get(name):
            yield False, write(child)
        elif not name.endswith("Pr"):
            yield from _pieces(child)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _part(element: Any, name: str) -> str:
    return _inner(element.find(_MATH + name)).strip()


def _value(element: Any, *path: str, default: str = "") -> str:
    child = element.find("/".join(_MATH + name for name in path))
    return default if child is None else str(child.get(_MATH + "val", ""))


def _fraction(element: Any) -> str:
    return fraction(_part(element, "num"), _part(element, "den"))


def _script(element: Any) -> str:
    return script(_part(element, "e"), _part(element, "sub"), _part(element, "sup"))


def _root(element: Any) -> str:
    return root(_part(element, "e"), _part(element, "deg"))


def _brackets(element: Any) -> str:
    begin = _value(element, "dPr", "begChr", default="(")
    end = _value(element, "dPr", "endChr", default=")")
    between = _value(element, "dPr", "sepChr", default="|")
    return begin + between.join(_inner(e).strip() for e in element.findall(_MATH + "e")) + end


def _sum(element: Any) -> str:
    sign = _value(element, "naryPr", "chr", default="∫")
    below, above = _part(element, "sub"), _part(element, "sup")
    return f"{sign}{limits(below, above)} {_part(element, 'e')}"


def _function(element: Any) -> str:
    return f"{_part(element, 'fName')} {grouped(_part(element, 'e'))}"


def _limit(element: Any) -> str:
    return f"{_part(element, 'e')}_{grouped(_part(element, 'lim'))}"


def _matrix(element: Any) -> str:
    return "; ".join(", ".join(_cells(row)) for row in element.findall(_MATH + "mr"))


def _cells(row: Any) -> Iterator[str]:
    return (_inner(cell).strip() for cell in row.findall(_MATH + "e"))


def _lines(element: Any) -> str:
    return "; ".join(_cells(element))


_WRITERS: dict[str, Callable[[Any], str]] = {
    "f": _fraction,
    "sSup": _script,
    "sSub": _script,
    "sSubSup": _script,
    "sPre": _script,
    "rad": _root,
    "d": _brackets,
    "nary": _sum,
    "func": _function,
    "limLow": _limit,
    "limUpp": _limit,
    "m": _matrix,
    "eqArr": _lines,
}
