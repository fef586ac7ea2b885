"""Words cut at the ends of lines are whole again, and hyphens that belong to a word stay."""

from pathlib import Path

import pytest
from reading_parts import drawn, read

from app.ingest.hyphens import joined

KNOWN = "\nThe boats and ropes of the salesroom et al. und so weiter."


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("the pre-\nand postwar stock", "the pre- and postwar stock"),
        ("der Miet-\nund Pachtvertrag", "der Miet- und Pachtvertrag"),
        ("err-\nand boys", "errand boys"),
        ("see https://club.example/long-\npath/page", "see https://club.example/long-path/page"),
        ("write to first-\naid@club.example", "write to first-aid@club.example"),
        ("the boats:sales-\nroom", "the boats:salesroom"),
        ("a UK-\nbased firm", "a UK-based firm"),
        ("C'est-à-\ndire non", "C'est-à-dire non"),
        ("a state-of-the-sales-\nroom", "a state-of-the-salesroom"),
        ("main-\ntain or main-\nten-\nance", "maintain or maintenance"),
    ],
)
def test_a_hyphen_at_a_line_end_stays_where_it_belongs_to_the_word(
    tmp_path: Path, cut: str, whole: str
) -> None:
    known = KNOWN if "errand" not in whole else "\nAn errand and more."
    assert read(tmp_path, "a.txt", cut + known).text == whole + known


def test_a_page_keeps_hyphens_as_plain_text_does(tmp_path: Path) -> None:
    lines = ["The stock is sold by the UK-", "based firm, pre- and post-", "war boats and a 24-"]
    lines += ["hour crane and the Anglo-", "American one, at 12-", "and 14-ton berths"]
    page = [(72.0, 72.0 + 12 * at, line) for at, line in enumerate(lines)]
    assert read(tmp_path, "a.pdf", drawn(page)).text == (
        "The stock is sold by the UK-based firm, pre- and postwar boats and a 24-hour crane and the"
        " Anglo-American one, at 12- and 14-ton berths"
    )


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["速度は", "時速十キロ", "までです。"], "速度は時速十キロまでです。"),
        (["한국어", "문장"], "한국어 문장"),
        (["速度は", "Speed"], "速度は Speed"),
    ],
)
def test_lines_of_a_script_without_spaces_are_joined_without_one(
    lines: list[str], text: str
) -> None:
    assert joined(lines) == text
