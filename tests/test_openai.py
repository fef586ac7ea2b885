"""OpenAI's own client against the real server."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import openai
import pytest
from server_parts import running_server

from app.assistant import Assistant

pytestmark = pytest.mark.model

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"
ASKED = [{"role": "user", "content": QUESTION}]


@pytest.fixture(scope="module")
def client(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[openai.OpenAI]:
    home = tmp_path_factory.mktemp("plain")
    with (
        running_server(home, sample_assistant.settings.index, "--plain") as server,
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as client,
    ):
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
    chunks = list(client.chat.completions.create(model="served", messages=ASKED, stream=True))
    written = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert written == sample_assistant.ask(QUESTION)["answer"]
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert any(getattr(chunk.choices[0].delta, "annotations", None) for chunk in chunks)


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


def test_a_conversation_and_text_parts_are_understood(client: openai.OpenAI) -> None:
    parts = [{"type": "text", "text": "Good morning!"}]
    turns = [*ASKED, {"role": "assistant", "content": "12 minutes."},
             {"role": "user", "content": parts}]  # fmt: skip
    completion = client.chat.completions.create(model="served", messages=turns)
    assert completion.choices[0].message.annotations == []


def test_the_arms_are_the_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["served", "base-rag"]


def test_what_cannot_be_asked_is_a_bad_request(client: openai.OpenAI) -> None:
    empty = [{"role": "user", "content": "  "}]
    with pytest.raises(openai.BadRequestError, match="the question is empty"):
        client.chat.completions.create(model="served", messages=empty)
    with pytest.raises(openai.NotFoundError, match="there is no arm 'gpt'"):
        client.chat.completions.create(model="gpt", messages=ASKED)
    with pytest.raises(openai.BadRequestError, match="n: Input should be 1"):
        client.chat.completions.create(model="served", messages=ASKED, n=2)


def test_a_client_that_gives_up_stops_the_model(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=1).chat.completions.create(model="served", messages=ASKED)
    url, left = str(client.base_url).replace("/v1/", "/metrics"), time.perf_counter()
    while 'groundtune_runs_total{outcome="cancelled"} 1.0' not in httpx.get(url).text:
        assert time.perf_counter() - left < 2, "the run went on after its client had left"
        time.sleep(0.02)
