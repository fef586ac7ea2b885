"""Questions of LangSmith, promptfoo and RAGAS become a question file, and none is lost silently."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from langsmith.schemas import Example

from app.cli import main
from app.compare.plan.foreign import Imported, read_foreign
from app.dataset.pairs import Pair, read_pairs

PROMPTFOO = """
prompts: ['Answer: {{question}}']
providers: [echo]
tests:
  - vars: {question: 'When does the last boat leave?', language: en}
    assert: [{type: contains, value: '18:30'}, {type: latency, threshold: 5}]
    metadata: {source: boats.md}
  - vars: {topic: 'Who keeps the bees?'}
    assert: [{type: icontains-any, value: [Anna, her brother]}]
  - vars: {question: 'What is the Wi-Fi password?'}
    assert: [{type: is-refusal}]
  - vars: {question: 'How was it?'}
    assert: [{type: llm-rubric, value: is friendly}]
  - vars: {question: 'Which two?'}
    assert: [{type: contains, value: a}, {type: contains, value: b}]
"""


def imported(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[list[Pair], str]:
    output = path.with_name("out.jsonl")
    assert main(["import", str(path), str(output)]) == 0
    return read_pairs(output), capsys.readouterr().out


def read_rows(tmp_path: Path, *rows: Any) -> Imported:
    """Read rows behind one that is in order, which is left out of what is returned."""
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([{"question": "Who?", "answer": "Anna"}, *rows]))
    found = read_foreign(file)
    return Imported(found.pairs[1:], found.left_out)


def test_examples_of_langsmith(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = [uuid4() for _ in range(3)]
    told = [
        ({"question": "When?", "tone": "dry"}, {"answer": "18:30"}, {"documents": ["boats.md"]}),
        ({"input": "Who?"}, {"output": "Anna"}, None),
        ({"question": "What for?"}, {}, None),
    ]
    file = tmp_path / "examples.jsonl"
    file.write_text(
        "\n".join(
            Example(id=id_, inputs=inputs, outputs=outputs, metadata=about).model_dump_json()
            for id_, (inputs, outputs, about) in zip(ids, told, strict=True)
        )
    )
    pairs, said = imported(file, capsys)
    assert [(p.id, p.question, p.answers, p.documents) for p in pairs] == [
        (str(ids[0]), "When?", ("18:30",), ("boats.md",)),
        (str(ids[1]), "Who?", ("Anna",), ()),
    ]
    assert "left out row 3: it has no right answer" in said
    assert "1 questions name no documents" in said


@pytest.mark.parametrize("apart", [False, True])
def test_tests_of_promptfoo(
    apart: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "promptfooconfig.yaml"
    file.write_text(PROMPTFOO)
    if apart:
        (tmp_path / "tests.yaml").write_text(PROMPTFOO.partition("tests:\n")[2])
        file.write_text("tests: file://tests.yaml\n")
    pairs, said = imported(file, capsys)
    assert [(p.question, p.answers, p.documents, p.kind) for p in pairs] == [
        ("When does the last boat leave?", ("18:30",), ("boats.md",), "answerable"),
        ("Who keeps the bees?", ("Anna", "her brother"), (), "answerable"),
        ("What is the Wi-Fi password?", (), (), "unanswerable"),
    ]
    assert "left out row 4: its checks (llm-rubric) name no text" in said
    assert "left out row 5: it wants several texts at once" in said


@pytest.mark.parametrize(
    "value", ["18:30", "6:15", "yes", "No", "on", "1.50", "012", "0x1F", "1_000", "2024-05-05", "8"]
)
def test_values_in_yaml_are_accepted_as_they_are_written(value: str, tmp_path: Path) -> None:
    file = tmp_path / "tests.yaml"
    check = f"assert: [{{type: equals, value: {value}}}]"
    file.write_text(f"- {{vars: {{question: {value}}}, {check}, metadata: ~}}\n")
    (pair,) = read_foreign(file).pairs
    assert (pair.question, pair.answers, pair.documents) == (value, (value,), ())


def test_a_test_in_yaml_may_take_over_keys_of_another(tmp_path: Path) -> None:
    file = tmp_path / "tests.yaml"
    file.write_text(
        "- &one {vars: {question: 'When?'}, assert: [{type: equals, value: 18:30}]}\n"
        "- {<<: *one, vars: {question: 'And how late?'}}\n"
    )
    assert [(pair.question, pair.answers) for pair in read_foreign(file).pairs] == [
        ("When?", ("18:30",)),
        ("And how late?", ("18:30",)),
    ]


def test_a_table_of_promptfoo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "tests.csv"
    rows = ["contains: 18:30", '"Anna, 3"', "18:30", "https://b.ee", "is-refusal"]
    others = ["llm-rubric: is friendly", "not-contains: x", "similar(0.8): x", "javascript: x"]
    asked = "\n".join(f"Q{at}?,{cell}" for at, cell in enumerate([*rows, *others]))
    file.write_text(f"question,__expected\n{asked}\n")
    pairs, said = imported(file, capsys)
    answers = [pair.answers for pair in pairs]
    assert answers == [("18:30",), ("Anna, 3",), ("18:30",), ("https://b.ee",), ()]
    assert pairs[4].kind == "unanswerable"
    for at, kind in enumerate(["llm-rubric", "not-contains", "similar", "javascript"], start=6):
        assert f"left out row {at}: its checks ({kind}) name no text" in said


def test_samples_of_ragas(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = {"user_input": "When?", "reference": "18:30", "reference_contexts": ["It leaves 18:30."]}
    long = {"user_input": "Why?", "reference": "It " * 20}
    old = {"question": "Who?", "ground_truths": ["Anna", "Anne"], "contexts": ["x"]}
    file = tmp_path / "ragas.json"
    file.write_text(json.dumps([new, long, old]))
    pairs, said = imported(file, capsys)
    assert [pair.question for pair in pairs] == ["When?", "Why?", "Who?"]
    assert pairs[2].answers == ("Anna", "Anne")
    assert "1 accepted answers are longer than 12 words" in said


@pytest.mark.parametrize(
    ("fields", "answers"),
    [
        ({"answer": "At noon.", "ground_truth": "18:30"}, ["18:30"]),
        ({"answer": "At noon.", "ground_truths": ["18:30", "6:30 pm"]}, ["18:30", "6:30 pm"]),
        ({"answers": ["At noon."], "reference": "18:30"}, ["18:30"]),
        ({"answer": "At noon.", "ground_truth": ""}, []),
        ({"answer": "At noon.", "ground_truth": None}, []),
        ({"answer": "18:30"}, ["18:30"]),
    ],
)
def test_what_a_system_replied_is_no_accepted_answer(
    fields: dict[str, Any], answers: list[str], tmp_path: Path
) -> None:
    found = read_rows(tmp_path, {"question": "When?", "contexts": ["x"], **fields})
    assert [list(pair.answers) for pair in found.pairs] == ([answers] if answers else [])
    assert found.left_out == (() if answers else ("row 2: it has no right answer",))


CHAT = [{"content": "When does the last boat leave?", "type": "human"}]
CHECKS = [{"type": "equals", "value": "18:30"}]
NAMELESS = "none of its texts is called question or user_input or query or input"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"user_input": CHAT, "reference": "18:30"}, "its question is no text"),
        ({"reference": "18:30"}, NAMELESS),
        ({"question": "When?"}, "it has no right answer"),
        ({"topic": "When?", "answer": "18:30"}, NAMELESS),
        (
            {"vars": {"question": ["When?", "Until?"], "context": "x"}, "assert": CHECKS},
            "its question is no text",
        ),
        ({"vars": {"topic": "When?", "context": "x"}, "assert": CHECKS}, NAMELESS),
        ({"vars": {"topic": "When?", "hours": [1]}, "assert": CHECKS}, NAMELESS),
        ({"vars": {"question": None}, "assert": CHECKS}, NAMELESS),
        ({"inputs": {"messages": CHAT, "thread": "x"}, "outputs": {"output": "18:30"}}, NAMELESS),
        (
            {"inputs": {"messages": CHAT}, "outputs": {"output": "18:30"}},
            "its question is no text",
        ),
    ],
)
def test_no_other_field_becomes_the_question(row: Any, why: str, tmp_path: Path) -> None:
    assert read_rows(tmp_path, row) == Imported((), (f"row 2: {why}",))


@pytest.mark.parametrize(
    "row",
    [
        {"inputs": {"topic": "When?"}, "outputs": {"text": "18:30"}},
        {"inputs": {"question": None, "query": "When?"}, "outputs": {"answer": "18:30"}},
        {"vars": {"topic": "When?"}, "assert": CHECKS},
        {"topic": "When?", "__expected": "18:30"},
    ],
)
def test_the_only_field_needs_no_name(row: Any, tmp_path: Path) -> None:
    (pair,) = read_rows(tmp_path, row).pairs
    assert (pair.question, pair.answers) == ("When?", ("18:30",))


def checked(kind: str, value: Any, **variables: Any) -> dict[str, Any]:
    """Write a test of promptfoo."""
    return {
        "vars": {"question": "When?", **variables},
        "assert": [{"type": kind, "value": value}],
    }


@pytest.mark.parametrize(
    ("row", "question", "answers"),
    [
        (checked("contains", "{{expected}}", expected="18:30"), "When?", ("18:30",)),
        (checked("equals", "{{ hour }}:{{minute}}", hour=18, minute="30"), "When?", ("18:30",)),
        (checked("contains-any", "{{a}}, 6:30 pm", a="18:30"), "When?", ("18:30", "6:30 pm")),
        (checked("icontains-any", ["{{a}}", "six"], a="18:30"), "When?", ("18:30", "six")),
        (
            checked("contains", "18:30", question="When does the {{boat}} leave?", boat="Anna"),
            "When does the Anna leave?",
            ("18:30",),
        ),
        (
            {"question": "When?", "expected": "18:30", "__expected": "contains: {{expected}}"},
            "When?",
            ("18:30",),
        ),
        (checked("contains", "{18:30}"), "When?", ("{18:30}",)),
    ],
)
def test_templates_of_promptfoo_are_filled_in(
    row: Any, question: str, answers: tuple[str, ...], tmp_path: Path
) -> None:
    (pair,) = read_rows(tmp_path, row).pairs
    assert (pair.question, pair.answers) == (question, answers)


COMPUTED = "is filled in by promptfoo, and not known here"
NO_TEXT = "a value of its checks or variables is no text"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (checked("contains", "{{expected}}"), f"'{{{{expected}}}}' {COMPUTED}"),
        (checked("contains", "{{a | upper}}", a="x"), f"'{{{{a | upper}}}}' {COMPUTED}"),
        (checked("contains", "{{env.A}}", env="x"), f"'{{{{env.A}}}}' {COMPUTED}"),
        (
            checked("equals", "{% if a %}18:30{% endif %}"),
            f"'{{% if a %}}18:30{{% endif %}}' {COMPUTED}",
        ),
        (checked("contains", "{{a}}", a="{{b}}", b="x"), f"'{{{{b}}}}' {COMPUTED}"),
        (checked("equals", "file://right.txt"), f"'file://right.txt' {COMPUTED}"),
        (checked("contains", "x", question="file://q.txt"), f"'file://q.txt' {COMPUTED}"),
        (checked("contains", "x", question="Who is {{b}}?"), f"'Who is {{{{b}}}}?' {COMPUTED}"),
        (checked("contains-any", ["{{a}}"], a=["18:30", "x"]), NO_TEXT),
        (checked("contains", None), NO_TEXT),
        (checked("equals", {"price": 14}), NO_TEXT),
    ],
)
def test_what_promptfoo_computes_is_no_accepted_answer(row: Any, why: str, tmp_path: Path) -> None:
    assert read_rows(tmp_path, row) == Imported((), (f"row 2: {why}",))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("q.txt", "x", "it ends with none of .jsonl, .json, .yaml, .csv"),
        ("q.json", "{", "cannot read"),
        ("q.yaml", "a: [", "cannot read"),
        ("q.json", '{"a": 1}', "it holds no list of rows"),
        ("q.json", '[{"a": "x", "b": "y"}]', "holds no question with a right answer (row 1: none"),
        ("q.json", "[3]", "(row 1: it is no object)"),
        ("none.json", None, "none.json"),
    ],
)
def test_bad_files_are_one_line(
    name: str,
    text: str | None,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    assert main(["import", str(tmp_path / name), str(tmp_path / "out.jsonl")]) == 3
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out.jsonl").exists()


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "q.json").write_text('[{"question": "Who?", "answer": "Anna"}]')
    (tmp_path / "out.jsonl").write_text("mine")
    assert main(["import", str(tmp_path / "q.json"), str(tmp_path / "out.jsonl")]) == 3
    assert (tmp_path / "out.jsonl").read_text() == "mine"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"inputs": {"question": "q"}, "outputs": "8"}, "its outputs is no object"),
        ({"inputs": {"question": "q"}, "outputs": ["8"]}, "its outputs is no object"),
        (
            {"inputs": {"question": "q"}, "outputs": {"answer": "8"}, "metadata": "train"},
            "its metadata is no object",
        ),
        (
            {"vars": {"question": "q"}, "assert": [{"type": "equals", "value": "8"}]}
            | {"metadata": "train"},
            "its metadata is no object",
        ),
        ({"question": "q", "answer": float("nan")}, "it has no right answer"),
        ({"question": "q \ud83d", "answer": "8"}, "it holds half a character"),
        ({"question": "q", "answer": "8 \ud83d"}, "it holds half a character"),
        ({"id": "row-1", "question": "q", "answer": "8"}, "the id 'row-1' occurs twice"),
    ],
)
def test_a_row_that_is_no_question_costs_a_line(row: Any, why: str, tmp_path: Path) -> None:
    found = read_rows(tmp_path, row)
    assert found.pairs == ()
    (line,) = found.left_out
    assert line.startswith(f"row 2: {why}")


def test_nought_is_an_answer(tmp_path: Path) -> None:
    (pair,) = read_rows(tmp_path, {"question": "How many?", "answer": 0}).pairs
    assert pair.answers == ("0",)


@pytest.mark.parametrize(
    ("line", "answer"), [("q,9,10", None), ("q,,9", None), ('q,"9,10"', "9,10"), ("q,9,,", "9")]
)
def test_no_answer_of_a_table_is_cut_at_its_comma(
    line: str, answer: str | None, tmp_path: Path
) -> None:
    file = tmp_path / "q.csv"
    file.write_text(f"question,answer\nWho?,Anna\n{line}\n")
    found = read_foreign(file)
    assert [pair.answers for pair in found.pairs[1:]] == ([(answer,)] if answer else [])
    cut = "row 2: it has more cells than the table has columns: quote a text with commas"
    assert found.left_out == (() if answer else (cut,))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("q.jsonl", '{"question": "q", "answer": "8"}\n\n{bad\n', "(line 3: Expecting property "),
        ("q.json", "[" * 20_000, "(maximum recursion depth exceeded"),
        ("q.yaml", "[" * 3_000, "(maximum recursion depth exceeded"),
        ("q.yaml", "tests: file://q.yaml\n", "(maximum recursion depth exceeded"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_its_line_or_depth(
    name: str, text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text)
    assert main(["import", str(tmp_path / name), str(tmp_path / "out.jsonl")]) == 3
    error = capsys.readouterr().err
    assert error.startswith(f"groundtune: cannot read {tmp_path / name} {told}")
    assert error.count("\n") == 1
