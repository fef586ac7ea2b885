"""An answer keeps its layout through the check, and each thing that it says is one claim."""

import pytest
from block_parts import outline
from graph_parts import make_graph, passage
from word_verifier import WordVerifier

from app.serving.blocks import answer_blocks
from graphs.citations import checked, read_draft, refuses
from graphs.layout import read_lines, write_lines
from graphs.protocols import Claim, Evidence, Support

POOL = passage("pool.md", "The pool is 25 metres long.\nIt opened in 1911.\nDogs are not let in.")


def keep(answer: str, *, but: str = "", question: str = "What of the pool?", **options: str) -> str:
    """Check an answer of which everything is supported but what holds `but`."""
    draft = read_draft(answer, question)
    supports = [
        Support(0.1 if but and but in claim.text else 0.9, (Evidence(0, 0, 27),))
        for claim in draft.claims
    ]
    told = {"unsupported": "remove", **options}
    return checked(draft, supports, passages=[POOL], threshold=0.5, **told).text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("1911.", "1911. [1]"),
        ("1911. [1]", "1911. [1]"),
        ("- Long [1]\n- Old [1]", "- Long [1]\n- Old [1]"),
        ("1. Long\n2. Old", "1. Long [1]\n2. Old [1]"),
        ("It has:\n\n* Water\n* Air", "It has:\n\n* Water [1]\n* Air [1]"),
        ("# Pool\n\nIt is long. It is old.", "# Pool\n\nIt is long. [1] It is old. [1]"),
        ("| a | 1 |\n| b | 2 |", "| a | 1 [1] |\n| b | 2 [1] |"),
        ("| a | 1 |\n| - | - |\n| b | 2 |", "| a | 1 [1] |\n| - | - |\n| b | 2 [1] |"),
        ("Long.\n| | |\n```\n```\nOld.", "Long. [1]\n| | |\n```\n```\nOld. [1]"),
        ("Run:\n```sh\nswim --far\n```\n[1]", "Run:\n```sh\nswim --far\n```\n[1]"),
        ("Run:\n```sh\nswim --far", "Run:\n```sh\nswim --far\n```\n[1]"),
        ("````md\n```sh\nswim\n```\n````", "````md\n```sh\nswim\n```\n````\n[1]"),
        ("~~~~\n~~~\nswim\n~~~\n", "~~~~\n~~~\nswim\n~~~\n~~~~\n[1]"),
        ("Yes.", "Yes. [1]"),
        ('{"metres": 25, "old": true, "by": null}', '{"metres": 25, "old": true, "by": null}'),
        ('[{"metres": 25}, {"metres": 50.5}] [1]', '[{"metres": 25}, {"metres": 50.5}]'),
        ("It is long. It is long.", "It is long. [1]"),
        ("Up:\n- Long\n\nDown:\n- Long", "Up:\n- Long [1]\n\nDown:\n- Long [1]"),
        ("In May:\n- Long\n\nIn June:\n- Long", "In May:\n- Long [1]\n\nIn June: [1]\n- Long [1]"),
        ("In June:\n- Long\n\nIn June:\n- Long", "In June: [1]\n- Long [1]"),
        (
            "It is old. Up:\n- Long\nIt is old. Down:\n- Long",
            "It is old. [1] Up:\n- Long [1]",
        ),
    ],
)
def test_what_is_supported_leaves_as_it_was_written(answer: str, kept: str) -> None:
    assert keep(answer) == kept


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (
            "1. Open it.\n2. Wait.\n3. Close it.\n4. Wait.\n5. Lift it.",
            "1. Open it. [1]\n2. Wait. [1]\n3. Close it. [1]\n4. Wait. [1]\n5. Lift it. [1]",
        ),
        ("Open it. Wait. Close it. Wait.", "Open it. [1] Wait. [1] Close it. [1] Wait. [1]"),
        (
            "- Monday\n  - 9 to 5\n- Tuesday\n  - 9 to 5",
            "- Monday [1]\n  - 9 to 5 [1]\n- Tuesday [1]\n  - 9 to 5 [1]",
        ),
        (
            "| a | b |\n|-|-|\n| c | 1 |\n\n| a | d |\n|-|-|\n| c | 1 |",
            "| a | b |\n|-|-|\n| c | 1 [1] |\n\n| a | d |\n|-|-|\n| c | 1 [1] |",
        ),
        (
            "In July:\n- Long\n\nIn June:\n- Old\n\nIn July:\n- Red",
            "In July: [1]\n- Long [1]\n\nIn June: [1]\n- Old [1]\n\nIn July: [1]\n- Red [1]",
        ),
        ("1. Turn.\n2. Turn.\n3. Lift.", "1. Turn. [1]\n3. Lift. [1]"),
        ("1. Push.\n2. Turn.\n3. Push.\n4. Turn.", "1. Push. [1]\n2. Turn. [1]"),
        ("Push. Turn. Push. Turn. Push.", "Push. [1] Turn. [1]"),
        ("Push. Turn. Turn. Push. Turn.", "Push. [1] Turn. [1]"),
        (
            "Push. Turn. Push. Turn. Lift.",
            "Push. [1] Turn. [1] Push. [1] Turn. [1] Lift. [1]",
        ),
        ("Push. Turn. Lift. Push.", "Push. [1] Turn. [1] Lift. [1] Push. [1]"),
        ("## A\n- Long\n\n## A\n- Long", "## A\n- Long [1]"),
    ],
)
def test_only_what_a_model_says_in_a_loop_is_left_out(answer: str, kept: str) -> None:
    assert keep(answer) == kept


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("- Long\n- WRONG\n- Old", "- Long [1]\n- Old [1]"),
        ("It is long. It is WRONG.", "It is long. [1]"),
        ("It is long.\n\n## More\n\nWRONG.", "It is long. [1]"),
        ("## A\n- WRONG\n\n## B\n- Old", "## B\n- Old [1]"),
        ("# All\n## A\n### C\n- WRONG\n## B\n- Old", "# All\n## B\n- Old [1]"),
        ("# All\n\nIt is WRONG.\n\n## B\n- Old", "# All\n\n\n## B\n- Old [1]"),
        (
            "Here:\nWRONG.\n\n| a | b |\n|-|-|\n| c | d |",
            "Here:\n\n| a | b |\n|-|-|\n| c | d [1] |",
        ),
        ("A:\n- WRONG\n\nB:\n- Old", "B:\n- Old [1]"),
        ("All:\n**A**\n- WRONG\n\n**B**\n- Old", "All:\n**B**\n- Old [1]"),
        (
            "Here:\n- WRONG\n\n| a | b |\n|-|-|\n| c | d |",
            "Here:\n\n| a | b |\n|-|-|\n| c | d [1] |",
        ),
        ("In WRONG May:\n- Long", "- Long [1]"),
        (
            "Up:\n- Long\n\nIn WRONG May:\n- Old",
            "Up:\n- Long [1]\n\nIn WRONG May: (not found in the documents)\n- Old [1]",
        ),
        ("Up:\n- Long\n\nIn WRONG May:\n- WRONG", "Up:\n- Long [1]"),
        ("## A\n- Long\n- WRONG\n\n## B\n- Old", "## A\n- Long [1]\n\n## B\n- Old [1]"),
        ("WRONG", ""),
        ('{"metres": 25, "name": "WRONG"}', ""),
    ],
)
def test_what_is_not_supported_goes_and_leaves_no_gap(answer: str, kept: str) -> None:
    assert keep(answer, but="WRONG") == kept


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (
            "| a | b |\n|-|-|\n| c | 1 |\n| d | WRONG | \n| e | |",
            "<table><thead><tr><th>a</><th>b</></></><tbody><tr><td>c</><td>1 [1]</></>"
            "<tr><td>d</><td>WRONG (not found in the documents)</></>"
            "<tr><td>e</><td>[1]</></></></>",
        ),
        (
            "a | 9 WRONG\n-|-\nc | 1",
            "<table><thead><tr><th>a</><th>9 WRONG (not found in the documents)</></></>"
            "<tbody><tr><td>c</><td>1 [1]</></></></>",
        ),
        (
            "| a | 9 WRONG |\n|-|-|\n| c | 1 \\|",
            "<table><thead><tr><th>a</><th>9 WRONG (not found in the documents)</></></>"
            "<tbody><tr><td>c</><td>1 | [1]</></></></>",
        ),
        (
            "Run:\n```sh\nswim WRONG\n```\nIt is long.",
            "<p>Run:</><pre>swim WRONG\n</><p>(not found in the documents)<br></>"
            "It is long. [1]</>",
        ),
        (
            "1. Run:\n   ```sh\n   swim\n   ```\n2. It is long.",
            "<ol><li><p>Run:</><pre>swim\n</><p>[1]</></><li><p>It is long. [1]</></></>",
        ),
        ("The value is |x|.\nIt is |y|", "<p>The value is |x|. [1]<br></>It is |y| [1]</>"),
    ],
)
def test_what_stands_behind_a_claim_is_shown(answer: str, shown: str) -> None:
    assert outline(answer_blocks(keep(answer, but="WRONG", unsupported="mark"))) == shown


