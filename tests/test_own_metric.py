"""The score that the example's package adds stands beside our own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from comparisons import answer, compared, report_of, whole_report
from plugin_parts import installed, package
from word_verifier import WordVerifier

from app import cli
from app.compare.judge.scores import score_answer
from app.compare.plan.arms import BASE, HYBRID
from app.compare.plan.metrics import COLUMNS, added_scores, chosen_metrics
from app.dataset.pairs import Pair, PairKind
from app.errors import UserError

ROUGE = Pair(id="q", question="When?", answers=("at ten past nine",))


def test_a_score_stands_in_the_report_beside_our_own(added: None) -> None:
    metrics = chosen_metrics(["rouge-l"])
    said = {"It leaves at past nine [1].": 6 / 9, "at ten past nine": 1.0, "No.": 0.0}
    for text, score in said.items():
        assert added_scores(metrics, answer(ROUGE, text), ROUGE) == {"rouge-l": score}
    unanswerable = ROUGE.model_copy(update={"answers": (), "kind": "unanswerable"})
    assert added_scores(metrics, answer(ROUGE, "at nine"), unanswerable) == {}
    report = report_of(replace(compared({BASE: 10, HYBRID: 30}), metrics=metrics))
    figures = report.to_json()["arms"]
    assert [figures[arm]["scores"]["rouge-l"]["value"] for arm in figures] == [0.25, 0.75]
    assert "| rouge-l | 0.250 [" in report.to_markdown()
    assert "<td>rouge-l</td>" in report.to_html()
    assert {row["scores"]["rouge-l"] for row in report.rows} == {0.0, 1.0}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def make(answer, pair): return 7", "but it gives 7 for question 'q', and not a number"),
        ("def make(answer, pair): return float('nan')", "but it gives nan for question 'q'"),
        ("def make(answer, pair): return 'good'", "but it gives 'good' for question 'q'"),
        ("def make(answer): return 1", "but it fails on question 'q' (TypeError: make() takes 1"),
    ],
)
def test_a_score_that_is_none_is_told_with_its_package(
    code: str, told: str, tmp_path: Path
) -> None:
    package(tmp_path, "bad", code, metrics="odd = make")
    with installed(tmp_path), pytest.raises(UserError) as error:
        added_scores(chosen_metrics(["odd"]), answer(ROUGE, "nine"), ROUGE)
    assert str(error.value).startswith(f"bad 1.0 adds 'odd' to groundtune.metrics, {told}")


def test_a_score_that_nobody_adds_is_told_before_anything_is_asked(
    added: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["compare", "--questions", "q.jsonl", "--metrics", "bleu"]) == 3
    assert "there is no metric 'bleu': choose from rouge-l" in capsys.readouterr().err


def test_no_package_can_take_the_name_of_a_column(tmp_path: Path) -> None:
    row = whole_report().rows[0]
    columns = {*row, *row["scores"], *(f"{name}_tokens" for name in row["tokens"])}
    kinds = get_args(PairKind)
    asked = [ROUGE.model_copy(update={"kind": kind, "answers": ('{"a": "b"}',)}) for kind in kinds]
    for pair in asked:
        columns |= score_answer(answer(pair, "b"), pair, WordVerifier()).keys()
    assert columns == COLUMNS
