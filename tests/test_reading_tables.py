"""Sheets and tables as companies write them: titles, forms, units and parts around the numbers."""

from pathlib import Path
from typing import Any

import pytest
from file_parts import xlsx_bytes
from reading_parts import holds_together, read

from app.ingest.extracted import TextBuilder
from app.ingest.tables.cells import alike_spread, spread
from app.ingest.tables.grid import add_table


def records(folder: Path, source: str) -> list[str]:
    return read(folder, "a.csv", source).text.split("\n\n")


def table(*rows: list[str], header: bool | None = None) -> list[str]:
    builder = TextBuilder(10_000)
    add_table(builder, rows, header=header)
    return builder.build().text.split("\n")


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("Report,Crane loads\nPrepared by,Ada\nCrane,Load t,Hours\nEast,12,8\nWest,14,6", ["Report: Crane loads", "Prepared by: Ada", "Crane: East; Load t: 12; Hours: 8"]),
        ("Crew list;May 2027\nBoat;Master;Tons\nKite;Ada;41", ["Crew list: May 2027", "Boat: Kite; Master: Ada; Tons: 41"]),
        ("Total,,300\nDepot,Owner,Amount\n410,Ada,100\n420,Bo,200", ["Total | 300", "Depot: 410; Owner: Ada; Amount: 100"]),
        ("Rates,,,From May\n,Sales,,\nItem,Unit,Price,Stock\nBolt,each,3,5\nNut,each,1,7", ["Rates | From May", "Sales", "Item: Bolt; Unit: each; Price: 3; Stock: 5"]),
        ("Buyer;Northwind;;\nOrder;A-77;;\n\nItem;Qty;Price;Week\nBolt;40;3,20;12\nNut;40;1,10;13", ["Buyer: Northwind", "Order: A-77", "Item: Bolt; Qty: 40; Price: 3,20; Week: 12"]),
    ],
)  # fmt: skip
def test_lines_above_a_table_are_neither_its_header_nor_lost(
    tmp_path: Path, source: str, lines: list[str]
) -> None:
    assert records(tmp_path, source)[: len(lines)] == lines


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("Berth,Fee\nD1,40\nD2,55\n\nCrane,Load,Hours\nEast,12,8", ["Berth: D2; Fee: 55", "Crane: East; Load: 12; Hours: 8"]),
        ("Berth,Holder\nD1,Ada\nD2,Bo\n\nShift,Guard\nNight,Cy", ["Berth: D2; Holder: Bo", "Shift: Night; Guard: Cy"]),
        ("Berth,Fee\nD1,40\nD2,55\nCrane,Load,Hours\nEast,12,8\nWest,14,9", ["Berth: D2; Fee: 55", "Crane: East; Load: 12; Hours: 8"]),
        ("Day,Visitors\nMonday,closed\nTuesday,30\nMonday,closed\nTuesday,31", ["Day: Monday; Visitors: closed", "Day: Tuesday; Visitors: 30", "Day: Monday; Visitors: closed", "Day: Tuesday; Visitors: 31"]),
        ("Name,Role\nAda,pilot\n\nBo,guard\nCy,cook", ["Name: Ada; Role: pilot", "Name: Bo; Role: guard"]),
        ("Name,Role\n\nAda,pilot\nBo,guard", ["Name: Ada; Role: pilot", "Name: Bo; Role: guard"]),
        ("Key,Value\nowner,Ada\n\nKey,Value\nowner,Bo", ["Key: owner; Value: Ada", "Key: owner; Value: Bo"]),
        ("Tons,2026\n,May,June\nEast,1,2\n\nTons,2025\n,May,June\nEast,3,4", ["Tons: 2026", "East; May: 1; June: 2", "Tons: 2025", "East; May: 3; June: 4"]),
    ],
)  # fmt: skip
def test_tables_are_parted_where_another_one_begins_and_nowhere_else(
    tmp_path: Path, source: str, lines: list[str]
) -> None:
    found = records(tmp_path, source)
    assert [line for line in found if line in lines] == lines
    assert not any("column" in line for line in found)


