"""A model that judges answers: asked once, let go of, and counted where it fails."""

import threading
from pathlib import Path

import pytest
from comparisons import compared

from app.compare.plan.arms import BASE
from app.compare.run.model_judge import Judge
from app.compare.run.reuse import Kept, TakenUp
from app.settings import Settings


def test_a_judge_is_let_go_of_and_its_verdicts_are_kept(
    tmp_path: Path, tiny_model: Path, one_thread: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # its thread would stay
    settings = Settings(cache=tmp_path / "cache", dtype="float32", max_tokens=3)
    comparison = compared({BASE: 2}, n=4)
    before = set(threading.enumerate())
    said = []
    for taken_up in (TakenUp(0, 4), TakenUp(4, 4)):
        kept = Kept(tmp_path)
        judge = Judge(str(tiny_model), settings, kept)
        judge.check()
        said.append(judge.judge(comparison))
        assert kept.taken_up == {f"verdicts of {tiny_model}": taken_up}
        assert set(threading.enumerate()) <= before  # the model's worker has ended
    assert said[0] == said[1]
    other = Kept(tmp_path)
    settings = settings.model_copy(update={"max_tokens": 2})
    Judge(str(tiny_model), settings, other).judge(comparison)
    assert other.taken_up == {f"verdicts of {tiny_model}": TakenUp(0, 4)}
