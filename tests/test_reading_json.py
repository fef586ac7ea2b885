"""JSON is read as programs and people write it: several values, remarks, lists over many lines."""

from pathlib import Path
from time import process_time

import pytest
from reading_parts import read

from app.ingest.readers import UnreadableFile

SECONDS = 20  # to look at the rest of the text for each mark takes minutes
CREW = "name: Ada; berth: A1\n\nname: Bo; berth: A2"


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize(
    "source",
    [
        '{"name": "Ada", "berth": "A1"}\n{"name": "Bo", "berth": "A2"}\n',
        '\ufeff{"name": "Ada", "berth": "A1"}\n\ufeff{"name": "Bo", "berth": "A2"}\n',
        '{\n "name": "Ada",\n "berth": "A1"\n}\n{\n "name": "Bo",\n "berth": "A2"\n}\n',
        '{"name": "Ada", "berth": "A1"},\n{"name": "Bo", "berth": "A2"},\n',
        '{"name": "Ada", "berth": "A1"}{"name": "Bo", "berth": "A2"}',
        '[\n{"name": "Ada", "berth": "A1"},\n{"name": "Bo", "berth": "A2"}\n]\n',
        '// crew\n[{"name": "Ada", "berth": "A1"},\n{"name": "Bo", "berth": "A2",}, /* end */\n]\n',
    ],
)
def test_records_are_read_however_they_follow_one_another(
    tmp_path: Path, name: str, source: str
) -> None:
    extracted = read(tmp_path, name, source)
    assert extracted.text == CREW
    assert extracted.notes == ()


def test_a_bad_line_between_records_is_told(tmp_path: Path) -> None:
    source = '{"name": "Ada", "berth": "A1"}\n{"name": "Cy", \n{"name": "Bo", "berth": "A2"}\n'
    for name in ("a.json", "a.jsonl"):
        extracted = read(tmp_path, name, source)
        assert extracted.text == CREW
        assert extracted.notes == ("line 2 column 16, which is not valid JSON",)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{\n  // in euro\n  "fee": 45, /* a day,\n  all */ "open": true\n}', "fee: 45\nopen: true"),
        ('{"url": "http://x.example/*a*/", "note": "a,] // b",}', "url: http://x.example/*a*/\nnote: a,] // b"),
        ('{"say": "\\"a,}\\" // b", "days": [1, 2, // odd\n ],}', 'say: "a,}" // b\ndays: 1, 2'),
    ],
)  # fmt: skip
def test_remarks_and_last_commas_are_no_values(tmp_path: Path, source: str, text: str) -> None:
    assert read(tmp_path, "a.json", source).text == text


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ('{\n // x\n "a": 1,\n "b"; 2}', "line 4 column 5"),
        ('[{"a": 1}, {"b', "line 1 column 13"),
        ("/* " * 99_999, "line 1 column 1"),
        ('{"a": "' + '\\"' * 99_999, "line 1 column 7"),
        ('{"a": "' + '\\"' * 99_999 + "\\", "line 1 column 7"),
    ],
)
def test_what_is_no_json_is_told_by_its_place(tmp_path: Path, source: str, place: str) -> None:
    begin = process_time()
    with pytest.raises(UnreadableFile, match=f"^is not valid JSON: {place}$"):
        read(tmp_path, "a.json", source)
    assert process_time() - begin < SECONDS


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('[["Berth", "Fee"], ["A1", 40], ["A2", 55]]', "Berth: A1; Fee: 40\n\nBerth: A2; Fee: 55"),
        ('["Berth", "Fee"]\n["A1", 40]\n["A2", 55]\n', "Berth: A1; Fee: 40\n\nBerth: A2; Fee: 55"),
        ('{"berth": ["A1", "A2", "A3"], "fee": [40, 55, 60]}', "berth: A1; fee: 40\n\nberth: A2; fee: 55\n\nberth: A3; fee: 60"),
        ('[["Ada", "pilot"], ["Bo", "cook"]]', "Ada, pilot\n\nBo, cook"),
    ],
)  # fmt: skip
def test_rows_of_lists_have_the_names_of_their_columns(
    tmp_path: Path, name: str, source: str, text: str
) -> None:
    assert read(tmp_path, name, source).text == text
