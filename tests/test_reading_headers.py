"""What is cut over several chunks keeps what it cannot be understood without."""

import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from graph_parts import passage
from reading_parts import chunks_of, holds_together, read

from graphs.evidence import WINDOW, Source
from graphs.protocols import Claim
from graphs.units import units

LONG = "The pump hums in the night. " * 40
ITEMS = "\n".join(f"- boats of class K{n} that were built before the year {n}" for n in range(60))
LEAD = "The yard asks for papers. The policy does NOT cover:"


@pytest.mark.parametrize(
    ("name", "source", "facts"),
    [
        ("a.csv", f"Id,Name,Note,Fix\nT-1,Kite,{LONG},seal 44\nT-2,Swan,ok,none\n", [("Id: T-1", "Name: Kite", "Fix: seal 44"), ("Id: T-1; Name: Kite; Note: …", "The pump hums")]),
        ("a.json", json.dumps({"id": "KB-1", "note": LONG, "fix": "seal 44"}), [("id: KB-1", "fix: seal 44"), ("id: KB-1; note: …", "The pump hums")]),
        ("a.csv", ",".join(f"Part {n} size" for n in range(60)) + "\n" + ",".join(f"{n} mm" for n in range(300, 360)), [("Part 0 size: 300 mm", "Part 59 size: 359 mm")]),
        ("a.jsonl", json.dumps({"note": LONG}), [("note: …", "The pump hums")]),
    ],
)  # fmt: skip
def test_later_parts_of_a_record_keep_its_key_and_their_column(
    tmp_path: Path, name: str, source: str, facts: list[tuple[str, ...]]
) -> None:
    extracted = read(tmp_path, name, source)
    chunks = chunks_of(extracted)
    assert len(chunks) > 1
    assert all(chunk.page_content.endswith((".", ";")) for chunk in chunks[:-1])
    assert [fact for fact in facts if not holds_together(extracted, *fact)] == []
    found = [placed.unit.record for placed in Source.of(chunks).units]
    assert not [record for record in found if "T-1" in record and "Fix: none" in record]


def test_rows_of_an_attached_sheet_are_cut_as_those_of_a_file(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Faults"
    message.set_content("Please bring:\n\n- oil\n- rags")
    rows = f"Id,Name,Note,Fix\nT-1,Kite,{LONG},seal 44\nT-2,Swan,ok,none\n"
    message.add_attachment(rows, filename="faults.csv")
    extracted = read(tmp_path, "a.eml", message.as_bytes())
    heads = [chunk.metadata.get("header", "") for chunk in chunks_of(extracted)]
    assert heads == ["", "", "Id: T-1; Name: Kite; Note: …"]
    assert holds_together(extracted, "Id: T-1; Name: Kite; Note: …", "The pump hums")
    assert holds_together(extracted, "Id: T-1", "Name: Kite", "Fix: seal 44")


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_later_items_of_a_list_keep_its_lead_in(tmp_path: Path, name: str) -> None:
    extracted = read(tmp_path, name, f"{LEAD}\n\n{ITEMS}\n\nAll others are covered.\n")
    later = chunks_of(extracted)[1:]
    assert len(later) > 2
    assert {chunk.metadata["header"] for chunk in later} == {"The policy does NOT cover:"}
    assert holds_together(extracted, "The policy does NOT cover: - boats of class K59")
    last = units(later[-1].page_content, later[-1].metadata["header"])[-1]
    assert (last.text, last.header) == ("All others are covered.", "")


def test_the_check_sees_items_below_their_lead_in_once() -> None:
    chunk = passage("a.md", ITEMS[:700])
    chunk.metadata["header"] = "The policy does NOT cover:"
    (lines, *_) = Source.of([chunk]).lines_for("Are boats K7 covered?", Claim("K7 is covered."))
    assert lines.text.count("NOT cover") == 1
    assert "K7" in lines.text
    assert len(lines.text) <= WINDOW


def test_an_item_below_another_keeps_that_one_and_no_other_does(tmp_path: Path) -> None:
    steps = [f"{n}. Turn the valve V{n} {'slowly ' * 9}\n   - call {n * 11}" for n in range(1, 40)]
    extracted = read(tmp_path, "a.md", "Before a start:\n\n" + "\n".join(steps))
    begun = [chunk for chunk in chunks_of(extracted)[1:] if chunk.page_content[0] == "-"]
    assert begun
    for chunk in begun:
        header = chunk.metadata["header"]
        first, second, third = units(chunk.page_content, header)[:3]
        number = int(first.text.split()[-1]) // 11
        assert header.startswith(f"Before a start:\n{number}. Turn the valve V{number} slowly")
        assert (first.header, second.header, third.header) == (header, *["Before a start:"] * 2)


@pytest.mark.parametrize("text", [ITEMS, f"{LEAD[:-1]} them.\n\n{ITEMS}", f"# Cover:\n\n{ITEMS}"])
def test_a_list_without_a_lead_in_has_no_header(tmp_path: Path, text: str) -> None:
    chunks = chunks_of(read(tmp_path, "a.md", text))
    assert len(chunks) > 2
    assert not any("header" in chunk.metadata for chunk in chunks)
