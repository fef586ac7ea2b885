"""Tell whether a reply holds an accepted answer; knows nothing of questions or models."""

from __future__ import annotations

import re
import string
import unicodedata

from finetune.evaluation.scores import CITATION, without_citations
from graphs.notation import with_point
from graphs.text import SINGLE, plain

_ARTICLES = frozenset(("a", "an", "the"))
_BETWEEN = rf" (?:(?:{'|'.join(sorted(_ARTICLES))}) )*"
_SIGN = re.compile(r"(?P<inside>(?<=\d)[^\w\s'’](?=\d))|[^\w\s]|_")
"""A sign, which between two digits makes another number: 1.5 is not 15, but 1'500 is 1500."""
_APART = frozenset("—―")  # dashes that stand between words, and join none
_SINGLE = re.compile(SINGLE)


def holds(text: str, answer: str) -> bool:
    """Tell whether a text contains an answer as whole words, articles and punctuation aside.

    Articles and punctuation are those of SQuAD's script, punctuation also any other of Unicode. In
    scripts without spaces an answer may stand inside other words. The marker of a citation, `[1]`,
    is no 1, unless the answer has such brackets itself.
    """
    said = text if CITATION.search(answer) else without_citations(text)
    wanted = _BETWEEN.join(map(re.escape, _wanted(answer)))
    return bool(wanted) and bool(re.search(rf"(?<!\S){wanted}(?!\S)", " ".join(_words(said))))


def can_be_held(answer: str) -> bool:
    """Tell whether a text can contain an answer: nothing is left of one that is an article."""
    return bool(_wanted(answer))


def _wanted(answer: str) -> list[str]:
    """Return the words without articles; at the end stands a name, as in "gate A"."""
    words = _words(answer)
    kept = [word for word in words if word not in _ARTICLES]
    return kept and [word for word in words[:-1] if word not in _ARTICLES] + words[-1:]


def _words(text: str) -> list[str]:
    """Return the words without case and punctuation, of scripts without spaces each letter."""
    bare = _SIGN.sub(_sign, with_point(plain(text)).casefold())
    return _SINGLE.sub(r" \g<0> ", bare).split()


def _sign(found: re.Match[str]) -> str:
    """Write a sign inside a number in one way, and leave out punctuation elsewhere."""
    sign, dash = found[0], unicodedata.category(found[0]) == "Pd"
    if found["inside"]:
        return "-" if dash else "." if sign == ":" else sign  # 18.30 is 18:30
    if sign in _APART:
        return " "
    return "" if sign in string.punctuation or unicodedata.category(sign)[0] == "P" else sign
