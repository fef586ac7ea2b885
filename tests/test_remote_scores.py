"""Models elsewhere score labels and embed texts, as well as what their servers offer allows."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from elsewhere import LEFT_OPEN, WORDS, Elsewhere, Handler, refuses
from remote_parts import SETTING, chat_of, known_server

from app.errors import BadReply, ContextLengthError
from app.models.grader import LABELS
from app.models.names import Remote, read_remote
from app.models.remote.load import Access, load_embeddings
from app.models.remote.scorer import (
    FIRST_TOKEN,
    PARSED,
    RemoteScorer,
    from_likely,
    from_words,
    holds_labels,
)
from graphs import prompts

pytestmark = LEFT_OPEN


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    with known_server(monkeypatch) as found:
        yield found


GRADING = [
    prompts.grade_document("When does the ferry leave?", passage)
    for passage in ("The ferry leaves at nine.", "Bees make honey.")
]


@pytest.mark.parametrize("name", ["server", "openai:m", "ollama:m"])
async def test_log_probabilities_are_read_where_they_come(name: str, server: Elsewhere) -> None:
    scorer = RemoteScorer(chat_of(server, name))
    expected = [[math.log(0.8), math.log(0.1)], [math.log(0.1), math.log(0.8)]]
    for scores in (
        scorer.score(GRADING, labels=("yes", "no")),
        await scorer.ascore(GRADING, labels=("yes", "no")),
    ):
        assert [score.labels for score in scores] == [pytest.approx(odds) for odds in expected]
    assert (scorer.level, scorer.asked, scorer.unread) == (FIRST_TOKEN, 4, 0)


@pytest.mark.parametrize(
    "name", ["server", "openai:codex-m", "anthropic:claude-m", "mistralai:mistral-m"]
)
async def test_the_word_of_a_model_is_taken_where_they_do_not(name: str, server: Elsewhere) -> None:
    server.logprobs = False
    scorer = RemoteScorer(chat_of(server, name))
    first = scorer.score(GRADING, labels=("yes", "no"))
    second = await scorer.ascore(GRADING, labels=("yes", "no"))
    assert first == second
    assert [score.labels[0] > score.labels[1] for score in first] == [True, False]
    assert scorer.level == PARSED


def test_a_server_that_refuses_log_probabilities_is_asked_in_words(server: Elsewhere) -> None:
    server.refuses_logprobs = True
    scorer = RemoteScorer(chat_of(server), together=1)
    scores = scorer.score(GRADING, labels=("yes", "no"))
    assert [score.labels[0] > score.labels[1] for score in scores] == [True, False]
    assert (scorer.level, len(server.asked)) == (PARSED, 3)


async def test_a_model_that_thinks_first_is_asked_in_words(server: Elsewhere) -> None:
    server.thoughts = "<think>Does it say when?</think>\n\n"
    scorer = RemoteScorer(chat_of(server), together=1)
    said, other = math.log(0.9), pytest.approx(math.log(0.1))
    for scores in (
        scorer.score(GRADING, labels=("yes", "no")),
        await scorer.ascore(GRADING, labels=("yes", "no")),
    ):
        assert [score.labels for score in scores] == [[said, other], [other, said]]
    assert (scorer.level, scorer.unread, len(server.asked)) == (PARSED, 0, 5)  # it is remembered


async def test_little_odds_count_where_no_word_says_more(server: Elsewhere) -> None:
    server.thoughts = "Perhaps "
    scorer = RemoteScorer(chat_of(server), together=1)
    first = scorer.score(GRADING, labels=("yes", "no"))
    second = await scorer.ascore(GRADING, labels=("yes", "no"))
    assert first == second
    assert first[0].labels == pytest.approx([math.log(0.8e-8), math.log(0.1e-8)])
    assert (scorer.level, scorer.unread) == (FIRST_TOKEN, 0)


def test_what_is_neither_yes_nor_no_is_counted_and_neutral(server: Elsewhere) -> None:
    server.thoughts = "Perhaps "
    server.logprobs = False
    scorer = RemoteScorer(chat_of(server))
    (score, _) = scorer.score(GRADING, labels=("yes", "no"))
    assert score.labels[0] == score.labels[1]
    assert (scorer.asked, scorer.unread) == (2, 2)


def test_labels_are_found_among_tokens_in_any_spelling() -> None:
    odds = from_likely({" Yes": math.log(0.4), "yes": math.log(0.2), "Maybe": -3.0}, ("yes", "no"))
    assert odds is not None
    assert odds.labels == pytest.approx([math.log(0.6), -3.0])
    assert from_likely({"<think>": -0.1, "Well": -3.0}, ("yes", "no")) is None
    assert holds_labels({" Yes": math.log(0.06), "no": math.log(0.05), "<think>": -0.1}, LABELS)
    assert not holds_labels({" Yes": math.log(0.06), "no": -18.0, "<think>": -0.1}, LABELS)
    assert not holds_labels({"<think>": -0.1, "Well": -3.0}, LABELS)
    assert from_words("**No**, it does not.", ("yes", "no")) is not None
    assert from_words("Nothing says so, yes", ("yes", "no")) is None


EMBEDDINGS = ["server", "openai:e", "google_genai:e", "mistralai:e", "ollama:e"]


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_embeddings_come_normalised_and_survive_a_fault(name: str, server: Elsewhere) -> None:
    remote = read_remote(f"{server.url}/v1#e" if name == "server" else name, setting=SETTING)
    assert remote is not None
    path = "/v1" if name in ("openai:e", "mistralai:e") else ""
    base = "endpoint" if name == "mistralai:e" else "base_url"
    options = {} if remote.url else {base: server.url + path}
    access = Access(setting=SETTING, options=options, seconds=30.0)
    embeddings = load_embeddings(remote, access)
    server.faults = [refuses(500), None]
    vectors = embeddings.embed_documents(["the ferry", "the mill and the bees"] * 40)
    assert len(vectors) == 80
    assert [sum(x * x for x in vector) for vector in vectors] == [pytest.approx(1)] * 80
    assert vectors[0][WORDS.index("ferry")] > 0.9
    assert embeddings.embed_query("the ferry") == pytest.approx(vectors[0])


def test_too_long_a_chunk_is_told_with_what_shortens_it_and_a_question_as_such(
    server: Elsewhere,
) -> None:
    told = {"error": {"message": "the maximum context length is 512 tokens", "code": 400}}
    server.faults = [lambda handler: handler.send(told, 400)]
    access = Access(setting=SETTING, options={}, seconds=30.0)
    embeddings = load_embeddings(Remote("openai", "e", f"{server.url}/v1"), access)
    with pytest.raises(
        BadReply, match=r"too long .*512 tokens.*: lower GROUNDTUNE_CHUNK_SIZE, or "
    ):
        embeddings.embed_documents(["the ferry " * 600])
    with pytest.raises(ContextLengthError, match="too long"):
        embeddings.embed_query("the ferry " * 600)


@pytest.mark.parametrize(
    ("most", "sizes"), [(32, [64, 32, 32, 6]), (10, [64, 32, 16, *[8] * 8, 6])]
)
def test_a_server_is_sent_as_many_texts_as_it_takes(
    most: int, sizes: list[int], server: Elsewhere
) -> None:
    def refuses_many(handler: Handler) -> None:
        (refuses(413) if len(handler.body["input"]) > most else Handler.answer)(handler)

    server.faults = [refuses_many]
    access = Access(setting=SETTING, options={}, seconds=30.0)
    embeddings = load_embeddings(Remote("openai", "e", f"{server.url}/v1"), access)
    texts = [word for word in WORDS for _ in range(6)][:70]
    vectors = embeddings.embed_documents(texts)
    assert [WORDS[vector.index(max(vector))] for vector in vectors] == texts
    assert [len(asked.body["input"]) for asked in server.asked] == sizes
    server.asked.clear()
    assert embeddings.embed_documents(texts[:9]) == vectors[:9]
    assert [len(asked.body["input"]) for asked in server.asked] == ([9] if most == 32 else [8, 1])
