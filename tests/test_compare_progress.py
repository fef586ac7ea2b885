from rich.console import Console

from app.compare.plan.steps import Step
from app.compare.run.progress import Steps


def test_the_time_left_follows_what_steps_take_and_skips_what_was_done_before() -> None:
    now = [0.0]
    console = Console(width=100)
    steps = Steps(console, [Step(f"part {n}", 100) for n in range(4)], clock=lambda: now[0])
    with console.capture() as printed:
        steps.next()
        assert steps.seconds_left() == 400
        now[0] += 1  # taken up from an earlier run: says nothing about the pace
        steps.next()
        assert steps.seconds_left() == 300
        now[0] += 200
        steps.next()
        assert steps.seconds_left() == 400  # twice as slow as planned
        now[0] += 50
        steps.next()
        assert steps.seconds_left() == 125
    assert printed.get().splitlines() == [
        "[1/4] part 0; about 7 min left",
        "[2/4] part 1; about 5 min left",
        "[3/4] part 2; about 7 min left",
        "[4/4] part 3; about 2 min left",
    ]


def test_the_pace_of_training_says_nothing_about_that_of_answers() -> None:
    now = [0.0]
    asked = [Step(f"{arm}: 40 questions", 100, arm) for arm in ("base", "hybrid")]
    steps = Steps(Console(quiet=True), [Step("adapters", 100), *asked], clock=lambda: now[0])
    steps.next()
    now[0] += 30
    steps.next()
    assert steps.seconds_left() == 200
    now[0] += 150
    steps.next()
    assert steps.seconds_left() == 150


def test_steps_of_an_arm_that_is_stopped_are_left_out_of_what_is_to_come() -> None:
    planned = [Step("both", 10), *[Step(f"{arm} again", 10, arm) for arm in ("base", "hybrid")]]
    console = Console(width=100)
    steps = Steps(console, planned)
    with console.capture() as printed:
        steps.next()
        steps.leave_out({"base"})
        steps.next()
    assert printed.get().splitlines()[-1].startswith("[2/2] hybrid again")
