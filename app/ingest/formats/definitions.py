"""Find where a program defines something; knows no language's grammar."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pygments.lexers import get_lexer_for_filename
from pygments.token import Comment, Keyword, Name, Operator, Punctuation
from pygments.util import ClassNotFound

from app.ingest.extracted import clean_line

Token = tuple[int, Any, str]

_NAMES = (Name.Function, Name.Class)
_MARKS = (Comment, Name.Decorator, Name.Attribute)
_NEAR = 200  # characters before a name in which what defines it stands
_SUFFIXES_OF_TYPES = (">", "]", "*")
_END: Token = (0, Punctuation, "")


def definitions(text: str, suffix: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each function and class begins, its level and its name.

    The comments and decorators right above belong to it.
    """
    tokens = _tokens(text, suffix)
    lines = [0, *(at + 1 for at, sign in enumerate(text) if sign == "\n")]
    marked = _marked_lines(lines, tokens)
    last = -1
    for at, name in _named(text, tokens, typed=suffix == ".sql"):
        line = bisect_right(lines, at) - 1
        if line != last:
            begin = lines[line]
            yield lines[_climbed(line, marked)], 1 + text[begin].isspace(), clean_line(name)
        last = line


def _tokens(text: str, suffix: str) -> list[Token]:
    try:
        lexer = get_lexer_for_filename(f"source{suffix}", stripnl=False, ensurenl=False)
    except ClassNotFound:
        return []
    return [token for token in lexer.get_tokens_unprocessed(text) if token[2].strip()]


def _named(text: str, tokens: list[Token], *, typed: bool) -> Iterator[tuple[int, str]]:
    """Yield the names that are defined; `typed` tells that a type passes for a class's name."""
    around = ""
    declared = False
    for (at, kind, name), after in pairwise([*tokens, _END]):
        called = declared and kind in Name and text[at + len(name) : at + len(name) + 1] == "("
        before = text[max(at - _NEAR, 0) : at].rpartition("\n")[2]
        named = any(kind in wanted for wanted in _NAMES) and _defines(before)
        if (called or named) and not around.endswith("("):  # else it is an argument
            said = after[2] if after[1] in Name else ""  # as in "table berth"
            if said or not typed:
                yield at, said or name
        declared = kind in Keyword.Declaration
        around = _inside(around, kind, name)


def _inside(around: str, kind: Any, sign: str) -> str:
    """Return the brackets that are open after a token."""
    for mark in sign if kind in Punctuation or kind in Operator else "":
        if mark in "([{":
            around += mark
        elif mark in ")]}":
            around = around[:-1]
    return around


def _defines(before: str) -> bool:
    """Tell a definition by the word or type in front of its name; a call has none."""
    said = before.strip()
    typed = said.endswith(_SUFFIXES_OF_TYPES) and not said[-2:-1].isspace()
    if typed and set("=(.").intersection(said):  # an expression
        return False
    return (typed or said[-1:].isalnum()) and not said.startswith(("return", "import", "from"))


def _marked_lines(lines: list[int], tokens: list[Token]) -> set[int]:
    """Find the lines that hold nothing but a comment or a decorator with its arguments."""
    marked: set[int] = set()
    around, last = "", -1
    for at, kind, sign in tokens:
        line = bisect_right(lines, at) - 1
        above = sign.startswith(("@", "//")) or any(kind in mark for mark in _MARKS)
        if around or (line > last and above):
            marked.update(range(line, line + 1 + sign.rstrip("\n").count("\n")))
        if around or line in marked:
            around = _inside(around, kind, sign)
        last = line
    return marked


def _climbed(line: int, marked: set[int]) -> int:
    """Return the first of the marked lines right above a line."""
    while line - 1 in marked:
        line -= 1
    return line
