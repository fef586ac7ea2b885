"""Models elsewhere answer through their real clients, and their servers' faults are told in a line.

The servers are small ones of tests/elsewhere.py: they speak on the wire what the real ones speak.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest
from elsewhere import (
    KEY,
    LEFT_OPEN,
    Elsewhere,
    Handler,
    garbage,
    hangs,
    hangs_up,
    refuses,
)
from remote_parts import ANSWER, ASKED, DIALECTS, SETTING, chat_of, known_server

from app.errors import BadReply, ContextLengthError, ModelUnavailable, UserError
from app.models.grader import PLAIN_VERDICT, ModelGrader
from app.models.names import BUILTIN_CHAT, Remote, read_remote
from app.models.remote.chat import RemoteChatModel
from app.models.remote.fallback import Fallback, FallbackGrader
from app.models.remote.load import Access, load_chat
from app.models.remote.scorer import RemoteScorer

pytestmark = LEFT_OPEN

PATIENCE_S = 20
SECONDS = 3.0
"""Patience where faults are tried; hanging servers hang for longer."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    with known_server(monkeypatch) as found:
        yield found


@pytest.mark.parametrize(
    ("text", "remote"),
    [
        ("http://host:8000/v1#m", Remote("openai", "m", "http://host:8000/v1")),
        ("https://host/v1/#org/m:7b", Remote("openai", "org/m:7b", "https://host/v1")),
        ("anthropic:claude-5", Remote("anthropic", "claude-5")),
        ("google-genai:gemini-3", Remote("google_genai", "gemini-3")),
        ("ollama:llama3:8b", Remote("ollama", "llama3:8b")),
        (BUILTIN_CHAT, None),
        ("owner/name", None),
        ("models/folder", None),
        ("C:\\models", None),
    ],
)
def test_a_name_tells_where_a_model_runs(text: str, remote: Remote | None) -> None:
    assert read_remote(text, setting=SETTING) == remote


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("http://host/v1", "names no model: give http://HOST:PORT/v1#MODEL"),
        (f"http://user:{KEY}@host/v1#m", "put keys into GROUNDTUNE_MODEL_KEY"),
        (f"http://host/v1?key={KEY}#m", "put keys into GROUNDTUNE_MODEL_KEY"),
    ],
)
def test_a_url_without_a_model_or_with_a_key_is_refused(text: str, told: str) -> None:
    with pytest.raises(UserError, match=told) as caught:
        read_remote(text, setting=SETTING)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("name", DIALECTS)