def test_tables_beside_each_other_are_parted_where_they_begin_in_other_rows(tmp_path: Path) -> None:
    source = "Berth,Fee,,,\nD1,40,,,\nD2,55,,Crane,Load\nD3,60,,East,12\nD4,65,,West,14"
    assert records(tmp_path, source)[-3:] == [
        "Berth: D4; Fee: 65", "Crane: East; Load: 12", "Crane: West; Load: 14",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        "Day,Period 1,Period 2\nMonday,Room 12,Room 4\nTuesday,Room 3,Room 8",
        "Motor,L1,L2\nPump,F12,F13\nFan,F22,F23",
        "Machine,01/2027,02/2027\nEast,120,130\nWest,220,240",
        "Machine,01.01.2027,01.02.2027\nEast,120,130\nWest,220,240",
        "Day,8,9,10,11\nMonday,4,6,7,2\nTuesday,3,9,1,0",
        f"Time,{'How content are you with the harbour? ' * 4},Berth\n12:30,very,D4\n12:40,not,D9",
    ],
)
def test_names_of_columns_may_hold_numbers_or_be_long(tmp_path: Path, source: str) -> None:
    names, *_, last = [line.split(",") for line in source.split("\n")]
    pairs = [f"{name.strip()}: {value}" for name, value in zip(names, last, strict=True)]
    assert records(tmp_path, source)[-1] == "; ".join(pairs)


@pytest.mark.parametrize("rows", ["D1,Ada,12\nD2,Bo,14", "1.250,12\n950,13", "A-1,8:30\nA-2,9:15"])
def test_rows_without_a_header_get_none(tmp_path: Path, rows: str) -> None:
    assert records(tmp_path, rows)[0].startswith("column 1: ")


def test_rows_of_equal_values_keep_their_columns(tmp_path: Path) -> None:
    assert records(tmp_path, "From,To,Doors\n1,2,4\n3,3,3")[1] == "From: 3; To: 3; Doors: 3"
    assert table(["Monday", "8", "8", "17"], ["Tuesday", "9", "9", "12"])[0] == "Monday: 8; 8; 17"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("Firm:,Northwind\nStreet:,Pier 4\nPhone:,555", ["Firm: Northwind", "Street: Pier 4", "Phone: 555"]),
        ("Firm:,Northwind,,Order:,HX-7\nClerk:,Ada,,Date:,1 May\nPos,Item,Unit,Qty,Price\n1,Bolt,each,40,3\n2,Nut,each,40,1", ["Firm: Northwind; Order: HX-7", "Clerk: Ada; Date: 1 May", "Pos: 1; Item: Bolt; Unit: each; Qty: 40; Price: 3"]),
        ("Nr,Question,Answer\n1,Is it lit?,yes\n\nSigned,Ada\nPlace,Havn", ["Nr: 1; Question: Is it lit?; Answer: yes", "Signed: Ada", "Place: Havn"]),
    ],
)  # fmt: skip
def test_labels_stand_before_their_values(tmp_path: Path, source: str, lines: list[str]) -> None:
    assert records(tmp_path, source)[: len(lines)] == lines


def test_tables_of_two_labels_in_a_row_are_forms() -> None:
    colons = table(["Firm:", "Northwind", "Order:", "HX-7"], ["Clerk:", "Ada", "", ""], header=True)
    assert colons == ["Firm: Northwind; Order: HX-7", "Clerk: Ada"]
    cover = [["Firm", "Northwind", "Order", "HX-7"], ["Clerk", "Ada", "Placed", "1 May 2027"]]
    assert table(*cover, ["Place", "Havn", "Pages", "12"])[1] == "Clerk: Ada; Placed: 1 May 2027"
    assert table(["Pier:", "Day:", "Night:"], ["East", "4", "6"])[0] == "| Pier: | Day: | Night: |"


@pytest.mark.parametrize(
    ("heads", "names"),
    [
        ("Pump,Head,Flow\n,m,m³/h", "P1; Head (m): 20; Flow (m³/h): 5"),
        ("Pump,Head,Flow\n[-],[bar],%", "P1; Head [bar]: 20; Flow %: 5"),
        ("Pump,May,June\nP0,none,none", "P1; May: 20; June: 5"),
        (",Summer,,Winter,\nPump,Day,Night,Day,Night", "P1; Summer Day: 20; Summer Night: 5"),
        ("Pump,Summer,,Winter,\n,Day,Night,Day,Night", "P1; Summer Day: 20; Summer Night: 5"),
        ("Pump,2025,,2026,\n,Day,Night,Day,Night", "P1; 2025 Day: 20; 2025 Night: 5"),
    ],
)
def test_names_hold_their_groups_and_units(tmp_path: Path, heads: str, names: str) -> None:
    found = records(tmp_path, f"{heads}\nP1,20,5,30,6\nP2,24,6,34,7")
    assert any(line.startswith(f"Pump: {names}") for line in found)


