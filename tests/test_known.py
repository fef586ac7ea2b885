"""What of an answer claims nothing, told by what its question and the passages have."""

import pytest

from graphs.known import Known


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("Is it far?", True),
        ('"Is it far?"', True),
        ("«Is it far?»", True),
        ("‹هل هو بعيد؟›", True),
        ("「遠いですか？」", True),
        ("(Is it far?)", True),
        ("Is it far?]", False),
        ("«It is far.»", False),
    ],
)
def test_a_question_is_told_whatever_closes_behind_it(said: str, asks: bool) -> None:
    assert Known().asks(said) is asks
