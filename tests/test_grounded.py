import re
from collections import Counter

import pytest
from fakes import ScriptedChatModel
from town_parts import CHUNKS, PAIRS, grounded, made, passages, search

from app.dataset.build import build_rows
from app.dataset.grounded import grounded_rows
from app.dataset.mixture import Mixture
from app.dataset.pairs import Pair
from app.tuning.registration import trained_documents
from finetune.data.examples import Example, Kind
from graphs.prompts import REFUSAL


def test_every_question_is_answered_once_a_round_by_the_passage_that_is_cited() -> None:
    rows = [row for row in made(Mixture(rounds=2)) if row.kind is Kind.ANSWER]
    assert len(rows) == 120
    for row in rows:
        answer, number = re.fullmatch(r"(.+) \[(\d)\]", row.completion).groups()
        assert row.answers == (answer,)
        assert row.citation == int(number)
        assert answer in passages(row)[int(number)]
        others = [text for at, text in passages(row).items() if at != int(number)]
        assert not any(answer in text for text in others)
    assert Counter(row.id.split("-")[-1] for row in rows) == {"0": 60, "1": 60}


def test_refusals_are_near_misses_whose_answer_is_not_shown_in_the_share_asked_for() -> None:
    rows = made(Mixture(rounds=6, withheld=0.25))
    refused = [row for row in rows if row.kind is Kind.REFUSAL]
    answered = [row for row in rows if row.kind is Kind.ANSWER]
    assert len(refused) / (len(refused) + len(answered)) == pytest.approx(0.25, abs=0.04)
    answer_of = {pair.id: pair.answers[0] for pair in PAIRS}
    for row in refused:
        assert row.completion == REFUSAL
        answer = answer_of["-".join(row.id.split("-")[1:3])]
        shown = passages(row)
        assert shown
        assert not any(answer in text for text in shown.values())
        asked = int(row.source.removesuffix(".md"))
        distances = [abs(int(n) - asked) for n in re.findall(r"Town(\d+) has", str(shown))]
        assert min(distances) <= 20  # among what the search finds for a neighbour


def test_the_gold_passage_stands_at_every_place_and_contexts_vary_in_size() -> None:
    rows = [row for row in made(Mixture(rounds=6)) if row.kind is Kind.ANSWER]
    cited = Counter(row.citation for row in rows)
    assert set(cited) == {1, 2, 3, 4, 5}
    assert {len(passages(row)) for row in rows} == {1, 2, 3, 4, 5}
    three = [row.citation for row in rows if len(passages(row)) == 3]
    assert min(Counter(three).values()) > len(three) / 5


def test_distractors_are_the_retrievers_best_other_hits() -> None:
    rows = made(Mixture(passages=(3,), per_passage=1, withheld=0, rounds=1))
    checked = 0
    for row in rows:
        if row.kind is not Kind.ANSWER:
            continue
        towns = sorted(int(n) for n in re.findall(r"Town(\d+) has", str(passages(row))))
        assert towns[-1] - towns[0] <= 3
        checked += 1
    assert checked == 60


def test_several_questions_share_each_context() -> None:
    rows = [row for row in made(Mixture(passages=(3,))) if row.kind is not Kind.GRADE]
    contexts = Counter(row.prompt[-1].content.rpartition("Question:")[0] for row in rows)
    assert len(rows) / len(contexts) > 3


def test_grades_say_yes_to_the_passage_with_the_answer_alone_and_nothing_is_graded_twice() -> None:
    rows = [row for row in made(Mixture(graded=1, rounds=2)) if row.kind is Kind.GRADE]
    verdicts = Counter(row.completion for row in rows)
    assert verdicts.keys() == {"yes", "no"}
    assert 0.3 < verdicts["yes"] / len(rows) < 0.7
    answer_of = {pair.id: pair.answers[0] for pair in PAIRS}
    for row in rows:
        answer = answer_of["-".join(row.id.split("-")[1:3])]
        assert (answer in row.prompt[-1].content) == (row.completion == "yes")
    assert len({row.id for row in rows}) == len(rows)


