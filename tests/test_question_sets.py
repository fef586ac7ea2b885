"""What a comparison asks of its files of questions."""

from dataclasses import replace
from pathlib import Path

import pytest
from test_repeats import request

from app.compare.plan.arms import HYBRID, ORACLE
from app.compare.plan.question_sets import check_revised, without_passages
from app.dataset.pairs import Pair
from app.errors import UserError


def test_revised_documents_need_questions_whose_answers_have_changed() -> None:
    same = Pair(id="1", question="How much?", answers=("5 euros",))
    changed = same.model_copy(update={"id": "2", "revised_answers": ("6 euros",)})
    revised = replace(request(1), revised=Path("later"))
    check_revised([same], request(1))
    check_revised([same, changed], revised)
    with pytest.raises(UserError, match=r"no question of q\.jsonl has revised_answers, so --rev"):
        check_revised([same], revised)


def test_only_an_arm_that_should_be_given_passages_is_said_to_lack_them() -> None:
    pairs = [Pair(id="1", question="How much?", answers=("5 euros",))]
    searching = replace(request(1), arms=[HYBRID])
    given = replace(request(1), arms=[HYBRID, ORACLE])
    assert list(without_passages(searching, pairs, {"1": "none"})) == []
    assert list(without_passages(given, pairs, {})) == []
    assert list(without_passages(given, pairs, {"1": "none"})) == [
        "oracle: of 1 questions with an answer 1 are searched for, because the right passages are "
        "not known",
        "1: none",
    ]
