"""Judge whether a generated question is one, fits its answer, and leads back to its passage."""

from __future__ import annotations

import re
from enum import StrEnum

from app.dataset.spans import AnswerKind, occurrences
from finetune.evaluation.scores import token_f1
from graphs.text import content, sentences, words

FEWEST_WORDS, MOST_WORDS = 4, 30
FEWEST_NAMED = 2  # content words; "What is the minimum?" could be asked of every document
FROM_PASSAGE = 0.8  # share of a question's content that its passage must hold
OF_STATEMENT = 0.6  # share of the statement's content that a model's question must keep
SAME_ANSWER = 0.5  # token F1 between two answers
ASKING = frozenset("price time date year month day name many long often time happen kind".split())
"""Words that belong to asking, which no passage need hold."""


class Dropped(StrEnum):
    """Why a candidate question was not kept."""

    NO_QUESTION = "no question came"
    LENGTH = "shorter than 4 or longer than 30 words"
    GIVES_ANSWER = "holds its own answer"
    WRONG_KIND = "begins as no question for such an answer, as with who for a price"
    FOREIGN = "names too little of the passage, or other things"
    DUPLICATE = "asked before"
    AMBIGUOUS = "other passages answer it differently, with its title as well"
    NOT_FOUND = "the search does not bring its passage back"
    NOT_ANSWERED = "leads to another sentence, and the model's answer differs too"
    SURPLUS = "the chunk had enough"


_AMOUNT_ASKED = re.compile(r"\bhow (?:long|much|many)\b", re.IGNORECASE)
_OPENINGS: dict[AnswerKind, str] = {
    AnswerKind.PRICE: r"(?:\w+ ){0,2}(?:how much|what|which)",
    AnswerKind.DATE: r"when|since when|(?:\w+ ){0,2}(?:what|which)(?! time)",
    AnswerKind.TIME: r"when|until when|how (?:early|late)|(?:\w+ ){0,2}what (?:time|hour)",
    AnswerKind.DURATION: r"(?:\w+ ){0,2}(?:how|what)|when",
    AnswerKind.MEASURE: r"(?:\w+ ){0,2}(?:how|what)",
    AnswerKind.SHARE: r"(?:\w+ ){0,2}(?:how|what)",
    AnswerKind.NUMBER: r"(?:\w+ ){0,2}(?:how|what|which)",
}
"""What a question for such an answer begins with; the other kinds fit every question."""


def misshapen(question: str, answer: str, kind: AnswerKind) -> Dropped | None:
    """Return what is wrong with a question whatever its passage says."""
    if not FEWEST_WORDS <= len(words(question)) <= MOST_WORDS:
        return Dropped.LENGTH
    if occurrences(question, answer) or (content(answer) and not _beyond(answer, question)):
        return Dropped.GIVES_ANSWER
    opens = re.match(rf"(?:{_OPENINGS.get(kind, '')})", question, re.IGNORECASE)
    if not opens or len(_AMOUNT_ASKED.findall(question)) > 1:
        return Dropped.WRONG_KIND
    return None


def is_foreign(question: str, passage: str) -> bool:
    """Tell whether a question names too little of a passage, or things that it does not hold."""
    names = _named(question)
    named = names & set(content(passage))
    return len(named) < FEWEST_NAMED or len(named) < FROM_PASSAGE * len(names)


def keeps(question: str, statement: str) -> bool:
    """Tell whether a question says what the statement says that it was made from, and no more."""
    stated = {word for word in content(statement) if word not in ASKING}
    names = _named(question)
    return names <= stated and len(names) >= OF_STATEMENT * len(stated)


def leads_to(question: str, passage: str, start: int) -> bool:
    """Tell whether the sentence at an offset shares more content with a question than any other."""
    names = _named(question)
    shared = {span: len(names & set(content(passage[slice(*span)]))) for span in sentences(passage)}
    own = next(span for span in shared if span[0] <= start < span[1])
    return all(shared[own] > count for span, count in shared.items() if span != own)


def same_answer(reply: str, answer: str) -> bool:
    """Tell whether a reply holds an answer, or shares at least half of its words (token F1)."""
    return bool(occurrences(reply, answer)) or token_f1(reply, [answer]) >= SAME_ANSWER


def _named(question: str) -> set[str]:
    return {word for word in content(question) if word not in ASKING}


def _beyond(answer: str, question: str) -> set[str]:
    return set(content(answer)) - set(content(question))
