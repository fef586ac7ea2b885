"""Rows of sheets and tables can be read alone, wherever a chunk begins."""

from pathlib import Path

import pytest
from reading_parts import chunks_of, holds_together, read

from app.index.lexical import text_under_header
from graphs.units import units


@pytest.mark.parametrize(
    ("source", "record"),
    [
        ("Crew 2027,,\n\nBoat,Master,Tons\nKite,Ada,41\nSwan,Bo,38\n", "Boat: Swan; Master: Bo; Tons: 38"),
        ("Harbour office;;\nspring list;;\nBoat;Master;Tons\nKite;Ada;41\nSwan;Bo;38", "Boat: Kite; Master: Ada; Tons: 41"),
        ("sep=;\nBoat;Master\nKite;Ada\n", "Boat: Kite; Master: Ada"),
        ("sep=|\r\nBoat|Master\r\nSwan|Bo\r\n", "Boat: Swan; Master: Bo"),
        ("Boat;Draught\nKite;1,4\nSwan;2,1\n", "Boat: Swan; Draught: 2,1"),
        ("Boat\tFee\nKite\t1.250,00\n", "Boat: Kite; Fee: 1.250,00"),
        ("12,41\n13,38\n14,40\n", "column 1: 12; column 2: 41"),
    ],
)  # fmt: skip
def test_csv_rows_stand_behind_the_names_of_their_columns(
    tmp_path: Path, source: str, record: str
) -> None:
    assert record in read(tmp_path, "a.csv", source).text.split("\n\n")


def test_lines_above_the_header_stay(tmp_path: Path) -> None:
    text = read(tmp_path, "a.csv", "Crew 2027,,\n\nBoat,Master,Tons\nKite,Ada,41\n").text
    assert text.split("\n\n")[0] == "Crew 2027"


def test_long_cells_are_cut_and_told(tmp_path: Path) -> None:
    extracted = read(tmp_path, "a.csv", f'n,note\n1,"{"keel " * 9_000}"\n2,the grey heron\n')
    assert holds_together(extracted, "n: 2", "the grey heron")
    assert "… (cut)" in extracted.text
    assert extracted.notes == ("row 2: a cell of 45,000 characters cut to 20,000",)


@pytest.mark.parametrize("bad", ['{"a": ', "[1, 2", "no json at all"])
def test_a_bad_line_is_told_and_the_others_are_read(tmp_path: Path, bad: str) -> None:
    extracted = read(tmp_path, "a.jsonl", f'{{"name": "Ada"}}\n{bad}\n{{"name": "Bo"}}\n')
    assert extracted.text == "name: Ada\n\nname: Bo"
    (note,) = extracted.notes
    assert note.startswith("line 2 column ")
    assert note.endswith(", which is not valid JSON")


def markdown(rows: int) -> str:
    body = "".join(f"| Winch type {n} | Shed {n % 7} | {300 + n} |\n" for n in range(rows))
    return f"# Winches\n\n| Winch | Shed | Load |\n|---|---|---|\n{body}"


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_every_chunk_of_a_long_table_carries_its_header(tmp_path: Path, name: str) -> None:
    extracted = read(tmp_path, name, markdown(90))
    chunks = chunks_of(extracted)
    assert len(chunks) > 3
    for chunk in chunks[1:]:
        start, end = chunk.metadata["start"], chunk.metadata["end"]
        assert extracted.text[start:end] == chunk.page_content
        assert chunk.metadata["header"] == "| Winch | Shed | Load |"
        assert text_under_header(chunk).startswith("| Winch | Shed | Load |\n| Winch type")
    assert "header" not in chunks[0].metadata
    assert holds_together(extracted, "Winch: Winch type 77", "Load: 377")


def test_html_and_word_tables_carry_their_header_too(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>Rope {n}<td>{n} m<td>{n + 5} kg" for n in range(120))
    page = f"<h1>Ropes</h1><table><tr><th>Rope<th>Length<th>Weight{rows}</table><p>The end."
    extracted = read(tmp_path, "a.html", page)
    assert holds_together(extracted, "Rope: Rope 117", "Length: 117 m", "Weight: 122 kg")
    assert holds_together(extracted, "| Rope | Length | Weight |", "| Rope 117 | 117 m | 122 kg |")


def test_text_behind_a_table_gets_no_header(tmp_path: Path) -> None:
    extracted = read(tmp_path, "a.md", markdown(40) + "\nThe winches are greased in May.\n")
    last = chunks_of(extracted)[-1]
    found = units(last.page_content, last.metadata.get("header", ""))
    assert found[-1].text == "The winches are greased in May."
    assert found[-1].header == ""


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("The mooring contract runs out in\n2033. Dues are paid in June.", "The mooring contract runs out in\n2033."),
        ("Masts were stepped on April 4,\n2026. Two cranes were used.", "Masts were stepped on April 4,\n2026."),
        ("We met at\nnoon.", "We met at\nnoon."),
        ("Stow the gear:\n1. Coil ropes.\n2. Lash oars.", "2. Lash oars."),
        ("Name: Ada\nrole: pilot", "role: pilot"),
        ("The lease of the depot ends in the year\n2031. It may be extended.", "The lease of the depot ends in the year\n2031."),
        ("The number of berths is at least\n10. Each has a number.", "The number of berths is at least\n10."),
        ("The harbour has many berths for all kinds of guests, and it is at least\n10. Each has a number.", "Each has a number."),
        ("1.2 Notwithstanding clause\n1.1, either party may leave.", "1.2 Notwithstanding clause\n1.1, either party may leave."),
        ("This rests on Art.\n5. It is due.", "This rests on Art.\n5."),
        ("1. Close valve\n   V3 again.\n2. Call\n   4711.", "1. Close valve\n   V3 again."),
        ("1. Open it:\n   1.1 Wait until it shows\n       4 bar.", "1.1 Wait until it shows\n       4 bar."),
        ("It is an Anglo-\nAmerican firm.", "It is an Anglo-\nAmerican firm."),
        ("Shipping\n4. Open the flap\n5. Press the button", "4. Open the flap"),
        ("Rooms of the northern quay\n12\n14", "12"),
    ],
)  # fmt: skip
def test_a_wrapped_line_is_no_unit_of_its_own(text: str, unit: str) -> None:
    assert unit in [found.text for found in units(text)]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("The slip-\nway was re-\npaired by mem-\nbers in March.", "The slipway was repaired by members in March."),
        ("A well-known pilot.\nHe is well-\nknown here.", "He is well-known here."),
        ("See lists A-\nB and C.", "See lists A-\nB and C."),
    ],
)  # fmt: skip
def test_words_cut_at_line_ends_are_whole(tmp_path: Path, text: str, whole: str) -> None:
    assert whole in read(tmp_path, "a.txt", text).text
