"""Words and sentences with their places; knows nothing of passages or answers."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from snowballstemmer import stemmer

from graphs.abbreviations import MARKS, OPENING, abbreviated
from graphs.capitals import is_shouted, is_small
from graphs.letters import COMBINED, bare, unelided, without_accents
from graphs.notation import apart, with_decimals, with_point
from graphs.numbering import counts_nothing
from graphs.stops import CLOSING, STOPS, WIDE
from graphs.stopwords import STOPWORDS

Span = tuple[int, int]

YES_NO = re.compile(
    r"(?:is|are|was|were|do|does|did|can|could|may|must|shall|should|will|would|has|have|am)\b",
    re.IGNORECASE,
)
"""How questions begin that are answered with yes or no."""

PREPOSITION = r"(?:at|by|for|from|in|of|on|to|until|under|with)"

QUESTION_WORD = (
    rf"(?:{PREPOSITION}\s+)?"
    r"(?:who|whom|whose|what|when|where|which|why|how)\b"
)
ASKS = re.compile(rf"{QUESTION_WORD}|{YES_NO.pattern}", re.IGNORECASE)
"""How questions begin."""

_UNITS = dict(zip("two three four five six seven eight nine".split(), range(2, 10), strict=True))
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_POWERS = {"hundred": 100, "thousand": 1000}
_NUMBER_WORDS = {
    **{word: str(n) for word, n in {"zero": 0, "dozen": 12, **_UNITS, **_POWERS}.items()},
    **{word: str(n) for n, word in enumerate(_TEENS, start=10)},
    **{word: str(10 * n) for n, word in enumerate(_TENS, start=2)},
    **{f"{tens}-one": str(10 * n + 1) for n, tens in enumerate(_TENS, start=2)},
    **{f"{t}-{u}": str(10 * n + d) for n, t in enumerate(_TENS, 2) for u, d in _UNITS.items()},
    **{f"{u} {p}": str(d * n) for u, d in _UNITS.items() for p, n in _POWERS.items()},
    **dict(zip("first second third".split(), ("1st", "2nd", "3rd"), strict=True)),
    **{
        word: f"{n}th"
        for n, word in enumerate("fourth fifth sixth seventh eighth ninth tenth".split(), start=4)
    },
    "half": "½",
}
"""Digits for words; "one" is left out, because it is a pronoun more often than a number."""

_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"  # written without spaces, and so
_THAI = (
    r"\u0e01-\u0e4e\u0e80-\u0ecf\u0edc-\u0eff\u1000-\u103f\u1050-\u108f\u1780-\u17df"  # and others
)
SINGLE = rf"[{_CJK}]|[{_THAI}](?<=\w)[{COMBINED}]*"
"""A letter of a script without spaces, which is a word of its own."""
_LETTERS = rf"[^\W_{_CJK}{_THAI}]"
_WORD = rf"{_LETTERS}+(?:[{COMBINED}](?<=[^\W\d_].)[{COMBINED}]*{_LETTERS}*)*"
_NUMBER = r"[£$€]\d+(?:[.,:]\d+)*|\d+(?:[.,:]\d+)+"
_COMPOUND = "|".join(word for word in _NUMBER_WORDS if not word.isalpha() and word.isascii())
_TOKEN = re.compile(
    rf"{SINGLE}|{_NUMBER}|\b(?i:{_COMPOUND})\b|{_WORD}(?:['’]{_WORD})*"  # compounds stay whole
)
_RAISED = re.compile(r"(?<=\d)(?=[⁰¹²³⁴-⁹])")
LEADER = r"(?<!\.{4})(?<!\.\s\.)"
"""What is no sentence's end: dots that lead over to the next column."""
_CLOSED = r"[\"'“”‘’»«›‹)\]}*_`~]|[^\S\n][»›](?=\s)|</\w+>"  # « » may have spaces inside
_CITED = r"\[\d{1,3}(?:,\d{1,3})*\]"
_WIDE_CLOSED = (  # marks that may as well open the next sentence close only at white space
    rf"[{CLOSING})\]}}]|[\"'*_`~]+(?=\s|\Z|{_CITED}|[{WIDE}{CLOSING})])|</\w+>"
)
_WIDE_BEHIND = rf"(?:(?:{_WIDE_CLOSED})(?:[^\S\n]*{_CITED})*|{_CITED})[{WIDE}]*"
_QUOTED_ON = r"と|って|の|を|[、，,；;：:]"
"""How a sentence goes on behind what it quotes: with a particle of Japanese, or a comma."""
_SENTENCE_END = re.compile(  # what is cited behind a quotation's end belongs to it
    rf"(?<=[{STOPS}]){LEADER}(?:(?:{_CLOSED})(?:[^\S\n]*{_CITED})*|{_CITED})*+\s+"
    rf"(?=(?P<opened>(?:[{re.escape(OPENING)}]|(?<=[«‹])[^\S\n]|<\w[^<>]*>)*)(?P<first>[^\W_]))"
    rf"|(?<=[{WIDE}])[{WIDE}]*+(?:(?:{_WIDE_BEHIND})++(?!{_QUOTED_ON})|(?!{_WIDE_BEHIND}))"
)
_LINE_END = re.compile(
    r"\n\s*\n|^#{1,6} .*\n|\n(?=\s*(?:[-*•|#]|\d{1,3}[.)])\s)|(?<=\|)[ \t]*\n|\n(?=[^\n]*\|)",
    re.MULTILINE,
)
_NUMBERED = re.compile(r"[\s|]*\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-z]|[ivxl]+)[.)]")  # a list's number
_PRONOUN = re.compile(r"i(?:['’]\w+)?")
_CODE_OR_YEAR = re.compile(r"(?=.*\d)(?=.*[^\W\d_])[^\W_]+|1[89]\d\d|20\d\d")
LABEL = 3  # words
FEW_NAMES = 2  # so many capitals are no title: "Where is Marram Bay?"
_STEMMING = threading.Lock()
_STEMMER: Any = stemmer("english")  # leaves most words of other languages as they are


