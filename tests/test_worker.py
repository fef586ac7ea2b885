"""One thread serves many callers: together when it can, none of them at another's expense."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
import torch
from conftest import Passes
from langchain_core.messages import HumanMessage
from tiny import LESSONS

from app.models.cancellation import layers
from app.models.chat import LocalChatModel, to_chat
from app.models.decoding import Event, Row
from app.models.local import LocalScorer
from app.models.requests import Generation, Sampling, Scoring
from app.models.worker import PipelineWorker
from finetune.measured import Score

FERRY = "When does the ferry leave?"
BEES = "Who keeps the bees?"
TOKENS = 20
PATIENCE_S = 10.0  # of a caller, on a machine that does other work


@pytest.fixture
def slow(passes: Passes) -> Passes:
    """Forward passes slow enough to interrupt."""
    passes.seconds = 0.02
    return passes


def scored(chat: LocalChatModel, question: str) -> list[Score]:
    return LocalScorer(chat.worker).score([[HumanMessage(question)]], labels=("yes", "no"))


async def call(chat: LocalChatModel, way: str) -> object:
    match way:
        case "invoke":
            return chat.invoke(FERRY)
        case "stream":
            return list(chat.stream(FERRY))
        case "ainvoke":
            return await chat.ainvoke(FERRY)
        case "astream":
            return [chunk async for chunk in chat.astream(FERRY)]
        case _:
            return scored(chat, FERRY)


@pytest.mark.parametrize(
    ("way", "broken"),
    [*product(["invoke", "stream", "ainvoke", "astream"], [1, 4]), ("score", 1)],
)
async def test_error_inside_the_model_reaches_its_caller_at_once(
    tiny_chat: LocalChatModel, passes: Passes, way: str, broken: int
) -> None:
    passes.failing = range(broken, broken + 1)
    started = time.perf_counter()
    with pytest.raises(RuntimeError, match=f"pass {broken} broke"):
        await call(tiny_chat, way)
    assert time.perf_counter() - started < PATIENCE_S
    assert tiny_chat.invoke(BEES).content == LESSONS[BEES]  # and the next caller is served


def test_text_before_an_error_was_streamed(tiny_chat: LocalChatModel, passes: Passes) -> None:
    passes.failing = range(4, 5)
    stream = tiny_chat.stream(FERRY)
    assert [next(stream).text for _ in range(3)] == ["The", " ferry", " lea"]
    with pytest.raises(RuntimeError, match="pass 4 broke"):
        next(stream)


def assert_stopped(chat: LocalChatModel, passes: Passes, at: int) -> None:
    """Check that generation ended within two tokens and that the model is free."""
    time.sleep(0.2)  # ten passes, were it still at work
    assert passes.count <= at + 2
    started = time.perf_counter()
    assert chat.invoke(FERRY, max_tokens=1).content == "The"
    assert time.perf_counter() - started < PATIENCE_S


async def test_cancelling_an_astream_stops_generation(
    tiny_chat: LocalChatModel, slow: Passes
) -> None:
    received = asyncio.Event()

    async def read() -> None:
        count = 0
        async for _ in tiny_chat.astream(FERRY):
            count += 1
            if count == 3:
                received.set()

    task = asyncio.create_task(read())
    await asyncio.wait_for(received.wait(), timeout=PATIENCE_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert_stopped(tiny_chat, slow, at=slow.count)


async def test_cancelling_an_ainvoke_stops_generation(
    tiny_chat: LocalChatModel, slow: Passes
) -> None:
    slow.held_at = 3
    task = asyncio.ensure_future(tiny_chat.ainvoke(FERRY))
    assert await asyncio.to_thread(slow.held.wait, PATIENCE_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    slow.going_on.set()
    assert_stopped(tiny_chat, slow, at=3)


def test_leaving_a_stream_stops_generation(tiny_chat: LocalChatModel, slow: Passes) -> None:
    for received, _ in enumerate(tiny_chat.stream(FERRY), start=1):
        if received == 3:
            break
    assert_stopped(tiny_chat, slow, at=slow.count)


async def test_leaving_an_astream_stops_generation(tiny_chat: LocalChatModel, slow: Passes) -> None:
    received = 0
    async for _ in tiny_chat.astream(FERRY):
        received += 1
        if received == 3:
            break
    at = slow.count
    await asyncio.sleep(0.01)  # the loop closes what was left
    assert_stopped(tiny_chat, slow, at=at)


@pytest.mark.parametrize("work", ["generate", "score"])
async def test_cancelling_ends_a_pass_between_two_layers(
    tiny_chat: LocalChatModel, work: str
) -> None:
    first, second = layers(tiny_chat.worker.pipeline.model)
    entered, going_on, ran = threading.Event(), threading.Event(), []

    def linger(*_: object) -> None:
        entered.set()
        assert going_on.wait(PATIENCE_S)

    lingering = first.register_forward_hook(linger)
    noting = second.register_forward_hook(lambda *_: ran.append(work))
    prompt = [HumanMessage(FERRY)]
    worker = tiny_chat.worker
    asked = tiny_chat.ainvoke(prompt) if work == "generate" else worker.ascore([to_chat(prompt)])
    task = asyncio.ensure_future(asked)
    assert await asyncio.to_thread(entered.wait, PATIENCE_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    going_on.set()
    lingering.remove()
    assert tiny_chat.invoke(BEES, max_tokens=1).text  # begins when the model is free
    noting.remove()
    assert len(ran) == 1, "the pass that nobody waited for went on"


async def test_scores_are_the_same_in_async_code(tiny_chat: LocalChatModel) -> None:
    prompts = [to_chat([HumanMessage(text)]) for text in (FERRY, BEES)]
    worker = tiny_chat.worker
    labels = ("The", "Ada")
    assert await worker.ascore(prompts, labels=labels) == worker.score(prompts, labels=labels)


def test_cancelled_row_leaves_the_others_in_its_batch_alone(
    tiny_chat: LocalChatModel, slow: Passes
) -> None:
    def leave_early(question: str) -> str:
        return next(chunk.text for chunk in tiny_chat.stream(question))

    with ThreadPoolExecutor() as pool:
        leaving = pool.submit(leave_early, "Where is the mill?")
        staying = pool.submit(tiny_chat.invoke, FERRY)
    assert leaving.result() == "The"
    assert staying.result().content == LESSONS[FERRY]


def test_request_cancelled_before_its_turn_costs_nothing(
    tiny_chat: LocalChatModel, passes: Passes
) -> None:
    row = Row(deliver=pytest.fail, max_tokens=5)
    row.cancelled.set()
    tiny_chat.worker.submit(Generation(messages=to_chat([HumanMessage(BEES)]), row=row))
    tiny_chat.worker.close()
    assert passes.count == 0


def questions() -> list[str]:
    """Eight of different lengths, with answers of different lengths."""
    return [*LESSONS, "Hello", "mill", "Where is the ferry in winter?", "bees " * 20, "Anna"]


async def test_concurrent_calls_share_passes_and_reply_as_if_alone(
    tiny_chat: LocalChatModel, passes: Passes
) -> None:
    alone = [tiny_chat.invoke(question, max_tokens=TOKENS).content for question in questions()]
    single, passes.count = passes.count, 0
    calls = [tiny_chat.ainvoke(question, max_tokens=TOKENS) for question in questions()]
    together = [reply.content for reply in await asyncio.gather(*calls)]
    assert together == alone
    assert len(set(together)) >= 3
    assert single > 4 * TOKENS
    assert passes.count <= 2 * TOKENS


def test_in_fewer_bits_no_request_shares_a_pass(tiny_pipeline, passes: Passes) -> None:
    tiny_pipeline.model.to(torch.bfloat16)
    worker = PipelineWorker(tiny_pipeline)
    chat = LocalChatModel(worker=worker, model_name="tiny", max_tokens=TOKENS)
    alone = [chat.invoke(question).content for question in questions()]
    single, passes.count = passes.count, 0
    assert [reply.content for reply in chat.batch(questions())] == alone
    assert passes.count == single
    worker.close()


def test_threads_share_passes_too(tiny_chat: LocalChatModel, passes: Passes) -> None:
    replies = tiny_chat.batch(questions(), max_tokens=TOKENS)
    assert len(replies) == 8
    assert passes.count <= 3 * TOKENS


async def test_rows_of_a_batch_keep_their_own_limits_and_stops(
    tiny_chat: LocalChatModel, passes: Passes
) -> None:
    short, stopped, whole, bees = await asyncio.gather(
        tiny_chat.ainvoke(FERRY, max_tokens=3),
        tiny_chat.ainvoke(FERRY, stop=[" at noon"]),
        tiny_chat.ainvoke(FERRY),
        tiny_chat.ainvoke(BEES, seed=7),
    )
    assert short.usage_metadata["output_tokens"] == 3
    assert stopped.content == "The ferry leaves at nine in the morning,"
    assert whole.content == LESSONS[FERRY]
    assert bees.content == LESSONS[BEES]
    assert passes.count < 2 * whole.usage_metadata["output_tokens"]


async def test_one_bad_request_does_not_spoil_its_batch(tiny_chat: LocalChatModel) -> None:
    good, bad = await asyncio.gather(
        tiny_chat.ainvoke(BEES), tiny_chat.ainvoke("mill " * 600), return_exceptions=True
    )
    assert good.content == LESSONS[BEES]  # type: ignore[union-attr]
    assert "context" in str(bad)


def test_sampled_and_scored_requests_wait_their_turn(tiny_chat: LocalChatModel) -> None:
    def sample() -> str:
        return tiny_chat.invoke("Hello", temperature=2.0, seed=3, max_tokens=10).text

    alone = sample()
    with ThreadPoolExecutor(12) as pool:
        sampled = [pool.submit(sample) for _ in range(4)]
        greedy = [pool.submit(tiny_chat.invoke, BEES) for _ in range(4)]
        rated = [pool.submit(scored, tiny_chat, "a") for _ in range(4)]
    assert {future.result() for future in sampled} == {alone}
    assert {future.result().content for future in greedy} == {LESSONS[BEES]}
    assert len({str(future.result()) for future in rated}) == 1


def test_caller_whose_loop_closed_does_no_harm(tiny_chat: LocalChatModel, slow: Passes) -> None:
    async def give_up() -> None:
        await asyncio.wait_for(tiny_chat.ainvoke(FERRY), timeout=0.1)

    for _ in range(3):
        with pytest.raises(TimeoutError):
            asyncio.run(give_up())
    assert tiny_chat.invoke(BEES).content == LESSONS[BEES]


def test_closed_model_finishes_what_is_queued_and_refuses_more(
    tiny_chat: LocalChatModel, slow: Passes
) -> None:
    events: list[Event] = []
    row = Row(deliver=events.append, max_tokens=5)
    worker = tiny_chat.worker
    worker.submit(Generation(messages=to_chat([HumanMessage(BEES)]), row=row, sampling=Sampling()))
    scoring = Scoring(prompts=[to_chat([HumanMessage(BEES)])], labels=["yes", "no"], text="")
    worker.submit(scoring)
    worker.close()
    worker.close()
    assert row.reason == "length"
    assert len(scoring.result.result(timeout=0)) == 1
    with pytest.raises(RuntimeError, match="closed"):
        tiny_chat.invoke(BEES)
