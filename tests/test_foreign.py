"""Rows of other tools, as files hold them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from finetune.data.examples import Example, read_examples, split_by_source, write_examples
from finetune.errors import DataError

TURNS = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Who?"},
    {"role": "assistant", "content": "Anna."},
]


def read(tmp_path: Path, *rows: Any, begin: str = "", end: str = "\n") -> list[tuple[str, list]]:
    file = tmp_path / "rows.jsonl"
    file.write_bytes((begin + end.join(map(json.dumps, rows))).encode())
    return [(row.id, [m.model_dump() for m in row.messages]) for row in read_examples(file)]


@pytest.mark.parametrize(
    "row",
    [
        {"messages": TURNS},
        {"prompt": TURNS[:2], "completion": TURNS[2:]},
        {"system": "Be brief.", "instruction": "Who?", "input": "", "output": "Anna."},
        {
            "system": "Be brief.",
            "conversations": [
                {"from": "human", "value": "Who?"},
                {"from": "gpt", "value": "Anna."},
            ],
        },
    ],
)
def test_rows_as_trl_alpaca_and_sharegpt_have_them_are_read(
    tmp_path: Path, row: dict[str, Any]
) -> None:
    assert read(tmp_path, row) == [("rows-1", TURNS)]


def test_texts_are_a_prompt_and_a_completion(tmp_path: Path) -> None:
    alpaca = {"instruction": "Translate.", "input": "Haus", "output": "house"}
    trl = {"prompt": "Translate.\n\nHaus", "completion": "house", "id": 7}
    (_, first), (id_, second) = read(tmp_path, alpaca, trl)
    assert first == second
    assert id_ == "7"


def test_every_reply_of_another_tools_chat_is_trained(tmp_path: Path) -> None:
    found = read(tmp_path, {"messages": [*TURNS, *TURNS[1:]]})
    assert found == [("rows-1-1", TURNS), ("rows-1-2", [*TURNS, *TURNS[1:]])]


def test_a_mark_at_the_beginning_and_other_line_ends_do_no_harm(tmp_path: Path) -> None:
    rows = [{"id": "1", "messages": TURNS}, {"id": "2", "messages": TURNS}]
    assert read(tmp_path, *rows, begin="\ufeff", end="\r\n") == read(tmp_path, *rows)


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Who?", "chosen": "Anna", "rejected": "Bert"},
        {"conversations": ["Who?", "Anna"]},
        {"instruction": "Who?", "output": ""},
        {"messages": TURNS[:2]},
        {"messages": ["Who?", "Anna"]},
        {"messages": [None, TURNS[2]]},
        {"prompt": ["Who?"], "completion": "Anna"},
        {"prompt": "Who?", "completion": ["Anna"]},
        {"instruction": "Who?", "input": 5, "output": "Anna"},
        {"instruction": "Who?", "input": ["a"], "output": "Anna"},
        {"instruction": "Who?", "input": {"a": "b"}, "output": "Anna", "system": "Be brief."},
        ["Who?"],
        "Who?",
    ],
)
def test_what_is_no_chat_with_a_reply_is_refused_by_its_line(tmp_path: Path, row: Any) -> None:
    with pytest.raises(DataError, match=r"rows.jsonl:2 is no example .*expected"):
        read(tmp_path, {"messages": TURNS}, row)


def test_a_line_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{'id': 1}")
    with pytest.raises(DataError, match=r"rows.jsonl:1 is no JSON .*expected an object"):
        read_examples(tmp_path / "rows.jsonl")


def test_rows_of_two_files_are_never_called_alike(tmp_path: Path) -> None:
    for name in ("train", "test"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"messages": TURNS}))
    found = [read_examples(tmp_path / f"{name}.jsonl")[0].id for name in ("train", "test")]
    assert found == ["train-1", "test-1"]


def test_no_split_tears_a_chat_apart(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    chats = [
        {"conversations": [{"from": ("human", "gpt")[at % 2], "value": f"{n}"} for at in range(6)]}
        for n in range(40)
    ]
    file.write_text("\n".join(map(json.dumps, [*chats, {"messages": TURNS}])))
    rows = read_examples(file)
    assert [row.group for row in rows[:4]] == ["rows-1", "rows-1", "rows-1", "rows-2"]
    assert (len(rows), rows[-1].group) == (121, "")
    kept, held = split_by_source(rows, share=0.3, seed=13)
    assert {row.group for row in held} & {row.group for row in kept} == set()
    assert len(held) == pytest.approx(36, abs=2)
    write_examples(file, held)
    assert read_examples(file) == held


OURS = {
    "kind": "answer",
    "answers": ["Anna"],
    "citation": 1,
    "source": "a.md",
    "further_sources": ["b.md"],
    "documents": ["a.md", "c.md"],
    "group": "chat 7",
}


@pytest.mark.parametrize("name", [name for name in Example.model_fields if name != "messages"])
def test_a_row_without_an_id_keeps_what_is_ours(tmp_path: Path, name: str) -> None:
    file = tmp_path / "rows.jsonl"
    given = {"id": "7"} if name == "id" else {name: OURS[name]}
    file.write_text(json.dumps({"messages": TURNS, **given}))
    (row,) = read_examples(file)
    assert row == Example.model_validate({"id": "rows-1", "messages": TURNS, **given})


@pytest.mark.parametrize("documents", [[{"title": "a.md", "text": "Anna."}], "a.md", None, {}])
def test_documents_of_another_tool_are_left_out(tmp_path: Path, documents: Any) -> None:
    row = {"messages": [*TURNS, *TURNS[1:]], "documents": documents}
    assert [id_ for id_, _ in read(tmp_path, row)] == ["rows-1-1", "rows-1-2"]
    assert [made.documents for made in read_examples(tmp_path / "rows.jsonl")] == [(), ()]


@pytest.mark.parametrize(("given", "kept"), [("chat 7", "chat 7"), (7, "7"), ("", "rows-1")])
def test_a_grouped_chat_is_trained_by_every_reply_and_stays_in_its_group(
    tmp_path: Path, given: object, kept: str
) -> None:
    said = [{"from": ("human", "gpt")[at % 2], "value": f"{at}"} for at in range(6)]
    found = read(tmp_path, {"conversations": said, "group": given})
    assert [len(messages) for _, messages in found] == [2, 4, 6]
    assert [made.group for made in read_examples(tmp_path / "rows.jsonl")] == [kept] * 3


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"source": "airoboros2.2"}, {"source": "airoboros2.2"}),
        ({"source": None}, {}),
        ({"kind": None, "answers": None, "citation": None, "group": None}, {}),
        ({"further_sources": ["b.md"]}, {"further_sources": ["b.md"]}),
        ({"documents": ["a.md"], "source": 7}, {"documents": ["a.md"], "source": "7"}),
    ],
)
def test_what_tells_of_a_whole_chat_is_kept_by_every_reply(
    tmp_path: Path, given: dict[str, Any], kept: dict[str, Any]
) -> None:
    said = [{"from": ("human", "gpt")[at % 2], "value": f"{at}"} for at in range(4)]
    found = read(tmp_path, {"conversations": said, **given})
    assert [(id_, len(messages)) for id_, messages in found] == [("rows-1-1", 2), ("rows-1-2", 4)]
    for made in read_examples(tmp_path / "rows.jsonl"):
        assert made == Example.model_validate(
            {"id": made.id, "messages": made.messages, "group": "rows-1", **kept}
        )


@pytest.mark.parametrize("name", ["kind", "answers", "citation"])
def test_what_tells_of_one_reply_leaves_the_chat_whole(tmp_path: Path, name: str) -> None:
    row = {"messages": [*TURNS, *TURNS[1:]], name: OURS[name], "source": "a.md"}
    assert read(tmp_path, row) == [("rows-1", row["messages"])]


GREETING = {"role": "assistant", "content": "Hello, who is it about?"}
THANKS = {"role": "user", "content": "thanks!"}


@pytest.mark.parametrize(
    ("messages", "trained"),
    [
        ([GREETING, *TURNS[1:]], {"rows-1": 3}),
        ([GREETING, *TURNS[1:], *TURNS[1:]], {"rows-1-1": 3, "rows-1-2": 5}),
        ([*TURNS[1:], THANKS], {"rows-1": 2}),
        ([*TURNS, THANKS], {"rows-1": 3}),
        ([GREETING, *TURNS[1:], THANKS], {"rows-1": 3}),
        ([*TURNS[1:], *TURNS[1:], THANKS], {"rows-1-1": 2, "rows-1-2": 4}),
        ([TURNS[0], GREETING, *TURNS[1:]], {"rows-1": 4}),
        ([TURNS[0], GREETING, *TURNS[1:], *TURNS[1:]], {"rows-1-1": 4, "rows-1-2": 6}),
        ([GREETING, TURNS[0], *TURNS[1:]], {"rows-1": 4}),
        ([GREETING, GREETING, *TURNS[1:]], {"rows-1": 4}),
    ],
)
def test_replies_to_something_are_trained_wherever_a_chat_begins_and_ends(
    tmp_path: Path, messages: list[dict[str, str]], trained: dict[str, int]
) -> None:
    names = {"user": "human", "assistant": "gpt"}
    told = [{"from": names.get(m["role"], m["role"]), "value": m["content"]} for m in messages]
    wanted = [(id_, messages[:end]) for id_, end in trained.items()]
    assert read(tmp_path, {"messages": messages}) == wanted
    assert read(tmp_path, {"conversations": told}) == wanted


@pytest.mark.parametrize(
    "messages", [[GREETING], [GREETING, THANKS], [THANKS], [], [TURNS[0], GREETING, THANKS]]
)
def test_a_chat_in_which_nothing_is_replied_to_is_refused(
    tmp_path: Path, messages: list[dict[str, str]]
) -> None:
    with pytest.raises(DataError, match=r"rows.jsonl:1 is no example .*expected"):
        read(tmp_path, {"messages": messages})
