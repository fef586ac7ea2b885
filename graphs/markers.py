"""Read the markers by which an answer cites passages, in whatever form a model writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from graphs.markup import CODE_BLOCK, MATH
from graphs.protocols import Piece
from graphs.stops import ENDS
from graphs.stopwords import STOPWORDS
from graphs.text import YES_NO, words

CITED = re.compile(r"\[(\d+)\]")
"""One marker of one citation; its number is the group."""
MARKER = re.compile(r"[^\S\n]*\[\d{1,3}\]")
"""One marker in the form that `in_one_form` writes."""

WIDEST = 20  # passages that a range may hold, or an answer was shown; what is wider is a value
_INDEXED = r"\w+\[0\]|(?=[^\W_]*_)\w+\[\d+\]|\w+\[\d+\](?=\w|\.\w|\s?=)"
_ROWS = r"\[\s*\[[^\[\]\n]*\](?:\s*,\s*\[[^\[\]\n]*\])+\s*\]"  # of a matrix
_KEPT = rf"{CODE_BLOCK}|`[^`\n]*`|{MATH}|(?<!\w)(?:{_INDEXED})|{_ROWS}"
"""What has brackets of its own: code, an index of one of its names, a formula, lists in a list."""
_SUPER = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SOURCE = r"(?:citation|cit|source|src|document|doc|passage|context|chunk|ref|reference|quelle)s?"
_NUMBERS = r"\^?\d{1,3}(?: ?(?:[-–—,;&]|and) ?\^?\d{1,3})*"
_LINKED = r"(?:\(\S{0,300}?\))?"
_LISTED = rf"(?P<listed>\[ ?\^?\d{{1,3}}(?: ?, ?\^?\d{{1,3}})* ?\]){_LINKED}"
_LENTICULAR = (  # a label in such brackets stays: 【1日目】, 【10:30】
    r"【(?:(?P<lenticular>\d{1,3}(?: ?[-–—,;&、，] ?\d{1,3})*)"
    r"|\d{1,3}(?::\d{1,3})?†[^】\n]{0,60})】"
)
_PLAIN = rf"{_LISTED}|{_LENTICULAR}"
_AT_END = rf"(?=\s*(?:$|[{ENDS}]|[\[【<{_SUPER}]))"
_STOPPED = rf"(?P<stopped>(?<=[{ENDS}])|(?<=[{ENDS}]\s))?"
_BEHIND = rf"(?:(?<=[^\W\d_]{{4}})|(?<=[{ENDS}\"”’]))"  # behind fewer letters a power: m²
_APART = rf"(?:(?<=[^\W_]\s)|(?<=[{ENDS}\"”’%)]\s)|^)"
_POWER = rf"(?<=[^\W\d_]|\))[²³](?![{_SUPER},])"  # "20 foot²": more often a power than a footnote
_NOTE = rf"[{_SUPER}]++(?:[,⁻–-][{_SUPER}]++)*|<sup>\s*{_NUMBERS}\s*</sup>"
_RAISED = rf"(?!{_POWER}){_BEHIND}[^\S\n]?(?:{_NOTE})"
_MARKED = re.compile(rf"(?P<kept>{_KEPT})|[^\S\n]*\[(?P<number>\d{{1,3}})\]")
_MARKERS = re.compile(r"(?:[^\S\n]*\[\d{1,3}(?: ?, ?\d{1,3})*\])*")
_STOP_THEN_MARKERS = re.compile(rf"(?P<stop>[{ENDS}])(?P<markers>(?:{MARKER.pattern})+)[.。]?")
_BETWEEN = re.compile(
    rf"(?P<kept>{_KEPT})|(?P<left>{MARKER.pattern})\s*(?:[,;&]|and)\s*(?=\[\d{{1,3}}\])"
)
_AROUND = re.compile(rf"(?P<kept>{_KEPT})|\((?P<left>(?:\s*+\[\d{{1,3}}\])+)\s*\)")
_LOOK = 100  # characters behind a marker, more than a word is long
_DIGITS = str.maketrans(f"{_SUPER}⁻–—", "0123456789---")


def in_one_form(text: str, documents: Sequence[str] = (), shown: int = WIDEST) -> str:
    """Write every marker as `[1]` or `[1][2]`, one that names a document with its number.

    `documents` are the names of the passages' documents, and `shown` is how many passages there
    are. Several numbers in one bracket cite passages if there are such passages, and are data
    otherwise: `[0, 1]`. A bracket in code or a formula stays as it is, and so does one that belongs
    to a word, as in `args[0]`.
    """
    places = _places(documents)
    names = "|".join(map(re.escape, sorted(places, key=len, reverse=True))) or r"(?!)"
    found = re.compile(_forms(names), re.MULTILINE | re.IGNORECASE)

    def write(match: re.Match[str]) -> str:
        bare = next(filter(None, match.group("listed", "lenticular", "bare", "braced")), None)
        if match["kept"] or (bare and not _may_cite(bare, shown)):
            return match[0]
        return _written(match[0], match["named"], places)

    plain = _BETWEEN.sub(_left, found.sub(write, text))
    return _AROUND.sub(_left, plain)


def _left(match: re.Match[str]) -> str:
    return str(match["kept"] or match["left"])


def markers_first(text: str) -> str:
    """Put the markers behind a sentence's end before it, so that they stay with the sentence."""

    def put(match: re.Match[str]) -> str:
        next_one = begins_sentence(text[match.end() :])
        return match[0] if next_one else f" {match['markers']}{match['stop']}"

    return _STOP_THEN_MARKERS.sub(put, text)


