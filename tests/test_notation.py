"""Numbers are read by their separators: thousands, decimals, or a list without spaces."""

import pytest

from graphs.notation import with_decimals, with_point
from graphs.text import content, plain, stem


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


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1½ cups", "1.5 cups"),
        ("1 ½ cups", "1.5 cups"),
        ("1 1/2 cups", "1.5 cups"),
        ("2\u00a03\u20444 litres", "2.75 litres"),
        ("12¼cm", "12.25cm"),
        ("½ or ⅓", "0.5 or 0.3333"),
        ("2,500½", "2,500 0.5"),
        ("1/2 of 24/7 since 1/2/2024", "1/2 of 24/7 since 1/2/2024"),
        ("in 2024 1/2 and 5 1/2/2024", "in 2024 1/2 and 5 1/2/2024"),
        ("1 3/2", "1 3/2"),
    ],
)
def test_a_fraction_is_a_decimal_with_the_whole_number_before_it(text: str, written: str) -> None:
    assert with_decimals(text) == plain(text) == written


def test_a_mixed_number_is_neither_its_digits_nor_its_parts() -> None:
    assert content("Use 1½ cups") == content("Use 1.5 cups") == content("Use 1 1/2 cups")
    assert stem("1½") == "1.5"
    assert not {"11", "1", "2"} & set(content("Use 1½ cups"))
