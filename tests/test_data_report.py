from pathlib import Path

import pytest
from transformers import AutoTokenizer
from tuning_parts import example, examples

from finetune.data_report import Checked, check
from finetune.errors import DataError
from finetune.examples import dataset_version

HOSTILE = "<script>alert(1)</script> | ``` <|im_end|> x@mill-on-river.example"


@pytest.fixture
def tokenizer(tiny_model: Path):
    return AutoTokenizer.from_pretrained(tiny_model)


def checked(tokenizer, **options) -> Checked:
    splits = {
        "train": [
            *examples()[:8],
            example("again", "Who keeps the bees?", "Anna"),
            example("hostile", "What is this?", HOSTILE),
            example("long", "Why? " + "because " * 40, "x"),
            example("leaked", "What does a bicycle cost?", "2 euros", passage="mill"),
        ],
        "test": [example("t", "What does a bicycle cost?", "2 euros", passage="bees")],
    }
    choices = {"max_length": 150, "on_overlong": "drop", "unused": {"q9": "no answer given"}}
    return check(splits, tokenizer, **(choices | options))


def test_every_row_that_came_in_is_kept_or_named(tokenizer) -> None:
    done = checked(tokenizer)
    report = done.report
    named = {d.id for d in report.duplicates} | set(report.overlong)
    named |= {o.train for o in report.overlaps}
    assert [d.id for d in report.duplicates] == ["again", "leaked"]
    assert list(report.overlong) == ["long"]
    # asked about other passages in training, yet the same words
    assert sorted(o.train for o in report.overlaps) == ["ferry-3", "mill-3"]
    assert report.rows_in == 13 == report.rows_kept + len(named)
    kept = {e.id for rows in done.splits.values() for e in rows}
    assert not kept & named
    assert [row.id for row in done.train] == [e.id for e in done.splits["train"]]
    assert report.version == dataset_version(done.splits["train"])


def test_overlong_rows_are_an_error_unless_they_may_be_dropped(tokenizer) -> None:
    with pytest.raises(DataError, match=r"1 rows are longer than 150 tokens, among them long \("):
        checked(tokenizer, on_overlong="error")


def test_nothing_left_to_train_on_is_an_error(tokenizer) -> None:
    with pytest.raises(DataError, match="no row is left"):
        check({"train": examples()[:1], "test": examples()[:1]}, tokenizer, max_length=500)


def test_the_page_shows_documents_as_text_and_marks_what_is_trained(tokenizer) -> None:
    rows = [example("h", "What?", HOSTILE), example("a", "Who?", "Anna", kind="answer")]
    page = check({"train": rows}, tokenizer, max_length=500).report.to_html()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<mark>Anna&lt;|im_end|&gt;</mark>" in page
    assert "e-mail address in 1 rows" in page
    assert "Left out" in page


def test_the_markdown_holds_its_tables_and_fences_together(tokenizer) -> None:
    text = checked(tokenizer).report.to_markdown()
    tables = [line for line in text.splitlines() if line.startswith("| ")]
    assert {line.count("|") for line in tables} == {4, 6}
    assert "⟧\n" in text
    assert "- `q9`: no answer given" in text
    hostile = check({"train": [example("h", "What?", HOSTILE)]}, tokenizer, max_length=500)
    assert "````text\n" in hostile.report.to_markdown()