def begins_sentence(text: str) -> bool:
    """Tell whether a marker before a text is a word of its sentence: "[1] states that ..."."""
    said = text[:_LOOK].lstrip()
    first = next(iter(words(said)), "")
    return said[:1].islower() and (first not in STOPWORDS or YES_NO.match(said) is not None)


def counted_on(text: str, by: int) -> str:
    """Count the markers of an answer on from those of another one before it."""

    def count(match: re.Match[str]) -> str:
        if not match["number"]:
            return match[0]
        return match[0].replace(match["number"], str(int(match["number"]) + by))

    return _MARKED.sub(count, text)


def parted(text: str) -> list[Piece]:
    """Part a text at its markers in one form; those that stand together are one."""
    pieces, end = list[Piece](), 0
    for match in _numbers(text):
        if match.start() > end:
            pieces.append(text[end : match.start()])
        run = pieces.pop() if pieces and isinstance(pieces[-1], tuple) else ()
        pieces.append((*run, int(match["number"]) - 1))
        end = match.end()
    return [*pieces, text[end:]]


def cited(text: str) -> tuple[int, ...]:
    """Return the indices, from 0, of the passages that markers in one form cite."""
    return tuple(int(match["number"]) - 1 for match in _numbers(text))


def _numbers(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _MARKED.finditer(text) if match["number"])


def without_markers(text: str, shown: int = WIDEST) -> str:
    """Remove every marker, and those that removing one leaves, as of `[[1]2]`."""
    left, before = in_one_form(text, shown=shown).strip(), ""
    while left != before:
        before = left
        bare = _MARKED.sub(lambda match: match["kept"] or "", left)
        left = in_one_form(bare, shown=shown).strip()
    return left


def behind_markers(text: str, at: int) -> int:
    """Return where the markers end that stand at a place of an answer."""
    found = _MARKERS.match(text, at)
    return found.end() if found else at


def without_names(text: str, documents: Sequence[str]) -> str:
    """Remove the markers and the names of documents."""
    left = without_markers(text, len(documents) or WIDEST)
    for name in sorted(_places(documents), key=len, reverse=True):
        left = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", left, flags=re.IGNORECASE)
    return left


def _places(documents: Sequence[str]) -> dict[str, int]:
    """Return the number of each document's first passage, by its name and its file's.

    A name that is a plain word may as well be meant as one.
    """
    named = [(name.casefold(), at) for at, name in enumerate(documents, start=1)]
    short = [(PurePath(name).name, at) for name, at in named]
    return {name: at for name, at in reversed([*named, *short]) if name and not name.isalnum()}


def _forms(names: str) -> str:
    word = rf"\[ ?(?:{_SOURCE} ?[:#]? ?{_NUMBERS}|(?P<bare>{_NUMBERS})) ?\]"
    each = rf"\{{ ?(?:{_SOURCE} ?[:#]? ?)?{_NUMBERS} ?\}}"
    braced = rf"(?:{_BEHIND}|{_APART})(?P<braced>{each}(?:\s?{each})*)"
    named = rf"(?:{_NUMBERS}[:,;]? ?)?(?:[^\W\d_]{{1,20}} ?: ?)?(?P<named>{names})"
    bracketed = rf"{word}|{braced}|[\[({{【] ?{named} ?[\])}}】]"
    ended = rf"{_STOPPED}(?:{bracketed}|{_RAISED})(?(stopped)|{_AT_END})"
    return rf"(?P<kept>{_KEPT})|{_PLAIN}|{ended}"


def _written(marker: str, named: str | None, places: dict[str, int]) -> str:
    if named:
        return f" [{places[named.casefold()]}]"
    counted = marker.partition("†")[0]  # what stands behind it is no number of a passage
    numbers = (n for first, last in _spans(counted) for n in _range(first, last))
    return " " + "".join(f"[{number}]" for number in numbers)


def _spans(marker: str) -> list[tuple[int, int]]:
    """Return the first and the last number of each range; a number alone is both."""
    found = re.findall(r"(\d{1,3})(?:\s*-\s*(\d{1,3}))?", marker.translate(_DIGITS))
    return [(int(first), int(last or first)) for first, last in found]


def _may_cite(numbers: str, shown: int) -> bool:
    """Tell whether numbers count passages; one alone does, though weak models count too far."""
    (first, last), *more = spans = _spans(numbers)
    alone = first == last and not more
    return alone or all(1 <= begin <= shown for begin, _ in spans)


def _range(first: int, last: int) -> Sequence[int]:
    return range(first, last + 1) if first <= last < first + WIDEST else (first, last)
