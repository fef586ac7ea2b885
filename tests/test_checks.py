import pytest

from finetune.data.checks import Dropped, Quantiles, check_lengths, lengths
from finetune.data.encoding import Encoded
from finetune.data.examples import Kind
from finetune.errors import DataError


def row(id_: str, prompt: int, completion: int) -> Encoded:
    return Encoded(id=id_, ids=[7] * (prompt + completion), prompt_length=prompt)


def test_lengths_are_those_of_real_rows_and_by_kind() -> None:
    rows = [row(f"{at}", prompt=10 * at, completion=at) for at in range(1, 21)]
    rows.append(row("grade", prompt=5, completion=2))
    kinds = {one.id: Kind.ANSWER for one in rows} | {"grade": Kind.GRADE}
    answer, grade = lengths(rows, kinds)
    assert (answer.kind, answer.rows) == ("answer", 20)
    assert answer.prompt == Quantiles(p50=100, p95=190, longest=200)
    assert answer.completion == Quantiles(p50=10, p95=19, longest=20)
    assert (grade.kind, grade.prompt) == ("grade", Quantiles(5, 5, 5))


def test_rows_of_just_the_limit_are_kept_and_longer_ones_named() -> None:
    kept, dropped = check_lengths([row("a", 8, 2), row("b", 8, 3), row("c", 1, 1)], 10, "drop")
    assert kept == ["a", "c"]
    assert dropped == [Dropped("b", 11)]


def test_the_error_names_the_first_rows_and_says_what_to_do() -> None:
    rows = [row(f"r{at}", 20, 1) for at in range(7)]
    with pytest.raises(DataError) as error:
        check_lengths(rows, 10, "error")
    assert str(error.value) == (
        "7 rows are longer than 10 tokens, among them r0 (21), r1 (21), r2 (21), r3 (21), r4 (21): "
        "raise max_length as far as the model can read, or set on_overlong to drop"
    )
    with pytest.raises(DataError, match=r"^1 row is longer than 10 tokens, r0 \(21\): raise"):
        check_lengths(rows[:1], 10, "error")
