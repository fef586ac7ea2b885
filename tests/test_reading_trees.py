"""Values of JSON and YAML stand where they count, and rows of lists under their names."""

import json
from pathlib import Path

import pytest
from reading_parts import read

from app.ingest.readers import UnreadableFile

MERGED = """
slow: &slow {timeout: 30, retries: 3}
loud: &loud {retries: 5, level: 2}
service:
  <<: *slow
  timeout: 60
crane:
  <<: [*slow, *loud]
  "<<": plain
"""


def test_a_merged_key_stands_where_nothing_overrides_it(tmp_path: Path) -> None:
    records = read(tmp_path, "a.yaml", MERGED).text.split("\n\n")
    assert records[2].split("\n") == ["service.timeout: 60", "service.retries: 3"]
    assert records[3].split("\n") == [
        "crane.retries: 3",
        "crane.level: 2",
        "crane.timeout: 30",
        "crane.<<: plain",
    ]


def test_merging_does_not_go_on_for_ever(tmp_path: Path) -> None:
    wide = ", ".join(f"k{n}: 1" for n in range(2_000))
    merged = "".join(f"a{n}: {{<<: *a}}\n" for n in range(600))
    with pytest.raises(UnreadableFile, match="merges more than 1,000,000 keys"):
        read(tmp_path, "a.yaml", f"a: &a {{{wide}}}\n{merged}")
    with pytest.raises(UnreadableFile, match="is not valid YAML"):
        read(tmp_path, "a.yaml", "a: &a\n  <<: *a\n  fee: 45\n")


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.json", '{"fee": 40, "fee": 45}'),
        ("a.jsonl", '{"fee": 40, "fee": 45}\n'),
        ("a.yaml", "fee: 40\nfee: 45\n"),
    ],
)
def test_of_a_key_given_twice_the_last_value_counts_and_it_is_told(
    tmp_path: Path, name: str, source: str
) -> None:
    extracted = read(tmp_path, name, source)
    assert extracted.text == "fee: 45"
    assert extracted.notes == ("the first value of fee, which is given again",)


def test_keys_given_twice_are_told_shortly(tmp_path: Path) -> None:
    doubled = "".join(f'{{"k{n}": 1, "k{n}": 2}}\n' for n in range(30))
    notes = read(tmp_path, "a.jsonl", doubled).notes
    assert len(notes) == 6
    assert notes[5] == "25 more first values of keys that are given again"


@pytest.mark.parametrize(
    ("source", "record"),
    [
        ('[["Berth", "Fee"], ["A1", 40], ["A2", 55]]', "Berth: A2; Fee: 55"),
        ('{"fees": [["Berth", "Fee"], ["A1", 40], ["A2", 55]]}', "fees.Berth: A2; fees.Fee: 55"),
        ('{"columns": ["berth", "crew"], "rows": [["A1", "Ada"]]}', "rows.berth: A1; rows.crew: Ada"),
        ('[{"day": 3, "fees": [["Berth", "Fee"], ["A1", 40]]}]', "day: 3; fees[0].Berth: A1; fees[0].Fee: 40"),
        ('{"headquarters": ["Berlin", "Paris"], "sales": [[1, 2], [3, 4]]}', "sales: 1, 2"),
        ('{"tags": ["new", "spare"], "rows": [["A1", "Ada"]]}', "rows: A1, Ada"),
        ('{"crew": [["Ada", "pilot"], ["Bo", "cook"]]}', "crew: Ada, pilot"),
        ('{"at": [[12.5, 41.9], [12.6, 42.0]]}', "at: 12.5, 41.9"),
        ('{"rows": [["Berth", "Fee"], ["A1"]]}', "rows: Berth, Fee"),
        ('{"berth": {"0": "A1", "1": "A2"}, "fee": {"0": 40, "1": 55}}', "berth: A2; fee: 55"),
        ('{"tide": {"hour": ["06:10", "12:20", "18:30"], "level": [1.2, 3.4, 1.1]}}', "tide.hour: 12:20; tide.level: 3.4"),
        ('{"berth": ["A1", "A2", "A3"], "boat": ["Kite", "Swan", "Kite"], "by": ["Ada", "Bo", null]}', "berth: A2; boat: Swan; by: Bo"),
        ('{"n": 1, "tide": {"hour": ["06", "12"], "level": [1.2, 3.4]}}', "tide.hour: 06, 12\ntide.level: 1.2, 3.4"),
        ('{"pro": ["a", "b", "c"], "con": ["d", "e", "f"]}', "pro: a, b, c\ncon: d, e, f"),
        ('{"may": [1, 2, 3], "june": [4, 5, 6], "july": [7, 8, 9]}', "may: 1, 2, 3\njune: 4, 5, 6\njuly: 7, 8, 9"),
        ('{"A1": {"0": "x", "2": "y"}, "A2": {"0": "z", "2": "w"}}', "A1.0: x\nA1.2: y"),
    ],
)  # fmt: skip
def test_rows_of_lists_stand_behind_the_names_of_their_columns(
    tmp_path: Path, source: str, record: str
) -> None:
    assert record in read(tmp_path, "a.json", source).text.split("\n\n")


