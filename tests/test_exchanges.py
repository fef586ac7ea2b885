"""Requests about what was answered are known by what they quote."""

from __future__ import annotations

import json
import time

import pytest

from app.serving.exchanges import LONGEST, MOST, Exchange, Exchanges

QUESTION = "How many kennels are there on the Grey Phalarope?"
ANSWER = 'There are eight kennels [1], "two of them large" [2], all on the car deck [3].'
KEPT = Exchange("alice", QUESTION, ANSWER)


@pytest.fixture
def exchanges() -> Exchanges:
    exchanges = Exchanges()
    exchanges.keep(KEPT)
    exchanges.keep(Exchange("alice", "And cats?", "Cats travel in the kennels too."))
    return exchanges


TASKS = {
    "a transcript": f"Name this chat.\nUSER: {QUESTION}\nASSISTANT: {ANSWER}\nIn five words.",
    "escaped": f"Tags for this:\n> {QUESTION}\n>> {json.dumps(ANSWER)}\nAs JSON, three of them.",
    "cut": f"A title, please, for: {QUESTION} {ANSWER[:-10]}... What would you call this one?",
}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_a_request_that_quotes_question_and_answer_is_about_them(
    exchanges: Exchanges, task: str
) -> None:
    assert exchanges.quoted("alice", task) == KEPT
    assert exchanges.quoted("bob", task) is None


@pytest.mark.parametrize(
    "question",
    [
        QUESTION,
        f"{QUESTION} Reply with one number, please.",
        f"Is it true that {ANSWER.lower()}",
        f"{QUESTION} And how many are there on the car deck of the Margit Solvaer?",
        "",
    ],
)
def test_a_question_is_a_question(exchanges: Exchanges, question: str) -> None:
    assert exchanges.quoted("alice", question) is None


def test_the_oldest_are_forgotten(exchanges: Exchanges) -> None:
    for number in range(MOST):
        exchanges.keep(Exchange("alice", f"What is {number}?", "A number."))
    assert exchanges.quoted("alice", TASKS["a transcript"]) is None


@pytest.mark.parametrize("spare", [0, 1])
def test_a_text_is_looked_through_up_to_a_length(exchanges: Exchanges, spare: int) -> None:
    task = TASKS["a transcript"]
    padded = task + " " * (LONGEST - len(task) + spare)
    assert exchanges.quoted("alice", padded) == (None if spare else KEPT)


def test_a_question_is_found_by_whole_words_alone() -> None:
    exchanges = Exchanges()
    exchanges.keep(Exchange("alice", "At two?", "At two."))
    assert (
        exchanges.quoted("alice", "At two hundred? At two hundred. Format two at a time.") is None
    )
    assert exchanges.quoted("alice", "Format two? At two. A title.") is None
    assert exchanges.quoted("alice", "Title of: At two? At two. Please.") is not None


def test_a_long_text_is_compared_with_all_that_is_remembered_in_time() -> None:
    exchanges, begun = Exchanges(), time.perf_counter()
    for number in range(MOST):
        exchanges.keep(Exchange("alice", f"{'a ' * 500}b {number}", "a a a"))
    assert exchanges.quoted("alice", "a " * (LONGEST // 2)) is None
    assert time.perf_counter() - begun < 10
