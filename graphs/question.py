"""Take the question out of a conversation, or say in one line why it cannot be answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from langchain_core.messages import BaseMessage, HumanMessage

from graphs.errors import InvalidQuestion
from graphs.text import sentences

MAX_CHARACTERS_PER_TOKEN = 40  # far above any tokenizer's; longer text is refused uncounted
_HOW = re.compile(
    r"(?:please )?(?:reply|answer|respond|return|output)\b[^.!?]{0,24}?\b(?:with|in|as|only)\b",
    re.IGNORECASE,
)


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
    too_long = len(text) > max_tokens * MAX_CHARACTERS_PER_TOKEN
    tokens = len(text) // MAX_CHARACTERS_PER_TOKEN if too_long else count(text)
    if tokens > max_tokens:
        raise InvalidQuestion(
            f"the question has {len(text):,} characters, more than {max_tokens} tokens: shorten "
            "it, or put the long text into a document"
        )
    return text


def subject(question: str) -> str:
    """Return a question without the sentences that say how to reply, which no document speaks of.

    All of it when nothing else would be left.
    """
    parts = [question[start:end].strip() for start, end in sentences(question)]
    return " ".join(part for part in parts if not _HOW.match(part)) or question


def printable(text: str) -> str:
    """Remove control characters, which mean nothing in a question; line ends become spaces."""
    spaced = " ".join(text.split())
    return "".join(character for character in spaced if character.isprintable())
