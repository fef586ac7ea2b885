"""Questions that ask for JSON: of several accepted objects each is right."""

import re
from typing import Any

import pytest
from comparisons import answer
from langchain_core.documents import Document
from word_verifier import WordVerifier

from app.compare.judge.scores import check_scorable, is_right, score_answer
from app.compare.plan.harder_questions import formatted
from app.dataset.pairs import Grounded, Pair
from app.errors import UserError

KENNELS = ('{"kennels": "eight"}', '{"kennels": "8"}')
ELSEWHERE = ('{"town": "Holm"}', '{"town": "Holm", "country": "Norway"}')


def asked(*answers: str, **fields: Any) -> Pair:
    given = {"id": "q", "question": "How many? Reply in JSON.", "kind": "format", **fields}
    return Pair.model_validate({**given, "answers": answers})


@pytest.mark.parametrize(
    ("accepted", "reply", "right", "valid"),
    [
        (KENNELS, '{"kennels": "eight"}', 1, 1),
        (KENNELS, '{"kennels": "8 of them"}', 1, 1),
        (KENNELS, '{"kennels": "9"}', 0, 1),
        (KENNELS, '{"dogs": "8"}', 0, 0),
        (KENNELS, "8", 0, 0),
        (ELSEWHERE, '{"town": "Holm"}', 1, 1),
        (ELSEWHERE, '{"town": "Holm", "country": "Norway"}', 1, 1),
        (ELSEWHERE, '{"town": "Holm", "country": "Sweden"}', 0, 1),
        (ELSEWHERE, '{"country": "Norway"}', 0, 0),
        (KENNELS[:1], '{"kennels": "8"}', 0, 1),
    ],
)
def test_each_accepted_object_is_right(
    accepted: tuple[str, ...], reply: str, right: float, valid: float
) -> None:
    pair = asked(*accepted)
    assert score_answer(answer(pair, reply), pair, WordVerifier()) == {
        "right": right,
        "format_valid": valid,
    }
    assert is_right(answer(pair, reply), pair) == right


@pytest.mark.parametrize("wrong", ["8", '{"kennels": 8}', "{}", '{"kennels": " "}'])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_accepted_answer_that_is_no_object_is_refused_wherever_it_stands(
    wrong: str, at: int
) -> None:
    check_scorable([asked(*KENNELS)])
    with pytest.raises(UserError, match=re.escape(f"its answer {wrong!r} is no JSON object")):
        check_scorable([asked(*KENNELS[:at], wrong, *KENNELS[at:])])


def test_every_accepted_answer_is_accepted_in_json_the_one_that_stands_there_first() -> None:
    pair = asked("Eight", "8", " ", "acht Zwinger à zwei Hunde", "", kind="answerable")
    chunk = Document("There are 8 kennels.", id="a", metadata={"document": "pets.md", "start": 0})
    (made,) = formatted([Grounded(pair, "8", (chunk,))], each=1, seed=1)
    assert made.answers == (
        '{"answer": "8"}',
        '{"answer": "Eight"}',
        '{"answer": "acht Zwinger à zwei Hunde"}',
    )
    assert (made.id, made.kind) == ("q-format", "format")
    check_scorable([made])
    for reply in ('{"answer": "eight"}', '{"answer": "It has 8."}'):
        assert is_right(answer(made, reply), made) == 1
    assert is_right(answer(made, '{"answer": "nine"}'), made) == 0
