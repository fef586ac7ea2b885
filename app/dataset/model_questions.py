"""Have a chat model turn a statement with a blank into a question; knows no documents."""

from __future__ import annotations

import re

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from app.dataset.spans import AnswerKind

BLANKS: dict[AnswerKind, str] = {
    AnswerKind.PRICE: "how much",
    AnswerKind.DATE: "when",
    AnswerKind.TIME: "when",
    AnswerKind.DURATION: "how long",
    AnswerKind.MEASURE: "how much",
    AnswerKind.SHARE: "how much",
}
"""What stands for an answer of each kind that a model is asked about.

For names and bare numbers the untuned base wrote no right question in 40 tries.
"""
EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "how much": (
        (
            "A permit for the north car park costs [how much] a year",
            "How much does a permit for the north car park cost a year?",
        ),
        ("the lake is [how much] deep at the old weir", "How deep is the lake at the old weir?"),
        (
            "Members pay a deposit of [how much] for each key",
            "How much deposit do members pay for each key?",
        ),
    ),
    "when": (
        ("the museum café closes at [when]", "When does the museum café close?"),
        (
            "Applications must reach the office by [when]",
            "By when must applications reach the office?",
        ),
        (
            "The bridge was opened in [when] by the mayor",
            "When was the bridge opened by the mayor?",
        ),
    ),
    "how long": (
        (
            "Spare filters are kept for [how long] in a dry room",
            "How long are spare filters kept in a dry room?",
        ),
        ("Complaints are answered within [how long]", "Within how long are complaints answered?"),
        (
            "A visitor may stay [how long] without a permit",
            "How long may a visitor stay without a permit?",
        ),
    ),
}
"""Statements and their questions, by blank, so that the model sees how such a question begins."""

_CLAUSE_END = re.compile(r";\s|,\s(?=(?:and|but|while|because|unless|so) )")
_QUESTION = re.compile(r"[^?\n\[\]]*\?")


def blanked(text: str, start: int, end: int, kind: AnswerKind | None) -> str:
    """Return the clause of a sentence that holds a span, with a blank in the span's place.

    The blank says what is missing, as in "[when]"; without a kind it is "[]".
    """
    cuts = [match.span() for match in _CLAUSE_END.finditer(text)]
    left = max((stop for _, stop in cuts if stop <= start), default=0)
    right = min((begin for begin, _ in cuts if begin >= end), default=len(text))
    blank = BLANKS[kind] if kind else ""
    clause = f"{text[left:start]}[{blank}]{text[end:right]}"
    return " ".join(clause.replace("*", "").split()).strip("-*• ").rstrip(".!")


def ask(statement: str) -> list[BaseMessage]:
    """Ask for the question whose answer fits a statement's blank, with worked examples.

    Told to ask about a passage, the untuned base model writes statements or asks about something
    else; putting a blanked statement into the order of a question it can. Raises ValueError for a
    statement without a blank.
    """
    blank = re.search(rf"\[({'|'.join(EXAMPLES)})\]", statement)
    if blank is None:
        raise ValueError(f"{statement!r} has no blank: give one of {sorted(EXAMPLES)} in brackets")
    turns: list[BaseMessage] = []
    for shown, question in EXAMPLES[blank[1]]:
        turns += [HumanMessage(_request(shown)), AIMessage(question)]
    return [*turns, HumanMessage(_request(statement))]


def clean(reply: str) -> str | None:
    """Return a reply's question on one line, or None where it has none."""
    match = _QUESTION.match(reply.strip())
    return " ".join(match[0].split()).strip("\"'“”*") if match else None


def _request(statement: str) -> str:
    return f"Write as a question: {statement}."
