"""Tell the full stop of an abbreviation from a sentence's; knows words, not layouts."""

from __future__ import annotations

import re

_LONGEST = 12  # characters that can hold the longest abbreviation, and what stands before it

# Names follow these, or the rest of the sentence. Ltd., Inc. and a.m. are not among them: more
# often than not, a capital behind them begins a sentence.
_NEVER_LAST = re.compile(
    r"\b(?:Mrs?|Ms|Messrs|Mmes?|Mlle|Dr|Prof|St|Capt|Maj|Lt|Col|Gen|Sgt|Rev|Hon"
    r"|No|Nos|Fig|Figs|Sec|approx|etc|vs|cf|e\.g|i\.e|incl|excl|zzgl|bzw|[A-Z])\.$"
)
_BEFORE_NUMBER = re.compile(  # parts of a text, bounds, months; any letter, as in p. 7
    r"\b(?:nos?|nr|figs?|sect?|arts?|paras?|par|ch|chap|cl|vols?|pp|pgs?|eqs?|ops?|ref|tab|abb|abs"
    r"|ziff|kap|bd|ext|tel|max|min|ca|circa|ft|al|fl|est|rs|[^\W\d_]"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|okt|oct|nov|dec|dez)\.$",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"\b[a-z]\.$")  # "z. B.", "u. A."
_DAY = re.compile(r"(?<![\d.,])\d{1,2}\.$")
_MONTH = re.compile(
    r"(?:(?:Jan|Febr)uar|März|April|Mai|Juni|Juli|August|Oktober|(?:Sept|Nov|Dez)ember"
    r"|(?:Jan|Feb|Mär|Apr|Jun|Jul|Aug|Sept?|Okt|Nov|Dez)(?=\.))\b"
)


def abbreviated(text: str, start: int, stop: int, following: int) -> bool:
    """Tell whether the full stop before `stop` is an abbreviation's, `start` the sentence's begin.

    What comes behind it, at `following`, may decide: "No. 5", but not "He said no. They left."
    """
    before, after = text[max(start, stop - _LONGEST) : stop], text[following : following + _LONGEST]
    if _NEVER_LAST.search(before):
        return True
    if after[:1].isdigit():
        return bool(_BEFORE_NUMBER.search(before))
    initial = _INITIAL.search(before) and re.match(r"[A-Z]\.", after)
    return bool(initial or (_DAY.search(before) and _MONTH.match(after)))


def cut_off(line: str) -> bool:
    """Tell whether a line ends with an abbreviation that a number may follow: "see Art."."""
    return bool(_BEFORE_NUMBER.search(line[-_LONGEST:]))
