"""Make words whole that were cut at a line's end; knows no file format."""

import re
from collections.abc import Iterable

CUT = "\u00ad"  # a soft hyphen: where a word was cut, until it is known whether it has a hyphen

_LETTERS = r"[^\W\d_]+"
_COMPOUND = rf"{_LETTERS}(?:-{_LETTERS})*"
_CUT_WORD = re.compile(rf"({_COMPOUND}){CUT}({_LETTERS})")
_CUT_TOKEN = re.compile(rf"(?<!\S)[^\s{CUT}]*{CUT}\S*")
_LINE_END = re.compile(r"(?<=[^\W\d_])(?:-|\u00ad|\u2010)[^\S\n]*\n[^\S\n]*(?=[^\W\d_])")
_WORD = re.compile(_COMPOUND)
_ADDRESS = re.compile(r"[/@]|:\w")  # a hyphen there is part of a name, no matter how it reads
_WIDE = re.compile(r"[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uff60]")  # written unspaced
_HYPHENATED = re.compile(r"[^\W_]-")
_SHORTEST = 3  # letters of a word that a compound is made of

# Words between parts of compounds that share an end: "pre- and postwar", "Miet- und Pachtvertrag".
_COORDINATING = frozenset("and or und oder bis et ou y en och og eller".split())


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Collect the words of a document, in which cut words may stand whole."""
    whole = (_CUT_WORD.sub(" ", text) for text in texts)
    return frozenset(word.casefold() for text in whole for word in _WORD.findall(text))


def made_whole(text: str, words: frozenset[str]) -> str:
    """Join cut words; one keeps its hyphen if the document writes it so, or both of its parts.

    It also keeps it in an address, behind capitals ("UK-based"), and behind another hyphen.
    """
    return _CUT_TOKEN.sub(lambda token: _whole(token[0], words), text).replace(CUT, "")


def _whole(token: str, words: frozenset[str]) -> str:
    address = bool(_ADDRESS.search(token))

    def join(match: re.Match[str]) -> str:
        first, second = match[1], match[2]
        return f"{first}{_joint(first, second, words, address=address)}{second}"

    while token != (token := _CUT_WORD.sub(join, token)):
        pass
    return token


def _joint(first: str, second: str, words: frozenset[str], *, address: bool) -> str:
    """Tell what stands between the parts of a cut word; the document's own words decide first."""
    whole, ending = f"{first}{second}".casefold(), second.casefold()
    last = whole.rpartition("-")[2]
    if whole in words or last in words:
        return ""
    if ending in _COORDINATING and ending in words:
        return "- "
    named = address or "-" in first or first.isupper() or second[0].isupper()
    parts = all(len(p) >= _SHORTEST and p in words for p in (first.casefold(), ending))
    return "-" if named or parts or f"{first}-{second}".casefold() in words else ""


def joined(lines: Iterable[str]) -> str:
    """Join the lines of one paragraph, and mark where a word was cut."""
    text = ""
    for line in lines:
        text = _joined(text, line) if text and line else text or line
    return text


def _joined(text: str, line: str) -> str:
    ends, begins = text[-2:-1], line[0]
    if text.endswith(("-", CUT)) and ends.isalpha() and begins.isalpha():
        return f"{text[:-1]}{CUT}{line}"
    hyphenated = _HYPHENATED.fullmatch(text[-2:]) and begins.isalnum()
    apart = not are_unspaced(text, line) and (not hyphenated or line.split()[0] in _COORDINATING)
    return f"{text} {line}" if apart else f"{text}{line}"


def are_unspaced(text: str, line: str) -> bool:
    """Tell a line that goes on behind a text without a blank, as in Japanese."""
    return bool(_WIDE.match(text[-1:]) and _WIDE.match(line[:1]))


def without_line_ends(text: str) -> str:
    """Join words that are cut at the ends of a plain text's lines."""

    def mark(match: re.Match[str]) -> str:
        return CUT if text[match.end()].islower() else match[0]

    marked = _LINE_END.sub(mark, text)
    return made_whole(marked, words_of([marked])) if marked != text else text
