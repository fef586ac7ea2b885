"""A passage supports a claim only if it speaks of what the question and its numbers are about."""

import pytest
from citation_parts import BOAT, PAY, check
from graph_parts import passage
from langchain_core.documents import Document
from word_verifier import find_support


def speaks_of(question: str, source: Document) -> bool:
    """Whether the passage may support any claim in reply: here, its own words."""
    found = find_support(source.page_content, [], question=question, passages=[source])
    return found is not None


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("When does the last boat leave Kestering?", True),
        ("When does the last boat leave kestering?", True),
        ("When does Kestering's last boat leave?", True),
        ("When does the last boat leave Culvie?", False),
        ("Does the boat from Kestering call at Culvie?", False),
        ("When did the last boat leave in 1998?", False),
        ("What does the A4 form say?", False),
        ("When does the last boat leave?", True),
    ],
)
def test_a_passage_is_about_a_question_when_it_mentions_its_names_and_codes(
    question: str, about: bool
) -> None:
    assert speaks_of(question, BOAT) is about


def test_a_name_may_stand_in_the_document_s_name_or_section() -> None:
    placed = passage("culvie/times.md", "The last boat leaves at 18:30.", section="Route A4")
    question = "When does the last A4 boat leave Culvie?"
    assert len(check("It leaves at 18:30 [1].", question, [placed]).citations) == 1


@pytest.mark.parametrize(
    ("answer", "question", "citations"),
    [
        ("Adults pay £14.20 [1, 2].", PAY, 1),
        ("Room 14 [3].", "Which room has Anna?", 0),
        ("Dogs never travel free on deck [2].", "How do dogs travel?", 0),
    ],
    ids=["two markers in one bracket", "another name's record", "a negated claim"],
)
def test_lists_of_markers_other_records_and_denials(
    answer: str, question: str, citations: int
) -> None:
    assert len(check(answer, question).citations) == citations


@pytest.mark.parametrize(
    "question",
    ["Who is O'Neil?", "Who runs the inn at Port Ebrard?", "WHO RUNS THE PUB AT PORT ÉBRARD?"],
    ids=["typewriter apostrophe", "accent left out", "all capitals"],
)
def test_names_agree_whatever_their_spelling(question: str) -> None:
    assert speaks_of(question, passage("a.md", "O’Neil runs the inn at Port Ébrard, Pat its pub."))


@pytest.mark.parametrize(
    ("said", "claim", "kept"),
    [
        ("The buses wait 12 minutes.", "The buses wait five minutes.", False),
        ("The buses wait 12 minutes.", "The buses wait twelve minutes.", True),
        ("The buses wait twelve minutes.", "The buses wait 12 minutes.", True),
        ("The buses wait twenty-five minutes.", "The buses wait twenty minutes.", False),
        ("The second bus waits outside.", "The third bus waits outside.", False),
        ("The buses wait 12 minutes.", "One must know that buses wait 12 minutes.", True),
    ],
)
def test_a_number_in_words_is_held_to_what_the_passage_says(
    said: str, claim: str, kept: bool
) -> None:
    found = check(claim, "How do the buses wait?", [passage("a.md", said)])
    assert bool(found.citations) is kept


TWO_FARES = "Adults pay £13.60 and children pay £6.80."


@pytest.mark.parametrize(
    ("said", "question", "claim", "kept"),
    [
        (TWO_FARES, "What are the fares to pay?", "Children pay £13.60.", False),
        (TWO_FARES, "What do children pay?", "£13.60", False),
        (TWO_FARES, "What are the fares to pay?", "Children pay £6.80.", True),
        (TWO_FARES, "What do adults pay?", "Adults pay £13.60.", True),
        (TWO_FARES, "What must one pay?", "They pay £6.80.", True),
        ("Boats leave at 8:30 and 10:15.", "When do boats leave?", "Boats leave at 10:15.", True),
        ("Boats leave at 8:30, dogs at 9:30.", "When do boats leave?", "At 8:30.", True),
    ],
)
def test_a_number_is_not_taken_from_the_clause_of_another_subject(
    said: str, question: str, claim: str, kept: bool
) -> None:
    assert bool(check(claim, question, [passage("a.md", said)]).citations) is kept


@pytest.mark.parametrize(
    ("said", "question", "about"),
    [
        ("A season ticket bought by card can be returned.", "CARD", True),
        ("A season ticket can be returned.", "CARD", False),
        ("The Season Ticket can be returned. Pay by card.", "CARD", True),
        ("The fare from Culvie to Port Ébrard is £9.", "DUNMALLET", False),
    ],
)
def test_capitals_of_a_title_are_names_only_where_passages_never_write_them_small(
    said: str, question: str, about: bool
) -> None:
    questions = {
        "CARD": "Can I return a Season Ticket bought by Card?",
        "DUNMALLET": "What is the fare from Dunmallet to Port Ébrard?",
    }
    found = find_support(
        "It can be returned.", [], question=questions[question], passages=[passage("a.md", said)]
    )
    assert (found is not None) is about
