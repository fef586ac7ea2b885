"""Every pair comes to rows of one split, or is named with the reason."""

from __future__ import annotations

from collections import Counter

import pytest
from fakes import ScriptedChatModel
from langchain_core.documents import Document
from town_parts import CHUNKS, PAIRS, search

from app.dataset.build import Rows, build_rows
from app.dataset.mixture import Mixture
from app.dataset.pairs import Pair
from app.errors import UserError
from finetune.data.contamination import shared_sources
from finetune.data.examples import Kind


def test_pairs_without_a_split_are_named_where_others_have_one() -> None:
    said = [
        pair.model_copy(update={"split": ("train", "test", None)[at % 3]})
        for at, pair in enumerate(PAIRS)
    ]
    rows = build_rows(
        said,
        chunks=CHUNKS,
        search=search,
        chat_model=ScriptedChatModel(replies=[]),
        mixture=Mixture(),
        rehearsal=lambda count: [],
    )
    left = {pair.id for pair in said if pair.split is None}
    assert rows.unused == dict.fromkeys(left, 'it has no "split", and others have one')


def test_nothing_is_searched_or_asked_for_pairs_that_other_rows_are_measured_instead_of() -> None:
    said = [
        pair.model_copy(update={"split": ("train", "test", None)[at % 3]})
        for at, pair in enumerate(PAIRS)
    ]
    talk = Pair(id="t", question="Ahoy!", kind="small-talk", split="test")
    searched: list[str] = []

    def noted(question: str, k: int) -> list[Document]:
        searched.append(question)
        return search(question, k)

    rows = build_rows(
        [*said, talk],
        chunks=CHUNKS,
        search=noted,
        chat_model=ScriptedChatModel(replies=[]),  # has nothing to say
        mixture=Mixture(test=0),
        rehearsal=lambda count: [],
        measured_elsewhere=True,
    )
    assert rows.test == []
    assert set(searched) == {pair.question for pair in said if pair.split == "train"}
    replaced = 'its "split" is test, and other rows are given to be measured on'
    assert rows.unused == {
        "t": replaced,
        **{pair.id: replaced for pair in said if pair.split == "test"},
        **{pair.id: 'it has no "split", and others have one' for pair in said if not pair.split},
    }


def of_two(town: int, other: int) -> Pair:
    return Pair(
        id=f"both-{town}",
        kind="two-document",
        question=f"Who is mayor of Town{town}, and who of Town{other}?",
        answers=(f"Name{town:02}",),
        documents=(f"{town}.md", f"{other}.md"),
    )


def test_a_pair_of_documents_that_are_held_back_and_trained_is_named() -> None:
    both = [of_two(at, at + 1) for at in range(29)]
    rows = build_rows(
        [*PAIRS, *both],
        chunks=CHUNKS,
        search=search,
        chat_model=ScriptedChatModel(replies=[]),
        mixture=Mixture(),
        rehearsal=lambda count: [],
    )
    splits = {"train": rows.train, "dev": rows.dev, "test": rows.test}
    assert all(splits.values())
    assert shared_sources(splits) == {}
    answered = {row.id.rpartition("-")[0] for of in splits.values() for row in of}
    torn = {pair.id for pair in both if f"answer-{pair.id}" not in answered}
    assert torn
    why = "some of its documents are held back, and others are trained on"
    assert rows.unused == dict.fromkeys(torn, why)
    row = next(row for row in rows.train if row.id.startswith("answer-both"))
    assert row.further_sources == (f"{int(row.source.removesuffix('.md')) + 1}.md",)


def test_no_pair_is_lost_without_a_word_and_none_that_has_a_row_is_named() -> None:
    asked_before = {"history": [{"role": "user", "content": "Who is mayor of Town3?"}]}
    given = {"question": "And when was it founded?", "kind": "follow-up", **asked_before}
    others = [
        Pair(id="s1", question="Hello!", kind="small-talk"),
        Pair(id="s2", question="Bye!", kind="small-talk", answers=("Goodbye.",)),
        Pair.model_validate(
            {
                "id": "f1",
                "answers": ["long ago"],
                "documents": ["3.md"],
                "standalone": "When was Town3 founded?",
                **given,
            }
        ),
    ]
    rows = build_rows(
        [*PAIRS, *others],
        chunks=CHUNKS,
        search=search,
        chat_model=ScriptedChatModel(replies=[""]),
        mixture=Mixture(contexts=2, rounds=2, test=0, dev=0),
        rehearsal=lambda count: [],
    )
    used = {"-".join(row.id.split("-")[1:3]) for row in rows.train if row.kind is not Kind.GRADE}
    assert {"rewrite-f1", "direct-s2"} <= {row.id for row in rows.train}
    cut = {pair.id for pair in PAIRS} - used
    assert 0 < len(cut) < 60
    assert rows.unused == {
        "s1": "the base model replies nothing to it",
        **dict.fromkeys(cut, "the 2 contexts of a round came to an end before it"),
    }


def test_rows_are_called_differently_where_pairs_are() -> None:
    rounds = range(4)
    others = [
        Pair(id=f"{pair.id}-{number}", question=f"Who rules {pair.id}?", kind="unanswerable")
        for pair in PAIRS
        for number in rounds
    ]
    rows = build_rows(
        [*PAIRS, *others],
        chunks=CHUNKS,
        search=search,
        chat_model=ScriptedChatModel(replies=[]),
        mixture=Mixture(rounds=len(rounds), test=0, dev=0),
        rehearsal=lambda count: [],
    )
    called = Counter(row.id for row in rows.train)
    assert set(called.values()) == {1}
    refusals = [row for row in rows.train if row.kind is Kind.REFUSAL]
    assert len(refusals) > len(others) == 240


@pytest.mark.parametrize(
    ("mixture", "told"),
    [
        (Mixture(), "no test split can be held back of 28 questions: 6 need documents of both"),
        (
            Mixture(test=0),
            "no dev split can be held back of 28 questions: 3 need documents of both",
        ),
    ],
)
def test_questions_of_which_none_can_be_held_back_whole_are_refused(
    mixture: Mixture, told: str
) -> None:
    both = [of_two(at, 29) for at in range(28)]

    def rows(mixture: Mixture) -> Rows:
        return build_rows(
            both,
            chunks=CHUNKS,
            search=search,
            chat_model=ScriptedChatModel(replies=[]),
            mixture=mixture,
            rehearsal=lambda count: [],
        )

    with pytest.raises(UserError, match=told):
        rows(mixture)
    assert rows(mixture.model_copy(update={"test": 0, "dev": 0})).unused == {}
