import pytest
from tuning_parts import example

from finetune.personal import personal_data


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("e-mail address", "Write to anna.bee@mill-on-river.example for bread."),
        ("phone number", "Call +44 1632 960 123 at noon."),
        ("phone number", "Call (01632) 960 123 at noon."),
        ("IBAN", "Pay to GB82 WEST 1234 5698 7654 32 by Friday."),
        ("card number", "Her card is 4111 1111 1111 1111, she said."),
        ("IP address", "The server stands at 8.8.8.8 by the river."),
    ],
)
def test_personal_data_is_found_and_masked(kind: str, text: str) -> None:
    (found,) = personal_data([example("a", "Who?", text), example("b", "Who?", "Anna")])
    assert found.kind == kind
    assert found.rows == ("a",)
    assert len(found.masked) == 1
    assert len(found.masked[0]) == 5


@pytest.mark.parametrize(
    "text",
    [
        "Open from 2026-11-22 to 2026-12-24, 09:30 to 17:45.",
        "It costs 1,234.50 or 12.000.000 in all.",
        "Version 1.2.3 runs on 127.0.0.1 and 192.168.0.1.",
        "ISBN 978-3-16-148410-0, order 1234 5678 9012 3456.",
        "GB82 WEST 1234 5698 7654 33 is mistyped.",
        "Bus 07 leaves at 0800, bus 08 at 0900.",
    ],
)
def test_dates_prices_versions_and_numbers_that_fail_their_check_are_left_alone(text: str) -> None:
    assert personal_data([example("a", "Who?", text)]) == []
