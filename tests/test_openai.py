"""OpenAI's own client against the real server."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import mcp
import openai
import pytest
from gate_parts import PATIENCE_S, gated_server
from openai.types.chat import completion_create_params
from server_parts import REPOSITORY, Server, metric, running_server

from app.assistant import Assistant
from app.serving.openai_requests import PARAMETERS

pytestmark = pytest.mark.model

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"
ASKED = [{"role": "user", "content": QUESTION}]


@pytest.fixture(scope="module")
def server(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("plain")
    with running_server(home, sample_assistant.settings.index, "--plain") as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def test_an_answer_comes_with_its_citations(
    client: openai.OpenAI, sample_assistant: Assistant
) -> None:
    completion = client.chat.completions.create(model="served", messages=ASKED)
    expected = sample_assistant.ask(QUESTION)
    message = completion.choices[0].message
    assert message.content == expected["answer"]
    assert completion.usage.completion_tokens == expected["tokens"]["completion"]
    assert message.annotations
    for annotation, citation in zip(message.annotations, expected["citations"], strict=True):
        told = annotation.url_citation
        assert message.content[told.start_index : told.end_index].startswith("[")
        assert told.title == citation["document"]
        assert told.quote == citation["quote"]


def test_a_streamed_answer_is_the_checked_one(
    client: openai.OpenAI, sample_assistant: Assistant
) -> None:
    options = {"include_usage": True}
    stream = client.chat.completions.create(
        model="served", messages=ASKED, stream=True, stream_options=options
    )
    *chunks, last = list(stream)
    written = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    expected = sample_assistant.ask(QUESTION)
    assert written == expected["answer"]
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert any(getattr(chunk.choices[0].delta, "annotations", None) for chunk in chunks)
    assert all(chunk.usage is None for chunk in chunks)
    assert last.choices == []
    assert last.usage.completion_tokens == expected["tokens"]["completion"]


def test_an_answer_of_any_system_is_checked_by_the_server_as_in_python(
    client: openai.OpenAI, sample_assistant: Assistant
) -> None:
    url = str(client.base_url).replace("/v1/", "/api/check")
    given = [{"id": "pool.md", "text": "The pool is 25 metres long."}]
    answer = "It is 25 metres long. Pigeons carry letters to Peru."
    asked = {"question": "How long is the pool?", "answer": answer, "documents": given}
    told = httpx.post(url, json=asked, timeout=60).json()
    assert told == sample_assistant.checker.check(**asked)
    assert (told["supported"], told["answer"]) == ("part", "It is 25 metres long. [1]")
    empty = httpx.post(url, json={**asked, "question": " "}, timeout=60)
    assert (empty.status_code, "is empty" in empty.text) == (422, True)


TALK = [{"role": "user", "content": "Good morning!"}]
CALL = {"id": "1", "type": "function", "function": {"name": "time", "arguments": "{}"}}
HISTORY = [
    {"role": "system", "content": "Answer in Latin."},
    *ASKED,
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "content": "09:30", "tool_call_id": "1"},
    {"role": "assistant", "content": "12 minutes.", "tool_calls": None, "refusal": None},
    {"role": "user", "content": [{"type": "text", "text": "Good morning!"}], "name": None},
]


def sent(client: openai.OpenAI, body: dict[str, Any], **more: Any) -> httpx.Response:
    """Send a body as it is, which the client would tidy up."""
    url = f"{client.base_url}chat/completions"
    return httpx.post(url, timeout=60, **{"json": {"messages": TALK, **body}, **more})


def test_a_conversation_with_tools_and_nulls_is_understood(client: openai.OpenAI) -> None:
    nulls = dict.fromkeys(set(PARAMETERS) - {"messages"})
    told = sent(client, {**nulls, "messages": HISTORY}).json()
    assert told["model"] == "served"
    assert told["choices"][0]["message"]["annotations"] == []
    assert told["warnings"] == [
        "system messages are not read: answers follow the documents alone",
        "tools' messages are not read",
    ]


def test_each_parameter_of_openais_client_is_decided() -> None:
    base = completion_create_params.CompletionCreateParamsBase.__annotations__
    streaming = completion_create_params.CompletionCreateParamsStreaming.__annotations__
    assert set(PARAMETERS) == {*base, *streaming}
    unexplained = [
        name
        for name, parameter in PARAMETERS.items()
        if parameter.fate in ("announced", "refused") and not parameter.why
    ]
    assert unexplained == []


def test_the_documentation_names_each_parameter_in_its_row() -> None:
    text = (REPOSITORY / "docs" / "clients.md").read_text()
    rows = re.findall(r"^\| (\w+) \| (`.*) \|$", text, re.MULTILINE)
    told = {name: fate for fate, names in rows for name in re.findall(r"`(\w+)`", names)}
    assert told == {name: parameter.fate for name, parameter in PARAMETERS.items()}


def test_what_changes_nothing_is_announced_and_what_is_harmless_is_not(
    client: openai.OpenAI,
) -> None:
    tool = {"type": "function", "function": {"name": "time"}}
    completion = client.chat.completions.create(
        model="served", messages=TALK, temperature=0.7, top_p=1, tools=[tool], user="x", seed=1
    )
    assert completion.warnings == [
        "temperature changes nothing: answers are greedy: the most probable one is given",
        "tools changes nothing: no tool is ever called",
    ]


REFUSED = [
    ({"n": 2}, "n", "unsupported_value", "all would be the same"),
    ({"response_format": {"type": "json_object"}}, "response_format", "unsupported_value", "text"),
    ({"tool_choice": "required"}, "tool_choice", "unsupported_value", "no tool is ever called"),
    ({"logprobs": True}, "logprobs", "unsupported_value", "are not told"),
    ({"top_k": 4}, "top_k", "unknown_parameter", "no such parameter"),
    ({"temperature": 99}, "temperature", "invalid_value", "less than or equal to 2"),
    ({"max_tokens": 0}, "max_tokens", "invalid_value", "greater than or equal to 1"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "invalid_value", "at most 4"),
    ({"messages": []}, "messages", "invalid_value", "at least 1"),
    ({"messages": HISTORY[:4]}, "messages", "invalid_value", "the last one is the tool's"),
    ({"messages": HISTORY[:5]}, "messages", "invalid_value", "end with the user's question"),
    ({"messages": HISTORY[:1]}, "messages", "invalid_value", "there is none"),
    ({"messages": [{"role": "user", "content": "  "}]}, "messages", "invalid_value", "is empty"),
    ({"messages": [{"role": "user", "content": "so " * 600}]}, "messages", "invalid_value",
     "shorten it"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages",
     "unsupported_value", "only text is read"),
    ({"messages": [{"role": "pilot", "content": "Hm"}]}, "messages.0.role", "invalid_value",
     "'user'"),
    ({"model": "gpt-4o"}, "model", "model_not_found", "choose from served, base-rag"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "param", "code", "words"), REFUSED)
@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_done_is_refused_in_words_before_anything_is_sent(
    client: openai.OpenAI, body: dict[str, Any], param: str, code: str, words: str, stream: bool
) -> None:
    answer = sent(client, {**body, "stream": stream})
    told = answer.json()["error"]
    assert answer.status_code == (404 if code == "model_not_found" else 400)
    assert (told["type"], told["param"], told["code"]) == ("invalid_request_error", param, code)
    assert words in told["message"]


def test_openais_client_raises_the_errors_that_it_knows(client: openai.OpenAI) -> None:
    empty = [{"role": "user", "content": "  "}]
    with pytest.raises(openai.BadRequestError, match="the question is empty"):
        client.chat.completions.create(model="served", messages=empty, stream=True)
    with pytest.raises(openai.NotFoundError, match="there is no model 'gpt'") as refused:
        client.chat.completions.create(model="gpt", messages=ASKED, stream=True)
    assert refused.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError, match="embeddings is not served") as refused:
        client.embeddings.create(model="served", input="x")
    assert refused.value.code == "unknown_url"


def test_an_answer_is_cut_at_what_was_asked_for(
    client: openai.OpenAI, sample_assistant: Assistant
) -> None:
    whole = sample_assistant.ask(QUESTION)["answer"]
    cut = client.chat.completions.create(model="served", messages=ASKED, max_tokens=2).choices[0]
    assert cut.finish_reason == "length"
    assert whole.startswith(cut.message.content)
    assert cut.message.content != whole
    assert cut.message.annotations == []
    told = client.chat.completions.create(model="served", messages=ASKED, stop=["minutes", "zz"])
    assert told.choices[0].message.content == whole.partition("minutes")[0]
    assert told.choices[0].finish_reason == "stop"


def test_a_body_of_unknown_length_is_read_up_to_the_limit(client: openai.OpenAI) -> None:
    text = json.dumps({"messages": TALK}).encode()
    read = sent(client, {}, content=iter([text[:9], text[9:]]), json=None)
    assert read.status_code == 200
    large = sent(client, {}, content=iter([b"x" * 600_000] * 2), json=None)
    assert (large.status_code, large.json()["error"]["code"]) == (413, "request_too_large")
    broken = sent(client, {}, content=b"{", json=None)
    assert (broken.status_code, "is not JSON" in broken.text) == (400, True)


async def test_a_plain_server_has_the_tool_for_mcp_clients(client: openai.OpenAI) -> None:
    async with mcp.Client(str(client.base_url).replace("/v1/", "/mcp")) as other:
        assert [tool.name for tool in (await other.list_tools()).tools] == ["ask_documents"]


def test_the_arms_are_the_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["served", "base-rag"]
    assert client.models.retrieve("base-rag").id == "base-rag"
    with pytest.raises(openai.NotFoundError, match="there is no model 'gpt/4'"):
        client.models.retrieve("gpt/4")


# As chat front ends ask for a title of what was said.
TITLES = {
    "user": """### Task:
