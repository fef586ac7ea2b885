import pytest

from finetune.evaluation.scores import (
    cited_numbers,
    exact_match,
    first_citation_right,
    is_refusal,
    right_fields,
    token_f1,
    valid_record,
)


@pytest.mark.parametrize(
    ("said", "answers", "exact", "f1"),
    [
        # worked by hand after the script of SQuAD v1.1
        ("The 1936 Summer Olympics.", ["1936 Summer Olympics"], 1, 1),
        ("129 days [2]", ["129 days"], 1, 1),
        ("in 129 days [1, 3]", ["129 days"], 0, 4 / 5),
        ("an apple a day", ["apple day"], 1, 1),
        ("U.S. dollars", ["US dollars"], 1, 1),
        ("cat cat dog", ["cat dog dog"], 0, 4 / 6),
        ("Paris", ["London", "Paris, France"], 0, 2 / 3),
        ("nothing", ["else"], 0, 0),
        ("", ["x"], 0, 0),
        ("Zürich", ["zürich"], 1, 1),
        ("the", ["a"], 1, 0),
        ("x", [], 0, 0),
    ],
)
def test_scores_are_those_of_the_squad_script(
    said: str, answers: list[str], exact: float, f1: float
) -> None:
    assert exact_match(said, answers) == exact
    assert token_f1(said, answers) == pytest.approx(f1)


def test_citations_are_read_in_order() -> None:
    assert cited_numbers("noon [2], or one [1, 3]; see [ 4 ] and [x]") == [2, 1, 3, 4]
    assert first_citation_right("noon [2] [1]", 2) == 1
    assert first_citation_right("noon [2] [1]", 1) == 0
    assert first_citation_right("noon", 1) == 0


def test_a_refusal_is_the_text_of_a_refusal_and_not_one_that_contains_it() -> None:
    refusals = {"I don't know based on the provided documents."}
    assert is_refusal("I don't know based on the provided documents", refusals)
    assert is_refusal("I DON'T KNOW based on the provided documents. [1]", refusals)
    assert not is_refusal("I don't know, but maybe noon", refusals)
    assert not is_refusal("", refusals)


def test_a_record_is_one_json_object_with_the_expected_keys_and_texts_in_them() -> None:
    expected = '{"id": "T1003", "name": "Dumping"}'
    assert valid_record('{"name": "x", "id": "y"}', expected) == 1
    for wrong in (
        '{"id": "T1003"}',
        '{"id": "T1003", "name": "Dumping", "more": "x"}',
        '{"id": "T1003", "name": ""}',
        '{"id": "T1003", "name": 3}',
        '{"id": "T1003", "name": "x", "name": "y"}',
        '{"id": "T1003", "name": "Dumping"',
        'Here: {"id": "T1003", "name": "Dumping"}',
        '["id", "name"]',
        "[" * 100_000,
        "",
    ):
        assert valid_record(wrong, expected) == 0
    assert right_fields('{"id": "T1003", "name": "x"}', expected) == 0.5
    assert right_fields("no", expected) == 0


@pytest.mark.parametrize(
    ("expected", "reply", "valid", "right"),
    [
        ('{"price": 12, "tags": []}', '{"tags": [], "price": 12}', 1, 1),
        ('{"price": 12, "tags": []}', '{"price": 12.0, "tags": ["a"]}', 1, 0.5),
        ('{"price": 12, "tags": []}', '{"price": "12", "tags": null}', 1, 0),
        ('{"price": 12, "tags": []}', '{"price": 12}', 0, 0.5),
        ('{"price": 12}', '{"price": 12, "more": 1}', 0, 1),
        ('{"sold": true, "left": 1}', '{"sold": 1, "left": true}', 1, 0),
        ('{"sold": false, "by": null}', '{"sold": false, "by": null}', 1, 1),
        ('{"parts": [{"a": 1, "b": [2]}]}', '{"parts": [{"b": [2.0], "a": 1}]}', 1, 1),
        ('{"parts": [{"a": 1}]}', '{"parts": [{"a": true}]}', 1, 0),
        ('{"note": "", "id": "7"}', '{"note": "", "id": "7"}', 1, 1),
        ('{"note": "", "id": "7"}', '{"note": "x", "id": "7"}', 1, 0.5),
        ('{"note": "", "id": "7"}', '{"note": 0, "id": "7"}', 0, 0),
        ('{"note": "", "id": "7"}', '{"note": "", "id": ""}', 0, 0),
        ('{"price": 0.5, "id": "7"}', '{"price": 5e-1, "id": "7"}', 1, 1),
        ("{}", "{}", 1, 1),
        ("{}", '{"a": 1}', 0, 0),
        ('{"a": 1}', "{}", 0, 0),
        ("[1]", "[1]", 0, 0),
    ],
)
def test_the_values_of_a_record_are_compared_as_json_has_them(
    expected: str, reply: str, valid: float, right: float
) -> None:
    assert (valid_record(reply, expected), right_fields(reply, expected)) == (valid, right)
