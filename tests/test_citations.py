"""What no passage says is taken out of an answer, and what is left points to its very words."""

import pytest
from graph_parts import passage
from langchain_core.documents import Document

from graphs.citations import CheckedAnswer, checked, read_draft
from graphs.layout import claims, without_cut_end, without_markers
from graphs.limits import Unsupported
from graphs.prompts import REFUSAL
from graphs.support import WordVerifier, find_support

FARES = passage("fares.md", "Adults pay £14.20. Children pay £7.10 and babies nothing.", start=50)
DOGS = passage("dogs.md", "Dogs travel free on deck.\n- Cats stay in baskets\n- Ponies need a van")
ROOMS = passage("rooms.csv", "name: Anna; room: 12\n\nname: Boris; room: 14", start=9)
BOAT = passage("a.pdf", "The last boat from\nKestering leaves\nat 18:30 on weekdays.", page=2)
KANJI = passage("中.md", "成人票价是一百元。儿童免费。末班船十八点出发。", start=3)
PASSAGES = [FARES, DOGS, ROOMS, BOAT, KANJI]
PAY = "What do adults pay?"
ADULTS, CHILDREN = "Adults pay £14.20.", "Children pay £7.10 and babies nothing."


def check(
    answer: str,
    question: str,
    passages: list[Document] | None = None,
    unsupported: Unsupported = "remove",
) -> CheckedAnswer:
    given = PASSAGES if passages is None else passages
    draft = read_draft(answer, question)
    supports = WordVerifier().verify(question, draft.claims, given)
    return checked(draft, supports, passages=given, threshold=0.6, unsupported=unsupported)


def quotes(found: CheckedAnswer) -> list[tuple[str, str]]:
    return [(citation["document"], citation["quote"]) for citation in found.citations]


@pytest.mark.parametrize(
    ("answer", "question", "text", "quoted"),
    [
        ("Adults pay £14.20 [1].", PAY, "Adults pay £14.20. [1]", ADULTS),
        ("Adults pay £14.20. [1]", PAY, "Adults pay £14.20. [1]", ADULTS),
        ("Adults pay £14.20. [1].", PAY, "Adults pay £14.20. [1]", ADULTS),
        ("Adults pay £14.20 [1][2].", PAY, "Adults pay £14.20. [1]", ADULTS),
        ("£14.20", PAY, "£14.20 [1]", ADULTS),
        ("They pay 14.20 [1].", PAY, "They pay 14.20. [1]", ADULTS),
        ("Adults pay £14.20 [[1]2].", PAY, "Adults pay £14.20. [1]", ADULTS),
        ("Adults pay £14.20 [9].", PAY, "Adults pay £14.20. [1]", ADULTS),
        ("Adults pay £14.20 [0].", PAY, "Adults pay £14.20. [1]", ADULTS),
        ("Adults pay £14.20 [2].", PAY, "Adults pay £14.20. [1]", ADULTS),
        ("On deck dogs go free.", "Do dogs pay?", None, "Dogs travel free on deck."),
        ("Cats stay in baskets [2].", "Where do cats stay?", None, "- Cats stay in baskets"),
        ("Room 14 [3].", "Which room has Boris?", None, "name: Boris; room: 14"),
        ("The last boat leaves at 18:30.", "When is the last boat?", None, BOAT.page_content),
        ("儿童免费 [5]。", "儿童票多少钱？", "儿童免费。 [1]", "儿童免费。"),
    ],
)
def test_a_supported_claim_is_kept_and_cites_the_words_that_support_it(
    answer: str, question: str, text: str | None, quoted: str | None
) -> None:
    found = check(answer, question)
    assert len(found.citations) == 1
    assert found.text == (text or found.text)
    assert found.text.endswith("[1]")
    if quoted:
        assert found.citations[0]["quote"] == quoted


@pytest.mark.parametrize(
    ("answer", "question"),
    [
        ("Pigeons carry letters to Peru [1].", PAY),
        ("Adults pay £14.30 [1].", PAY),
        ("Adults pay £142.0 [1].", PAY),
        ("The last boat leaves at 19:30 [4].", "When does the last boat leave?"),
        ("Adults pay £14.20 [1].", "What do adults pay to Culvie?"),
        ("Adults pay £14.20 [1].", "What did adults pay in 1998?"),
        ("Adults pay £14.20 [1].", "What do adults pay on the B2 line?"),
        ("The last boat leaves at 18:30 [4].", "When does the last boat leave Marram Bay?"),
        ("Pigs stay in baskets [2].", "Where do pigs fly to in their airships?"),
        (REFUSAL, PAY),
        ("I don't know.", PAY),
        ("", PAY),
        ("[1]", PAY),
        ("...", PAY),
    ],
)
def test_a_claim_that_no_passage_supports_leaves_nothing(answer: str, question: str) -> None:
    found = check(answer, question)
    assert (found.text, found.citations) == ("", [])


def test_nothing_is_supported_without_passages() -> None:
    assert check("Adults pay £14.20 [1].", PAY, []) == CheckedAnswer("", removed=1)


