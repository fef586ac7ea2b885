"""Superscript text does not run into the number before it."""

import pytest

from app.ingest.raised import raised


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1", "¹"),
        ("-3", "⁻³"),
        ("12 ", "¹² "),
        ("1, 2", "¹, ²"),
        ("st", "st"),
        ("2a", "2a"),
        ("*", "*"),
        ("", ""),
    ],
)
def test_superscripts_are_written_raised_where_all_of_them_can_be(text: str, written: str) -> None:
    assert raised(text) == written
