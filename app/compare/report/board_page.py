"""Write the board of a comparison as a page that a browser loads anew while it goes on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from app.compare.run.board import Board
from finetune.report import render
from finetune.whole_files import write_whole

TEMPLATES = Path(__file__).parent / "templates"
FILE = "board.html"


def write_board(board: Board, folder: Path) -> None:
    """Put the board as it is now in place of the last one; a browser sees either whole."""
    now = datetime.now().astimezone().strftime("%H:%M:%S")
    write_whole(folder / FILE, render("board.html", folder=TEMPLATES, board=board, now=now))
