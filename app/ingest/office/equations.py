"""Write an equation of an office document in one line; knows nothing of what is around it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_UNSEEN = re.compile("[\u2061-\u2064]")  # signs of operations that are not written
_OPERATORS = re.compile(r"[-+/=\s]")
_LEFT_OUT = {"ctrlPr", "rPr"}


def equation(element: Any) -> str:
    """Write `element` (m:oMath) as text: a fraction as "a/b", a power as "x^2"."""
    return " ".join(_UNSEEN.sub("", _inner(element)).split())


def _inner(element: Any) -> str:
    return "".join(map(_written, element)) if element is not None else ""


def _written(element: Any) -> str:
    name = _name(element)
    if name == "t":
        return element.text or ""
    if name in _LEFT_OUT or name.endswith("Pr"):
        return ""
    write = _WRITERS.get(name)
    return write(element) if write else _inner(element)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _part(element: Any, name: str) -> str:
    return _inner(element.find(_MATH + name)).strip()


def _group(text: str) -> str:
    """Put brackets around what is more than one number or name."""
    return text if text.isalnum() or len(text) < 2 or _is_grouped(text) else f"({text})"


def _is_grouped(text: str) -> bool:
    return text[0] == "(" and text.find(")") == len(text) - 1


def _value(element: Any, *path: str, default: str = "") -> str:
    child = element.find("/".join(_MATH + name for name in path))
    return default if child is None else str(child.get(_MATH + "val", ""))


def _fraction(element: Any) -> str:
    return f"{_group(_part(element, 'num'))}/{_group(_part(element, 'den'))}"


def _script(element: Any) -> str:
    below, above = _part(element, "sub"), _part(element, "sup")
    text = _part(element, "e")
    text = _group(text) if _OPERATORS.search(text) else text
    text += f"_{_group(below)}" if below else ""
    return text + (f"^{_group(above)}" if above else "")


def _root(element: Any) -> str:
    degree = _part(element, "deg")
    return f"root({degree}, {_part(element, 'e')})" if degree else f"sqrt({_part(element, 'e')})"


def _brackets(element: Any) -> str:
    begin = _value(element, "dPr", "begChr", default="(")
    end = _value(element, "dPr", "endChr", default=")")
    between = _value(element, "dPr", "sepChr", default="|")
    return begin + between.join(_inner(e).strip() for e in element.findall(_MATH + "e")) + end


def _sum(element: Any) -> str:
    sign = _value(element, "naryPr", "chr", default="∫")
    below, above = _part(element, "sub"), _part(element, "sup")
    limits = (f"_{_group(below)}" if below else "") + (f"^{_group(above)}" if above else "")
    return f"{sign}{limits} {_part(element, 'e')}"


def _function(element: Any) -> str:
    return f"{_part(element, 'fName')} {_group(_part(element, 'e'))}"


def _limit(element: Any) -> str:
    return f"{_part(element, 'e')}_{_group(_part(element, 'lim'))}"


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
