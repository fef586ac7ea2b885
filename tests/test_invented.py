"""Questions about invented organisations have the answers that their documents give."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from itertools import permutations
from pathlib import Path

import pytest
from invented import DOMAINS, Names, world, write
from invented_questions import questions, typed
from reader_worlds import world_rows

from app.dataset.pairs import Pair, contains, read_pairs
from app.ingest.readers import read_file
from finetune.verification.examples import NOWHERE

WORLDS = 2 * len(DOMAINS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("invented")
    write(out, WORLDS)
    return out


def form(pair: Pair) -> str:
    return pair.id.split("-", 1)[1].rsplit("-", 1)[0]


def test_every_answer_stands_in_a_document_as_the_product_reads_it(made: Path) -> None:
    pairs = read_pairs(made / "questions.jsonl")
    together = json.loads((made / "together.json").read_text(encoding="utf-8"))
    texts = {
        file.relative_to(made / "documents").as_posix(): read_file(file).text
        for file in (made / "documents").rglob("*.*")
    }
    counted = Counter(map(form, pairs))
    assert set(counted) == {
        "cell", "yes-no", "compare", "halves", "bridge", "follow-up", "step", "untold"
    }  # fmt: skip
    for pair in pairs:
        said = [texts[name] for name in pair.documents]
        needs, others = together[pair.id]
        assert all(any(contains(text, part) for text in said) for part in [*needs, *others])
        assert not pair.answers or any(contains(text, pair.answers[0]) for text in said)
        assert (form(pair) == "untold") == (not pair.answers)


def test_the_reader_learns_spans_that_answer_and_lines_that_do_not() -> None:
    rows = list(world_rows(random.Random(3), WORLDS))
    answered = [(lines, span) for *_, lines, span in rows if span != NOWHERE]
    assert 0.5 < len(answered) / len(rows) < 0.95
    for lines, (begin, end) in answered:
        assert lines.count(lines[begin:end]) == 1
    known = {(source, question) for _, source, question, *_ in rows}
    assert len({source for source, _ in known}) == WORLDS


def test_the_same_seed_makes_the_same_and_no_name_comes_twice(made: Path, tmp_path: Path) -> None:
    write(tmp_path, WORLDS)
    again = (tmp_path / "questions.jsonl").read_text(encoding="utf-8")
    assert again == (made / "questions.jsonl").read_text(encoding="utf-8")
    names = Names(random.Random(1))
    drawn = [names.word() for _ in range(2_000)]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain["cls"])
def test_yes_and_no_and_the_lesser_are_told_by_the_values(
    domain: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invented_questions.CARELESS", 0)
    monkeypatch.setattr("invented_questions.MISTYPED", 0)
    draw = random.Random(5)
    made = world(0, domain, Names(draw), draw)
    values = {value for thing in made.things for value in thing.values.values()}
    lesser = {
        column["less"].format(a=one.name, b=other.name): min(
            (one, other), key=lambda thing, name=column["name"]: thing.sizes[name]
        ).name
        for column in made.domain["columns"]
        if "less" in column
        for one, other in permutations(made.things, 2)
    }
    rows = questions(made, draw)
    for row in rows:
        if "-yes-no-" in row["id"]:
            verdict, value = re.fullmatch(r"(Yes|No), (.+) \[1\]", row["reply"]).groups()
            assert value in values
            assert (value in row["question"]) == (verdict == "Yes")
        if "-compare-" in row["id"]:
            assert row["answers"] == [lesser[row["question"]]]
    assert any("-yes-no-" in row["id"] for row in rows)


def test_some_questions_are_typed_carelessly() -> None:
    draw = random.Random(2)
    told = [typed("When does Alder Baths open?", draw) for _ in range(400)]
    changed = [question for question in told if question != "When does Alder Baths open?"]
    assert 0.08 < len(changed) / len(told) < 0.3
    assert all(sorted(q.lower().rstrip("?")) == sorted("when does alder baths open") for q in told)
