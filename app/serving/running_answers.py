"""Answers on their way: they go on when their reader leaves, and whoever comes back follows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

Event = dict[str, str]
Unwanted = Callable[[], Awaitable[bool]]

LOOK_SECONDS = 0.3

log = logging.getLogger(__name__)


class Answering:
    """One answer on its way, drawn in a task of its own, with all that was told of it so far."""

    def __init__(
        self, events: AsyncIterator[Event], unwanted: Unwanted | None, run: str | None
    ) -> None:
        self.run = run
        """Names it, where anything does."""
        self._told: list[Event] = []
        self._news = asyncio.Event()
        self._stopped = False
        self._task = asyncio.create_task(self._draw(events))
        self._watching = asyncio.create_task(self._watch(unwanted)) if unwanted else None

    @property
    def ended(self) -> bool:
        """Whether nothing more will be told."""
        return self._task.done()

    async def followed(self) -> AsyncIterator[Event]:
        """Yield what was told from the beginning, then what is told from now on.

        Leaving the iteration leaves the answer alone.
        """
        at = 0
        while True:
            news = self._news  # before looking, so that nothing is missed
            for event in self._told[at:]:
                yield event
                at += 1
            if at < len(self._told):
                continue
            if self.ended:
                break
            await news.wait()
        if not self._task.cancelled():
            self._task.result()  # for its error

    async def stop(self) -> None:
        """Stop the model, and wait until it has stopped.

        Once: LangGraph, interrupted again on its way out, leaves nodes running.
        """
        if not self._stopped:
            self._stopped = True
            await asyncio.sleep(0)  # cancelled before its first step, a task would free nothing
            self._task.cancel()
        await asyncio.wait({self._task})

    async def _watch(self, unwanted: Unwanted) -> None:
        """Stop once nobody wants the answer; a look that fails is told once, and the next made."""
        failed = False
        while not self.ended:
            await asyncio.wait({self._task}, timeout=LOOK_SECONDS)
            try:
                if not self.ended and await unwanted():
                    await self.stop()
            except Exception:
                if not failed:
                    log.warning("whether an answer is to stop cannot be read", exc_info=True)
                failed = True

    async def _draw(self, events: AsyncIterator[Event]) -> None:
        try:
            async for event in events:
                self._told.append(event)
                self._tell()
        finally:
            # Those who wait look again once this task has ended.
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class Answers:
    """The answers that this process is giving, by thread."""

    def __init__(self) -> None:
        self._of: dict[str, Answering] = {}

    def begin(
        self,
        thread: str,
        events: AsyncIterator[Event],
        unwanted: Unwanted | None = None,
        run: str | None = None,
    ) -> Answering:
        """Begin a thread's answer; it must have none.

        Where other processes may be asked to stop it, `unwanted` tells whether one was.
        """
        self._of = {key: each for key, each in self._of.items() if not each.ended}
        self._of[thread] = Answering(events, unwanted, run)
        return self._of[thread]

    def of(self, thread: str, run: str | None = None) -> Answering | None:
        """Return the answer that a thread is being given, if any; only that of a run, if named."""
        answer = self._of.get(thread)
        if answer is None or answer.ended or run not in (None, answer.run):
            return None
        return answer

    async def stop(self, thread: str) -> None:
        """Stop a thread's answer, if one is on its way."""
        if (found := self.of(thread)) is not None:
            await found.stop()

    async def stop_all(self) -> None:
        """Stop every answer."""
        await asyncio.gather(*(each.stop() for each in self._of.values()))
