"""A model that judges answers: asked once, let go of, and counted where it fails."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from comparisons import compared
from elsewhere import KEY, LEFT_OPEN, Handler, elsewhere, usage

from app.compare.plan.arms import BASE
from app.compare.run.model_judge import Judge, Judged, prompt
from app.compare.run.reuse import Kept, TakenUp
from app.dataset.pairs import Pair
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


def says(content: str, reason: str) -> Callable[[Handler], None]:
    """Return what replies so, whatever it is asked."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": reason}
    told = {"id": "1", "created": 1, "model": "m", "object": "chat.completion", **usage()}
    return lambda handler: handler.send({**told, "choices": [choice]})


class TestElsewhere:
    pytestmark = LEFT_OPEN

    def test_a_judge_that_thinks_without_end_fails_once_and_loses_no_other_verdict(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        comparison = compared({BASE: 3}, n=4)
        with elsewhere() as server:
            judge = Judge(f"{server.url}/v1#m", Settings(cache=tmp_path / "cache"), Kept(tmp_path))
            server.faults = [says("<think>Is it right?", "length"), says("Yes.", "stop")]
            assert judge.judge(comparison) == {"base": Judged(1.0, 0.25, pytest.approx(2 / 3))}
            asked = len(server.asked)
            again = Judge(judge.name, judge.settings, Kept(tmp_path))
            assert again.judge(comparison) == {"base": Judged(1.0, 0.0, 0.75)}
            assert len(server.asked) == asked + 1
            assert again.kept.taken_up == {f"verdicts of {judge.name}": TakenUp(3, 4)}


@pytest.mark.parametrize(
    ("kind", "right"),
    [
        ("answerable", "yes or no"),
        ("unanswerable", "The documents hold no answer; to say so is right."),
        ("small-talk", "Any reply to small talk is right, but to refuse one."),
    ],
)
def test_a_judge_is_told_what_is_right(kind: str, right: str) -> None:
    answers = ("yes", "no") if kind == "answerable" else ()
    pair = Pair.model_validate({"id": "q", "question": "?", "kind": kind, "answers": answers})
    assert f"\nRight answer: {right}\nAnswer to judge: Hi" in prompt(pair, "Hi")[-1].text
