"""Numbers are read by their separators: thousands, decimals, or a list without spaces."""

import pytest

from graphs.notation import with_point
from graphs.text import content, stem


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("1,5", "1.5"),
        ("0,125", "0.125"),
        ("1234,5", "1234.5"),
        ("1,500", "1500"),
        ("1,234,567.50", "1234567.50"),
        ("1.234.567,50", "1234567.50"),
        ("1,50,000", "150000"),
        ("1,000:1", "1000:1"),
        ("£1,500.00", "£1500.00"),
        ("1.500", "1.500"),
        ("12:30", "12:30"),
        ("7", "7"),
    ],
)
def test_a_comma_goes_between_thousands_and_is_a_point_before_decimals(
    number: str, written: str
) -> None:
    assert with_point(number) == written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rooms 1,2,3", ["room", "1", "2", "3"]),
        ("rooms 10,20,30 and 7", ["room", "10", "20", "30", "7"]),
        ("1.5,2.5 or 9:30,10:45,12:00", ["1.5", "2.5", "9:30", "10:45", "12:00"]),
        ("1,5 or 2,75", ["1.5", "2.75"]),
        ("€1,50 and 1.234,56 €", ["1.50", "1234.56"]),
        ("12,500 of 1,234,567", ["12500", "1234567"]),
        ("1.2.3 on 01.02.2024", ["1.2.3", "01.02.2024"]),
    ],
)
def test_each_number_of_a_list_is_one(text: str, expected: list[str]) -> None:
    assert content(text) == expected


@pytest.mark.parametrize("pair", [("1,5", "15"), ("2,75", "275"), ("1,25", "125")])
def test_a_decimal_is_not_the_number_without_its_comma(pair: tuple[str, str]) -> None:
    assert stem(pair[0]) != stem(pair[1])
