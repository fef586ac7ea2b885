"""Callers of a cohort share batches that no clock decides."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from conftest import Passes
from langchain_core.messages import HumanMessage
from tiny import LESSONS

from app.errors import ContextLengthError
from app.models.chat import LocalChatModel
from app.models.local import LocalScorer
from app.models.lockstep import Cohort, Round
from finetune.measured import Score


def test_a_round_begins_when_every_member_waits_or_has_left() -> None:
    rounds: list[Round[str]] = []
    cohort = Cohort[str](3, rounds.append)
    cohort.arrive(2, "c")
    cohort.arrive(0, "a")
    assert rounds == []
    with cohort.member(1):
        pass
    assert [begun.requests for begun in rounds] == [["a", "c"]]
    with cohort.member(0):
        pass
    cohort.arrive(2, "c again")
    assert [begun.requests for begun in rounds][1:] == [["c again"]]


def asked_together(chat: LocalChatModel, passes: Passes, seed: int) -> tuple[list[str], int]:
    """Ask every lesson twice, at odd moments; returns the replies and the model's passes."""
    cohort, order = chat.worker.cohort(len(LESSONS)), random.Random(seed)
    pauses = [[order.uniform(0, 0.05) for _ in range(2)] for _ in LESSONS]
    passes.count = 0

    def ask(number: int) -> str:
        with cohort.member(number):
            said = []
            for pause in pauses[number]:
                time.sleep(pause)
                said.append(chat.invoke(list(LESSONS)[number]).text)
        return " ".join(said)

    with ThreadPoolExecutor(len(LESSONS)) as pool:
        return list(pool.map(ask, range(len(LESSONS)))), passes.count


def test_the_same_questions_make_the_same_batches_whenever_they_come(
    tiny_chat: LocalChatModel, passes: Passes
) -> None:
    runs = [asked_together(tiny_chat, passes, seed) for seed in range(4)]
    assert runs[0][0] == [f"{answer} {answer}" for answer in LESSONS.values()]
    assert all(run == runs[0] for run in runs)
    longest = max(len(tiny_chat.worker.encoder.encode_text(a)) for a in LESSONS.values())
    assert runs[0][1] <= 2 * (longest + 2)  # every batch held all three


def scored(chat: LocalChatModel, prompt: HumanMessage) -> Score:
    [score] = LocalScorer(chat.worker).score([[prompt]], labels=("yes", "no"))
    return score


def test_scores_and_texts_of_one_round_are_all_delivered(tiny_chat: LocalChatModel) -> None:
    cohort, question = tiny_chat.worker.cohort(2), next(iter(LESSONS))

    def score() -> Score:
        with cohort.member(0):
            return scored(tiny_chat, HumanMessage(question))

    def write() -> str:
        with cohort.member(1):
            return tiny_chat.invoke(question).text

    with ThreadPoolExecutor(2) as pool:
        rated, written = pool.submit(score), pool.submit(write)
        assert len(rated.result(30).labels) == 2
        assert written.result(30) == LESSONS[question]


def test_nobody_in_a_round_moves_the_scores_of_another(tiny_chat: LocalChatModel) -> None:
    tiny_chat.worker.pipeline.model.to(torch.bfloat16)  # which rounds by the shape of a pass
    prompts = [HumanMessage(f"{lesson} " * times) for times, lesson in enumerate(LESSONS, start=1)]
    alone = [scored(tiny_chat, prompt) for prompt in prompts]
    cohort = tiny_chat.worker.cohort(len(prompts) + 1)

    def score(number: int) -> Score:
        asked = [*prompts, HumanMessage("mill " * 1000)]
        with cohort.member(number):
            return scored(tiny_chat, asked[number])

    with ThreadPoolExecutor(len(prompts) + 1) as pool:
        *rated, failed = [pool.submit(score, number) for number in range(len(prompts) + 1)]
        for future, expected in zip(rated, alone, strict=True):
            assert future.result(30) == expected
        with pytest.raises(ContextLengthError, match="the prompt has"):
            failed.result(30)


def test_a_member_whose_request_fails_holds_nobody_up(tiny_chat: LocalChatModel) -> None:
    cohort = tiny_chat.worker.cohort(2)

    def ask(number: int) -> str:
        with cohort.member(number):
            if number == 0:
                raise ValueError("cannot be asked")
            return tiny_chat.invoke(next(iter(LESSONS))).text

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(ask, number) for number in range(2)]
        assert futures[1].result(30) == next(iter(LESSONS.values()))
