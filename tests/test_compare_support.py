"""The support of an answer's claims is measured with the question that is served."""

from collections.abc import Sequence
from typing import Any

import pytest
from graph_parts import FixedCompletion, make_graph, passage
from langchain_core.documents import Document
from word_verifier import WordVerifier

from app.answers import Answer, to_answer
from app.compare.judge.scores import score_answer
from app.dataset.pairs import Pair
from app.models.line_reader import LineReader
from app.models.verifier import ReaderVerifier
from graphs.protocols import Claim, Support

BOAT = passage("boats.md", "The Linnet leaves at nine.")
FARE = passage("fares.md", "The fare of the Linnet is five pounds.")
ONE, OTHER = "When does the Linnet leave?", "What is the fare of the Linnet?"
BOTH = "When does the Linnet leave, and what is the fare of the Linnet?"
AT_NINE = {"role": "assistant", "content": "At nine."}
SAID = ({"role": "user", "content": ONE}, AT_NINE)
WHOLE = ({"role": "user", "content": "When does the Linnet leave the harbour of Holm?"}, AT_NINE)
UNNAMED = ({"role": "user", "content": "When does the boat leave?"}, AT_NINE)


def asked(question: str, *history: dict[str, str]) -> Pair:
    given = {"id": "q", "question": question, "answers": ["nine"], "documents": ["boats.md"]}
    return Pair.model_validate({**given, "history": history})


def served(pair: Pair, *replies: str, **parts: Any) -> Answer:
    graph = make_graph(*replies, found=[BOAT, FARE], **parts).graph
    state = graph.invoke({"messages": pair.messages})
    identity = {"model": "scripted", "adapter": None, "index": None}
    return to_answer(state, id_=pair.id, question=pair.question, identity=identity)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that claims are verified for, from now on."""
    questions, verify = list[str](), WordVerifier.verify

    def hear(
        self: WordVerifier, question: str, claims: Sequence[Claim], passages: Sequence[Document]
    ) -> list[Support]:
        questions.append(question)
        return verify(self, question, claims, passages)

    monkeypatch.setattr(WordVerifier, "verify", hear)
    return questions


@pytest.mark.parametrize(
    ("pair", "replies", "parts", "questions"),
    [
        (asked(ONE), ["At nine [1]."], {}, {ONE}),
        (asked(f"{ONE} Answer in one word."), ["Nine [1]."], {}, {ONE}),
        (asked("When does\nthe Linnet  leave?"), ["At nine [1]."], {}, {ONE}),
        (
            asked("How much is it?", *SAID),
            [OTHER, "Five pounds [2]."],
            {},
            {"Of Linnet: How much is it?"},
        ),
        (
            asked("And how much is it?", *UNNAMED),
            [OTHER, "Five pounds [2]."],
            {},
            {"And how much is it?"},
        ),
        (
            asked("And the fare?", *WHOLE),
            ["Five pounds [2]."],
            {"completion": FixedCompletion({"And the fare?": OTHER})},
            {OTHER},
        ),
        (asked(BOTH), ["At nine [1].", "Five pounds [2]."], {}, {ONE, OTHER}),
        (
            asked("When does the Linnet leave and how much is it?"),
            ["At nine [1].", OTHER, "Five pounds [2]."],
            {},
            {ONE, "Of Linnet: How much is it?"},
        ),
        (
            asked("How much is it and what is the fare of the Linnet? Reply in JSON.", *SAID),
            [OTHER, "Five pounds [2].", "Five pounds [2]."],
            {},
            {"Of Linnet: How much is it?", OTHER},
        ),
        (
            asked("How much is it? What is the fare of the Linnet? When does it leave?", *SAID),
            [OTHER, "Five pounds [2].", "Five pounds [2].", ONE, "At nine [1]."],
            {},
            {"Of Linnet: How much is it?", OTHER, "Of Linnet: When does it leave?"},
        ),
    ],
)
def test_support_is_measured_for_the_question_that_was_served(
    pair: Pair, replies: list[str], parts: dict[str, Any], questions: set[str], heard: list[str]
) -> None:
    answer = served(pair, *replies, **parts)
    assert set(heard) == questions
    heard.clear()
    score_answer(answer, pair, WordVerifier())
    assert set(heard) == questions


def test_of_an_answer_to_two_questions_each_claim_answers_one() -> None:
    pair, verifier = asked(BOTH), ReaderVerifier(LineReader())
    right = score_answer(served(pair, "At nine [1].", "Five pounds [2]."), pair, verifier)
    told = ("faithfulness", "citation_recall", "citation_precision")
    assert [right[name] for name in told] == [1, 1, 1]
