"""What no passage says is taken out of an answer, and what is left points to its very words."""

import pytest
from citation_parts import ADULTS, BOAT, CHILDREN, PAY, check, quotes
from graph_parts import passage

from graphs.citations import CheckedAnswer
from graphs.layout import claims, without_cut_end, without_markers
from graphs.prompts import REFUSAL


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
        (
            "On deck dogs go free.",
            "Do dogs pay?",
            "On deck dogs go free. [1]",
            "Dogs travel free on deck.",
        ),
        (
            "Cats stay in baskets [2].",
            "Where do cats stay?",
            "Cats stay in baskets. [1]",
            "- Cats stay in baskets",
        ),
        ("Room 14 [3].", "Which room has Boris?", "Room 14. [1]", "name: Boris; room: 14"),
        (
            "The last boat leaves at 18:30.",
            "When is the last boat?",
            "The last boat leaves at 18:30. [1]",
            BOAT.page_content,
        ),
        ("儿童免费 [5]。", "儿童票多少钱？", "儿童免费。 [1]", "儿童免费。"),
    ],
)
def test_a_supported_claim_is_kept_and_cites_the_words_that_support_it(
    answer: str, question: str, text: str, quoted: str
) -> None:
    found = check(answer, question)
    assert len(found.citations) == 1
    assert found.text == text
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
