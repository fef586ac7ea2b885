"""Tell the full stop of an abbreviation from a sentence's; knows words, not layouts."""

from __future__ import annotations

import re

from graphs.letters import bare
from graphs.ordinals import begins_sentence, is_ordinal

OPENING = "\"'“”„‟‘’‚«»‹›([{¿¡*_`~"
"""What may stand before a word: quotation marks, brackets, and marks of emphasis and code."""
MARKS = "*_`~"
"""Those of them that only say how a text looks."""

_LONGEST = 40  # characters that can hold the longest abbreviation, and what stands before it
_NEAR = 400  # characters on both sides that show how a text is written

# Names follow these, or the rest of the sentence. Ltd., Inc. and a.m. are not among them: more
# often than not, a capital behind them begins a sentence.
_NEVER_LAST = re.compile(
    r"\b(?:Mrs?|Ms|Messrs|Mmes?|Mlle|Dr|Prof|St|Capt|Maj|Lt|Col|Gen|Sgt|Rev|Hon"
    r"|Sra|Srta|Dra|Sig|Dott|Ing"
    r"|No|Nos|Fig|Figs|Sec|approx|etc|vs|cf|e\.g|i\.e|incl|excl|zzgl|bzw)\.$"
)
_BEFORE_NUMBER = re.compile(  # parts of a text, bounds, months; any letter, as in p. 7
    r"\b(?:nos?|nr|figs?|sect?|arts?|paras?|par|ch|chap|cl|vols?|pp|pgs?|eqs?|ops?|ref|tab|abb|abs"
    r"|ziff|kap|bd|ext|tel|max|min|ca|circa|ft|al|fl|est|rs|[^\W\d_]"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|okt|oct|nov|dec|dez)\.$",
    re.IGNORECASE,
)
_LETTER = re.compile(r"\b[^\W\d_]\.$")
_SHORT = re.compile(r"[^\W\d_]{1,3}\.")
_DAY = re.compile(r"(?<![\d.,])\d{1,2}\.$")
_MONTH = re.compile(
    r"(?:(?:Jan|Febr)uar|März|April|Mai|Juni|Juli|August|Oktober|(?:Sept|Nov|Dez)ember"
    r"|(?:Jan|Feb|Mär|Apr|Jun|Jul|Aug|Sept?|Okt|Nov|Dez)(?=\.))\b"
)
_WORD = re.compile(r"\W*(?P<letters>[^\W\d_]{2,})\.")
_UNSPOKEN = re.compile(r"[^aeiouy]+|.*[bcdfgkmnpqstvxz]l")
"""What nobody can say: a word without a vowel, or that ends as "inkl" does."""


def abbreviated(text: str, start: int, stop: int, following: int) -> bool:
    """Tell whether the full stop before `stop` is an abbreviation's, `start` the sentence's begin.

    So is that of an ordinal. What comes behind it, at `following`, may decide: "No. 5", but not
    "He said no. They left."
    """
    before = text[max(start, stop - _LONGEST) : stop].translate(dict.fromkeys(map(ord, MARKS)))
    after = text[following : following + _LONGEST].lstrip(OPENING)
    if _NEVER_LAST.search(before) or _is_initial(before, after):
        return True
    if after[:1].isdigit():
        return bool(_BEFORE_NUMBER.search(before))
    if _DAY.search(before) and _MONTH.match(after):
        return True
    near = text[max(0, stop - _NEAR) : following + _NEAR]
    cut = _is_cut_short(before.split()) or is_ordinal(before, near)
    return cut and not begins_sentence(after, near)


def cut_off(line: str) -> bool:
    """Tell whether a line ends with an abbreviation that a number may follow: "see Art."."""
    return bool(_BEFORE_NUMBER.search(line[-_LONGEST:]))


def _is_initial(before: str, after: str) -> bool:
    """Tell the letter of a name, and a small one before another abbreviation, as in "z. B."."""
    letter = _LETTER.search(before)
    return letter is not None and (letter[0].isupper() or bool(_SHORT.match(after)))


def _is_cut_short(words: list[str]) -> bool:
    """Tell whether the last word is no whole one, by its letters.

    A unit behind its number may be last, and what follows on a name: "5 km.", "Acme Ltd.".
    """
    *earlier, last = words or [""]
    word = _WORD.fullmatch(last)
    if word is None or not word["letters"][1:].islower():
        return False
    if earlier and (earlier[-1][-1].isdigit() or _is_of_a_name(word["letters"], earlier)):
        return False
    letters = bare(word["letters"].casefold())
    return letters.isascii() and bool(_UNSPOKEN.fullmatch(letters))


def _is_of_a_name(word: str, earlier: list[str]) -> bool:
    """Tell a word with a capital behind another one that is not a sentence's first."""
    return word[0].isupper() and len(earlier) > 1 and earlier[-1][0].isupper()
