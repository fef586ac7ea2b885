"""What a question describes is told by its grammar; what it asks for itself is no such thing."""

import pytest

from graphs.descriptions import described
from graphs.text import content


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Who sails the ship that works the North route?", "Which ship works the North route?"),
        ("How long is the ship on the Sound route?", "Which ship is on the Sound route?"),
        ("Who rings at the place where Ada is buried?", "At which place Ada is buried?"),
        (
            "When does the evening course of Ada Bell begin?",
            "Which evening course is of Ada Bell begin?",
        ),
        ("The ship that sails to Ulva: how old is it?", "Which ship sails to Ulva: how old is it?"),
        ("Who pays the clerk at the office which issues cards?", "Which office issues cards?"),
    ],
)
def test_what_is_described_is_asked_for(question: str, asked: str) -> None:
    found = described(question)
    assert found is not None
    assert found.question == asked


@pytest.mark.parametrize(
    "question",
    [
        "Who is the master of the Aurelia Cobb?",
        "What is the name of the captain who sails at night?",
        "What's the call sign of the Grey Phalarope?",
        "How long is the ship on the longest route?",
        "When does the Grey Phalarope leave?",
        "Is there a boat to Ulva?",
        "Where is the ship that?",
        "",
    ],
)
def test_what_is_asked_for_or_has_a_name_is_not_described(question: str) -> None:
    assert described(question) is None


@pytest.mark.parametrize(
    ("question", "name", "told", "put"),
    [
        ("Who uses the ship on the Red route now?", "Wren", "Red route", "Who uses Wren now?"),
        ("When was the ship that goes to Ulva built?", "Wren", "goes Ulva", "When was Wren built?"),
        ("Who rings the cook of Ada Bell?", "Bo Moss", "Ada Bell", "Who rings Bo Moss?"),
    ],
)
def test_a_name_takes_the_place_of_what_it_was_told_for(
    question: str, name: str, told: str, put: str
) -> None:
    found = described(question)
    assert found is not None
    assert found.replaced(question, name, set(content(told))) == put


@pytest.mark.parametrize("told", ["South route", "", "North"])
def test_nothing_is_replaced_unless_all_names_are_told(told: str) -> None:
    question = "How many may the ship on the North route of Ulva carry?"
    found = described(question)
    assert found is not None
    assert found.replaced(question, "Wren", set(content(told))) == question


@pytest.mark.parametrize(
    ("found", "is_name"),
    [
        ("MV Grey Phalarope", True),
        ("Berth 4", True),
        ("grey paint", False),
        ("North", False),  # has the question
        ("4", False),
        ("The Grey Phalarope lies at Berth 4 of the North quay", False),  # a sentence
    ],
)
def test_a_name_is_short_new_and_written_as_one(found: str, is_name: bool) -> None:
    question = "How tall a car can use the berth that North route boats take?"
    passage = "For the North route lies MV Grey Phalarope at Berth 4, in grey paint."
    described_ = described(question)
    assert described_ is not None
    assert described_.is_named(found, question, passage) is is_name
