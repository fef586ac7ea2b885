"""Every prompt of the project, as functions from data to messages.

Training rows are rendered by the same functions that the nodes call, so what a model was trained
on and what it is asked are the same tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

SOURCES = "based on the provided documents"
REFUSAL = f"I don't know {SOURCES}."

ANSWER = (
    "Use the passages to answer the question. Cite like [1]. "
    f"If they do not answer it, reply: {REFUSAL}"
)
GRADE = "Decide whether the passage contains the answer to the question. Reply with yes or no."
REWRITE = (
    "Rewrite the last question so that it can be understood without the conversation. "
    "Reply with the question only."
)
RECALL = f"Answer the question in a few words. If you do not know the answer, reply: {REFUSAL}"
SEARCH = "Write the question again in other words, for a search engine. Reply with the words only."
TALK = "You are a friendly assistant. Reply in one short sentence."


def generate(question: str, passages: Sequence[str], *, before: str = "") -> list[BaseMessage]:
    """Ask for an answer from passages, which are numbered from 1 in the order given.

    `before` is what was asked before a follow-up. All in one message and few words, because the
    untuned base model answers fewer questions right the more it is told how to.
    """
    numbered = "\n\n".join(f"[{n}] {passage}" for n, passage in enumerate(passages, start=1))
    asked = f"{before} {question}".strip()
    return [HumanMessage(f"{ANSWER}\n\n{numbered}\n\nQuestion: {asked}")]


def recall(question: str) -> list[BaseMessage]:
    """Ask for an answer from the model's weights alone: the closed-book prompt."""
    return [SystemMessage(RECALL), HumanMessage(question)]


def grade_document(question: str, passage: str) -> list[BaseMessage]:
    """Ask whether a passage answers a question, to be replied to with yes or no."""
    return [
        SystemMessage(GRADE),
        HumanMessage(
            f"Passage:\n{passage}\n\nQuestion: {question}\n\n"
            "Does the passage answer the question? Reply yes or no."
        ),
    ]


def read_grade(prompt: str) -> tuple[str, str]:
    """Return question and passage of what `grade_document` wrote as its last message."""
    passage, _, rest = prompt.removeprefix("Passage:\n").rpartition("\n\nQuestion: ")
    return rest.removesuffix("\n\nDoes the passage answer the question? Reply yes or no."), passage


def rewrite_follow_up(turns: Sequence[tuple[str, str]], question: str) -> list[BaseMessage]:
    """Ask for a question that stands alone, given the (speaker, text) turns before it."""
    conversation = "\n".join(f"{speaker}: {text}" for speaker, text in turns)
    return [
        SystemMessage(REWRITE),
        HumanMessage(f"{conversation}\nLast question: {question}"),
    ]


def transform_query(question: str) -> list[BaseMessage]:
    """Ask for a search query that finds what the question's own words did not."""
    return [SystemMessage(SEARCH), HumanMessage(question)]


def talk(history: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Ask for a reply to small talk, which ends the history."""
    turns = [message for message in history if isinstance(message, HumanMessage | AIMessage)]
    return [SystemMessage(TALK), *turns]


def passage(text: str, *, heading: str) -> str:
    """Write a passage under the name of the place it comes from."""
    return f"({heading}) {text}" if heading else text
