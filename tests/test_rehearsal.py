"""Rehearsal rows are the model's own words, and whole sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from app.dataset.rehearsal import (
    INSTRUCTIONS,
    MEASURED,
    MOST_PROMPTS,
    REPLY_TOKENS,
    prompts,
    rehearsal_from,
    sample_measured,
)
from app.dataset.rehearsal import sample_rehearsal as sample
from app.errors import UserError
from finetune.data.examples import Example, Kind, write_examples


class Talker(BaseChatModel):
    """Replies by a function of the prompt; replies that end in ~ were cut there by the limit."""

    say: Callable[[str], str]
    limits: list[int] = []  # noqa: RUF012  # a field, which pydantic copies

    @property
    def _llm_type(self) -> str:
        return "talker"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.limits.append(kwargs["max_tokens"])
        text = self.say(messages[-1].text)
        reason = "length" if text.endswith("~") else "stop"
        message = AIMessage(text.rstrip("~"), response_metadata={"finish_reason": reason})
        return ChatResult(generations=[ChatGeneration(message=message)])


def test_rows_hold_the_models_own_replies() -> None:
    model = Talker(say=lambda prompt: f"You said: {prompt}")
    rows = sample(model, count=70, seed=1)
    assert [row.id for row in rows[:2]] == ["rehearsal-0001", "rehearsal-0002"]
    assert len({row.messages[0].content for row in rows}) == 70
    assert all(row.completion == f"You said: {row.messages[0].content}" for row in rows)
    assert {row.kind for row in rows} == {Kind.REHEARSAL}
    assert set(model.limits) == {REPLY_TOKENS}
    sample(model, count=3, seed=1, tokens=7)
    assert model.limits[-3:] == [7, 7, 7]


def test_the_same_seed_asks_the_same_and_another_seed_others() -> None:
    first, again, other = (list(prompts(100, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert len(set(first) & set(other)) < 20


def test_prompts_are_spread_over_all_instructions() -> None:
    assert len(INSTRUCTIONS) == 60
    asked = list(prompts(300, seed=3))
    assert len(set(asked)) == 300
    assert sum(prompt.startswith("Write a haiku about ") for prompt in asked) >= 4
    assert not any("{" in prompt for prompt in asked)


def test_what_is_measured_is_never_rehearsed_whatever_the_seed() -> None:
    model = Talker(say=lambda prompt: f"You said: {prompt}")
    rows = sample_measured(model, count=40)
    assert rows == sample_measured(model, count=40)
    measured = {row.messages[0].content for row in rows}
    assert len(measured) == 40
    everything = set(prompts(MOST_PROMPTS, seed=13, fillings=MEASURED))
    assert len(everything) == MOST_PROMPTS
    assert measured < everything
    for seed in (13, 14):
        assert not everything & set(prompts(MOST_PROMPTS, seed=seed))


def test_at_most_a_quarter_of_the_rows_were_cut_and_they_end_with_a_sentence() -> None:
    # About half of the prompts begin with W.
    model = Talker(say=lambda p: "It is so. It would be~" if p.startswith("W") else "It is so.")
    rows = sample(model, count=40, seed=5)
    assert len(rows) == 40
    assert {row.completion for row in rows} == {"It is so."}
    assert sum(row.messages[0].content.startswith("W") for row in rows) <= 10


def test_a_reply_that_is_one_cut_sentence_makes_no_row() -> None:
    assert sample(Talker(say=lambda _: "It would be~"), count=5, seed=1) == []
    assert sample(Talker(say=lambda _: " "), count=5, seed=1) == []


def test_cut_replies_alone_make_no_rows() -> None:
    assert sample(Talker(say=lambda _: "It is so. It would~"), count=8, seed=1) == []


def test_a_real_model_gives_the_same_rows_twice(tiny_chat) -> None:
    first, again = (sample(tiny_chat, count=4, seed=2) for _ in range(2))
    assert first == again
    assert 1 <= len(first) <= 4
    assert all(row.completion.strip() for row in first)


def test_a_file_of_chats_becomes_rehearsal(tmp_path: Path) -> None:
    chat = ({"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello!"})
    rows = [Example.model_validate({"id": f"chat {n}", "messages": chat}) for n in range(2)]
    write_examples(tmp_path / "chats.jsonl", rows)
    read = rehearsal_from(tmp_path / "chats.jsonl")
    assert [row.id for row in read] == ["rehearsal-0001", "rehearsal-0002"]
    assert {row.kind for row in read} == {Kind.REHEARSAL}
    assert read[0].messages == rows[0].messages


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "chats.jsonl").write_text("{}\n")
    with pytest.raises(UserError, match=r"chats.jsonl:1 is no example"):
        rehearsal_from(tmp_path / "chats.jsonl")
