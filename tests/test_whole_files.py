from pathlib import Path

import pytest
from kill_parts import killed_writing

from finetune.whole_files import drop_scratch, replacing, write_whole


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


def test_of_two_who_write_at_once_the_last_to_end_counts_with_its_whole_text(
    tmp_path: Path,
) -> None:
    file = tmp_path / "known.json"
    with replacing(file) as first:
        first.write_text("the first")
        with replacing(file) as second:
            second.write_text("the second")
        assert file.read_text() == "the second"
    assert [(of.name, of.read_text()) for of in tmp_path.iterdir()] == [("known.json", "the first")]


@pytest.mark.parametrize("name", ["known.json", "n" * 250 + ".json"])
def test_a_file_is_named_and_readable_as_one_that_is_written_plainly(
    tmp_path: Path, name: str
) -> None:
    plain, file = tmp_path / "plain.json", tmp_path / name
    plain.write_text("")
    write_whole(file, "")
    assert file.stat().st_mode == plain.stat().st_mode


def test_what_killed_writers_left_is_deleted_and_nothing_else(tmp_path: Path) -> None:
    left = [killed_writing(tmp_path / name, "half") for name in ("a.json", "below/b.json")]
    kept = [tmp_path / name for name in ("a.tmp", ".a.tmp", f".{'g' * 32}.tmp", "below/c.json")]
    for file in kept:
        write_whole(file, "{}")
    assert sorted(drop_scratch(tmp_path)) == sorted(left)
    assert {file for file in tmp_path.rglob("*") if file.is_file()} == {*kept}
    assert drop_scratch(tmp_path / "none") == []
