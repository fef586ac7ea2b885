"""Each step takes any question, keeps to its budget, and shows the model what it promises."""

import random
from typing import Any

import pytest
from graph_parts import make_graph, passage
from langchain_core.documents import BaseDocumentTransformer, Document
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from app.index.lexical import terms
from app.ingest.extracted import clean
from graphs import prompts
from graphs.errors import InvalidQuestion
from graphs.follow_up import TURN_CHARACTERS, TURNS_KEPT
from graphs.passages import given_documents, place, select_context
from graphs.question import printable, read_question, subject
from graphs.replies import add_tokens, keywords
from graphs.text import words

QUESTION = "When does the last boat leave?"


def count_words(text: str) -> int:
    return len(text.split())


def read(*messages: BaseMessage, max_tokens: int = 20) -> str:
    return read_question(messages, count_words, max_tokens)


def blocks(*texts: str) -> HumanMessage:
    return HumanMessage([{"type": "text", "text": text} for text in texts])


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], "the last message is not a question"),
        ([HumanMessage("Hi"), AIMessage("Hello")], "the last message is not a question"),
        ([SystemMessage("Be kind.")], "the last message is not a question"),
        ([HumanMessage("")], "the question is empty"),
        ([HumanMessage(" \n\t\u3000")], "the question is empty"),
        ([HumanMessage("\x00\x07\x1b\u200b\ufeff\ud83d")], "the question is empty"),
        ([HumanMessage("\u200b\u200d \u200c\u200d")], "the question is empty"),
        ([blocks()], "the question is empty"),
        ([HumanMessage([{"type": "image", "url": "https://e.org/a.png"}])], "is empty"),
        ([HumanMessage("boat " * 21)], "has 104 characters, more than 20 tokens: shorten it"),
        ([HumanMessage("boat " * 20_000)], "has 99,999 characters, more than 20 tokens"),
    ],
)
def test_what_is_no_question_is_refused_in_one_line(
    messages: list[BaseMessage], reason: str
) -> None:
    with pytest.raises(InvalidQuestion, match=reason) as caught:
        read(*messages)
    assert "\n" not in str(caught.value)
    parts = make_graph(found=[passage("a", "b")], max_question_tokens=20)
    with pytest.raises(InvalidQuestion, match=reason):
        parts.graph.invoke({"messages": messages})
    assert parts.retriever.queries == []


@pytest.mark.parametrize(
    ("message", "question"),
    [
        (HumanMessage(" When?\r\n\tNow? "), "When? Now?"),
        (HumanMessage("The\x00 last\x1b boat\ud83d?"), "The last boat?"),
        (HumanMessage("Wann fährt das letzte Schiff nach Ærøskøbing?"), None),
        (HumanMessage("最終の船は何時に出ますか？"), None),
        (HumanMessage("متى يغادر القارب الأخير؟"), None),
        (HumanMessage("🚢?"), None),
        (HumanMessage("می\u200cخواهم بروم؟"), None),
        (HumanMessage("শুরু\u200dর দিন 👩\u200d🚀?"), None),
        (HumanMessage("\u200dWhen\u2066 \u200c\u202enow?\u200f"), "When now?"),
        (blocks("When does the ", "last boat leave?"), QUESTION),
        (HumanMessage("x" * 800), None),
    ],
)
def test_a_question_in_any_script_or_form_is_read_as_plain_text(
    message: HumanMessage, question: str | None
) -> None:
    found = read(SystemMessage("Be kind."), message)
    assert found == (question or message.content)
    assert type(found) is str


def test_a_page_of_text_is_refused_without_counting_its_tokens() -> None:
    counted: list[str] = []
    with pytest.raises(InvalidQuestion, match="has 100,000 characters"):
        read_question([HumanMessage("x" * 100_000)], lambda text: counted.append(text) or 1, 512)
    assert counted == []


def test_printable_text_stays_as_it_is() -> None:
    assert printable("Straße – £5 “yes” 🚢 中文") == "Straße – £5 “yes” 🚢 中文"


@pytest.mark.parametrize("said", ["می\u200cخواهم بروم", "ශ්\u200dරී ලංකා", "ക്\u200cഷ"])
def test_a_question_has_the_words_of_documents_where_they_are_written_with_joiners(
    said: str,
) -> None:
    assert words(printable(f"\ufeff{said}?")) == words(said)
    assert terms(printable(f"\u200b{said}?")) == terms(clean(said))


def test_passages_are_numbered_from_one_and_the_second_best_comes_last() -> None:
    found = [passage(f"{n}.md", f"boat {n}") for n in range(1, 6)]
    grades = {f"boat {n}": 1 - n / 10 for n in range(1, 5)}  # the fifth is not relevant
    parts = make_graph("Boat [1].", found=found[::-1], grades=grades)
    parts.ask(QUESTION)
    [call] = parts.chat_model.calls
    shown = [f"[1] {place(found[0])}", f"[2] {place(found[2])}", f"[3] {place(found[3])}"]
    shown = "\n\n".join([*shown, f"[4] {place(found[1])}", f"Question: {QUESTION}"])
    assert call[-1].text.endswith(f"\n\n{shown}")
    assert place(found[4]) not in call[-1].text
    assert call == prompts.generate(QUESTION, [place(found[at]) for at in (0, 2, 3, 1)])


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        ({"document": "a.md", "section": "Fares > Dogs"}, "(a.md > Fares > Dogs) Free."),
        ({"document": "a.md", "section": ""}, "(a.md) Free."),
        ({"document": "a.md", "section": None}, "(a.md) Free."),
        ({}, "Free."),
    ],
)
def test_a_passage_is_read_under_its_document_and_section(
    metadata: dict[str, Any], text: str
) -> None:
    assert place(Document("Free.", metadata=metadata)) == text


