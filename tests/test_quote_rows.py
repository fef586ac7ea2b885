"""Rows for the reader that quotes: near questions have no answer, follow-ups have the second's."""

from __future__ import annotations

import random

import pytest
from invented import worlds
from quote_rows import near_follow_ups, near_things, renamed, world_follow_ups

from finetune.verification.examples import NOWHERE


def test_what_is_not_kept_or_not_there_has_no_answer() -> None:
    draw = random.Random(3)
    rows = [
        row
        for made in worlds(12, draw)
        for near in (near_things, near_follow_ups)
        for row in near(made, "source", draw)
    ]
    assert len(rows) > 60
    assert {row.answer for row in rows} == {NOWHERE}


def test_a_follow_up_is_asked_after_a_whole_question_and_answered_alone() -> None:
    draw = random.Random(4)
    rows = [row for made in worlds(12, draw) for row in world_follow_ups(made, "source", draw)]
    assert len(rows) > 10
    for row in rows:
        start, end = row.answer
        assert 0 <= start < end <= len(row.lines)
        assert row.lines.count(row.lines[start:end]) == 1


@pytest.mark.parametrize(
    ("words", "text", "other", "changed"),
    [
        ("When did Rome fall?", "Rome fell in 476.", "The city of Paris.", "When did Paris fall?"),
        ("Who came in 476?", "Rome fell in 476.", "In 1066 they came.", "Who came in 1066?"),
        ("When did Rome fall?", "Rome fell in 476.", "Nobody is named.", None),
        ("When did it fall?", "Rome fell in 476.", "The city of Paris.", None),
    ],
)
def test_a_near_question_names_what_the_text_lacks(
    words: str, text: str, other: str, changed: str | None
) -> None:
    assert renamed(words, text, other, random.Random(1)) == changed
