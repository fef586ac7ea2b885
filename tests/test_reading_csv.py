"""Files of separated values part at the right marks, however they are quoted and titled."""

from pathlib import Path

import pytest
from reading_parts import read


@pytest.mark.parametrize(
    ("source", "record"),
    [
        ("Prices of 2026\n\nItem;Price;Unit\nBolt;1,20;each\nNut;0,80;each\n", "Item: Bolt; Price: 1,20; Unit: each"),
        ("Prices, from 1 May, net\nItem;Price;Unit\nBolt;1.20;each\nNut;0.80;each\n", "Item: Nut; Price: 0.80; Unit: each"),
        ("Costs in euro\nItem;2024;2025\nFuel;10;12\nCrew;20;22\n", "Item: Crew; 2024: 20; 2025: 22"),
        ("note\nbring ropes; oars\nnothing else\nno dogs\n", "note: bring ropes; oars"),
    ],
)  # fmt: skip
def test_titles_do_not_tell_what_parts_columns(tmp_path: Path, source: str, record: str) -> None:
    assert record in read(tmp_path, "a.csv", source).text.split("\n\n")


@pytest.mark.parametrize("rows", [2, 17, 60])
def test_a_quotation_mark_that_is_never_closed_hides_nothing(tmp_path: Path, rows: int) -> None:
    listed = "".join(f'{n},"item, {n}"\n' for n in range(rows))
    extracted = read(tmp_path, "a.csv", f'n,note\n7,"broken\n{listed}')
    assert extracted.text.split("\n\n") == [
        'n: 7; note: "broken',
        *(f"n: {n}; note: item, {n}" for n in range(rows)),
    ]
    assert extracted.notes == ("line 2: a quotation mark is never closed, so it is taken for text",)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (r'"He said \"stop, now\" twice"', 'He said "stop, now" twice'),
        ('"He said "stop, now" twice"', 'He said "stop, now" twice'),
        ('"5"" steel"', '5" steel'),
        ('"5" steel', '"5" steel'),
        ('6" steel', '6" steel'),
        ('"two\nlines"', "two lines"),
        ('"C:\\boats\\"', "C:\\boats\\"),
    ],
)
def test_quotation_marks_inside_a_cell_shift_no_other(tmp_path: Path, cell: str, text: str) -> None:
    source = f"id,note,by\n1,{cell},Ada\n2,fine,Bo\n"
    assert read(tmp_path, "a.csv", source).text == (
        f"id: 1; note: {text}; by: Ada\n\nid: 2; note: fine; by: Bo"
    )
