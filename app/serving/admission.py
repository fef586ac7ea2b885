"""Answer so many questions at once, and the others in the order in which they came."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from starlette.exceptions import HTTPException

from app.errors import UserError
from app.serving.answer_events import told_error
from app.serving.held_answers import REVIEWER
from graphs.limits import Context
from graphs.rag import Graph
from graphs.state import Answer, Question, State

FIRST_GUESS_S = 4.0  # how long an answer takes, until some were given
NEWEST = 0.2  # weight of the newest answer in how long one takes


@dataclass
class _Held:
    user: str
    round: int
    began: float | None = None


class Queue:
    """Places of those who ask; the first `max_running` are answered.

    More at once than gain by it would all be done when the last one is. Where users are told apart,
    they take turns, and nobody holds more than half of the places.
    """

    def __init__(
        self,
        max_running: int,
        max_waiting: int,
        told: Callable[[int], None] = lambda waiting: None,
        *,
        users: bool = False,
    ) -> None:
        self._max_running, self._max_waiting = max_running, max_waiting
        self.told = told
        """Is told how many wait, whenever that changes."""
        self._users = users
        self._numbers = itertools.count()
        self._held: dict[int, _Held] = {}  # all places
        self._round = 0  # the latest that a turn came in
        self._served: dict[str, int] = {}  # users of that round, and of later ones
        self._moved = asyncio.Event()
        self._turned_away = 0
        self._seconds = FIRST_GUESS_S

    def enter(self, user: str = "", *, bounded: bool = True) -> Place:
        """Take the last place, but before what users who hold several have in later rounds.

        Raises HTTPException unless `bounded` is off: 429 if the user holds too many, 503 if too
        many wait. It says when to come back, and everybody is given another time.
        """
        user = user if self._users else ""
        own = [place.round for place in self._held.copy().values() if place.user == user]
        if bounded:
            self._check(len(own))
        number, last = next(self._numbers), max([*own, self._served.get(user, -1)])
        self._held[number] = _Held(user, max(self._round, last + 1))
        self._tell()
        return Place(self, number, asyncio.get_running_loop())

    def ahead(self, number: int) -> int:
        """Return how many have to be done before a place's turn comes; 0 is its turn."""
        held = self._held.copy()  # places may be left from any thread
        order = sorted(held, key=lambda each: (held[each].round, each))
        return max(order.index(number) + 1 - self._max_running, 0)

    def seconds(self, ahead: int) -> int:
        """Estimate when so many are done."""
        return math.ceil(ahead * self._seconds / self._max_running)

    def begin(self, number: int) -> None:
        """Note that a place's turn has come."""
        place = self._held[number]
        place.began = place.began or time.monotonic()
        self._round = max(self._round, place.round)
        served = {**self._served, place.user: place.round}
        self._served = {user: at for user, at in served.items() if at >= self._round}

    def change(self) -> asyncio.Event:
        """Return what is set when somebody leaves."""
        return self._moved

    def left(self, number: int, loop: asyncio.AbstractEventLoop) -> None:
        """Give a place up; may be called from any thread."""
        began = self._held.pop(number).began
        if began is not None:
            took = time.monotonic() - began
            self._seconds = (1 - NEWEST) * self._seconds + NEWEST * took
        self._turned_away = max(self._turned_away - 1, 0)
        with suppress(RuntimeError):  # the server has stopped
            loop.call_soon_threadsafe(self._move)

    def _move(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        self._tell()

    def _tell(self) -> None:
        self.told(self._waiting())

    def _waiting(self) -> int:
        return max(len(self._held) - self._max_running, 0)

    def _check(self, own: int) -> None:
        places = self._max_running + self._max_waiting
        most = -(-places // 2)
        if self._users and own >= most:
            raise self._refusal(429, f"{most} of your questions are being answered or wait already")
        if len(self._held) >= places:
            raise self._refusal(503, f"{self._max_waiting} questions wait already")

    def _refusal(self, status: int, why: str) -> HTTPException:
        self._turned_away = min(self._turned_away + 1, self._max_waiting)
        seconds = max(self.seconds(self._turned_away), 1)
        message = f"{why}: ask again in {seconds} seconds"
        return HTTPException(status, message, headers={"Retry-After": str(seconds)})


class Place:
    """A place in the queue, until it is left, or until nobody holds it any more."""

    def __init__(self, queue: Queue, number: int, loop: asyncio.AbstractEventLoop) -> None:
        self._queue, self._number = queue, number
        self.leave = weakref.finalize(self, queue.left, number, loop)
        """Gives the place up; again does nothing."""

    async def turn(self) -> AsyncIterator[int]:
        """Yield how many are ahead whenever that changes, until it is this place's turn.

        Whoever stops waiting leaves.
        """
        announced = 0
        try:
            while True:
                moved = self._queue.change()
                ahead = self._queue.ahead(self._number)
                if not ahead:
                    break
                if ahead != announced:
                    announced = ahead
                    yield ahead
                await moved.wait()
        except BaseException:
            self.leave()
            raise
        self._queue.begin(self._number)

    async def __aenter__(self) -> Place:
        async for _ in self.turn():
            pass
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.leave()

    async def events(self, events: AsyncIterator[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        """Tell the place while it is not this one's turn, then what happens; leave at the end."""
        try:
            async for ahead in self.turn():
                seconds = self._queue.seconds(ahead)
                yield {"event": "queued", "place": ahead, "seconds": seconds}
            async for event in events:
                yield event
        finally:
            self.leave()


class NotReady(ValueError):
    """Report to a client that it is the operator's turn.

    A ValueError, for LangGraph's server keeps back the texts of others, as it should a UserError's.
    """


SeenBy = Callable[[RunnableConfig | None], Graph]
"""Returns the graph that sees what the user of a run may see."""


class GraphInTurn(CompiledStateGraph[State, Context, Question, Answer]):
    """A graph whose runs, whoever starts them, wait for their turn with all others."""

    queue: Queue
    seen_by: SeenBy

    @classmethod
    def of(cls, graph: Graph, queue: Queue, seen_by: SeenBy) -> GraphInTurn:
        """Return a graph whose runs wait in a queue, and then run as their users' graphs."""
        return cls(**vars(graph), queue=queue, seen_by=seen_by)

    def __init__(self, *, queue: Queue, seen_by: SeenBy, **parts: Any) -> None:
        super().__init__(**parts)
        self.queue = queue
        self.seen_by = seen_by

    async def astream(
        self, input: Any, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        """Run once it is this run's turn; what only the operator can mend is a NotReady."""
        try:
            async with self.queue.enter(_user(config), bounded=False):
                seen = await asyncio.to_thread(self.seen_by, config)
                own = seen.copy({"checkpointer": self.checkpointer, "store": self.store})
                async for event in own.astream(input, _certain(config), **kwargs):
                    yield event
        except UserError as error:
            raise NotReady(told_error(error)["message"]) from error


def _certain(config: RunnableConfig | None) -> RunnableConfig:
    """Have a run's metadata say its own thread and user, whatever its client wrote there.

    Runs without a user are the server's own, whose metadata nobody else wrote.
    """
    known = config or RunnableConfig()
    metadata = dict(known.get("metadata") or {})
    if thread := known.get("configurable", {}).get("thread_id"):
        metadata["thread_id"] = thread
    if user := _user(config):
        metadata[REVIEWER] = user
    return {**known, "metadata": metadata}


def _user(config: RunnableConfig | None) -> str:
    """Return the name of whom LangGraph's server has authenticated, if anybody."""
    user = (config or {}).get("configurable", {}).get("langgraph_auth_user")
    return "" if user is None else str(user.identity)
