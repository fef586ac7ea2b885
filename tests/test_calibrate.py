"""Grades are fitted for the model that gives them, kept for it, and borrowed weights are told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.answers import to_answer
from app.assistant import Assistant
from app.cli import main
from app.errors import UserError
from app.models.calibrations import read_calibration, write_calibration
from app.models.grader import BASE_CALIBRATION, Calibration
from app.models.local import LocalScorer
from app.settings import Settings
from app.tuning.calibrate import SHIPPED_PAIRS, calibration_error, fit_grades, read_pairs

OWN = Calibration(gain=1.0, verdict=2.0, coverage=3.0, bias=-1.0)


def test_the_shipped_pairs_are_as_often_right_as_wrong() -> None:
    pairs = read_pairs(SHIPPED_PAIRS)
    assert len(pairs) >= 160
    assert 0.45 <= np.mean([right for _, _, right in pairs]) <= 0.55


def test_weights_are_fitted_and_measured_on_other_pairs(tiny_chat) -> None:
    pairs = read_pairs(SHIPPED_PAIRS)[:100]
    weights, figures = fit_grades(LocalScorer(tiny_chat.worker), pairs)
    assert weights != BASE_CALIBRATION
    assert figures["measured_on"] == 50
    assert 0 <= figures["expected_calibration_error"] <= 1
    with pytest.raises(UserError, match="give at least 80"):
        fit_grades(LocalScorer(tiny_chat.worker), pairs[:60])
    wrong = [(question, passage, False) for question, passage, _ in pairs]
    with pytest.raises(UserError, match="0 of them right, 100 wrong"):
        fit_grades(LocalScorer(tiny_chat.worker), wrong)


def test_a_probability_that_comes_true_as_often_has_no_calibration_error() -> None:
    probabilities = np.repeat([0.2, 0.8], 50)
    right = np.concatenate([np.arange(50) < 10, np.arange(50) < 40])
    assert calibration_error(probabilities, right) < 0.25
    assert calibration_error(1 - probabilities, right) > 0.5


def test_kept_weights_are_used_for_their_model_alone(tiny_model: Path, tmp_path: Path) -> None:
    settings = Settings(model=str(tiny_model), adapter="none", cache=tmp_path)
    stranger = Assistant(settings)
    assert (stranger.calibration.weights, stranger.calibration.borrowed) == (BASE_CALIBRATION, True)
    write_calibration(stranger.calibration_file, OWN, {"auc": 0.9})
    known = Assistant(settings)
    assert (known.calibration.weights, known.calibration.borrowed) == (OWN, False)
    builtin = Assistant(Settings(adapter="none"))
    assert builtin.calibration_file.name != known.calibration_file.name
    assert not builtin.calibration.borrowed
    assert not Assistant(Settings()).calibration.borrowed
    shortened = Assistant(settings.model_copy(update={"quantize": "nf4"}))
    assert shortened.calibration_file != known.calibration_file
    assert shortened.calibration.borrowed
    assert Assistant(Settings(quantize="int8")).calibration.borrowed


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    assert read_calibration(file) is None
    file.write_text('{"weights": {"gain": 1}}')
    with pytest.raises(UserError, match="run 'groundtune calibrate' again"):
        read_calibration(file)


def test_the_command_keeps_what_it_fits(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--model", str(tiny_model), "--adapter", "none", "--cache", str(tmp_path)]
    pairs = tmp_path / "pairs.jsonl"
    rows = [
        {
            "id": n,
            "question": f"Who keeps {n}?",
            "passage": f"Anna keeps {n + n % 2}.",
            "right": n % 2 == 0,  # a right passage, a wrong one, as people write them
        }
        for n in range(90)
    ]
    pairs.write_text("".join(f"{json.dumps({**row, 'id': str(row['id'])})}\n" for row in rows))
    assert main(["calibrate", "--json", "--pairs", str(pairs), *place]) == 0
    assert json.loads(capsys.readouterr().out)["measured_on"] == 45
    assert len(list((tmp_path / "calibrations").glob("*.json"))) == 1
    assert main(["calibrate", "--pairs", str(tmp_path / "missing.jsonl"), *place]) == 3
    assert "cannot read" in capsys.readouterr().err


def test_an_answer_tells_what_is_borrowed_and_else_keeps_to_the_contract() -> None:
    from langchain_core.messages import AIMessage

    from graphs.state import State

    state = {**vars(State()), "messages": [AIMessage("x")]}
    who = {"model": "m", "adapter": None, "index": None}
    assert "borrowed" not in to_answer(state, id_="1", question="q", identity=who)
    told = to_answer(state, id_="1", question="q", identity=who, borrowed=["grader"])
    assert told["borrowed"] == ["grader"]
