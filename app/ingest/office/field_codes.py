"""Write what the code of a Word field shows, where the field has no other result: EQ and SYMBOL."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.ingest.equation_parts import fraction, limits, root
from app.ingest.office.symbols import sign
from app.ingest.raised import raised
from app.ingest.ruby import with_reading

_CODE = re.compile(r"\s*(EQ|SYMBOL)\s(.*)", re.IGNORECASE | re.DOTALL)
_LOOK = re.compile(r'\\\*\s*(?:"[^"]*"|\S+)')
_TOKEN = re.compile(r"\\([a-z]+)\s*(?:-?\d+)?|\\(.)|([(),;])|([^\\(),;]+)", re.I | re.DOTALL)
_SIGN = re.compile(r"\s*(0x[\da-f]+|\d+)", re.IGNORECASE)
_FONT = re.compile(r'\\f\s*(?:"([^"]*)"|(\S+))', re.IGNORECASE)


def shown_by(code: str) -> str:
    """Return what a code shows, "" for fields of other kinds."""
    match = _CODE.match(code)
    if match is None:
        return ""
    if match[1].upper() == "SYMBOL":
        return _symbol(match[2])
    text = " ".join(_Equation(_LOOK.sub("", match[2])).arguments()).strip()
    return f" {text}" if text[:1].isdecimal() else text  # 3 of the sentence and 1/2 are not 31/2


def _symbol(code: str) -> str:
    number, font = _SIGN.match(code), _FONT.search(code)
    if number is None:
        return ""
    at = int(number[1], 16 if number[1][:2].lower() == "0x" else 10)
    return sign((font[1] or font[2]) if font else "", at) if at <= 0xFFFF else ""


class _Equation:
    """Reads the code of an equation from left to right."""

    def __init__(self, code: str) -> None:
        self._tokens = _TOKEN.finditer(code)

    def arguments(self) -> list[str]:
        """Return the arguments up to the bracket that ends them, or all of the code."""
        parts, marks = [""], [""]
        switches: list[str] = []
        for token in self._tokens:
            if token[1]:
                switches.append(token[1].lower())
            elif token[3] == ")":
                break
            elif token[3] == "(":
                parts[-1] += _written(switches, self.arguments())
                switches = []
            elif token[3]:
                parts.append("")
                marks.append(token[3])
            elif not switches:  # else it is what a switch says of looks
                parts[-1] += token[2] or token[4]
        return _divided(parts, marks)


def _divided(parts: list[str], marks: list[str]) -> list[str]:
    """Join parts at commas inside numbers, where semicolons are between arguments."""
    divided = parts[:1]
    for part, mark in zip(parts[1:], marks[1:], strict=True):
        if mark == "," and ";" in marks:
            divided[-1] += f",{part}"
        else:
            divided.append(part)
    return [part.strip() for part in divided]


def _written(switches: list[str], said: list[str]) -> str:
    """Write what a switch makes of its arguments; brackets without one are text."""
    name, *looks = switches or [""]
    if name == "s":
        return _script(" ".join(said), below="do" in looks)
    return _WRITERS.get(name, "".join)(said)


def _script(text: str, *, below: bool) -> str:
    written = text if below else raised(text)
    above = "" if below else text
    return written if written != text else limits(text if below else "", above)


def _over(said: list[str]) -> str:
    """Write what stands one over the other: characters with their reading, or in a circle."""
    above = "".join(part[1:] for part in said if part.startswith("^"))
    return with_reading("".join(part for part in said if not part.startswith("^")), above)


def _integral(said: list[str]) -> str:
    below, above, text = (*said, "", "", "")[:3]
    return f"∫{limits(below, above)} {text}"


_WRITERS: dict[str, Callable[[list[str]], str]] = {
    "": lambda said: f"({', '.join(said)})",
    "b": lambda said: f"({', '.join(said)})",
    "f": lambda said: fraction(said[0], "".join(said[1:])),
    "r": lambda said: root(said[-1], "".join(said[:-1])),
    "i": _integral,
    "o": _over,
    "a": "; ".join,
    "l": ", ".join,
    "d": lambda said: "",
}
