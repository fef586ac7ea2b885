"""An answer goes on without its reader, is told from the beginning, and stops when it is to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.serving.running_answers import Answering, Answers, Event


class Source:
    """Tells numbered events as they are let out; remembers whether it was cancelled."""

    def __init__(self) -> None:
        self._let_out = asyncio.Semaphore(0)
        self.cancelled = 0

    def let_out(self, count: int) -> None:
        for _ in range(count):
            self._let_out.release()

    async def events(self, most: int = 3) -> AsyncIterator[Event]:
        try:
            for number in range(most):
                await self._let_out.acquire()
                yield {"event": str(number)}
        except asyncio.CancelledError:
            self.cancelled += 1
            await asyncio.sleep(0)  # as what is written down on the way out
            raise


async def read(answering: Answering) -> list[str]:
    return [event["event"] async for event in answering.followed()]


async def test_every_reader_is_told_all_of_it_from_the_beginning() -> None:
    source, answers = Source(), Answers()
    answering = answers.begin("a", source.events())
    source.let_out(1)
    first = asyncio.create_task(read(answering))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(read(answering))
    source.let_out(2)
    assert await asyncio.wait_for(first, 1) == await asyncio.wait_for(second, 1) == ["0", "1", "2"]
    assert answering.ended
    assert answers.of("a") is None
    assert await read(answering) == ["0", "1", "2"]


async def test_a_reader_who_leaves_leaves_the_answer_alone() -> None:
    source, answers = Source(), Answers()
    answering = answers.begin("a", source.events())
    reader = asyncio.create_task(read(answering))
    source.let_out(1)
    await asyncio.sleep(0.01)
    reader.cancel()
    source.let_out(2)
    assert await asyncio.wait_for(read(answering), 1) == ["0", "1", "2"]
    assert source.cancelled == 0


async def test_stopping_waits_for_the_end_and_cancels_once_however_often_it_is_asked() -> None:
    source, answers = Source(), Answers()
    answering = answers.begin("a", source.events())
    reader = asyncio.create_task(read(answering))
    source.let_out(1)
    await asyncio.sleep(0.01)
    await asyncio.gather(answers.stop("a"), answers.stop("a"), answers.stop_all())
    assert answering.ended
    assert source.cancelled == 1
    assert await asyncio.wait_for(reader, 1) == ["0"]
    await answers.stop("a")  # there is nothing to stop any more


async def test_an_answer_that_another_process_was_asked_to_stop_stops() -> None:
    source, answers, asked = Source(), Answers(), [False, True]

    async def unwanted() -> bool:
        return asked.pop(0)

    answering = answers.begin("a", source.events(), unwanted)
    assert await asyncio.wait_for(read(answering), 5) == []
    assert source.cancelled == 1


async def test_a_look_that_fails_is_told_once_and_the_next_one_made(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source, answers, failures = Source(), Answers(), [OSError("gone"), OSError("gone")]

    async def unwanted() -> bool:
        if failures:
            raise failures.pop()
        return True

    answering = answers.begin("a", source.events(), unwanted)
    assert await asyncio.wait_for(read(answering), 5) == []
    assert source.cancelled == 1
    assert [record.message for record in caplog.records] == [
        "whether an answer is to stop cannot be read"
    ]


async def test_a_fault_of_the_source_reaches_its_readers() -> None:
    async def faulty() -> AsyncIterator[Event]:
        yield {"event": "0"}
        raise ZeroDivisionError

    answering = Answers().begin("a", faulty())
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(read(answering), 1)


async def test_an_answer_that_is_stopped_before_its_first_step_hears_of_it() -> None:
    source, answers = Source(), Answers()
    await answers.begin("t", source.events()).stop()
    assert source.cancelled == 1
    assert answers.of("t") is None


async def test_an_answer_is_found_by_its_run_and_by_no_other() -> None:
    source, answers = Source(), Answers()
    answering = answers.begin("a", source.events(), run="r")
    assert answers.of("a") is answers.of("a", "r") is answering
    assert answers.of("a", "s") is None
    await answers.stop("a")
    assert answers.of("a", "r") is None
