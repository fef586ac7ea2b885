"""What a training row replies: records, a pair's own reply, follow-ups as they were asked."""

from langchain_core.documents import Document
from town_parts import CHUNKS, TOWNS, passages, search

from app.dataset.grounded import grounded_rows
from app.dataset.mixture import Mixture
from app.dataset.pairs import Grounded, Pair, by_document, ground, grounded_pairs
from finetune.data.examples import Kind


def test_a_record_is_trained_without_a_marker_and_graded_without_its_instruction() -> None:
    how = "Reply with a JSON object of the key mayor."
    pairs = [
        Pair(
            id=f"mayor-{at}",
            question=f"Who is mayor of {TOWNS[at]}? {how}",
            answers=(f'{{"mayor": "Name{at:02}"}}',),
            documents=(f"{at}.md",),
            kind="format",
        )
        for at in range(30)
    ]
    contexts = grounded_rows(
        grounded_pairs(pairs, CHUNKS), search, Mixture(rounds=1, graded=1), seed=1
    )
    rows = [row for context in contexts for row in context]
    records = [row for row in rows if row.kind is Kind.RECORD]
    assert len(records) == 30
    assert all(row.completion.endswith('"}') and how in row.prompt[-1].content for row in records)
    grades = [row for row in rows if row.kind is Kind.GRADE]
    assert grades
    assert not any(how in row.prompt[-1].content for row in grades)


def test_a_pairs_own_reply_is_trained_with_its_markers_counted_in_the_prompt() -> None:
    both = Pair(
        id="both",
        kind="two-document",
        question="Who is mayor of Town3, and when was Town9 founded?",
        answers=("Name03",),
        reply="Name03 [1], and 1509 [2].",
        documents=("3.md", "9.md"),
    )
    no = Pair(
        id="no",
        question="Was Town4 founded in 1511?",
        answers=("1504",),
        reply="No, in 1504 [1].",
        documents=("4.md",),
    )
    # The answer stands in the second document, and the reply begins with the first.
    turned = both.model_copy(
        update={
            "id": "turned",
            "reply": "In 1509 [1], under Name03 [2].",
            "documents": ("9.md", "3.md"),
        }
    )
    bare = Pair(
        id="bare",
        question="When was Town5 founded?",
        answers=("1505",),
        reply="It was 1505.",
        documents=("5.md",),
    )
    found = grounded_pairs((both, turned, no, bare), CHUNKS)
    contexts = grounded_rows(found, search, Mixture(rounds=3), seed=1)
    rows = [row for context in contexts for row in context if row.kind is Kind.ANSWER]
    assert len(rows) == 12
    for row in rows:
        at = {town: n for n, text in passages(row).items() for town in TOWNS if f"{town} " in text}
        if row.id.startswith("answer-both"):
            assert row.completion == f"Name03 [{at['Town3']}], and 1509 [{at['Town9']}]."
            assert (row.answers, row.citation) == (("Name03, and 1509.",), at["Town3"])
        elif row.id.startswith("answer-turned"):
            assert row.completion == f"In 1509 [{at['Town9']}], under Name03 [{at['Town3']}]."
            assert row.citation == at["Town9"]
        elif row.id.startswith("answer-bare"):
            assert (row.completion, row.citation) == ("It was 1505.", None)
        else:
            assert row.completion == f"No, in 1504 [{at['Town4']}]."
            assert row.citation == at["Town4"]


def test_a_follow_up_is_answered_as_it_was_asked_and_searched_for_in_full() -> None:
    asked = "And when was it founded?"
    pair = Pair.model_validate(
        {
            "id": "f",
            "question": asked,
            "answers": ["1507"],
            "documents": ["7.md"],
            "kind": "follow-up",
            "history": [
                {"role": "user", "content": "Who is mayor of Town7?"},
                {"role": "assistant", "content": "Name07."},
            ],
        }
    )
    found = ground(pair, by_document(CHUNKS))
    assert isinstance(found, Grounded)
    queries: list[str] = []

    def noted(question: str, k: int) -> list[Document]:
        queries.append(question)
        return search(question, k)

    [rows] = grounded_rows([found], noted, Mixture(rounds=1, graded=1), seed=1)
    answer = next(row for row in rows if row.kind is Kind.ANSWER)
    end = f"Question: Who is mayor of Town7? {asked}"
    assert answer.prompt[-1].content.endswith(f"\n\n{end}")
    assert queries == [f"Who is mayor of Town7? {asked}"]
    graded = next(row for row in rows if row.kind is Kind.GRADE)
    assert f"Question: Who is mayor of Town7? {asked}\n" in graded.prompt[-1].content
