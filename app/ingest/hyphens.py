"""Make words whole that were cut at a line's end; knows no file format."""

import re
from collections.abc import Iterable

CUT = "\u00ad"  # a soft hyphen: where a word was cut, until it is known whether it has a hyphen

_CUT_WORD = re.compile(rf"([^\W\d_]+){CUT}([^\W\d_]+)")
_LINE_END = re.compile(r"(?<=[^\W\d_])(?:-|\u00ad|\u2010)[^\S\n]*\n[^\S\n]*(?=[^\W\d_])")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SHORTEST = 3  # letters of a word that a compound is made of


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Collect the words of a document, in which cut words may stand whole."""
    whole = (_CUT_WORD.sub(" ", text) for text in texts)
    return frozenset(word.casefold() for text in whole for word in _WORD.findall(text))


def made_whole(text: str, words: frozenset[str]) -> str:
    """Join cut words; one keeps its hyphen if the document writes it so, or both of its parts."""

    def join(match: re.Match[str]) -> str:
        first, second = match[1], match[2]
        low = first.casefold(), second.casefold()
        if "".join(low) in words:
            return first + second
        parts = all(len(part) >= _SHORTEST and part in words for part in low)
        return f"{first}-{second}" if "-".join(low) in words or parts else first + second

    while text != (text := _CUT_WORD.sub(join, text)):
        pass
    return text.replace(CUT, "")


def joined(lines: Iterable[str]) -> str:
    """Join the lines of one paragraph, and mark where a word was cut."""
    text = ""
    for line in lines:
        if text.endswith(("-", CUT)) and text[-2:-1].isalpha() and line[:1].islower():
            text = text[:-1] + CUT + line
        else:
            text = f"{text} {line}".strip()
    return text


def without_line_ends(text: str) -> str:
    """Join words that are cut at the ends of a plain text's lines."""

    def mark(match: re.Match[str]) -> str:
        return CUT if text[match.end()].islower() else match[0]

    marked = _LINE_END.sub(mark, text)
    return made_whole(marked, words_of([marked])) if marked != text else text
