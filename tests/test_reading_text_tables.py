"""Rows of tables that a text draws stand under the header of their columns."""

from pathlib import Path

import pytest
from reading_parts import chunks_of, holds_together, read

from graphs.units import units

GRID = """\
+------+------+
| Name | Room |
+======+======+
| Ada  | C4   |
+------+------+
| Bo   | C5   |
+------+------+"""
SPACED = """\
Name      Room  Phone
Ada Holm  C4     4711
Bo        C5    14712"""


def records(text: str) -> list[str]:
    return [unit.record for unit in units(text)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (GRID, ["Name: Ada; Room: C4", "Name: Bo; Room: C5"]),
        (SPACED, ["Name: Ada Holm; Room: C4; Phone: 4711", "Name: Bo; Room: C5; Phone: 14712"]),
        ("Name\tRoom\tPhone\nAda Holm\tC4\t4711\nBo\tC5\t14712", ["Name: Bo; Room: C5; Phone: 14712"]),
        ("Boat    Master\n------  ------\nKite    Ada", ["Boat: Kite; Master: Ada"]),
        ("Berth     Fee\nA1        40\nA2        55", ["Berth: A2; Fee: 55"]),
        ("| Plan | Pro |\n|:-:|-|\n| Team | 5 |", ["Plan: Team; Pro: 5"]),
        ("1. Choose:\n   | Plan | Fee |\n   |---|---|\n   | S | 5 |\n2. Pay.\n3. Go.", ["Plan: S; Fee: 5", "2. Pay."]),
        ("Prices:\nwithout VAT.\nName | Fee\n---|---\nKite | 5\nSwan | 7", ["Name: Swan; Fee: 7"]),
        ("| Key | Sign |\n|---|---|\n| a \\| b | or |", ["Key: a \\| b; Sign: or"]),
        ("| Id | Note | Fix |\n|---|---|---|\n| T-1 | It hums. It leaks. | Seal |", ["Id: T-1; Note: It hums.", "Id: T-1; Note: … It leaks.; Fix: Seal"]),
        ("Total     1  2  3\nRent      4  5  6", ["Rent      4  5  6"]),
        ("Tenant    Ada Holm\nRent      450\nDeposit   900", ["Rent      450"]),
        ("He said a | b to me.\nShe went | off.\nThey did.\nThey came.", ["She went | off."]),
    ],
)  # fmt: skip
def test_a_row_stands_under_the_header_of_its_table(text: str, rows: list[str]) -> None:
    found = records(text)
    assert [row for row in rows if row not in found] == []
    assert not any(set(row) <= set("+-=|: ") for row in found)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("| Part   | Bin | Load |", "| Valve {n:02} | B{m}  | {n:04} |"),
        ("Part      Bin  Load", "Valve {n:02}  B{m}   {n:04}"),
    ],
)
def test_every_chunk_of_a_drawn_table_carries_its_header(
    tmp_path: Path, header: str, row: str
) -> None:
    rows = "\n".join(row.format(n=n, m=n % 7) for n in range(10, 99))
    extracted = read(tmp_path, "a.txt", f"Stock\n\n{header}\n{rows}\n")
    later = chunks_of(extracted)[1:]
    assert len(later) > 1
    assert {chunk.metadata["header"] for chunk in later} == {header}
    assert holds_together(extracted, "Part: Valve 97; Bin: B6; Load: 0097")


def test_what_is_left_of_a_long_row_keeps_its_key_and_columns(tmp_path: Path) -> None:
    long = "The pump hums in the night. " * 50
    table = f"| Id | Note | Fix |\n|---|---|---|\n| T-1 | {long}| Seal 44 |\n| T-2 | Ok | None |\n"
    extracted = read(tmp_path, "a.md", table)
    assert chunks_of(extracted)[1].metadata["header"] == "| Id | Note | Fix |\n| T-1 | …"
    assert holds_together(extracted, "Id: T-1; Note: …", "; Fix: Seal 44")
    assert holds_together(extracted, "Id: T-2; Note: Ok; Fix: None")
    assert not holds_together(extracted, "| T-1 | … | T-2")
