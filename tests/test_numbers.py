"""A number that a text writes differently is the same number, and no other one is."""

from __future__ import annotations

import pytest

from graphs.numbers import as_written


@pytest.mark.parametrize(
    ("said", "shown", "written"),
    [
        ("at 6:15.", "at 06:15.", "at 06:15."),
        ("at 9 am.", "at 09:00", "at 09:00."),
        ("at 9:30 p.m.", "at 21:30", "at 21:30"),
        ("at 12 am", "at 0:00", "at 0:00"),
        ("at 21:00", "at 9 pm", "at 9 pm"),
        ("um 9:00 Uhr", "um 9 Uhr", "um 9 Uhr"),
        ("um 9:30 Uhr", "um 9.30 Uhr", "um 9.30 Uhr"),
        ("à 9:30", "à 9h30", "à 9h30"),
        ("am 1.5.2024", "am 01.05.2024", "am 01.05.2024"),
        ("$200", "$200.00", "$200.00"),
        ("200 dollars", "$200.00", "200.00 dollars"),
        ("2.5 %", "2,50 %", "2,50 %"),
        ("1000 maps", "1 000 maps", "1 000 maps"),
        ("1 000 maps", "1000 maps", "1000 maps"),
        ("1\u202f250,50 €", "1250.50 €", "1250.50 €"),
        ("1500 Plätze", "1.500 Plätze", "1.500 Plätze"),
        ("1,500 Plätze", "1’500 Plätze", "1’500 Plätze"),
        ("one and a half cups", "1½ cups", "1½ cups"),
        ("2.5 cups", "two and a half cups", "two and a half cups"),
        ("0.5 litres", "half a litre", "half litres"),
    ],
)
def test_a_number_is_written_as_the_other_text_writes_it(
    said: str, shown: str, written: str
) -> None:
    assert as_written(said, shown) == written


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("12 boats at 9:30", "twelve boats at 9:30"),
        ("at 9 am", "at 9 p.m., not at 10:00"),
        ("at 9:00", "9 boats"),
        ("at 9 pm", "at 09:00"),
        ("section 4.1", "section 4.10"),
        ("version 3.1", "version 3.10"),
        ("1.5 €", "1.500 €"),
        ("1.5 €", "1,500 €"),
        ("15 %", "1,5 %"),
        ("room 7", "room 007"),
        ("55 362 477", "Grade 55, 362 and 477"),
        ("room B12", "room 12.0"),
        ("0.75", "on 3/4/2024"),
        ("", ""),
    ],
)
def test_what_is_there_or_is_another_number_stays(said: str, shown: str) -> None:
    assert as_written(said, shown) == said
