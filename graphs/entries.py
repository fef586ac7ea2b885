"""Tell what each line of an answer is: an item of a list, a row, a heading, code or prose.

A formula in lines of its own is read as code is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from graphs.leads import FIELD
from graphs.markers import without_markers
from graphs.markup import CODE_BLOCK, MATH_BLOCK, is_emphasised, without_markup
from graphs.stops import CLOSED, COLONS, ENDS
from graphs.text import content, ends_open, words

Kind = Literal["prose", "item", "head", "rule", "row", "code", "label", "lead"]
"""Label: what ends with a colon or begins with "# "; lead: what only its place makes a heading."""

_LONG = 10  # digits, by which nobody counts
_BLOCK = re.compile(
    rf"(?P<indent>(?:^[^\S\n]+)?)(?P<block>{CODE_BLOCK}|{MATH_BLOCK})", re.MULTILINE
)
_PREFIX = re.compile(
    r"(?P<indent>\s*)(?:(?:[-*+•–—]|(?P<open>\()?(?P<count>\d{1,3}|[a-zA-Z])(?P<close>[.)]))"
    r"[^\S\n]+(?:\[[ xX]\][^\S\n]+)?(?=\S))?"
)
_TITLE = re.compile(r"#{1,6}\s+(?=\S)")
_UNDERLINE = re.compile(r"\s*(?:=+|-{2,})\s*")
_STOPPED = re.compile(rf"[{ENDS}:;：；…]{CLOSED}$")
_NO_BORDER = re.compile(r"`[^`]*`|\\\|")  # what has a | that parts no cells
_SECOND = 2  # lines that make a list or a table


@dataclass(frozen=True)
class Entry:
    """A line of an answer, with the lines that it is wrapped over, or a block of code."""

    kind: Kind
    prefix: str
    """Its indentation, with a list's bullet or number."""
    text: str

    @property
    def whole(self) -> str:
        """The line as it is written."""
        return self.prefix + self.text

    @property
    def indent(self) -> int:
        """How far in it begins."""
        return len(self.prefix) - len(self.prefix.lstrip())

    @property
    def is_item(self) -> bool:
        """Whether it is one of a list or a table."""
        return self.kind == "row" or (
            bool(self.prefix.strip()) and not _TITLE.match(self.prefix + ".")
        )


def entries(answer: str) -> list[Entry]:
    """Read an answer line by line; wrapped lines are joined."""
    return _headed(_joined(_tabulated(_listed(list(_lines(answer))))))


def items_below(lines: Sequence[Entry], at: int) -> int:
    """Count the items of the list, or the rows, that a line stands above."""
    count, edge = 0, None
    for line in lines[at + 1 :]:
        if lines[at].is_item and line.is_item and line.indent <= lines[at].indent:
            break
        if line.is_item:
            edge = line.indent if edge is None else edge
            count += line.indent == edge
        elif line.text.strip() and line.kind in ("prose", "label", "lead") and not line.indent:
            break
    return count


def counters(lines: Sequence[Entry]) -> dict[int, set[str]]:
    """Return the numbers by which labels count: the next one has the next, or the last the last."""
    found = {at: _numbers(line.text) for at, line in enumerate(lines) if line.kind == "label"}
    counted = {at: set[str]() for at in found}
    for before, after in pairwise(at for at, numbers in found.items() if numbers):
        rising = {n for n in found[before] if n + 1 in found[after]}
        counted[before] |= {str(n) for n in rising}
        counted[after] |= {str(n + 1) for n in rising}
    return counted


def _numbers(text: str) -> set[int]:
    return {int(stem) for stem in content(text) if stem.isdecimal() and len(stem) < _LONG}


def _lines(answer: str) -> Iterator[Entry]:
    """Cut an answer where its lines end; a block of code is left whole."""
    position = 0
    for block in _BLOCK.finditer(answer):
        yield from _cut(answer[position : block.start()].removesuffix("\n"))
        yield Entry("code", block["indent"], block["block"])
        position = block.end() + answer.startswith("\n", block.end())
    yield from _cut(answer[position:])


def _cut(text: str) -> Iterator[Entry]:
    return (Entry("prose", "", line) for line in (text.split("\n") if text else ()))


def _listed(lines: Sequence[Entry]) -> list[Entry]:
    """Part what stands before each line: its indentation, and an item's bullet or number."""
    found = [None if line.kind == "code" else _PREFIX.match(line.text) for line in lines]
    counted = _counted(found)
    return [
        line if match is None else _parted(line.text, match, counted=at in counted)
        for at, (line, match) in enumerate(zip(lines, found, strict=True))
    ]


def _parted(text: str, match: re.Match[str], *, counted: bool) -> Entry:
    is_item = bool(match[0].strip()) and (counted if match["close"] == "." else _closed(match))
    prefix = match[0] if is_item else match["indent"]
    return Entry("item" if is_item else "prose", prefix, text[len(prefix) :])


def _closed(match: re.Match[str]) -> bool:
    return match["close"] is not None or match["open"] is None


