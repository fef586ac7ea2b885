import pytest

from finetune.evaluation.bootstrap import auc, mean, mean_of_means


def test_intervals_hold_the_mean_and_shrink_with_more_rows() -> None:
    few, many = mean([0, 1] * 10), mean([0, 1] * 500)
    assert (few.value, few.n, many.n) == (0.5, 20, 1000)
    assert few.low < many.low < 0.5 < many.high < few.high
    # 1.96 standard errors of a fair coin
    assert few.high - few.low == pytest.approx(2 * 1.96 * 0.5 / 20**0.5, rel=0.15)
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.5 / 1000**0.5, rel=0.1)
    assert mean([1.0, 0.0, 1.0]) == mean([1.0, 0.0, 1.0])
    with pytest.raises(ValueError, match="mean of nothing"):
        mean([])


def test_groups_count_alike_however_many_rows_they_have() -> None:
    found = mean_of_means([[0.0, 1.0] * 50, [1.0]])
    assert (found.value, found.n) == (0.75, 101)
    # The lone row of the second group never changes: half of the first group's spread is left.
    alone = mean([0.0, 1.0] * 50)
    assert found.high - found.low == pytest.approx((alone.high - alone.low) / 2)
    for groups in ([], [[1.0], []]):
        with pytest.raises(ValueError, match="no values"):
            mean_of_means(groups)


def test_auc_counts_the_pairs_in_their_right_order_and_ties_by_half() -> None:
    # of six pairs: 3 over 1 and 2, 2 over 1 and level with 2, 0 over none
    found = auc([3.0, 2.0, 0.0], [1.0, 2.0])
    assert found.value == pytest.approx(3.5 / 6)
    assert found.n == 5
    assert 0 <= found.low < found.value < found.high <= 1
    assert auc([3.0, 2.0, 0.0], [1.0, 2.0]) == found


def test_auc_of_groups_that_are_apart_is_one_in_every_sample() -> None:
    found = auc([2.0, 3.0], [0.0, 1.0])
    assert (found.value, found.low, found.high) == (1, 1, 1)
    assert auc([0.0, 1.0], [2.0, 3.0]).high == 0
    for groups in ([1.0], []), ([], [1.0]):
        with pytest.raises(ValueError, match="one group"):
            auc(*groups)


def test_the_interval_of_an_auc_shrinks_as_its_standard_error_does() -> None:
    rows = [at / 100 for at in range(100)]
    found = auc(rows, rows)
    assert found.value == 0.5
    # Hanley and McNeil: the variance is (2n + 1) / (12 n^2) where nothing is told apart
    error = (201 / (12 * 100 * 100)) ** 0.5
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.15)
