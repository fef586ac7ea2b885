"""Answers of any system are checked from Python and the command line, by the same contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from graph_parts import passage
from langchain_core.documents import Document
from word_verifier import WordVerifier

from app.checking import SLICE, Checker
from app.cli import main
from app.ingest.splitter import ChunkSplitter
from app.models.cancellation import Abandoned
from graphs.asserted import supports
from graphs.citations import read_draft
from graphs.errors import InvalidQuestion
from graphs.passages import given_documents

POOL = "The pool is 25 metres long. It opened in 1911."
GIVEN = [{"id": "pool.md", "text": POOL}]


def checker(*found: Document) -> Checker:
    return Checker(WordVerifier(), lambda question: list(found), ChunkSplitter(800, 0))


def test_an_answer_is_told_claim_by_claim() -> None:
    answer = "- It opened in 1911. [1]\n- Pigeons carry letters to Peru."
    found = checker().check("When did the pool open?", answer, documents=GIVEN, id_="a")
    assert found["id"] == "a"
    assert (found["supported"], found["answer"]) == ("part", "- It opened in 1911. [1]")
    kept, dropped = found["claims"]
    assert [kept["text"], dropped["text"]] == [
        "It opened in 1911.",
        "Pigeons carry letters to Peru.",
    ]
    assert kept["probability"] > 0.5 > dropped["probability"]
    (citation,) = kept["citations"]
    assert POOL[citation["start"] : citation["end"]] == citation["quote"] == "It opened in 1911."
    assert dropped["citations"] == []


@pytest.mark.parametrize(
    ("answer", "supported"),
    [
        ("1911", "all"),
        ("Pigeons.", "none"),
        ("I don't know based on the provided documents.", "none"),
        ("", "none"),
    ],
)
def test_an_answer_is_supported_as_a_whole_in_part_or_not(answer: str, supported: str) -> None:
    found = checker().check("When did the pool open?", answer, documents=GIVEN)
    assert found["supported"] == supported


def test_the_index_is_searched_where_no_documents_are_given() -> None:
    found = checker(passage("pool.md", POOL)).check("When did the pool open?", "1911")
    assert found["claims"][0]["citations"][0]["document"] == "pool.md"
    with pytest.raises(InvalidQuestion, match="is empty"):
        checker().check(" ", "1911")


def many(count: int) -> str:
    """Write an answer of so many claims, every third of which has support."""
    said = ("It opened in {0}.", "Yes, the pool is {0} metres long.", "It opened in 1911, at {0}.")
    return "\n".join(f"- {said[number % 3].format(number)}" for number in range(count))


@pytest.mark.parametrize("count", [1, SLICE, SLICE + 1, 3 * SLICE])
def test_many_claims_are_judged_as_if_at_once(count: int) -> None:
    passages = given_documents(GIVEN, ChunkSplitter(800, 0))
    claims = read_draft(many(count), "When?", passages).claims
    expected = [
        support.probability for support in supports(WordVerifier(), "When?", claims, passages)
    ]
    found = checker().check("When?", many(count), documents=GIVEN, most_claims=count)
    assert [claim["probability"] for claim in found["claims"]] == [round(p, 4) for p in expected]
    assert len(expected) == count


def test_an_answer_of_more_claims_than_may_be_is_refused_in_one_line() -> None:
    told = r"^the answer makes 1,001 claims, more than 1000: check it in parts$"
    with pytest.raises(InvalidQuestion, match=told):
        checker().check("When?", many(1001), documents=GIVEN, most_claims=1000)


def test_a_check_that_is_unwanted_ends_after_a_few_claims() -> None:
    looks: list[bool] = []

    def unwanted() -> bool:
        looks.append(len(looks) == 2)
        return looks[-1]

    with pytest.raises(Abandoned):
        checker().check("When?", many(99 * SLICE), documents=GIVEN, unwanted=unwanted)
    assert looks == [False, False, True]


def test_the_command_checks_files_and_names_what_it_cannot_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"id": 1, "question": "When did the pool open?", "answer": "1911", "documents": GIVEN},
        {"id": 2, "question": " ", "answer": "1911", "documents": GIVEN},
    ]
    batch, output = tmp_path / "answers.jsonl", tmp_path / "checks.jsonl"
    batch.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert main(["check", "--batch", str(batch), "--output", str(output)]) == 3
    assert "1 answers could not be checked" in capsys.readouterr().err
    first, second = map(json.loads, output.read_text().splitlines())
    assert first.keys() == {"id", "question", "supported", "answer", "claims"}
    assert first["supported"] == "all"
    assert "is empty" in second["error"]
    batch.write_text('{"id": 1, "question": "Why?"}\n')
    assert main(["check", "--batch", str(batch), "--output", str(output)]) == 3
    assert "answers.jsonl:1: answer: Field required; expected" in capsys.readouterr().err


def test_a_question_without_an_answer_is_one_clear_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "When did the pool open?"]) == 3
    assert "no answer came: give it with --answer TEXT" in capsys.readouterr().err
