"""A follow-up is searched for and answered with what was asked before it."""

from typing import Any

import pytest
from graph_parts import FixedCompletion, make_graph, passage
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from run_parts import ANSWER, BOATS, CATS, DOGS, QUESTION, THREAD


def test_a_follow_up_is_searched_for_in_two_ways_and_read_with_what_was_asked_before() -> None:
    searches = [[BOATS], [BOATS, DOGS], [BOATS, CATS]]
    replies = [ANSWER, "Price of the boat?\nAs you asked.", "£5 [1]."]
    parts = make_graph(*replies, searches=searches, checkpointer=InMemorySaver())
    parts.ask(QUESTION, config=THREAD)
    result = parts.ask("How much does it cost?", config=THREAD)
    both = f"{QUESTION} How much does it cost?"
    assert parts.retriever.queries == [QUESTION, both, "Price of the boat?"]
    assert [p.metadata["document"] for p in result["passages"]] == ["boats.md", "dogs.md"]
    assert parts.grader.calls[1][0] == both
    assert parts.chat_model.calls[2][-1].text.endswith(f"Question: {both}")
    assert [message.text for message in result["messages"][-2:]] == [
        "How much does it cost?",
        "£5. [1]",
    ]
    assert result["tokens"]["completion"] == sum(len(reply.split()) for reply in replies[1:])


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_short_follow_up_is_asked_as_the_question_that_it_means(way: str) -> None:
    whole = "When does the first boat leave?"
    completion = FixedCompletion({"And the first?": whole})
    parts = make_graph(
        ANSWER, ANSWER, found=[BOATS], completion=completion, checkpointer=InMemorySaver()
    )
    parts.ask(QUESTION, config=THREAD)
    asked = {"messages": [HumanMessage("And the first?")]}
    given = getattr(parts.graph, way)(asked, THREAD)
    result: Any = given if way == "invoke" else await given
    assert parts.retriever.queries == [QUESTION, whole]
    assert parts.grader.calls[-1][0] == whole
    assert parts.chat_model.calls[-1][-1].text.endswith(f"Question: {whole}")
    assert len(parts.chat_model.calls) == 2, "a rewrite was asked for"
    assert result["messages"][-2].text == "And the first?"
    assert result["parts"] == result["messages"][-1].additional_kwargs["parts"] == [whole]


def test_a_follow_up_that_means_nothing_for_sure_is_rewritten() -> None:
    replies = [ANSWER, "First boat?", "Dogs travel free [1]."]
    parts = make_graph(
        *replies, found=[DOGS], completion=FixedCompletion({}), checkpointer=InMemorySaver()
    )
    parts.ask(QUESTION, config=THREAD)
    result = parts.ask("And the first?", config=THREAD)
    assert parts.retriever.queries[1:] == [f"{QUESTION} And the first?", "First boat?"]
    assert result["parts"] == []


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_former_answer_is_doubted_and_the_follow_up_asked_alone(way: str) -> None:
    replies = [ANSWER, "Cost of it?", "At 18:30 [1].", "£5 [1]."]
    parts = make_graph(*replies, found=[BOATS], checkpointer=InMemorySaver())
    parts.ask(QUESTION, config=THREAD)
    asked = {"messages": [HumanMessage("How much does it cost?")]}
    run = parts.graph.invoke if way == "invoke" else parts.graph.ainvoke
    given = run(asked, THREAD)
    result: Any = given if way == "invoke" else await given
    assert parts.chat_model.calls[3][-1].text.endswith("\n\nQuestion: How much does it cost?")
    assert result["messages"][-1].text == "£5. [1]"
    assert len(result["messages"]) == 4, "the doubted reply stayed"
    assert result["tokens"]["completion"] == sum(len(reply.split()) for reply in replies[1:])


def test_a_follow_up_shows_clients_the_reply_that_stands_and_no_other() -> None:
    replies = [ANSWER, "Cost of it?", "At 18:30 [1].", "£5 [1]."]
    parts = make_graph(*replies, found=[BOATS], checkpointer=InMemorySaver())
    parts.ask(QUESTION, config=THREAD)
    asked = {"messages": "How much does it cost?"}
    shown = [
        message.text for message, _ in parts.graph.stream(asked, THREAD, stream_mode="messages")
    ]
    assert "18:30" not in "".join(shown)
    assert "£5" in "".join(shown)


def test_thanks_for_an_answer_do_not_repeat_it() -> None:
    saver = InMemorySaver()
    parts = make_graph(ANSWER, "You are welcome!", found=[BOATS], talk=["Ta!"], checkpointer=saver)
    parts.ask(QUESTION, config=THREAD)
    result = parts.ask("Ta!", config=THREAD)
    assert (result["route"], result["messages"][-1].text) == ("direct", "You are welcome!")
    assert [message.text for message in parts.chat_model.calls[1][1:]] == [
        QUESTION,
        "The last boat leaves at 18:30. [1]",
        "Ta!",
    ]


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("How many kennels are there on the Grey Phalarope?", "There are 6 kennels [1]."),
        ("And kennels on the Grey Phalarope?", "There are 6 kennels [1]."),
    ],
    ids=["stands alone", "is joined to the question before"],
)
def test_a_change_of_subject_is_not_held_to_the_names_of_the_question_before(
    question: str, reply: str
) -> None:
    ship = passage("ships.md", "The Grey Phalarope has 6 kennels on deck.")
    replies = [ANSWER, *(["pigeons"] if question.startswith("And") else []), reply]
    parts = make_graph(*replies, searches=[[BOATS], [ship]], checkpointer=InMemorySaver())
    parts.ask("When does the last boat to Culvie leave?", config=THREAD)
    result = parts.ask(question, config=THREAD)
    assert (result["origin"], result["messages"][-1].text) == (
        "documents",
        "There are 6 kennels. [1]",
    )
    assert parts.retriever.queries[1].endswith(question)


def test_a_follow_up_without_names_is_held_to_those_of_the_question_before() -> None:
    other = passage("b.md", "The boat to Marram Bay costs £9.")
    replies = [ANSWER, "pigeons", "It costs £9 [1]."]
    searches = [[BOATS], [other]]
    parts = make_graph(*replies, searches=searches, checkpointer=InMemorySaver(), max_rewrites=0)
    parts.ask("When does the last boat to Culvie leave?", config=THREAD)
    assert parts.ask("How much does it cost?", config=THREAD)["abstained"]
