"""Turn a statement with a blank into a question by rule, where its grammar is plain.

The subject must stand before a form of "to be", a modal or one of a few verbs; everything else is
left to a model. After the overgenerating rules of Heilman and Smith (NAACL 2010), without a parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.dataset.spans import AnswerKind
from graphs.stopwords import STOPWORDS

_AUXILIARY = r"is|are|was|were|can|may|must|will|shall|should|could|would"
_VERBS = (
    "open close leave depart arrive start begin end run sail last take cost carry hold weigh "
    "measure land meet reach stay wait expire"
)
_PREPOSITION = (
    r"(?:(?:up|next) to|at (?:least|most|about)|no (?:more|less|later) than|more than|less than"
    r"|at|by|from|to|until|till|after|before|within|for|on|in|above|over|about|under|since"
    r"|every)"
)
_STATEMENT = re.compile(
    rf"(?P<subject>[^,;:()\[\]]{{3,80}}?) "
    rf"(?:(?P<aux>{_AUXILIARY})|(?P<verb>{_VERBS.replace(' ', '|')})s) (?P<rest>.*)"
)
_PLACED = re.compile(rf"(?P<before>.*?)(?P<preposition>\b{_PREPOSITION} )?\[\](?P<after>.*)")
_CUT = re.compile(r"[,;:(]|\s(?:and|or|but|with|where|which|when|if|unless)\s")
_NO_SUBJECT = re.compile(
    rf"(?:it|its|he|she|they|we|you|i|this|that|these|those|there|here|who|which|what|if|when|once"
    rf"|where|while|as|each|both|but|and|or|so|then|no|not|{_PREPOSITION}) ",
    re.IGNORECASE,
)
_UNCLEAR = re.compile(
    r"\b(?:that|which|who|whose|when|where|if|because|than|not|no|never)\b"  # another clause
    r"|\b[A-Z]{4,}\b|\b\d+\.\d+ [A-Z]"  # a heading that ran into the sentence
    rf"|\|.*(?:[,;:(]| and ).*\||\b{_PREPOSITION} \|$"
)
_ROLE = re.compile(
    r"\b(?:manager|master|director|captain|officer|chair|head|owner|founder|author|contact|clerk"
    r"|president|secretary|treasurer|teacher|doctor|engineer|superintendent|mayor|editor)\b",
    re.IGNORECASE,
)
_COMMON_NOUN = re.compile(r"(?:s|ing|ion|ment|ance|ence)$")
_DAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?")
_MONTH = re.compile(
    r"January|February|March|April|May|June|July|August|September|October|November|December"
)
_WHAT: dict[AnswerKind, str] = {
    AnswerKind.PRICE: "how much",
    AnswerKind.SHARE: "how much",
    AnswerKind.MEASURE: "how much",
    AnswerKind.DURATION: "how long",
    AnswerKind.TIME: "what time",
    AnswerKind.DATE: "what date",
    AnswerKind.NUMBER: "how many",
}


@dataclass(frozen=True)
class _Parts:
    """A statement taken apart around its blank."""

    subject: str
    verb: str
    """What goes before the subject in a question."""
    main: str
    """The main verb where `verb` is "does", else empty."""
    before: str
    preposition: str
    after: str

    @property
    def is_plain(self) -> bool:
        """Tell whether nothing stands between the verb and the blank."""
        return not self.before and not self.preposition


def front(statement: str, kind: AnswerKind, answer: str) -> str | None:
    """Return the question that an answer fills, or None where no rule fits.

    The statement has a blank, written `[]`, in the answer's place.
    """
    parts = _parts(statement)
    asked = _asked(parts, kind, answer) if parts else None
    if parts is None or asked is None:
        return None
    # "Within how many days of travel ...", where the amount is of something.
    moves = parts.preposition and parts.after.startswith("of ")
    near, far = (parts.after, "") if moves else ("", parts.after)
    words = (asked, near, parts.verb, parts.subject, parts.main, parts.before, far)
    question = " ".join(" ".join(words).split())
    return f"{question[0].upper()}{question[1:]}?"


def _parts(statement: str) -> _Parts | None:
    match = _STATEMENT.fullmatch(statement)
    place = _PLACED.fullmatch(match["rest"]) if match else None
    if match is None or place is None or _NO_SUBJECT.match(f"{match['subject']} "):
        return None
    before = place["before"].strip(" ,")
    if _UNCLEAR.search(f"{match['subject']} | {before} |"):
        return None
    return _Parts(
        subject=_uncapitalised(match["subject"]),
        verb=match["aux"] or "does",
        main=match["verb"] or "",
        before=before,
        preposition=(place["preposition"] or "").strip(),
        after=_CUT.split(place["after"], maxsplit=1)[0].strip(),
    )


def _asked(parts: _Parts, kind: AnswerKind, answer: str) -> str | None:
    """Choose the words that begin the question, or None where that is unclear."""
    if kind is AnswerKind.NAME:
        return _asked_name(parts, answer)
    if kind not in _WHAT:
        return "what" if parts.is_plain else None
    if parts.preposition:
        return _asked_by_preposition(parts.preposition, kind, answer)
    if not parts.is_plain:  # "may hold [] cards": where the object ends is unclear
        return None
    if parts.verb == "does":
        return _amount(kind, answer) if kind is not AnswerKind.NUMBER else None
    if kind in {AnswerKind.TIME, AnswerKind.DATE}:
        return "when"
    # A noun or adjective after the blank would have to move with it.
    moved = parts.after and parts.after.split()[0].casefold() not in STOPWORDS
    return None if moved else "what"


def _asked_by_preposition(preposition: str, kind: AnswerKind, answer: str) -> str | None:
    if kind is AnswerKind.NUMBER:
        return None
    if preposition == "every":
        return "how often" if kind is AnswerKind.DURATION else None
    if preposition == "from" and " to " in answer:
        return "when"
    if kind is AnswerKind.PRICE and preposition in {"at", "for"}:
        return f"{preposition} what price"
    return f"{preposition} {_amount(kind, answer)}"


def _amount(kind: AnswerKind, answer: str) -> str:
    """Ask for an amount by its unit, as in "how many days"."""
    *number, unit = answer.split()
    if kind in {AnswerKind.DURATION, AnswerKind.MEASURE} and len(number) == 1 and unit[-1] == "s":
        return f"how many {unit}"
    if kind is AnswerKind.DATE and answer.isdecimal():
        return "what year"
    return _WHAT[kind]


def _asked_name(parts: _Parts, answer: str) -> str | None:
    if _DAY.fullmatch(answer):
        return "on which day" if parts.preposition == "on" else None
    if parts.preposition == "in" and parts.verb != "does":
        return "in which month" if _MONTH.fullmatch(answer) else "where"
    if not parts.is_plain or parts.verb not in {"is", "was"}:
        return None
    return "who" if _ROLE.search(parts.subject) else "what"


def _uncapitalised(subject: str) -> str:
    """Write a subject as it stands inside a sentence; a lone word may be a name."""
    first, _, others = subject.partition(" ")
    inside = others[:1].islower() or others[:1].isdigit()
    common = first.lower() in STOPWORDS or inside or _COMMON_NOUN.search(first)
    return subject[0].lower() + subject[1:] if common and not first[1:2].isupper() else subject