def test_tables_have_one_header_of_all_rows_that_name_columns() -> None:
    heads = [["Pier", *spread("Summer", 2)], ["Pier", "Day", "Night"]]
    assert (
        table(*heads, ["East", "4", "6"], header=True)[0] == "| Pier | Summer Day | Summer Night |"
    )
    years = alike_spread([["Pier", "2026", "2026"], ["Pier", "Day", "Night"], ["East", "4", "4"]])
    assert table(*years)[1] == "| East | 4 | 4 |"
    weeks = [["Pier", *spread("7", 2), *spread("8", 2)], ["Pier", "Day", "Night", "Day", "Night"]]
    piers = [
        ["East", "4", "6", "5", "7"],
        ["West", "3", "6", "2", "8"],
        ["Sum", "7", "12", "7", "15"],
    ]
    names = "| Pier | 7 Day | 7 Night | 8 Day | 8 Night |"
    assert table(*weeks, *piers)[:2] == [names, "| East | 4 | 6 | 5 | 7 |"]
    missing = [["Item", *spread("Price", 2)], ["Tea", "n/a", "n/a"], ["Bun", "3", "4"]]
    assert "| Tea | n/a | n/a |" in table(*missing, header=True)


@pytest.mark.parametrize("wide", [1, 3])
def test_each_row_carries_the_part_of_the_table_that_it_stands_in(wide: int) -> None:
    parts = [[*spread(name, wide), *[""] * (3 - wide)] for name in ("Summer", "Winter")]
    rooms = [["Single", "50", "yes"], ["Double", "80", "no"]]
    found = table(["Room", "Rate", "Sea"], parts[0], *rooms, parts[1], *rooms)
    assert found[0] == "|  | Room | Rate | Sea |"
    assert found[-1] == "| Winter | Double | 80 | no |"


def test_rows_without_values_are_no_parts_of_a_table(tmp_path: Path) -> None:
    assert records(tmp_path, "Name,Phone,Room\nAda,,\nBo,555,3\nCy,,\nDi,556,4") == [
        "Name: Ada", "Name: Bo; Phone: 555; Room: 3", "Name: Cy", "Name: Di; Phone: 556; Room: 4",
    ]  # fmt: skip


def test_merged_cells_of_a_sheet_name_parts_and_groups(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        for row in (["Class", "Age", ""], ["", "Old", "Young"], ["Summer"], ["Cabin", 80, 40]):
            book.active.append(row)
        for area in ("A1:A2", "B1:C1", "A3:C3"):
            book.active.merge_cells(area)

    extracted = read(tmp_path, "a.xlsx", xlsx_bytes(fill))
    assert holds_together(extracted, "Summer; Class: Cabin; Age Old: 80; Age Young: 40")


def test_years_of_a_sheet_may_head_merged_groups(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        for row in (["Item", 2025, "", 2026, ""], ["", *["Units", "Euro"] * 2]):
            book.active.append(row)
        for row in (["Oar", 5, 50, 6, 66], ["Sail", 7, 70, 8, 88], ["Sum", 12, 120, 14, 154]):
            book.active.append(row)
        for area in ("A1:A2", "B1:C1", "D1:E1"):
            book.active.merge_cells(area)

    assert read(tmp_path, "a.xlsx", xlsx_bytes(fill)).text.split("\n\n") == [
        "Item: Oar; 2025 Units: 5; 2025 Euro: 50; 2026 Units: 6; 2026 Euro: 66",
        "Item: Sail; 2025 Units: 7; 2025 Euro: 70; 2026 Units: 8; 2026 Euro: 88",
        "Item: Sum; 2025 Units: 12; 2025 Euro: 120; 2026 Units: 14; 2026 Euro: 154",
    ]


@pytest.mark.parametrize(
    ("last", "wanted"),
    [
        (["Not by post", "", ""], "| Rope |  |  |"),
        (spread("Not by post", 3), "| Rope |  |  |"),
    ],
)
def test_a_row_without_values_names_no_part_because_a_note_spans_the_columns(
    last: list[str], wanted: str
) -> None:
    rows = [["Item", "Day", "Night"], ["Rope", "", ""], ["Sail", "5", "6"], last]
    assert table(*rows, ["Mast", "7", "8"], header=True)[1:3] == [wanted, "| Sail | 5 | 6 |"]
