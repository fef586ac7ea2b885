"""Replies of models elsewhere are whole: what they end with, what was thought, and what they count.

The servers are small ones of tests/elsewhere.py: they speak on the wire what the real ones speak.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest
import responses_wire
from elsewhere import LEFT_OPEN, Elsewhere, Handler, half_a_stream, usage
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from remote_parts import ANSWER, ASKED, chat_of, known_server

from app.errors import BadReply, NothingSaid
from app.models.remote.reply import Habits, Reply
from app.models.remote.runtime import RemoteRuntime
from graphs import prompts

pytestmark = LEFT_OPEN

GRADED = prompts.grade_document("When does the ferry leave?", "The ferry leaves at nine.")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    with known_server(monkeypatch) as found:
        yield found


def counts_and_fails(handler: Handler) -> None:
    """Count the prompt's tokens and fail before the first text, as servers do that count on."""
    told = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    begun = {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}
    events = [{**told, "choices": [begun], **usage()}, {"error": {"message": "out of memory"}}]
    handler.stream([f"data: {json.dumps(event)}\n\n" for event in events])


async def test_a_stream_that_is_begun_anew_counts_what_the_second_try_took(
    server: Elsewhere,
) -> None:
    chat = chat_of(server)
    server.faults = [counts_and_fails, None]
    pieces = list(chat.stream(ASKED))
    server.faults = [counts_and_fails, None]
    later = [piece async for piece in chat.astream(ASKED)]
    assert len(server.asked) == 4
    for reply in (sum(pieces[1:], pieces[0]), sum(later[1:], later[0])):
        assert reply.text == ANSWER
        assert reply.usage_metadata is not None
        assert reply.usage_metadata["total_tokens"] == 10


def half_a_response(handler: Handler) -> None:
    handler.stream(responses_wire.events("Half of a reply", "m")[:5])


@pytest.mark.parametrize(
    ("name", "half"), [("server", half_a_stream), ("openai:codex-m", half_a_response)]
)
async def test_half_a_stream_is_no_answer(
    name: str, half: Callable[[Handler], None], server: Elsewhere
) -> None:
    server.faults = [half]
    chat = chat_of(server, name)
    with pytest.raises(BadReply, match="stopped in the middle of its reply"):
        list(chat.stream(ASKED))
    with pytest.raises(BadReply, match="stopped in the middle of its reply"):
        [piece async for piece in chat.astream(ASKED)]
    assert len(server.asked) == 2  # what was shown is not begun anew
    assert chat.calls.unfinished == 0


@pytest.mark.parametrize(
    ("cut", "ending"),
    [("", "stop"), ("max_output_tokens", "length"), ("content_filter", "stop")],
)
def test_the_responses_api_says_by_its_status_whether_a_reply_was_cut(
    cut: str, ending: str, server: Elsewhere
) -> None:
    server.faults = [lambda handler: handler.openai_responses(cut=cut)]
    chat = chat_of(server, "openai:codex-m")
    for reply in (chat.invoke(ASKED), list(chat.stream(ASKED))[-1]):
        assert reply.response_metadata["finish_reason"] == ending


def test_thoughts_are_left_out(server: Elsewhere) -> None:
    server.thoughts = "<think>Is it nine? Yes.</think>\n\n"
    chat = chat_of(server)
    pieces = [piece.text for piece in chat.stream(ASKED)]
    assert "".join(pieces) == chat.invoke(ASKED).text == ANSWER
    assert len(pieces) > 3


UNOPENED = "Okay, it is nine.\n</think>\n\n"


@pytest.mark.parametrize(
    ("written", "text", "unopened"),
    [
        ("", "", False),
        ("<", "<", False),
        ("<b>bold</b>", "<b>bold</b>", False),
        ("<think>never ended", "", False),
        ("<think>Nine?</think>\n\nAt nine.", "At nine.", False),
        ("Between <think> and </think> are thoughts.",) * 2 + (False,),
        ("It ends with </think> or `</think>`.",) * 2 + (False,),
        ("</think> ends a thought.",) * 2 + (False,),
        ("Okay, it is nine.</think>At nine.", "At nine.", True),
        ("</think>\n\nAt nine.", "At nine.", True),
        (f"{UNOPENED}At nine.", "At nine.", True),
        (f"Is {UNOPENED}No.\n</think>At nine.", "At nine.", True),
    ],
)
def test_a_whole_reply_is_read_without_its_thoughts(
    written: str, text: str, unopened: bool
) -> None:
    habits = Habits()
    whole = ChatResult(generations=[ChatGeneration(message=AIMessage(written))])
    assert (Reply.of(whole, habits).text, habits.unopened) == (text, unopened)