async def test_every_client_answers_alike_whole_or_streamed(
    name: str, server: Elsewhere, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    chat = chat_of(server, name)
    whole = chat.invoke(ASKED)
    pieces = list(chat.stream(ASKED))
    later = await chat.ainvoke(ASKED)
    streamed = [piece async for piece in chat.astream(ASKED)]
    for reply in (whole, sum(pieces[1:], pieces[0]), later, sum(streamed[1:], streamed[0])):
        assert reply.content == ANSWER
        assert reply.usage_metadata is not None
        assert reply.usage_metadata["total_tokens"] == 10
        assert reply.response_metadata["finish_reason"] == "stop"
    assert len(pieces) > 3
    assert server.asked[0].path.startswith(DIALECTS[name][1])
    assert KEY in str(server.asked[0].headers) or name.startswith("ollama")
    assert KEY not in caplog.text + repr(chat) + str(chat.asdict()) + str(vars(whole))


@pytest.mark.parametrize("name", DIALECTS)
async def test_options_reach_every_server_under_its_own_names(name: str, server: Elsewhere) -> None:
    chat = chat_of(server, name)
    await chat.ainvoke(ASKED, max_tokens=7, stop=["END"])
    told = json.dumps(server.asked[0].body)
    assert ": 7" in told
    assert '"END"' in told or name == "openai:codex-m"  # the Responses API knows no stop
    assert '"temperature": 0' in told


def test_a_model_that_takes_no_temperature_is_sent_none(server: Elsewhere) -> None:
    DIALECTS["openai:gpt-5"] = DIALECTS["openai:m"]
    chat_of(server, "openai:gpt-5").invoke(ASKED)
    chat_of(server, temperature=0.7).invoke(ASKED)
    assert [asked.body.get("temperature") for asked in server.asked] == [None, 0.7]


@pytest.mark.parametrize(
    ("options", "told"),
    [({}, {"include_usage": True}), ({"stream_usage": False}, None)],
)
def test_a_server_counts_tokens_of_a_stream_unless_the_options_say_otherwise(
    options: dict[str, bool], told: object, server: Elsewhere
) -> None:
    assert "".join(piece.text for piece in chat_of(server, **options).stream(ASKED)) == ANSWER
    assert server.asked[0].body.get("stream_options") == told


def refuses_for_a_minute(handler: Handler) -> None:
    """Say as a date how long to wait; the handler says by its own header what time it is."""
    refuses(429, Retry_After=formatdate(time.time() + 60, usegmt=True))(handler)


Told = tuple[type[Exception], str, int, float]
FAULTS: dict[str, tuple[Callable[[Handler], None], Told]] = {
    "hangs": (hangs, (ModelUnavailable, "said nothing for 3 s", 1, SECONDS)),
    "hangs up": (hangs_up, (ModelUnavailable, "cannot be reached", 2, SECONDS)),
    "429": (refuses(429, Retry_After="60"), (ModelUnavailable, "asks to wait 60 s", 1, 0)),
    "429 until": (refuses_for_a_minute, (ModelUnavailable, r"asks to wait (59|60|61) s", 1, 0)),
    "500": (refuses(500), (ModelUnavailable, r"failed \(500", 2, SECONDS)),
    "401": (refuses(401), (ModelUnavailable, r"refuses the key \(401\)", 1, 0)),
    "404": (refuses(404), (ModelUnavailable, "is not there", 1, 0)),
    "400": (refuses(400), (BadReply, r"refuses the request \(400", 1, 0)),
    "garbage": (garbage, (BadReply, "sent what is no reply", 2, SECONDS)),
}
PROVIDERS = [name for name in DIALECTS if name != "server" and not name.startswith("openai:")]


@pytest.mark.parametrize(
    ("name", "fault"),
    [("server", fault) for fault in FAULTS]
    + [(name, fault) for name in PROVIDERS for fault in ("429", "401", "garbage")],
)
def test_a_fault_is_told_in_one_line_and_in_time(
    name: str,
    fault: str,
    server: Elsewhere,
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
) -> None:
    caplog.set_level(logging.DEBUG)
    does, (kind, told, tries, seconds) = FAULTS[fault]
    server.faults = [does]
    chat = chat_of(server, name, seconds=SECONDS)
    start = time.monotonic()
    with pytest.raises(kind, match=told) as caught:
        chat.invoke(ASKED)
    took = time.monotonic() - start
    told_in = f"{took:.1f} s, asked {len(server.asked)} times: {caught.value}"
    record_property(f"{name}, {fault}", told_in)
    assert took < seconds + 5
    assert len(server.asked) >= tries if tries > 1 else len(server.asked) == 1
    assert "\n" not in str(caught.value)
    assert name == "ollama:m" or KEY not in caplog.text + str(caught.value)  # it has no key


def test_a_server_that_is_not_there_is_told(server: Elsewhere) -> None:
    server.url = "http://127.0.0.1:9"
    with pytest.raises(ModelUnavailable, match=r"m at http://127.0.0.1:9/v1 cannot be reached"):
        chat_of(server).invoke(ASKED)


@pytest.mark.parametrize("name", ["server", "anthropic:claude-m", "mistralai:mistral-m"])
async def test_a_fault_that_passes_is_survived(name: str, server: Elsewhere) -> None:
    server.faults = [refuses(500), None]
    chat = chat_of(server, name)
    assert (await chat.ainvoke(ASKED)).text == ANSWER
    server.faults = [refuses(429, Retry_After="1"), None]
    start = time.monotonic()
    pieces = [piece.text async for piece in chat.astream(ASKED)]
    assert "".join(pieces) == ANSWER
    assert time.monotonic() - start >= 1
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("model", "options", "path"),
    [
        ("m", {}, "/v1/chat/completions"),
        ("codex-m", {}, "/v1/chat/completions"),  # as OpenAI names models that need the other one
        ("codex-m", {"use_responses_api": True}, "/v1/responses"),
        ("m", {"reasoning": {"effort": "low"}}, "/v1/responses"),
    ],
)
async def test_options_choose_the_protocol_of_a_server_and_no_name_does(
    model: str, options: dict[str, object], path: str, server: Elsewhere
) -> None:
    remote = Remote("openai", model, f"{server.url}/v1")
    chat = load_chat(remote, Access(setting=SETTING, options=options, seconds=30.0), max_tokens=50)
    assert chat.invoke(ASKED).text == ANSWER
    assert "".join(piece.text for piece in chat.stream(ASKED)) == ANSWER
    assert "".join([piece.text async for piece in chat.astream(ASKED)]) == ANSWER
    assert {asked.path for asked in server.asked} == {path}