def test_a_citation_holds_its_place_in_the_document() -> None:
    assert check("Adults pay £14.20 [1].", PAY).citations == [
        {
            "document": "fares.md",
            "chunk": "fares.md@50",
            "page": None,
            "start": 50,
            "end": 68,
            "quote": ADULTS,
        }
    ]
    [boat] = check("The last boat leaves at 18:30.", "When is the last boat?").citations
    assert (boat["page"], boat["start"], boat["end"]) == (2, 0, len(BOAT.page_content))


def test_an_unsupported_sentence_is_dropped_from_among_supported_ones() -> None:
    answer = f"Adults pay £14.20 [1]. Pigeons fly to Peru [2]. {CHILDREN} [1]"
    found = check(answer, "What are the fares?")
    assert found.text == f"Adults pay £14.20. [1] {CHILDREN} [2]"
    assert quotes(found) == [("fares.md", ADULTS), ("fares.md", CHILDREN)]


def test_a_repeated_claim_appears_once_and_a_shared_source_is_cited_once() -> None:
    found = check("Adults pay £14.20 [1]. " * 5, PAY)
    assert found.text == "Adults pay £14.20. [1]"
    found = check("Children pay £7.10 [1]. Babies pay nothing [1].", "What are the fares?")
    assert found.text == "Children pay £7.10. [1] Babies pay nothing. [1]"
    assert quotes(found) == [("fares.md", CHILDREN)]


def test_the_passage_that_was_cited_is_preferred_when_it_supports_the_claim() -> None:
    twins = [passage("one.md", ADULTS), passage("two.md", ADULTS)]
    assert quotes(check("Adults pay £14.20 [2].", PAY, twins)) == [("two.md", ADULTS)]
    assert quotes(check("Adults pay £14.20 [1].", PAY, twins)) == [("one.md", ADULTS)]


def test_the_items_of_a_list_are_checked_one_by_one() -> None:
    answer = "- Cats stay in baskets [2]\n- Ponies need a van [2]\n- Lions need a cage [2]"
    found = check(answer, "Where do pets stay and what do they need?")
    kept = [("dogs.md", "- Cats stay in baskets"), ("dogs.md", "- Ponies need a van")]
    assert quotes(found) == kept
    assert "Lions" not in found.text
    numbered = "1. Cats stay in baskets [2]\n2. Ponies need a van [2]"
    assert quotes(check(numbered, "Where do pets stay and what do they need?")) == kept


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("One [1]. Two [2].", [("One.", [0]), ("Two.", [1])]),
        ("One. [1] Two! [2][3]", [("One.", [0]), ("Two!", [1, 2])]),
        ("One [1] and more.", [("One and more.", [0])]),
        ("One.\n[2]", [("One.", [1])]),
        ("今天好[1]。明天不好[2]。", [("今天好。", [0]), ("明天不好。", [1])]),
        ("[1]", []),
        ("", []),
    ],
)
def test_an_answer_is_split_into_claims_with_their_markers(
    answer: str, found: list[tuple[str, list[int]]]
) -> None:
    assert [(claim.text, list(claim.cited)) for claim in claims(answer)] == found


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
    ("answer", "left"),
    [
        ("Adults pay £14.20 [1]. The com", "Adults pay £14.20 [1]."),
        ("Adults pay £14.20. [1] Children", "Adults pay £14.20. [1]"),
        ("Adults pay fourteen", "Adults pay fourteen"),
        ("", ""),
    ],
)
def test_an_answer_cut_at_its_limit_loses_its_unfinished_sentence(answer: str, left: str) -> None:
    assert without_cut_end(answer) == left


def test_a_reply_that_rests_on_no_document_loses_its_markers() -> None:
    assert without_markers("Hello [1], nice to meet you[2]! [3]") == "Hello, nice to meet you!"


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


TECHNIQUES = [
    passage(1, "Technique T1016 is named Network Discovery. Adversaries look up MAC addresses."),
    passage(
        2, "Technique T1003 is named Credential Dumping. Adversaries read the memory of LSASS."
    ),
]
REPORT = (
    'Which technique does this sentence report: "The Explosive malware of Volatile Cedar has '
    'collected the MAC address of each machine that it came to."?'
)


@pytest.mark.parametrize(
    ("record", "cited"),
    [
        ('{"technique": "T1016", "name": "Network Discovery"}', ["Technique T1016"]),
        ('{"technique": "T1016", "evidence": "collected the MAC address"}', ["Technique T1016"]),
        ('{"technique": "T1016", "also": "Credential Dumping"} [1]', ["T1016", "T1003"]),
        ('{"technique": "T1017", "name": "Network Discovery"}', []),  # no passage has that number
        ('{"evidence": "collected the MAC address"}', []),  # says nothing but the question
    ],
)
def test_a_record_is_kept_whole_if_every_field_is_supported(record: str, cited: list[str]) -> None:
    found = check(record, REPORT, TECHNIQUES)
    assert found.text == (record.removesuffix(" [1]") if cited else "")
    assert len(found.citations) == len(cited)
    assert all(text in c["quote"] for text, c in zip(cited, found.citations, strict=True))
