"""Take the question out of a conversation, or say in one line why it cannot be answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from langchain_core.messages import BaseMessage, HumanMessage

MAX_CHARACTERS_PER_TOKEN = 40  # far above any tokenizer's; longer text is refused uncounted


class InvalidQuestion(ValueError):
    """Report a question that cannot be asked; the LangGraph server passes ValueError's text on."""


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


def printable(text: str) -> str:
    """Remove control characters, which mean nothing in a question; line ends become spaces."""
    spaced = " ".join(text.split())
    return "".join(character for character in spaced if character.isprintable())
