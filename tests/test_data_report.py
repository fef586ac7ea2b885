import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import AutoTokenizer
from tuning_parts import example, examples

from finetune.data.examples import Kind, dataset_version
from finetune.data.report import Checked, check
from finetune.errors import DataError

HOSTILE = "<script>alert(1)</script> | ``` ⟦fake⟧ <|im_end|> x@mill-on-river.example"


@pytest.fixture
def tokenizer(tiny_model: Path):
    return AutoTokenizer.from_pretrained(tiny_model)


def checked(tokenizer, **options) -> Checked:
    splits = {
        "train": [
            *examples()[:8],
            example("again", "Who keeps the bees?", "Anna"),
            example("hostile`\n<script>|", "What is this?", HOSTILE, kind=Kind.ANSWER),
            example("no", "Who is the king?", "I don't know.", kind=Kind.REFUSAL),
            example("long", "Why? " + "because " * 40, "x"),
        ],
        "test": [
            example("t", "What does a bicycle cost?", "2 euros", passage="bees", source="mill"),
        ],
    }
    choices = {"max_length": 150, "on_overlong": "drop", "unused": {"q9": "no | <b>answer"}}
    return check(splits, tokenizer, **(choices | options))


def test_every_row_that_came_in_is_kept_or_named(tokenizer) -> None:
    done = checked(tokenizer)
    report = done.report
    assert [row.id for row in report.duplicates] == ["again"]
    assert [row.id for row in report.overlong] == ["long"]
    # asked about other passages in training, yet the same words
    assert sorted(row.train_id for row in report.overlaps) == ["ferry-3", "mill-3"]
    assert (report.rows_in, report.trained, report.held_back, report.rows_named) == (13, 8, 1, 4)
    assert "13 rows came in = 8 trained + 1 held back + 4 left out" in report.to_markdown()
    named = {"again", "long", "ferry-3", "mill-3"}
    assert not named & {row.id for rows in done.splits.values() for row in rows}
    assert [row.id for row in done.train] == [row.id for row in done.splits["train"]]
    assert report.version == dataset_version(done.splits["train"])
    assert report.refusals == 1 / 8
    assert report.shared_sources == {"mill": ("train", "test")}


def test_bad_data_sets_are_refused_in_one_line(tokenizer) -> None:
    with pytest.raises(DataError, match=r"1 row is longer than 150 tokens, long \(\d+\): raise"):
        checked(tokenizer, on_overlong="error")
    rows = examples()[:1]
    with pytest.raises(DataError, match="the id 'mill-0' occurs twice"):
        check({"train": rows, "test": rows}, tokenizer, max_length=500)
    again = [rows[0].model_copy(update={"id": "again"})]
    unused = {"a": "the index holds no document 'x'", "b": "the index holds no document 'x'"}
    with pytest.raises(DataError, match=r"no row is left .*'x' \(questions: 2\); duplicates: 1;"):
        check({"train": rows, "test": again}, tokenizer, max_length=500, unused=unused)


def test_three_rows_are_shown_of_different_kinds_and_split_where_training_begins(tokenizer) -> None:
    done = checked(tokenizer)
    shown = done.report.shown
    assert [row.kind for row in shown] == ["direct", "answer", "refusal"]
    encoded = {row.id: row for row in done.train}
    assert all(row.trained == tokenizer.decode(encoded[row.id].completion_ids) for row in shown)
    assert shown[0].trained == "Anna<|im_end|>"
    assert shown[0].prompt.endswith("<|im_start|>assistant\n")
    one_kind = check({"train": examples()[:5]}, tokenizer, max_length=500).report.shown
    assert [row.id for row in one_kind] == ["mill-0", "mill-1", "mill-2"]


def test_the_page_shows_documents_as_text_and_marks_what_is_trained(tokenizer) -> None:
    page = checked(tokenizer).report.to_html()
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)") == 1
    assert "<mark>Anna&lt;|im_end|&gt;</mark>" in page
    assert page.count("</pre>") == 3
    assert "e-mail address: 1 in 1 rows" in page
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page
    assert not re.search(r"(?:src|href)=|@import|url\(", page)  # nothing is fetched


def test_the_markdown_holds_its_tables_fences_and_code_together(tokenizer) -> None:
    text = checked(tokenizer).report.to_markdown()
    tables = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(tables) == 9  # two heads, four kinds of rows in splits, three kinds' lengths
    assert {line.count("|") for line in tables} == {4, 9}
    outside = re.sub(r"(`{3,})text\n.*?\n\1", "", text, flags=re.DOTALL)
    assert text.count("````text\n") == 1
    assert "`hostile' <script>|`" in outside
    assert "<" not in re.sub(r"`[^`\n]*`", "", outside)
    assert (text.count("⟦"), text.count("⟧")) == (4, 4)  # one pair is the legend's
    assert "- `q9`: no \\| &lt;b>answer" in text


def test_the_report_is_plain_json(tokenizer) -> None:
    report = checked(tokenizer).report
    read = json.loads(json.dumps(report.to_json()))
    assert (read["trained"], read["version"]) == (8, report.version)
    assert read["duplicates"] == [{"id": "again", "of": "mill-0", "similarity": 1.0}]
    assert read["splits"]["test"] == {"direct": 1}


def test_a_report_without_texts_keeps_ids_and_counts_alone(tokenizer) -> None:
    whole = checked(tokenizer, unused={"q9": "'honey, he said' does not stand in a.md"}).report
    bare = whole.without_texts()
    assert bare.shown == ()
    assert bare.personal == tuple(replace(found, masked=()) for found in whole.personal)
    assert [(row.train_id, row.test_id, row.ngram) for row in bare.overlaps] == [
        (row.train_id, row.test_id, "") for row in whole.overlaps
    ]
    assert bare.unused == {"q9": ""}
    kept = ("version", "test_version", "splits", "rows_in", "duplicates", "overlong", "lengths")
    assert [getattr(bare, name) for name in kept] == [getattr(whole, name) for name in kept]
    said = ("what does a bicycle cost", "honey, he said", "alert(1)", "mill-on-river")
    for before, text in (
        (whole.to_markdown(), bare.to_markdown()),
        (whole.to_html(), bare.to_html()),
    ):
        plain = before.replace("&#39;", "'")
        assert all(words in plain for words in said[:3])
        assert not any(words in text.replace("&#39;", "'") for words in said)
    markdown = bare.to_markdown()
    assert "- `ferry-3` shares words with the held-back `t`\n- `q9`\n" in markdown
    assert "- e-mail address: 1 in 1 rows; rows `" in markdown
    assert "13 rows came in = 8 trained + 1 held back + 4 left out" in markdown