@pytest.mark.parametrize(
    ("pieces", "text", "unopened"),
    [
        (("</think>", " ends a thought."), "</think> ends a thought.", False),
        (("It says:\n", "</think>", " ", "is a tag."), "It says:\n</think> is a tag.", False),
        (("Okay.", "\n</think>", "\n\nAt", " nine."), "Okay.\n</think>\n\nAt nine.", True),
        (("Okay.", "\n", "</think>"), "Okay.\n</think>", True),
        (("</think>", "\n", "\nAt", " nine."), "At nine.", True),
        (("</", "think>", "\nAt", " nine."), "At nine.", True),
        (("</think>", " "), "", True),
        (("</", "b>"), "</b>", False),
    ],
)
def test_a_line_that_goes_on_is_not_read_as_a_whole_one(
    pieces: tuple[str, ...], text: str, unopened: bool
) -> None:
    reply = Reply(Habits())
    for piece in pieces:
        reply.add(AIMessage(piece), {"finish_reason": "stop"} if piece == pieces[-1] else None)
    reply.rest()
    assert (reply.text, reply.habits.unopened) == (text, unopened)


def test_a_long_thought_is_not_searched_anew_with_each_piece() -> None:
    habits, began = Habits(unopened=True), time.perf_counter()
    reply = Reply(habits)
    for _ in range(8_000):
        reply.add(AIMessage("thinking of a line\n"), None)
    assert time.perf_counter() - began < 2


async def test_thoughts_that_end_without_having_begun_are_left_out_once_it_is_known(
    server: Elsewhere,
) -> None:
    server.thoughts = UNOPENED
    chat = chat_of(server)
    first = "".join(piece.text for piece in chat.stream(ASKED))
    assert first == UNOPENED + ANSWER  # too late to take back
    for pieces in (list(chat.stream(ASKED)), [piece async for piece in chat.astream(ASKED)]):
        assert "".join(piece.text for piece in pieces) == ANSWER
        assert len(pieces) > 3
    assert chat.invoke(ASKED).text == ANSWER
    server.thoughts = ""
    assert "".join(piece.text for piece in chat.stream(ASKED)) == ANSWER


async def test_a_reply_that_only_shows_the_tag_changes_the_next_one_at_most(
    server: Elsewhere,
) -> None:
    chat = chat_of(server)
    server.thoughts = "```\n</think>\n```\n"
    chat.invoke(ASKED)
    assert chat.habits.unopened
    server.thoughts = ""
    assert chat.invoke(ASKED).text == ANSWER
    assert not chat.habits.unopened
    chat.habits.note(UNOPENED)
    assert "".join([piece.text async for piece in chat.astream(ASKED)]) == ANSWER
    assert not chat.habits.unopened


@pytest.mark.parametrize(
    ("written", "ending", "unopened"),
    [
        ("At nine.", "stop", False),
        ("At nine.", "length", True),
        ("At nine.", None, True),
        (" ", "stop", True),
        ("Nine (or ten)</think>At nine.", "stop", True),
    ],
)
def test_only_a_whole_reply_without_a_thought_says_that_none_is_written(
    written: str, ending: str | None, unopened: bool
) -> None:
    habits = Habits(unopened=True)
    said = AIMessage(written, response_metadata={"finish_reason": ending} if ending else {})
    Reply.of(ChatResult(generations=[ChatGeneration(message=said)]), habits)
    assert habits.unopened is unopened


def test_what_grades_show_of_a_model_is_known_when_it_answers(server: Elsewhere) -> None:
    server.thoughts, server.logprobs = UNOPENED, False
    runtime = RemoteRuntime(chat_of(server), together=1)
    (score,) = runtime.scorer.score([GRADED], labels=("yes", "no"))
    assert score.labels[0] > score.labels[1]
    assert "".join(piece.text for piece in runtime.chat_model.stream(ASKED)) == ANSWER


def test_a_thought_without_tags_that_spends_all_tokens_is_no_answer(server: Elsewhere) -> None:
    chat = chat_of(server)
    chat.habits.note(UNOPENED)
    cut = AIMessage("Okay, it is", response_metadata={"finish_reason": "length"})
    whole = ChatResult(generations=[ChatGeneration(message=cut)])
    with pytest.raises(NothingSaid, match="spent all its tokens before an answer began"):
        chat._whole(whole)