def ends_open(line: str) -> bool:
    """Tell a line that ends within its sentence: with a comma, or a word such as "in"."""
    last = line.split()[-1]
    return line.endswith(",") or (last.islower() and last in STOPWORDS)


def plain(text: str) -> str:
    """Write characters in their plain forms (NFKC), a raised digit after a number apart from it.

    450¹ is 450 with a footnote and 10⁶ a power: neither is 4501 or 106. m² becomes m2, 1½ 1.5, and
    the numbers of 1,2,3 stand apart.
    """
    return apart(unicodedata.normalize("NFKC", with_decimals(_RAISED.sub("^", text))))


def words(text: str) -> list[str]:
    """Split text into case-folded words and numbers; 12:30 and 1,500.00 stay whole."""
    return [token for token, _ in _tokens(text)]


def content(text: str) -> list[str]:
    """Return the words that carry content, numbers included, stemmed."""
    return [stem(word) for word in telling(text)]


def telling(text: str) -> list[str]:
    """Return the words that carry content; a name in capitals does, as IT."""
    shouted = is_shouted(text)
    return [token for token, raw in _tokens(text) if not is_small(raw, shouted=shouted)]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Cut a word to what its inflections share; numbers and codes stay whole.

    £13.60 and 13.60 are the same amount in a text and in a table, but £1 is not any 1. A number
    written out becomes digits, a comma before decimals a point, and ø an o. Of an elided word what
    carries the meaning is left.
    """
    said = unelided(word)
    return _number(said) or _uninflected(bare(said))


def search_stem(word: str) -> str:
    """Cut a word as indexes hold it: what they hold must not change with how claims are read."""
    return _number(word) or _uninflected(without_accents(word))


def _number(word: str) -> str:
    """Return how a number is compared; nothing for a word."""
    if word in _NUMBER_WORDS:
        return _NUMBER_WORDS[word]
    if not is_number(word):
        return ""
    written = with_point(with_decimals(word))
    return written.lstrip("£$€") if "." in written else written


@lru_cache(maxsize=50_000)
def _uninflected(letters: str) -> str:
    plain = letters.replace("’", "'").removesuffix("'s")
    with _STEMMING:  # it keeps the word that it is at in itself
        return str(_STEMMER.stemWord(plain))


def is_number(word: str) -> bool:
    """Tell whether a word is a number or holds a digit, so that nothing may stand in for it."""
    return word in _NUMBER_WORDS or any(character.isnumeric() for character in word)


def names(text: str) -> set[str]:
    """Return the stems that name something: a capital inside a sentence, a code, or a year."""
    coded = {stem(token) for token, _ in _tokens(text) if _CODE_OR_YEAR.fullmatch(unelided(token))}
    return coded | _inside(text, capital=True)


def named(text: str) -> list[str]:
    """Return the words of `names` as they are written, in their order."""
    known = names(text)
    return [raw for token, raw in _tokens(text) if stem(token) in known]


def doubtful_names(text: str) -> set[str]:
    """Return the names that may be none, because most words have a capital, as in a title.

    Whether they are names shows in how others write them: see `uncapitalised`.
    """
    capitalised, others = _inside(text, capital=True), _inside(text, capital=False)
    mostly = len(capitalised) > max(len(others), FEW_NAMES)
    return {word for word in capitalised if not is_number(word)} if mostly else set()


def sure_names(text: str, beside: Iterable[str]) -> set[str]:
    """Return a text's names, but of a title's capitals only what no text beside it writes small."""
    doubtful = doubtful_names(text)
    small = set().union(*map(uncapitalised, beside)) if doubtful else set()
    return names(text) - (doubtful & small)


def uncapitalised(text: str) -> set[str]:
    """Return the stems of the words without a capital."""
    return {stem(token) for token, raw in _tokens(text) if raw.islower()}


def _inside(text: str, *, capital: bool) -> set[str]:
    """Return the stems inside sentences that begin with a capital, or those that do not."""
    shouted = text.isupper()  # then a capital says nothing
    return {
        stem(token)
        for start, end in sentences(text)
        for token, raw in list(_tokens(text[start:end]))[1:]
        if (unelided(raw)[0].isupper() and not shouted) is capital
        and not is_small(raw, shouted=shouted)
        and not _PRONOUN.fullmatch(token)
    }


def sentences(text: str) -> list[Span]:
    """Return the spans of sentences, list items and table rows; a wrapped line ends none."""
    return [
        (start, end)
        for line_start, line_end in _pieces(text, 0, len(text), _LINE_END)
        for start, end in _pieces(text, line_start, line_end, _SENTENCE_END)
    ]


def _pieces(text: str, start: int, end: int, separator: re.Pattern[str]) -> Iterator[Span]:
    """Cut a span at each separator, white space left out of the pieces."""
    position = start
    for match in separator.finditer(text, start, end):
        if _goes_on(text, position, match):
            continue
        yield from trimmed(text, position, match.end())
        position = match.end()
    yield from trimmed(text, position, end)


def _is_small(gap: re.Match[str]) -> bool:
    """Tell whether what follows is no sentence's first letter; in code a small one may be."""
    found = gap.groupdict()
    return bool(found.get("first")) and found["first"].islower() and "`" not in found["opened"]


def _goes_on(text: str, start: int, gap: re.Match[str]) -> bool:
    """Tell whether what stands between ends no sentence.

    It may follow a number, an abbreviation or a label in emphasis, or a number may follow:
    "**Late fees.** They are due."
    """
    if _is_small(gap):
        return True
    if not gap[0].strip(MARKS).isspace():
        return False
    if _NUMBERED.fullmatch(text, start, gap.start()) or abbreviated(text, start, *gap.span()):
        return True
    if gap[0][0] in MARKS and len(words(text[start : gap.start()])) <= LABEL:
        return True
    return gap[0] == "\n" and counts_nothing(text, gap.end())


def trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield a span without the white space at its ends; nothing where there is nothing else."""
    piece = text[start:end]
    if piece.strip():
        yield start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield each token case-folded and as written."""
    for match in _TOKEN.finditer(plain(text)):
        yield match[0].casefold(), match[0]