def test_what_becomes_of_an_unsupported_claim_is_a_setting() -> None:
    answer = "It is long. It is WRONG."
    marked = "It is long. [1] It is WRONG. (not found in the documents)"
    assert keep(answer, but="WRONG", unsupported="mark") == marked
    assert keep(answer, but="WRONG", unsupported="refuse") == ""
    assert keep("WRONG.", but="WRONG", unsupported="mark") == "WRONG. (not found in the documents)"


def test_a_check_that_rejects_too_much_marks_instead_of_removing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pigeons = "The pool is 25 metres long [1]. Pigeons carry letters [1]."
    monkeypatch.setattr(WordVerifier, "trusted", False)
    parts = make_graph(pigeons, "Pigeons carry letters.", found=[POOL])
    text = parts.ask("How long is the pool?")["messages"][-1].text
    assert text.endswith("long. [1] Pigeons carry letters. (not found in the documents)")
    result = parts.ask("How long is the pool?")
    assert (result["origin"], result["abstained"], result["citations"]) == ("model", False, [])


def test_each_value_of_a_record_is_a_claim_unless_it_quotes_the_question() -> None:
    question = "Does the sentence 'read the deck 12 log' tell what they know?"
    answer = '{"cost": "2", "known": "no", "said": "read the deck 12 log", "rooms": [4, true]}'
    said = [claim.text for claim in read_draft(answer, question).claims]
    assert said == ["cost: 2", "known: no", "rooms: 4", "rooms: yes"]


