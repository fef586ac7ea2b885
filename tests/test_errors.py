from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from finetune.errors import Fault, first_fault


class Turn(BaseModel):
    role: str


class Row(BaseModel):
    id: str
    turns: list[Turn] = []


def fault(given: Any) -> Fault:
    with pytest.raises(ValidationError) as raised:
        Row.model_validate(given)
    return first_fault(raised.value, "line")


def test_a_fault_is_told_with_the_path_to_the_value_that_came() -> None:
    found = fault({"id": "a", "turns": [{"role": "user"}, {"role": 5}]})
    assert str(found) == "turns.1.role: Input should be a valid string"
    assert found.came == "5"


def test_of_what_is_missing_nothing_came() -> None:
    assert fault({}) == ("id", "Field required", "")


def test_a_value_that_is_wrong_as_a_whole_has_the_name_that_the_caller_gives_it() -> None:
    found = fault([])
    assert str(found).startswith("line: Input should be a valid dictionary")
    assert found.came == "[]"