Generate a concise, 3-5 word title with an emoji summarizing the chat history.
### Output:
JSON format: { "title": "your concise title here" }
### Chat History:
<chat_history>
USER: %s
ASSISTANT: %s
</chat_history>""",
    "system": """Write a concise title for the conversation, in five words or fewer.

||>User:
"%s"
||>Response:
"%s"
||>Title:""",
}


def test_a_title_of_what_was_said_costs_no_search(server: Server, client: openai.OpenAI) -> None:
    said = client.chat.completions.create(model="served", messages=ASKED).choices[0].message.content
    before = metric(server, "groundtune_runs_total")
    for role, template in TITLES.items():
        task = [{"role": role, "content": template % (QUESTION, said)}]
        completion = client.chat.completions.create(model="served", messages=task)
        assert completion.choices[0].message.content == QUESTION
        assert "nothing is searched" in completion.warnings[0]
    assert metric(server, "groundtune_runs_total") == before
    other = [{"role": "user", "content": f"{QUESTION} Answer with one number, please."}]
    assert client.chat.completions.create(model="served", messages=other).choices
    assert metric(server, "groundtune_runs_total") == before + 1


async def test_a_client_that_gives_up_stops_the_model(
    sample_assistant: Assistant, tmp_path: Path
) -> None:
    index, cancelled = sample_assistant.settings.index, 'groundtune_runs_total{outcome="cancelled"}'
    with gated_server(tmp_path, index, "--plain") as (server, gate), gate.shut():
        async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="none") as client:
            asked = client.chat.completions.create(model="served", messages=ASKED)
            asking = asyncio.create_task(asked)
            assert await asyncio.to_thread(gate.reached.wait, PATIENCE_S)
            asking.cancel()
            await asyncio.wait({asking})
        left = time.perf_counter()
        while metric(server, cancelled) != 1:
            assert time.perf_counter() - left < 30, "the run went on after its client had left"
            await asyncio.sleep(0.02)