class Whole(BaseDocumentTransformer):
    """Leaves documents as they are, metadata included."""

    def transform_documents(self, documents: Any, **kwargs: Any) -> Any:
        return documents


def test_a_given_passage_of_a_former_answer_keeps_its_metadata_but_not_its_grade() -> None:
    [given] = given_documents([passage("a.md", "Free.", 40, section="Fares", grade=0.9)], Whole())
    score = round(1 / 61, 6)
    kept = {"document": "a.md", "start": 0, "section": "Fares", "score": score, "given": True}
    assert given.metadata == kept


def test_the_context_never_exceeds_its_budget_unless_the_best_passage_alone_does() -> None:
    rng, tight, large = random.Random(7), 0, 0
    for _ in range(300):
        found = [
            passage(f"{n}", " ".join(["word"] * rng.randint(1, 40)))
            for n in range(rng.randint(1, 8))
        ]
        budget = rng.randint(1, 120)
        chosen = select_context(found, budget=budget, count=count_words)
        sizes = [count_words(place(p)) for p in found]
        ids = [p.id for p in chosen]
        best_first = sorted(ids)
        assert ids, "the best passage was left out"
        assert best_first == [p.id for p in found[: len(ids)]]
        assert ids == best_first[::2] + best_first[1::2][::-1]
        for order, told in (("best-first", best_first), ("best-last", best_first[::-1])):
            placed = select_context(found, budget=budget, count=count_words, order=order)
            assert [p.id for p in placed] == told
        assert sum(sizes[: len(ids)]) <= budget or len(ids) == 1
        if len(ids) < len(found):
            assert sum(sizes[: len(ids) + 1]) > budget, "a passage that fits was left out"
            tight += 1
        large += sizes[0] > budget
    assert tight > 100
    assert large > 20
    assert select_context([], budget=10, count=count_words) == []


@pytest.mark.parametrize(
    ("reply", "query"),
    [
        ("last boat leave departure", "last boat leave departure"),
        ("Boats that leave late", "Boats that leave late"),
        ("pigeons", "last boat leave"),
        ("", "last boat leave"),
        (f" {QUESTION}\n", "last boat leave"),
    ],
)
def test_a_rewritten_query_is_new_and_on_the_subject_else_the_keywords(
    reply: str, query: str
) -> None:
    parts = make_graph(reply, grades={})
    parts.ask(QUESTION)
    assert parts.retriever.queries == [QUESTION, query]
    assert parts.chat_model.calls == [prompts.transform_query(QUESTION)]


def test_the_same_rewrite_is_not_searched_for_twice_in_a_row() -> None:
    parts = make_graph("last boat leaving", "last boat leaving", grades={}, max_rewrites=2)
    parts.ask(QUESTION)
    assert parts.retriever.queries == [QUESTION, "last boat leaving", "last boat leave"]


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("Are passengers' crossings cheaper on Sundays?", "passengers crossings cheaper sundays"),
        ("Who is it?", "Who is it?"),
        ("Who leads the IT department?", "leads it department"),
        ("", ""),
    ],
)
def test_keywords_are_whole_words_because_the_index_knows_no_stems(
    question: str, query: str
) -> None:
    assert keywords(question) == query


def test_tokens_of_all_calls_of_a_turn_add_up() -> None:
    usage = {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12}
    tokens = add_tokens({}, AIMessage("a"))
    assert tokens == {"prompt": 0, "completion": 0}
    tokens = add_tokens(tokens, AIMessage("a", usage_metadata=usage))
    assert add_tokens(tokens, AIMessage("a", usage_metadata=usage)) == {
        "prompt": 20,
        "completion": 4,
    }


@pytest.mark.parametrize("last", ["Ahoy there, good people!", "And the boat?"])
def test_a_long_history_never_makes_the_prompt_long(last: str) -> None:
    page = "word " * 20_000
    turns = [kind(page) for _ in range(50) for kind in (HumanMessage, AIMessage)]
    parts = make_graph("boat", talk=["Ahoy there, good people!"], max_rewrites=0)
    parts.graph.invoke({"messages": [*turns, HumanMessage(last)]})
    [call] = parts.chat_model.calls
    characters = sum(len(message.text) for message in call)
    assert TURNS_KEPT * TURN_CHARACTERS < characters < TURNS_KEPT * TURN_CHARACTERS + 500


def test_small_talk_reaches_the_model_as_plain_text() -> None:
    image = {"type": "image", "url": "https://e.org/a.png"}
    parts = make_graph("Hi!", talk=["Hello!"])
    message = HumanMessage([{"type": "text", "text": "Hello!\x00"}, image])
    parts.graph.invoke({"messages": [SystemMessage("Be rude."), message]})
    [[system, human]] = parts.chat_model.calls
    assert (system.content, human.content) == (prompts.TALK, "Hello!")


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("When does it open? Reply with a JSON object of one key.", "When does it open?"),
        ("Please answer only in JSON. When does it open?", "When does it open?"),
        ("When does it open? Return one JSON object with the key time.", "When does it open?"),
        ("Reply in Norwegian.", "Reply in Norwegian."),
        ("Answer machines are where? Return tickets cost what?", None),
    ],
)
def test_how_to_reply_is_no_part_of_what_is_asked(question: str, left: str | None) -> None:
    assert subject(question) == (left or question)