def _counted(found: Sequence[re.Match[str] | None]) -> set[int]:
    """Return the lines whose number counts the items of a list: from 1 on, two at least.

    A number that counts nothing may be one of the sentence: "3. May 1987".
    """
    runs = dict[tuple[str, bool], list[int]]()
    last, counted = dict[tuple[str, bool], int](), set[int]()
    for at, match in enumerate(found):
        if match is None or match["close"] != "." or match["open"]:
            continue
        key, number = _number(match)
        if number == 1 != last.get(key):
            runs[key] = []
        runs[key] = [*runs.get(key, ()), at] if number in (1, last.get(key, -1) + 1) else []
        last[key] = number if runs[key] else -1
        counted |= set(runs[key]) if len(runs[key]) >= _SECOND else set()
    return counted


def _number(match: re.Match[str]) -> tuple[tuple[str, bool], int]:
    count = match["count"].lower()
    number = int(count) if count.isdecimal() else ord(count) - ord("a") + 1
    return (match["indent"], count.isdecimal()), number


def _tabulated(lines: Sequence[Entry]) -> list[Entry]:
    """Tell rows of a table: beside a rule, or beside a line of as many cells."""
    cells = [0 if line.kind == "code" else _cells(line.text) for line in lines]
    kinds = [
        _row_kind(lines, cells, at) if cells[at] else line.kind for at, line in enumerate(lines)
    ]
    heads = {
        at for at, (kind, below) in enumerate(pairwise(kinds)) if (kind, below) == ("row", "rule")
    }
    firsts = {at for at in heads if at == 0 or kinds[at - 1] != "row"}
    return [
        replace(line, kind="head" if at in firsts else kinds[at]) for at, line in enumerate(lines)
    ]


def _cells(text: str) -> int:
    row = _NO_BORDER.sub("", text).strip()
    return row.strip("|").count("|") + 1 if "|" in row else 0


def _row_kind(lines: Sequence[Entry], cells: Sequence[int], at: int) -> Kind:
    if _is_rule(lines[at]):
        return "rule"
    beside = [other for other in (at - 1, at + 1) if 0 <= other < len(lines) and cells[other]]
    rows = any(cells[other] == cells[at] or _is_rule(lines[other]) for other in beside)
    return "row" if rows else lines[at].kind


def _is_rule(line: Entry) -> bool:
    return "-" in line.text and "|" in line.text and not words(line.text)


def _joined(lines: Sequence[Entry]) -> list[Entry]:
    """Join each line to the one above that goes on in it."""
    joined: list[Entry] = []
    for line, ends in zip(lines, _ends(lines), strict=True):
        if joined and _goes_on(joined[-1], line, ends=ends):
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text}\n{line.whole}")
        else:
            joined.append(line)
    return joined


def _ends(lines: Sequence[Entry]) -> list[bool]:
    """Tell of each line whether a sentence ends where its paragraph does."""
    ends, below = list[bool](), False
    for line in reversed(lines):
        said = without_markers(line.text) if line.kind == "prose" else ""
        if not said or not ends or not below:
            ends.append(bool(_STOPPED.search(said)))
        else:
            ends.append(ends[-1])
        below = bool(said)
    return ends[::-1]


def _goes_on(above: Entry, line: Entry, *, ends: bool) -> bool:
    """Tell a line that its sentence does not end with.

    By a comma, a word such as "in", or the small letter that the next one begins with: in a
    paragraph that ends with a stop, or further in than the item above.
    """
    if above.kind not in ("prose", "item") or line.kind != "prose":
        return False
    said, after = without_markers(above.text.rpartition("\n")[2]), without_markers(line.text)
    if not words(said) or not words(after) or _stands(above.text, said) or FIELD.match(after):
        return False
    if ends_open(said):
        return True
    inside = above.kind == "item" and line.indent > above.indent
    return after[0].islower() and (ends or inside)


def _stands(line: str, said: str) -> bool:
    """Tell whether a line needs no other: a sentence, a heading, one with a break behind it."""
    ended = bool(_STOPPED.search(said)) or line.endswith("  ")
    return ended or bool(_TITLE.match(line)) or is_emphasised(said)


def _headed(lines: Sequence[Entry]) -> list[Entry]:
    """Tell headings, by themselves or by what stands below them."""
    last = max((at for at, line in enumerate(lines) if line.text.strip()), default=0)
    return [
        _as_heading(lines, at) if line.kind in ("prose", "item") and at < last else line
        for at, line in enumerate(lines)
    ]


def _as_heading(lines: Sequence[Entry], at: int) -> Entry:
    line = lines[at]
    title, said = _TITLE.match(line.text), without_markers(line.text)
    if title:
        return Entry("label", line.prefix + title[0], line.text[title.end() :])
    if without_markup(said).endswith(COLONS):
        return replace(line, kind="label")
    if not words(said) or _STOPPED.search(said):
        return line
    if _UNDERLINE.fullmatch(lines[at + 1].text):
        return replace(line, kind="label")
    leads = is_emphasised(said) or _opens_list(lines, at)
    return replace(line, kind="lead") if leads else line


def _opens_list(lines: Sequence[Entry], at: int) -> bool:
    """Tell whether a line stands above a list or table, not inside one."""
    above = [line.kind for line in lines[max(0, at - 2) : at] if line.text.strip()]
    below = [line.kind for line in lines[at + 1 : at + 3] if line.text.strip()]
    inside = bool(above) and above[-1] == "item"
    return lines[at].kind == "prose" and not inside and below[:1] in (["item"], ["head"], ["row"])
