"""The board of a comparison: what it says while the arms are asked, and in a browser."""

from pathlib import Path

import pytest
from comparisons import answer, compared
from page_parts import needs_chromium, opened, overflow, running_browser, serious_faults
from rich.console import Console

from app.compare.judge.stopping import behind
from app.compare.plan.arms import BASE, HYBRID
from app.compare.plan.needs import Needs
from app.compare.plan.steps import Step
from app.compare.report.board_page import write_board
from app.compare.run.board import Board
from app.compare.run.progress import Steps


def begun(folder: Path, now: list[float], console: Console | None = None) -> Board:
    planned = [Step(f"{arm}: 40 questions", 100, arm) for arm in ("base", "hybrid", "base")]
    steps = Steps(console or Console(width=100), planned, clock=lambda: now[0])
    board = Board(steps, lambda state: write_board(state, folder))
    board.begin(["base", "hybrid"], 40)
    board.next()
    return board


def answered(board: Board, arm: str, right: int, of: int) -> None:
    for at, pair in enumerate(compared({HYBRID: 0}, n=of).pairs):
        board.hear(arm, pair, answer(pair, "yes" if at < right else "no"))


def test_the_page_follows_the_answers_at_most_once_a_second(tmp_path: Path) -> None:
    now = [100.0]
    board = begun(tmp_path, now)
    page = tmp_path / "board.html"
    answered(board, "base", 3, 12)
    assert "0 of 40" in page.read_text()
    now[0] += 50
    answered(board, "base", 3, 12)  # the same once more, as from an earlier run
    told = page.read_text()
    assert board.standings["base"].told == "25% (0% to 50%)"
    assert "12 of 40" in told
    assert "25% (0% to 50%)" in told
    assert "Step 1 of 3" in told
    assert board.steps.seconds_left() == 250
    assert list(tmp_path.iterdir()) == [page]


def test_an_arm_that_is_stopped_says_why(tmp_path: Path) -> None:
    board = begun(tmp_path, [0.0])
    stopped = behind(compared({BASE: 4, HYBRID: 32}), Needs(traceable=False))
    board.stop(stopped)
    told = (tmp_path / "board.html").read_text()
    assert "`base` was stopped after 40 questions: it was right on 10%" in told
    assert "Step 1 of 2" in told  # its further step is left out


def test_how_a_comparison_ended_is_said(tmp_path: Path) -> None:
    board, page = begun(tmp_path, [0.0]), tmp_path / "board.html"
    assert "location.reload" in page.read_text()
    with pytest.raises(KeyboardInterrupt), board.watched():
        raise KeyboardInterrupt
    assert "It was cut off" in page.read_text()
    with board.watched():
        board.next()
        board.next()
    assert "It is done." in page.read_text()
    assert 'href="report.html"' in page.read_text()
    assert "location.reload" not in page.read_text()


def test_a_terminal_shows_the_standings_while_an_arm_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    console = Console(width=100, force_terminal=True, color_system=None)
    board = begun(tmp_path, [0.0], console)
    with console.capture() as shown, board.live():
        answered(board, "hybrid", 30, 40)
        board.tell("hybrid")
    told = board.standings["hybrid"].told
    assert told.startswith("75% (")
    assert f"hybrid: right {told} of 40 questions" in shown.get()
    assert "40 of 40" in shown.get()
    assert "about 5 min left" in shown.get()


@needs_chromium
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_board_fits_a_browser_and_loads_itself_anew(tmp_path: Path, size: str) -> None:
    now = [0.0]
    board = begun(tmp_path, now)
    with (
        running_browser() as browser,
        opened(browser, (tmp_path / "board.html").as_uri(), size) as page,
    ):
        assert overflow(page) <= 0
        assert serious_faults(page) == []
        answered(board, "hybrid", 30, 40)
        now[0] += 2
        answered(board, "hybrid", 30, 40)  # the same once more, for a page has its second
        page.get_by_text("40 of 40").wait_for(timeout=30_000)
