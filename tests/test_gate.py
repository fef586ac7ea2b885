"""Only small talk goes without documents: a subject to look up always keeps its search."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
import talk_lines
from encoder_views import pooled
from fakes import ScriptedChatModel
from langchain_core.embeddings import Embeddings
from tiny import LESSONS

from app.assistant import Assistant
from app.model_parts import ModelParts
from app.models.base import resolve_embedding_model
from app.models.chat import LocalChatModel
from app.models.embeddings import load_embeddings
from app.models.gate import ClosedBookGate, SmallTalkGate, TalkWeights
from app.models.learned_gate import RECALL_TOKENS, FeatureReader, LearnedGate, LearnedWeights
from app.models.local import LocalScorer
from app.models.names import BUILTIN_EMBEDDINGS
from app.models.talk_examples import QUESTIONS, SMALL_TALK
from app.settings import Settings
from graphs import prompts

ROOT = Path(__file__).parents[1]


class Batched(Embeddings):
    """The built-in embeddings, which embed many questions at once much faster than one by one."""

    def __init__(self) -> None:
        self.model = load_embeddings(resolve_embedding_model(Settings().embedding_model))
        self.known: dict[str, list[float]] = {}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = self.model.embed_documents(texts)
        self.known |= dict(zip(texts, vectors, strict=True))
        return vectors

    def embed_query(self, text: str) -> list[float]:
        return self.known.get(text) or self.model.embed_query(text)


@pytest.fixture(scope="module")
def batched() -> Batched:
    """Load the built-in embedding model once."""
    return Batched()


@pytest.fixture
def gate(batched: Batched, one_thread: None) -> SmallTalkGate:
    """The gate as shipped."""
    return SmallTalkGate(batched)


def direct(gate: SmallTalkGate, questions: Sequence[str]) -> list[str]:
    gate.embeddings.embed_documents(list(questions))
    return [question for question in questions if gate.is_small_talk(question)]


def test_its_own_examples_are_told_apart(gate: SmallTalkGate) -> None:
    assert direct(gate, SMALL_TALK + QUESTIONS) == list(SMALL_TALK)


def test_lines_that_nothing_was_fitted_on_are_told_apart(gate: SmallTalkGate) -> None:
    own = set(SMALL_TALK + QUESTIONS)
    assert not own & {*talk_lines.SMALL_TALK, *talk_lines.QUESTIONS}
    assert len(direct(gate, talk_lines.SMALL_TALK)) >= 35
    assert len(direct(gate, talk_lines.QUESTIONS)) <= 1


def test_weights_of_another_number_of_features_are_refused() -> None:
    with pytest.raises(ValueError, match="2 weights came, 3 are needed"):
        TalkWeights(weights=(1.0, 2.0), intercept=0.0, sure=0.5)


def test_small_talk_is_told_by_the_built_in_encoder_whatever_embeds_documents(
    tmp_path: Path, one_thread: None
) -> None:
    other = pooled(Path(resolve_embedding_model(BUILTIN_EMBEDDINGS)), tmp_path, by_mean=False)
    parts = ModelParts(Settings(embedding_model=str(other)))
    assert parts.small_talk.embeddings is not parts.embeddings
    told = [parts.small_talk.is_small_talk(line) for line in ("Hello there!", "Is there a taxi?")]
    assert told == [True, False]
    own = ModelParts(Settings())
    assert own.small_talk.embeddings is own.embeddings


@pytest.mark.parametrize("question", talk_lines.NEAREST)
def test_a_question_like_small_talk_with_a_subject_needs_documents(
    gate: SmallTalkGate, question: str
) -> None:
    assert not gate.is_small_talk(question)


def test_a_closed_book_knows_small_talk_and_searches_for_nothing(gate: SmallTalkGate) -> None:
    closed = ClosedBookGate(gate)
    assert closed.is_small_talk(SMALL_TALK[0])
    assert not closed.is_small_talk("What is the AI policy?")
    assert not closed.decide("What is the AI policy?").documents


def test_no_question_of_the_sample_is_small_talk_and_most_small_talk_is(
    gate: SmallTalkGate,
) -> None:
    lines = (ROOT / "app" / "sample" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line) for line in lines]
    talk = [item["question"] for item in asked if item["kind"] == "small-talk"]
    other = [item["question"] for item in asked if item["kind"] != "small-talk"]
    assert (len(talk), len(other)) == (10, 110)
    assert direct(gate, other) == []
    assert len(direct(gate, talk)) >= 9
    assert not set(talk) & set(SMALL_TALK)


SURE = LearnedWeights(
    means=(0,) * 4,
    scales=(1,) * 4,
    weights=(0,) * 4,
    bias=9,
    threshold=0.5,
    taught=(),
    index="v1",
    adapter="",
)


def test_weights_are_not_asked_once_documents_have_changed(
    gate: SmallTalkGate, tiny_chat: LocalChatModel
) -> None:
    def nearest(question: str, k: int) -> list[float]:
        raise LookupError("the features were read")

    reader = FeatureReader(gate.embeddings, nearest, tiny_chat, LocalScorer(tiny_chat.worker), ())
    assert LearnedGate(gate, reader, SURE, lambda: "v2").decide("Who?").documents
    with pytest.raises(LookupError):
        LearnedGate(gate, reader, SURE, lambda: "v1").decide("Who?")


@pytest.mark.parametrize(
    ("reply", "refused"),
    [
        (prompts.REFUSAL, True),
        ("I don't know based on the provided documents [1]", True),
        ("**I don’t know** based on the provided documents.", True),
        ("At nine.", False),
    ],
)
def test_a_refusal_in_any_form_says_that_the_weights_do_not_know(
    reply: str, refused: bool, gate: SmallTalkGate, tiny_chat: LocalChatModel
) -> None:
    chat, scorer = ScriptedChatModel(replies=[reply]), LocalScorer(tiny_chat.worker)
    reader = FeatureReader(gate.embeddings, lambda question, k: [0.5, 0.4], chat, scorer, ())
    features, _ = reader.read("When does the ferry leave?")
    assert (features[-1] == math.log(0.01)) is refused


@pytest.mark.parametrize("bias", [9, -9])
def test_what_the_weights_replied_is_handed_on_where_it_is_the_answer(
    bias: float, gate: SmallTalkGate, tiny_chat: LocalChatModel
) -> None:
    learned = SURE.model_copy(update={"bias": bias})
    scorer = LocalScorer(tiny_chat.worker)
    reader = FeatureReader(gate.embeddings, lambda question, k: [0.5, 0.4], tiny_chat, scorer, ())
    decide = LearnedGate(gate, reader, learned, lambda: "v1").decide
    kinds = set()
    for question in LESSONS:
        reply, need = tiny_chat.invoke(prompts.recall(question)), decide(question)
        assert need.documents == (bias < 0)
        kinds.add(whole := need.reply is not None)
        assert whole == (reply.usage_metadata["output_tokens"] < RECALL_TOKENS)
        assert not whole or need.reply.text == reply.text
    assert kinds == {True, False}  # one answer is short, the others would be cut


@pytest.mark.model
def test_warming_up_leaves_nothing_to_embed_at_the_first_question(
    sample_assistant: Assistant,
) -> None:
    fresh = Assistant(sample_assistant.settings)
    fresh.warm_up()
    assert "_examples" in vars(fresh.small_talk)
    fresh.close()
