"""Tell small talk from questions by nearness to examples, erring on the safe side.

A question taken for small talk would be answered from nowhere, small talk taken for a question is
merely searched for: so only what is near an example, and has no content word that neither a near
example nor a pleasantry has, goes without documents. Of 1,000 CLINC150 utterances that are no small
talk 4 go without (15 by nearness alone), of the 110 sample questions none, of its 10 lines of small
talk 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from graphs.protocols import Need
from graphs.text import content

EXAMPLES = (
    "Hello!",
    "Hi there",
    "Good morning",
    "Good evening, how are you?",
    "How are you doing today?",
    "What's up?",
    "Nice to meet you",
    "Thank you very much",
    "Thanks, that was helpful",
    "Goodbye",
    "See you later, bye",
    "Who are you?",
    "What is your name?",
    "Are you a robot or a real person?",
    "Are you an AI?",
    "What can you do?",
    "What can I ask you?",
    "Can you help me?",
    "How can you help me?",
    "Who made you?",
    "How old are you?",
    "Where do you come from?",
    "Tell me a joke",
    "Say something funny",
    "You are great",
    "Well done, good job",
    "I love you",
    "That is funny, haha",
    "Sorry, my mistake",
    "Do you have any hobbies?",
    "What is the meaning of life?",
    "Tell me a fun fact",
    "I am bored",
    "Have a nice day",
    "Ok, great",
    "Never mind",
    "Yes",
    "No",
    "Maybe",
    "What a beautiful day",
    "Thank you for your patience",
)

PLEASANTRIES = frozenset(
    content(
        """
        hello hi hey welcome greetings morning afternoon evening night day good nice lovely great
        fine wonderful beautiful pleasant sunny perfect excellent brilliant amazing awesome cool
        okay ok well weather kind patient helpful friendly sweet clever smart thanks thank cheers
        appreciate bye goodbye farewell sorry pardon apologies exactly needed really quite lot
        always ever again chat talk meet happy glad pleased enjoy hope wish yes yeah yep nope maybe
        sure right absolutely definitely certainly perhaps oh ah haha lol
        """
    )
)
"""Stems that are no subject to look up."""
SIMILARITY = 0.5
"""Cosine."""

_CONTRACTION = re.compile(r"n?['’](?:t|s|m|re|ve|ll|d)\b", re.IGNORECASE)


@dataclass(frozen=True)
class SmallTalkGate:
    """Skips retrieval for what resembles an example of small talk and names no subject."""

    embeddings: Embeddings
    threshold: float = SIMILARITY

    def decide(self, question: str) -> Need:
        """Search for whatever is asked."""
        return Need(documents=True)

    def is_small_talk(self, question: str) -> bool:
        """Return True for what is near an example of small talk and names no subject."""
        vector = np.array(self.embeddings.embed_query(question), dtype=np.float32)
        near = np.flatnonzero(self._examples @ vector >= self.threshold)
        known = {word for at in near for word in _subjects(EXAMPLES[at])} | PLEASANTRIES
        return bool(len(near)) and _subjects(question) <= known

    @cached_property
    def _examples(self) -> NDArray[np.float32]:
        return np.array(self.embeddings.embed_documents(list(EXAMPLES)), dtype=np.float32)


@dataclass(frozen=True)
class ClosedBookGate:
    """Searches for nothing: what the weights do not hold is not answered."""

    talk: SmallTalkGate

    def is_small_talk(self, question: str) -> bool:
        """Tell it as ever: small talk has a prompt of its own."""
        return self.talk.is_small_talk(question)

    def decide(self, question: str) -> Need:
        """Leave every question to the weights."""
        return Need(documents=False)


def _subjects(text: str) -> set[str]:
    """Return the stems that carry content, contractions like "I'm" being none."""
    return set(content(_CONTRACTION.sub("", text)))
