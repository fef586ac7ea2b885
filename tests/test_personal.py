import time

import pytest
from tuning_parts import example

from finetune.data.personal import personal_data


@pytest.mark.parametrize(
    ("kind", "text", "masked"),
    [
        ("e-mail address", "Write to anna.bee@mill-on-river.example.", "an…le"),
        ("phone number", "Call +44 1632 960 123 at noon.", "+4…23"),
        ("phone number", "Call +44 (0)20 7946 0958 at noon.", "+4…58"),
        ("phone number", "Call (01632) 960 123 at noon.", "(0…23"),
        ("phone number", "Call 030/901820.", "03…20"),
        ("phone number", "Call 555-123-4567.", "55…67"),
        ("IBAN", "Pay to GB82 WEST 1234 5698 7654 32 by Friday.", "GB…32"),
        ("IBAN", "PAY TO BE68 5390 0754 7034 AND WAIT", "BE…34"),
        ("IBAN", "GB82WEST12345698765432", "GB…32"),
        ("card number", "Her card is 4111 1111 1111 1111, she said.", "41…11"),
        ("IPv4 address", "The server stands at 8.8.8.8.", "8.….8"),
    ],
)
def test_personal_data_is_found_and_masked(kind: str, text: str, masked: str) -> None:
    (found,) = personal_data([example("a", "Who?", text), example("b", "Who?", "Anna")])
    assert (found.kind, found.count, found.rows, found.masked) == (kind, 1, ("a",), (masked,))


@pytest.mark.parametrize(
    "text",
    [
        "Open from 2026-11-22 to 2026-12-24, 09:30 to 17:45, closed on 01-02-2026 and 1.2.2026.",
        "It costs 1,234.50 or 12.000.000 in all, +10 000 000 more than before.",
        "Version 1.2.3 runs on 127.0.0.1 and 192.168.0.1; see version 1.2.3.4 and section 4.1.2.3.",
        "ISBN 978-3-16-148410-0, ISBN 0306406152, 9780306406157, order 1234 5678 9012 3456.",
        "GB82 WEST 1234 5698 7654 33 is mistyped, and so is 4111 1111 1111 1112.",
        "Bus 07 leaves at 0800, bus 08 at 0900; then 0930 1030 1130, or 0800-1730.",
        "At second 1700000000 install pkg@1.2.3 as 0123456789012.",
    ],
)
def test_dates_prices_versions_and_numbers_that_fail_their_check_are_left_alone(text: str) -> None:
    assert personal_data([example("a", "Who?", text)]) == []


def test_every_occurrence_is_counted_and_few_are_shown() -> None:
    many = " ".join(f"{at}{at}@mill.example" for at in range(5))
    found = personal_data([example("a", "Who?", many), example("b", "Who?", many)])
    assert [(one.count, one.rows, len(one.masked)) for one in found] == [(10, ("a", "b"), 3)]


def test_long_hostile_texts_take_no_time() -> None:
    seconds = time.process_time()
    for piece in ("a", "a@", "a.", "1 ", "1.2.", "AB12 ", "+1 ", "(0", "v1.1", "ISBN "):
        personal_data([example("a", "Who?", piece * (30_000 // len(piece)))])
    assert time.process_time() - seconds < 2