def test_too_long_a_prompt_is_what_the_asker_can_mend(server: Elsewhere) -> None:
    told = {"error": {"message": "the context is full", "code": "context_length_exceeded"}}
    server.faults = [lambda handler: handler.send(told, 400)]
    with pytest.raises(ContextLengthError, match="refuses the prompt as too long"):
        chat_of(server).invoke(ASKED)


def test_tokens_are_estimated_without_any_tokenizer(server: Elsewhere) -> None:
    chat = chat_of(server)
    assert chat.get_num_tokens("") == 0
    assert chat.get_num_tokens("The ferry leaves at nine.") == 7
    assert 3 <= chat.get_num_tokens("渡轮九点出发") <= 6


@pytest.mark.parametrize("way", ["ainvoke", "astream", "agrade"])
async def test_the_event_loop_goes_on_while_a_fallback_is_loaded(
    way: str, server: Elsewhere
) -> None:
    loop, loaded_in = threading.current_thread(), list[threading.Thread]()

    def load() -> RemoteChatModel:
        loaded_in.append(threading.current_thread())
        return chat_of(server)

    def grader(chat: RemoteChatModel) -> ModelGrader:
        return ModelGrader(RemoteScorer(chat), PLAIN_VERDICT)

    fallback = Fallback(load)
    fallback.note(ModelUnavailable("it is gone"))
    chat = chat_of(server).model_copy(update={"fallback": fallback})
    if way == "ainvoke":
        assert (await chat.ainvoke(ASKED)).text == ANSWER
    elif way == "astream":
        assert "".join([piece.text async for piece in chat.astream(ASKED)]) == ANSWER
    else:
        either = FallbackGrader(grader(chat), lambda: grader(load()), fallback)
        grades = await either.agrade("When does the ferry leave?", [ANSWER])
        assert grades == pytest.approx([8 / 9])  # as the server tells its yes and no
    assert [thread is loop for thread in loaded_in] == [False]


async def test_those_who_wait_for_a_fallback_take_no_thread_of_what_others_ask(
    server: Elsewhere,
) -> None:
    begun, loaded = threading.Event(), threading.Event()

    def load() -> RemoteChatModel:
        begun.set()
        assert loaded.wait(PATIENCE_S)
        return chat_of(server)

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    fallback = Fallback(load)
    fallback.note(ModelUnavailable("it is gone"))
    chat = chat_of(server).model_copy(update={"fallback": fallback})
    asking = [asyncio.create_task(chat.ainvoke(ASKED)) for _ in range(3)]
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not begun.is_set():
                await asyncio.sleep(0.01)
            assert await asyncio.to_thread(loaded.is_set) is False
    finally:
        loaded.set()
    assert [reply.text for reply in await asyncio.gather(*asking)] == [ANSWER] * 3
