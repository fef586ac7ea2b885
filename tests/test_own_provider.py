"""The provider that the example's package adds answers as models elsewhere do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from plugin_parts import installed, package

from app.assistant import Assistant
from app.errors import BadReply, ModelUnavailable, UserError
from app.models.names import read_remote
from app.models.remote.chat import RemoteChatModel
from app.models.remote.load import Access, load_chat
from app.provenance import modules_behind
from app.settings import Settings

REPLIES = """
import re, sys
found = re.search(r"\\[1\\] (?:\\([^)]*\\) )?(.+)", sys.stdin.read())
print(f"{found[1]} [1]" if found else "yes")
"""


STREAMS = """
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk


class Streams(BaseChatModel):
    last: dict

    @property
    def _llm_type(self):
        return "streams"

    def _generate(self, *_, **__):
        raise NotImplementedError

    def _stream(self, messages, *_, **__):
        yield ChatGenerationChunk(message=AIMessageChunk(content="At"))
        if self.last.pop("fails", False):
            raise ValueError("the line is dead")
        yield ChatGenerationChunk(message=AIMessageChunk(content=" nine.", **self.last))


def make(name, *, timeout, **last):
    return Streams(last=last)
"""


def chat(program: str, *, seconds: float = 20, options: object = None) -> RemoteChatModel:
    remote = read_remote(program, setting="GROUNDTUNE_MODEL")
    assert remote is not None
    access = Access(setting="GROUNDTUNE_MODEL", options=options or {}, seconds=seconds)
    return load_chat(remote, access, max_tokens=8)


def test_a_program_answers_as_a_model_elsewhere_does(added: None, tmp_path: Path) -> None:
    (tmp_path / "replies.py").write_text(REPLIES)
    settings = Settings(model="pipe:python3 replies.py", adapter="none")
    assistant = Assistant(settings)
    text = "The night ferry leaves at ten past nine in the evening."
    found = assistant.ask("When does the night ferry leave?", documents=[{"id": "a", "text": text}])
    assert (found["answer"], found["citations"][0]["quote"]) == (f"{text} [1]", text)
    assert "groundtune_own.models" in assistant._added_code
    assert "groundtune_own.models" in modules_behind(*assistant._added_code)


async def test_a_client_that_cannot_stream_replies_in_one_piece(added: None) -> None:
    model = chat("pipe:cat")
    whole = [piece.text for piece in model.stream("Good morning")]
    also = [piece.text async for piece in model.astream("Good evening")]
    assert (whole, also) == (["Good morning", ""], ["Good evening", ""])


@pytest.fixture
def streaming(tmp_path: Path) -> Iterator[None]:
    package(tmp_path, "streams", STREAMS, models="streams = make")
    with installed(tmp_path):
        yield


@pytest.mark.parametrize(
    ("last", "ending"),
    [
        ({}, "stop"),
        ({"chunk_position": "last"}, "stop"),
        ({"response_metadata": {"stopReason": "end_turn"}}, "stop"),  # as Bedrock's client
        ({"response_metadata": {"stopReason": "max_tokens"}}, "length"),
        ({"response_metadata": {"finish_reason": "length"}, "chunk_position": "last"}, "length"),
    ],
)
async def test_a_stream_of_a_client_ends_where_its_pieces_do(
    last: dict[str, object], ending: str, streaming: None
) -> None:
    model = chat("streams:any", options=last)
    for pieces in (list(model.stream("When?")), [piece async for piece in model.astream("When?")]):
        assert [piece.text for piece in pieces] == ["At", " nine.", ""]
        assert pieces[-1].response_metadata["finish_reason"] == ending


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ({"fails": True}, r"sent what is no reply \(ValueError: the line is dead\)"),
        ({"response_metadata": {"model_provider": "groq"}}, "stopped in the middle of its reply"),
    ],
)
def test_a_stream_of_a_client_that_breaks_off_is_no_answer(
    last: dict[str, object], told: str, streaming: None
) -> None:
    with pytest.raises(BadReply, match=told):
        list(chat("streams:any", options=last).stream("When?"))


@pytest.mark.parametrize(
    ("program", "seconds", "told"),
    [
        ("pipe:no-such-program", 20, r"cannot be reached \(.*No such file.*no-such-program"),
        ("pipe:false", 20, "cannot be reached"),
        ("pipe:sleep 9", 0.2, "said nothing for 0.2 s"),
    ],
)
def test_a_program_that_fails_is_told_as_any_model_is(
    program: str, seconds: float, told: str, added: None
) -> None:
    with pytest.raises(ModelUnavailable, match=told):
        chat(program, seconds=seconds).invoke("Good morning")


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("my-own", "def make(name, **_): return name", "what it returns is of type str, not a Bas"),
        ("openai", "make = str", "which is built in"),
    ],
)
def test_a_mistake_of_a_provider_is_told_with_its_package(
    name: str, code: str, told: str, tmp_path: Path
) -> None:
    package(tmp_path, "bad", code, models=f"{name} = make")
    with installed(tmp_path), pytest.raises(UserError, match=rf"bad 1\.0 adds .*{told}"):
        chat(f"{name}:large")
