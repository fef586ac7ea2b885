"""Two finished comparisons: what changed, and the exit code that a pipeline looks at."""

import json
import random
from pathlib import Path

import pytest
from comparisons import compared, report_of

from app.cli import main
from app.compare.judge.finished import AskedOnce, FinishedRun, Recommended
from app.compare.judge.regression import changes
from app.compare.plan.arms import BASE, HYBRID

MEASURED = json.loads((Path(__file__).parent / "results" / "compare.json").read_text())["figures"]
"""Of a real run on the sample: 93 questions, nine arms."""


def write(folder: Path, right: dict, **made: object) -> str:
    folder.mkdir(exist_ok=True)
    found = report_of(compared(right), **made).to_json()
    (folder / "comparison.json").write_text(json.dumps(found))
    return str(folder)


def run(right: list[int]) -> FinishedRun:
    """Let an arm answer questions rightly (1) or not (0)."""
    questions = tuple(
        AskedOnce(id=f"q{at}", question="?", answers=(), said={"hybrid": {"right": of}})
        for at, of in enumerate(right)
    )
    return FinishedRun(provenance={}, verdict=Recommended(arm="hybrid"), questions=questions)


def test_the_arm_that_was_chosen_got_worse_and_the_exit_code_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tuesday = write(tmp_path / "tuesday", {BASE: 10, HYBRID: 30})
    friday = write(tmp_path / "friday", {BASE: 10, HYBRID: 20}, made={"prompts": "1"}, index="v2")
    assert main(["regress", tuesday, friday]) == 2
    told = capsys.readouterr()
    assert "worse beyond chance: hybrid" in told.err
    assert "hybrid: 75% right before, 50% now: -25.0 points" in told.out
    assert "  no more right: q20, q21" in told.out
    assert "Made with other index, prompts." in told.out
    assert "base" not in told.out  # it was not chosen
    assert main(["regress", friday, tuesday]) == 0  # better is no alarm
    assert "better beyond chance" in capsys.readouterr().out
    assert main(["regress", tuesday, f"{friday}/comparison.json", "--arms", "base"]) == 0
    assert "no change beyond chance" in capsys.readouterr().out


def test_the_same_run_again_is_no_alarm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = [write(tmp_path / name, {BASE: 10, HYBRID: 30}) for name in ("one", "two")]
    assert main(["regress", *both, "--arms", "base,hybrid", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["worse"], found["made"], found["questions"]) == ([], [], 40)
    assert {change["difference"]["p"] for change in found["arms"]} == {1.0}


def test_questions_that_one_run_alone_asked_do_not_count() -> None:
    before, after = run([1] * 30 + [0] * 10), run([1] * 30 + [0] * 10)
    others = (*after.questions[:38], after.questions[39].model_copy(update={"question": "Who?"}))
    found = changes(before, after.model_copy(update={"questions": others}), ["hybrid"])
    assert (found.questions, found.unpaired) == (38, 3)
    assert "38 questions were asked in both runs; 3 others" in found.sentences()[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["none", "one"], "there is no finished comparison in none"),
        (["one", "broken"], "comparison.json: "),
        (["one", "one", "--arms", "best"], "did not ask 'best': choose from base, hybrid"),
        (["one", "other"], "no question was asked in both runs"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(Path("one"), {BASE: 10, HYBRID: 30})
    text = Path("one/comparison.json").read_text()
    for name, changed in (("other", text.replace("What is", "Who is")), ("broken", "{}")):
        Path(name).mkdir()
        Path(name, "comparison.json").write_text(changed)
    assert main(["regress", *arguments]) == 3
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def measured(left: str, right: str) -> tuple[int, int, int]:
    (found,) = [d for d in MEASURED["differences"] if (d["left"], d["right"]) == (left, right)]
    return found["only_left"], found["only_right"], found["estimate"]["n"]


def test_an_adapter_that_is_taken_away_is_seen() -> None:
    lost, gained, asked = measured("hybrid", "base-rag")
    rest = asked - lost - gained
    before = run([1] * lost + [0] * gained + [1] * rest)
    after = run([0] * lost + [1] * gained + [1] * rest)
    found = changes(before, after, ["hybrid"])
    assert found.worse == ["hybrid"]
    assert (len(found.arms[0].lost), len(found.arms[0].gained)) == (lost, gained)


def test_of_equal_runs_one_in_twenty_at_most_raises_an_alarm() -> None:
    """Equal ones differ on as many questions as real arms do, by the toss of a coin."""
    draw, alarms, runs = random.Random(13), 0, 0
    for pair in MEASURED["differences"]:
        differing = pair["only_left"] + pair["only_right"]
        rest = [1] * (pair["estimate"]["n"] - differing)
        for _ in range(20):
            tosses = [draw.randrange(2) for _ in range(differing)]
            now = [1 - toss for toss in tosses]
            alarms += bool(changes(run(tosses + rest), run(now + rest), ["hybrid"]).worse)
            runs += 1
    assert runs == 560
    assert alarms <= runs / 20
