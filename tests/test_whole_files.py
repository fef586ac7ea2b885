from pathlib import Path

import pytest

from finetune.whole_files import write_whole


def test_a_text_takes_the_place_of_a_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "new" / "known.json"
    write_whole(file, "{}")
    write_whole(file, "é")
    assert [(of.name, of.read_text(encoding="utf-8")) for of in file.parent.iterdir()] == [
        ("known.json", "é")
    ]


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "known.json"
    write_whole(file, "before")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "half of it, and \ud800")
    assert [(of.name, of.read_text()) for of in tmp_path.iterdir()] == [("known.json", "before")]
