"""A number that a text writes differently is the same number, and no other one is."""

from __future__ import annotations

import pytest

from graphs.numbers import as_written, without_others


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
        ("$200.00", "$200", "$200"),
        ("5 %", "5,00 %", "5,00 %"),
        ("2 m", "2.0 m", "2.0 m"),
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
        ("room 9", "£9.00"),
        ("2 km", "2.0 m"),
        ("55 362 477", "Grade 55, 362 and 477"),
        ("room B12", "room 12.0"),
        ("0.75", "on 3/4/2024"),
        ("", ""),
    ],
)
def test_what_is_there_or_is_another_number_stays(said: str, shown: str) -> None:
    assert as_written(said, shown) == said


@pytest.mark.parametrize(
    ("shown", "said", "left"),
    [
        ("kept at -18 °C", "kept at 18 °C", "kept at -〇〇 °C"),
        ("kept at −18°C", "18 degrees", "kept at −〇〇°C"),
        ("bei –18 ℃", "bei +18 ℃", "bei –〇〇 ℃"),
        ("| -18 °C | 5 |", "18", "| -〇〇 °C | 5 |"),
        ("changed by -5.2 %", "by +5.2 %", "changed by -〇〇〇 %"),
        ("a pH > 7", "a pH < 7", "a pH > 〇"),
        ("a pH ≥ 7.5", "pH <= 7.5", "a pH ≥ 〇〇〇"),
        ("It is €9 or £40.", "$9", "It is €〇 or £40."),
        ("9,50 €", "$9.50", "〇〇〇〇 €"),
        ("€ 1 000", "$1000", "€ 〇〇〇〇〇"),
    ],
)
def test_a_number_with_another_sign_bound_or_currency_is_another(
    shown: str, said: str, left: str
) -> None:
    assert without_others(shown, said) == left


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("kept at -18 °C", "kept at −18 °C"),
        ("kept at -18 °C", "-18 °C"),
        ("kept at -18 °C", "minus 18 degrees"),
        ("kept at -18 °C", "18 degrees below zero"),
        ("kept at 18 °C", "kept at -18 °C"),
        ("kept at -18 °C", "Is it 18 °C? No, -18 °C."),
        ("- 18 °C in May\n-5 °C in June", "18 and 5 °C"),
        ("2 -8 °C, 2-8 °C, 2 – 8 °C or 2–8 °C", "from 2 to 8 °C"),
        ("a change of -5 %, or -3 euros", "a fall by 5 %, by 3 euros"),
        ("aged ≥ 18", "aged 18, > 18 or at least 18"),
        ("> 7 boats", "< 7 boats"),  # a quotation in Markdown
        ("A -> 7 and B => 8", "A < 7 and B < 8"),
        ("€9 or 9 €", "9, 9 euros"),
        ("price: 9", "€9"),
        ("9 €8", "9, €8"),
        ("open 9-17 on 2024-05-01", "from 9 to 17 on 2024, 05 and 01"),
    ],
)
def test_what_stands_at_a_number_may_be_left_out(shown: str, said: str) -> None:
    assert without_others(shown, said) == shown
