"""Take the question out of a conversation, or say in one line why it cannot be answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from langchain_core.messages import BaseMessage, HumanMessage

from graphs.errors import InvalidQuestion
from graphs.stops import QUESTION_MARKS, is_question
from graphs.text import ASKS, sentences

MAX_CHARACTERS_PER_TOKEN = 40  # far above any tokenizer's; longer text is refused uncounted
_JOINERS = "\u200c\u200d"
"""Signs by which Persian and Indic words, and emoji, are written; neither has a width."""
_UNJOINED = re.compile(rf"(?<!\S)[{_JOINERS}]+")
_HOW = re.compile(
    r"(?:please )?(?:reply|answer|respond|return|output)\b[^.!?]{0,24}?\b(?:with|in|as|only)\b",
    re.IGNORECASE,
)
_MARKED = (
    r"(?<!\w)(?:\"[^\"]+\"|“[^”]+”|„[^“”]+[“”]|«[^»]+»"
    r"|'.{1,500}?'|‘.{1,500}?’|「[^」]+」)(?!\w)"
)
_QUOTED = re.compile(rf"(?P<choice>{_MARKED}(?:\W{{1,4}}(?:\w+\W{{1,4}})?{_MARKED})+)|{_MARKED}")
"""What stands in quotation marks; a choice where a word at most parts it from the next."""
_BEHIND = re.compile(rf"(?P<asks>\s*(?:{ASKS.pattern})[^:?]*):\s(?!.*\bor\b).*", re.IGNORECASE)
"""A question with what it asks about behind its colon, unless that is a choice."""

_SAID_BEHIND = re.compile(rf"(?<=[{QUESTION_MARKS}])\s+[^{QUESTION_MARKS}]*\Z")
"""What is only said behind the last question, though in small letters."""


def read_question(
    messages: Sequence[BaseMessage], count: Callable[[str], int], max_tokens: int
) -> str:
    """Return the text of the last message, control characters removed.

    Raises InvalidQuestion when there is none, when it is not the user's, or when it is too long.
    """
    if not messages or not isinstance(messages[-1], HumanMessage):
        raise InvalidQuestion("the last message is not a question: end 'messages' with the user's")
    text = printable(messages[-1].text).strip()
    if not text:
        raise InvalidQuestion("the question is empty: ask something in words")
    check_length(text, count, max_tokens)
    return text


def check_length(text: str, count: Callable[[str], int], max_tokens: int) -> None:
    """Raise InvalidQuestion for a question of more tokens."""
    too_long = len(text) > max_tokens * MAX_CHARACTERS_PER_TOKEN
    tokens = len(text) // MAX_CHARACTERS_PER_TOKEN if too_long else count(text)
    if tokens > max_tokens:
        raise InvalidQuestion(
            f"the question has {len(text):,} characters, more than {max_tokens} tokens: shorten "
            "it, or put the long text into a document"
        )


def subject(question: str) -> str:
    """Return a question without the sentences that say how to reply, which no document speaks of.

    All of it when nothing else would be left.
    """
    parts = [question[start:end].strip() for start, end in sentences(question)]
    return " ".join(part for part in parts if not _HOW.match(part)) or question


def until_asked(question: str) -> str:
    """Return a question without what is only said behind it."""
    return _SAID_BEHIND.sub("", question)


def asking(question: str) -> str:
    """Return what of a question asks: none of the words that it quotes or only tells.

    A choice between quotations is asked.
    """
    left = _QUOTED.sub(lambda found: found["choice"] or " ", question)
    parts = [left[start:end].strip() for start, end in sentences(left)]
    return " ".join(_BEHIND.sub(r"\g<asks>", part) for part in parts if _asks(part))


def _asks(sentence: str) -> bool:
    """Tell whether a sentence ends as a question, or has no end and begins as one."""
    return is_question(sentence) or bool(sentence[-1:].isalnum() and ASKS.match(sentence))


def printable(text: str) -> str:
    """Remove control characters, which mean nothing in a question; line ends become spaces.

    What joins letters or parts them inside a word stays, as documents have it.
    """
    spaced = " ".join(text.split())
    shown = "".join(sign for sign in spaced if sign.isprintable() or sign in _JOINERS)
    return _UNJOINED.sub("", shown)
