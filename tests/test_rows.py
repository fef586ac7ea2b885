"""Every answer of every arm is a row, in CSV and in JSON lines."""

import csv
import json
from dataclasses import replace
from pathlib import Path

from comparisons import compared, report_of

from app.compare.plan.arms import BASE, HYBRID
from app.compare.report.rows import write_rows


def test_every_row_is_written_in_both_forms(tmp_path: Path) -> None:
    compared_ = compared({BASE: 1, HYBRID: 3}, n=4)
    said = [{**one, "answer": '=1+1, "yes"\nand more'} for one in compared_.answers["base"]]
    passages = [{"document": "a.md", "chunk": "a.md@0", "score": 1.0, "grade": 0.9, "text": "yes"}]
    cited = [{"document": name, "chunk": "a.md@0", "quote": "yes"} for name in ("b.md", "a.md")]
    exchanges = [{"step": "generate", "prompt": [], "reply": "=1+1"}]
    said[0] |= {"documents": passages, "citations": cited, "exchanges": exchanges}
    said[0]["borrowed"] = ["grader"]
    main = replace(compared_, answers={**compared_.answers, "base": said})
    report = replace(report_of(main), robustness={"look-alikes": compared({HYBRID: 2}, n=2)})
    write_rows(tmp_path, report.rows)

    lines = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert len(lines) == len(table) == 2 * 4 + 2
    assert [(row["part"], row["arm"], row["id"]) for row in lines] == [
        (row["part"], row["arm"], row["id"]) for row in table
    ]
    assert [row["right"] for row in table if row["arm"] == "hybrid"] == [*["1.0"] * 3, "0.0"] + [
        "1.0"
    ] * 2
    first, cells = lines[0], table[0]
    assert (first["passages"], first["exchanges"]) == (passages, exchanges)
    assert first["cited"] == ["a.md", "b.md"]
    assert first["scores"] == main.scores["base"]["q00"]
    assert first["answer"] == '=1+1, "yes"\nand more'
    assert cells["answer"] == "'" + first["answer"]  # a spreadsheet computes nothing
    assert (cells["cited"], cells["accepted"]) == ("a.md\nb.md", "yes")
    assert (cells["ms"], cells["prompt_tokens"], cells["completion_tokens"]) == ("100", "10", "2")
    assert (first["borrowed"], cells["borrowed"]) == (["grader"], "grader")
    assert lines[1]["borrowed"] == []
    assert not {"passages", "exchanges"} & cells.keys()


def test_whoever_reads_is_told_whose_passages_were_graded_with_weights_of_another_model() -> None:
    found = compared({BASE: 1, HYBRID: 3}, n=4)
    said = [{**one, "borrowed": ["grader"]} for one in found.answers["hybrid"]]
    borrowed = report_of(replace(found, answers={**found.answers, "hybrid": said}))
    assert borrowed.to_json()["borrowed"] == ["hybrid"]
    told = "Passages of hybrid were graded with weights that were fitted for another model"
    for page in (borrowed.to_html(), borrowed.to_markdown()):
        assert told in page
    assert told not in report_of(found).to_html()