def test_a_row_names_every_document_that_its_prompt_shows() -> None:
    rows = made(Mixture(graded=1))
    for row in rows:
        shown = re.findall(r"Town(\d+) has", row.prompt[-1].content)
        assert row.documents == tuple(sorted({f"{int(town)}.md" for town in shown}))
    kinds = Counter(row.kind for row in rows if row.documents)
    assert kinds.keys() == {Kind.ANSWER, Kind.REFUSAL, Kind.GRADE}
    assert kinds.total() == len(rows)


def test_an_adapter_tells_every_document_that_it_was_taught_or_stopped_by() -> None:
    rows = made(Mixture(passages=(3,)))
    splits = {"train": rows[:2], "dev": rows[2:3], "test": rows[3:]}
    told = trained_documents(splits)
    assert set(told) == {name for row in rows[:3] for name in row.documents}
    assert 3 <= len(told) < len({row.source for row in rows})


def test_the_same_seed_gives_the_same_rows() -> None:
    assert made(Mixture(), seed=1) == made(Mixture(), seed=1)
    assert made(Mixture(), seed=1) != made(Mixture(), seed=2)


def test_contexts_can_be_limited() -> None:
    contexts = list(grounded_rows(grounded(), search, Mixture(contexts=5, rounds=1), seed=1))
    assert len(contexts) == 5


def test_each_pair_becomes_rows_of_one_split_or_is_named() -> None:
    others = [
        Pair(id="u1", question="Who rules Town99?", kind="unanswerable"),
        Pair(id="s1", question="Hello!", kind="small-talk"),
        Pair(id="s2", question="Who made you?", kind="small-talk", answers=("Groundtune.",)),
        Pair.model_validate(
            {
                "id": "f1",
                "question": "And when was it founded?",
                "kind": "follow-up",
                "history": [{"role": "user", "content": "Who is mayor of Town3?"}],
                "standalone": "When was Town3 founded?",
            }
        ),
        Pair(id="f2", question="And then?", kind="follow-up"),
        Pair(id="x1", question="Why?", answers=("because",), documents=("3.md",)),
    ]
    rows = build_rows(
        [*PAIRS, *others],
        chunks=CHUNKS,
        search=search,
        chat_model=ScriptedChatModel(replies=["Hi! I can help you with"]),
        mixture=Mixture(test=0.2, dev=0.1),
        rehearsal=lambda count: [],
    )
    of = {
        name: {"-".join(row.id.split("-")[1:3]) for row in split if row.kind is Kind.ANSWER}
        for name, split in (("train", rows.train), ("dev", rows.dev), ("test", rows.test))
    }
    assert sum(len(ids) for ids in of.values()) == len(set().union(*of.values())) == 60
    assert len(of["test"]) == pytest.approx(12, abs=2)
    sources = [{row.source for row in split} for split in (rows.train, rows.dev, rows.test)]
    assert not sources[0] & sources[1]
    assert not sources[0] & sources[2]
    assert not sources[1] & sources[2]
    by_id = {row.id: row for row in (*rows.train, *rows.dev, *rows.test)}
    assert by_id["refusal-u1"].completion == REFUSAL
    assert by_id["direct-s1"].completion == "Hi!"
    assert by_id["direct-s2"].completion == "Groundtune."
    assert by_id["rewrite-f1"].completion == "When was Town3 founded?"
    assert "mayor of Town3" in by_id["rewrite-f1"].prompt[-1].content
    assert rows.unused == {
        "f2": "a follow-up with neither documents nor its question in full",
        "x1": "'because' does not stand in 3.md word for word",
    }


def test_rehearsal_is_asked_for_in_its_share_of_the_training_rows() -> None:
    asked: list[int] = []

    def rehearsal(count: int) -> list[Example]:
        asked.append(count)
        return []

    rows = build_rows(
        PAIRS,
        chunks=CHUNKS,
        search=search,
        chat_model=ScriptedChatModel(replies=[]),
        mixture=Mixture(rehearsal=0.1),
        rehearsal=rehearsal,
    )
    assert asked == [round(len(rows.train) / 10)]
