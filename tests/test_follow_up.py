"""A follow-up is read with what was asked before it."""

import pytest
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from graphs.follow_up import (
    TURN_CHARACTERS,
    asked_before,
    conversation,
    depends_on_history,
    points_back,
    repeats,
    turns_before,
)
from graphs.prompts import rewrite_follow_up

ASKED = "When does the last boat leave Kestering?"
TURNS = [("User", ASKED), ("Assistant", "The last boat leaves Kestering at 18:30 [1].")]

DEPENDS = [
    ("How much does it cost?", True),
    ("And on Sundays in the winter timetable?", True),
    ("What about children under five years?", True),
    ("but do dogs need separate tickets?", True),
    ("How about the morning boat from Culvie?", True),
    ("So which harbour has the longest pier?", True),
    ("Do they sell hot food on board?", True),
    ("Is the cabin on that boat heated?", True),
    ("Are bicycles allowed on board too?", True),
    ("Who is her deputy at the harbour office?", True),
    ("Is the other harbour open on Sundays?", True),
    ("Why?", True),
    ("How much?", True),
    ("For dogs?", True),
    ("Thanks!", True),
    ("Sorry, I meant the Aurelia Cobb.", True),
    ("No, the Grey Phalarope in winter.", True),
    ("The same for the ticket office at Culvie?", True),
    ("No dogs on the Aurelia Cobb?", False),
    ("When does the last boat leave Kestering?", False),
    ("How much is an adult ticket to Marram Bay?", False),
    ("Which harbour master signs the winter timetable?", False),
    ("Does the ferry company refund cancelled crossings?", False),
    ("Can andirons be carried in hand luggage?", False),
    ("最終の船は何時に出ますか？", False),
    ("Who leads the IT department?", False),
    ("Which office of the WHO is in the US?", False),
    ("Does it have an office in the US?", True),
    ("WHO LEADS IT IN THE NEW OFFICE?", True),
    ("What is the fare? Please answer in JSON.", True),
    ("What is the fare? I have a dog.", True),
    ("For dogs? Thanks a lot!", True),
    ("Is the cabin on that boat heated? Please answer in JSON.", True),
    ("What is the fare? I take the Linnet.", False),
    ("What is the fare? I want two tickets for the municipal pool.", False),
    ("I have two tickets for the Linnet. What is the fare?", False),
    ("I have a dog and a cat. What is the fare?", False),
    ("When does the last boat leave Kestering? Please answer in JSON.", False),
]


@pytest.mark.parametrize(("question", "depends"), DEPENDS)
def test_a_question_is_known_to_point_back(question: str, depends: bool) -> None:
    assert depends_on_history(question) is depends


def test_a_scrap_alone_does_not_point_back_in_so_many_words() -> None:
    assert [points_back(question) for question in ("Thanks!", "How much?", "Why?")] == [False] * 3
    assert points_back("And dogs?")


def test_a_follow_up_is_read_with_the_questions_before_it_back_to_one_that_stands_alone() -> None:
    assert asked_before(TURNS) == ASKED
    turns = [("User", "Who sells the winter tickets?"), ("Assistant", "Anna."), *TURNS]
    assert asked_before(turns) == ASKED
    chain = [*TURNS, ("User", "And from Culvie?"), ("Assistant", "At 17:00.")]
    assert asked_before(chain) == f"{ASKED} And from Culvie?"
    assert asked_before([("Assistant", "Hello.")]) == ""


@pytest.mark.parametrize(
    ("reply", "again"),
    [
        ("18:30", True),
        ("At 18:30.", True),
        ("The last boat from Kestering leaves at 18:30", True),
        ("The last boat leaves Kestering at 18:30.", True),
        ("17:00", False),
        ("18:30 on Sundays", False),
        ("", False),
    ],
)
def test_a_reply_repeats_when_it_says_nothing_new(reply: str, again: bool) -> None:
    asked = ("User", "And from Culvie, say at 17:00 on Sundays?")
    assert repeats(reply, [*TURNS, asked]) is again


def test_turns_are_the_last_four_of_user_and_assistant_without_the_final_message() -> None:
    messages: list[BaseMessage] = [
        SystemMessage("Be kind."),
        HumanMessage("one"),
        AIMessage("two"),
        HumanMessage([{"type": "text", "text": " three\n "}]),
        AIMessage("", tool_calls=[{"name": "search", "args": {}, "id": "1"}]),
        ToolMessage("found", tool_call_id="1"),
        AIMessage("fo\x00ur"),
        HumanMessage("five"),
        HumanMessage("six"),
    ]
    turns = [("Assistant", "two"), ("User", "three"), ("Assistant", "four"), ("User", "five")]
    assert turns_before(messages) == turns
    assert turns_before(messages[:2]) == []
    assert all(type(text) is str for _, text in turns_before(messages))
    said = [(type(message), message.content) for message in conversation(messages)]
    assert said == [
        (AIMessage, "two"),
        (HumanMessage, "three"),
        (AIMessage, "four"),
        (HumanMessage, "five"),
        (HumanMessage, "six"),
    ]


def test_a_turn_is_cut_to_size_but_the_question_is_not() -> None:
    page = "x" * 50_000
    [(_, text)] = turns_before([HumanMessage(page), HumanMessage("Why?")])
    assert text == page[:TURN_CHARACTERS]
    assert conversation([HumanMessage(page)])[-1].content == page


def test_the_rewriting_prompt_shows_the_turns_and_the_question_last() -> None:
    *_, human = rewrite_follow_up(TURNS, "And from Culvie?")
    assert human.text.endswith(
        f"User: {ASKED}\nAssistant: {TURNS[1][1]}\nLast question: And from Culvie?"
    )


@pytest.mark.parametrize(
    ("question", "points"),
    [
        ("How many kennels are there on the Grey Phalarope?", False),
        ("Is there a crane on the quay?", False),
        ("Which boats leave the pier that faces east?", False),
        ("Can a dog that barks travel in the cabin?", False),
        ("Do you know that boats sink?", False),
        ("Is the other ticket office in Marram Bay?", False),
        ("Are the toilets there clean?", True),
        ("How much does that cost?", True),
        ("Does it call at Port Ébrard in the winter?", True),
        ("When do they open in Marram Bay?", True),
        ("And on the Grey Phalarope, how many kennels are there?", True),
        ("Is that cabin open on Sundays in January?", True),
    ],
)
def test_a_question_with_a_subject_of_its_own_points_back_by_personal_pronouns_alone(
    question: str, points: bool
) -> None:
    assert points_back(question) is points