def test_markers_count_passages_from_nought_and_belong_to_the_claim_before() -> None:
    lines = read_lines("Long [1][3]. Old. [2]\n[4]")
    assert [line.claims for line in lines] == [(Claim("Long.", (0, 2)), Claim("Old.", (1, 3)))]
    assert write_lines(lines, lambda claim: (claim.text, "")) == "Long. Old."


def test_stress_makes_no_claim_of_a_question_or_a_heading() -> None:
    answer = "Are dogs let in or NOT? ALL of the rules:\n- It is long."
    assert [claim.text for claim in read_draft(answer, "Rules?").claims] == ["It is long."]


@pytest.mark.parametrize(
    "refusal",
    [
        "I don't know based on the provided documents. [1]",
        "I don’t know based on the provided documents.",
        "**i don’t know** based on the provided documents",
    ],
)
def test_a_refusal_is_none_of_the_claims_that_a_passage_can_support(refusal: str) -> None:
    wifi = passage("wifi.md", "Wi-Fi is not provided, based on the documents we know of.")
    assert refuses(refusal)
    result = make_graph(refusal, found=[wifi]).ask("What is the Wi-Fi password?")
    assert (result["abstained"], result["citations"], result["removed"]) == (True, [], 0)


def test_an_answer_tells_how_many_claims_were_left_out_and_how_sure_the_rest_is() -> None:
    parts = make_graph("The pool is 25 metres long [1]. Pigeons carry letters [1].", found=[POOL])
    result = parts.ask("How long is the pool?")
    assert result["removed"] == 1
    assert result["confidence"] == 0.99
    assert result["messages"][-1].text == "The pool is 25 metres long. [1]"