CREW = [
    {"name": "Ada", "berth": "A1"},
    {"name": "Bo", "log": ["in", "out"], "at": [[1, 2], [3, 4]]},
]
ADA = "docks.crew[0].name: Ada; docks.crew[0].berth: A1"
BO = "docks.crew[1].name: Bo; docks.crew[1].log: in, out; docks.crew[1].at[0]: 1, 2; docks.crew[1].at[1]: 3, 4"


@pytest.mark.parametrize(
    ("dock", "lines"),
    [
        ({"name": "North", "crew": CREW}, [f"docks.name: North; {ADA}; {BO}"]),
        (
            {"name": "North", "note": "keel " * 50, "crew": CREW},
            ["docks.name: North", f"docks.note: {'keel ' * 50}".strip(), ADA, BO],
        ),
        (
            {"name": "North", "crew": [CREW[0], {"name": "Bo", "note": "keel " * 50}]},
            ["docks.name: North", ADA, "docks.crew[1].name: Bo", f"docks.crew[1].note: {'keel ' * 50}".strip()],
        ),
    ],
)  # fmt: skip
def test_short_items_inside_a_long_one_stay_rows(
    tmp_path: Path, dock: dict[str, object], lines: list[str]
) -> None:
    assert read(tmp_path, "a.json", json.dumps({"docks": [dock]})).text.split("\n") == lines


@pytest.mark.parametrize(
    ("items", "records"),
    [
        ([{"id": 1, "runs": [{"text": ""}, {"text": "Hi"}], "z": 3}], ["id: 1; runs[1].text: Hi; z: 3"]),
        ([{"id": 1}, {"runs": [{"text": ""}], "log": "keel " * 60, "z": 2}], ["id: 1", f"log: {'keel ' * 60}".strip() + "\nz: 2"]),
        ([{"runs": [{"text": ""}]}, {"id": 1}], ["id: 1"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_empty_items_of_lists_leave_no_marks_and_part_records(
    tmp_path: Path, name: str, items: list[object], records: list[str]
) -> None:
    assert read(tmp_path, name, json.dumps(items)).text.split("\n\n") == records


@pytest.mark.parametrize(
    ("source", "text", "notes"),
    [
        ("name: Ada\n---\nname: Bo\nrole: [pilot\n---\nname: Cy\n", "name: Ada\n\nname: Cy", ("the document with line 5, which is not valid YAML",)),
        ("--- # one\nname: Ada: x\n---\nname: Bo\n", "name: Bo", ("the document with line 2, which is not valid YAML",)),
        ("a: 1\n---\nb:\n  - \x01\n---\nc: 3\n", "a: 1\n\nc: 3", ("the document with line 4, which is not valid YAML",)),
        ("# by Ada\n%YAML 1.2\n\n---\na: [1\n---\nb: 2\n", "b: 2", ("the document with line 6, which is not valid YAML",)),
        ("%TAG !e! tag:example.org,2026:\n---\na: !e!b 1\n---\nb: [2\n", "a: 1", ("the document with line 6, which is not valid YAML",)),
        ("a: 1\n... # end\n%YAML 1.2\n---\nb: [2\n...\n---\nc: 3\n...\n", "a: 1\n\nc: 3", ("the document with line 6, which is not valid YAML",)),
        ("a: 1\n...\nb: [2\n...\nc: 3\n", "a: 1\n\nc: 3", ("the document with line 4, which is not valid YAML",)),
        ("text: |\n  a\n  ---\n  b\n---\nname: Bo\n", "text: a\n---\nb\n\nname: Bo", ()),
    ],
)  # fmt: skip
def test_a_bad_document_of_a_file_is_told_and_the_others_are_read(
    tmp_path: Path, source: str, text: str, notes: tuple[str, ...]
) -> None:
    extracted = read(tmp_path, "a.yaml", source)
    assert extracted.text == text
    assert extracted.notes == notes


@pytest.mark.parametrize(
    ("source", "line"),
    [("name: Ada: x\n---\nname: [Bo\n", 1), ("a: 1\nb: \x01\n", 2), ("%YAML 1.2\n---\na: [1\n", 4)],
)
def test_a_file_of_bad_documents_is_refused(tmp_path: Path, source: str, line: int) -> None:
    with pytest.raises(UnreadableFile, match=rf"^is not valid YAML: line {line}$"):
        read(tmp_path, "a.yaml", source)
