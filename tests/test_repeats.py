"""Several seeds of split and training: what moves between them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from comparisons import compared, report_of

from app.compare.judge.repeats import repeated
from app.compare.plan.arms import ARMS, BASE, BASE_RAG, HYBRID, ORACLE
from app.compare.plan.needs import Needs
from app.compare.plan.request import BRIEF, FULL, Request
from app.compare.plan.splits import SEED, splits
from app.dataset.pairs import Pair
from app.errors import UserError


def request(repeats: int) -> Request:
    return Request(
        paths=(),
        questions=Path("q.jsonl"),
        revised=None,
        arms=list(ARMS.values()),
        needs=Needs(),
        prices=None,
        judge="",
        output=Path("out"),
        extent=BRIEF,
        together=1,
        stop_early=False,
        repeats=repeats,
        command="",
    )


def test_the_spread_between_seeds_is_that_of_the_shares() -> None:
    found = repeated(
        {
            13: compared({BASE: 10, BASE_RAG: 30, HYBRID: 30, ORACLE: 40}),
            14: compared({BASE: 14, BASE_RAG: 20, HYBRID: 34, ORACLE: 40}),
            15: compared({BASE: 12, BASE_RAG: 28, HYBRID: 24, ORACLE: 40}),
        }
    )
    assert found is not None
    told = found.to_json()
    assert told["seeds"] == [13, 14, 15]
    assert told["arms"]["base"]["shares"] == [0.25, 0.35, 0.3]
    assert told["arms"]["base"]["mean"] == pytest.approx(0.3)
    assert told["arms"]["base"]["deviation"] == pytest.approx(0.05)
    assert [told["arms"][arm]["led"] for arm in ("base", "base-rag", "hybrid")] == [0, 2, 2]
    assert told["arms"]["oracle"]["led"] == 0  # an upper bound leads nothing
    report = report_of(compared({BASE: 10, HYBRID: 30}), repeats=found)
    said = "With 3 seeds of split and training `base-rag` led in 2 of 3, `hybrid` led in 2 of 3"
    assert report.sentences[-1].startswith(said)
    assert report.to_json()["repeats"] == json.loads(json.dumps(told))
    assert all("With other seeds" in text for text in (report.to_html(), report.to_markdown()))


def test_one_seed_spreads_over_nothing() -> None:
    assert repeated({13: compared({BASE: 10})}) is None
    assert "With other seeds" not in report_of(compared({BASE: 10})).to_html()


def test_each_seed_asks_other_documents_and_teaches_none_that_it_asks() -> None:
    pairs = [
        Pair(id=f"q{at}", question="How many?", answers=("1",), documents=(f"{at}.md",))
        for at in range(24)
    ]
    found = splits(pairs, request(3))
    assert [split.seed for split in found] == [SEED, SEED + 1, SEED + 2]
    assert len({frozenset(pair.id for pair in split.asked) for split in found}) == 3
    for split in found:
        assert not split.documents & {pair.source for pair in split.asked}
    with pytest.raises(UserError, match="left to be asked"):
        splits([pair.model_copy(update={"split": "train"}) for pair in pairs], request(2))


def test_a_question_about_taught_and_asked_documents_is_asked_and_told() -> None:
    alone = [Pair(id=str(at), question="Who?", documents=(f"{at}.md",)) for at in range(24)]
    both = [
        Pair(id=f"{at}+1", question="Who?", documents=(f"{at}.md", f"{at + 1}.md"))
        for at in range(23)
    ]
    for split in splits([*alone, *both], replace(request(3), extent=FULL)):
        assert {pair.id for pair in (*split.taught, *split.asked)} == {
            p.id for p in (*alone, *both)
        }
        assert len(split.taught) + len(split.asked) == 47
        assert split.documents == {name for pair in split.taught for name in pair.documents}
        told = [pair for pair in split.asked if pair.sources & split.documents]
        assert told
        assert all(pair in both for pair in told)
