"""What the routes share: assistants by arm, threads, reviews, documents, users."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command
from starlette.exceptions import HTTPException

from app.assistant import Assistant
from app.compare.run.arm_settings import FILE
from app.models.cancellation import Abandoned
from app.serving.accounts import Given
from app.serving.admission import Queue
from app.serving.answer_events import NO_DOCUMENTS
from app.serving.busy_threads import Busy
from app.serving.held_answers import REVIEWER
from app.serving.library import Library
from app.serving.persistence import no_room, open_checkpointer, open_store, unreadable
from app.serving.reviews import Reviews
from app.serving.settings import ServerSettings
from app.serving.threads import Threads
from app.serving.users import Authenticator, Caller
from graphs.rag import Graph

log = logging.getLogger(__name__)

SERVED = "served"
BASE = "base-rag"
Resume = Callable[[str, dict[str, Any], str], Awaitable[None]]
MOST_LOADED = 2  # other arms, about 0.5 GB each


class Resources:
    """Made once per process; threads and reviews are there while `opened`."""

    checkpointer: BaseCheckpointSaver[Any]
    threads: Threads
    reviews: Reviews
    given: Given

    def __init__(self, settings: ServerSettings, assistant: Assistant) -> None:
        self.settings = settings
        self.ready = False
        self.watched: list[Callable[[], Awaitable[str]]] = [self._room]
        """Each returns what keeps the server from answering, or nothing."""
        self.forgetting: list[Callable[[str], Awaitable[None]]] = []
        """Each deletes a thread from another place where it is stored."""
        self.resumed: Resume = self._resumed
        """Decides about the answer that waits in a thread."""
        self.busy = Busy(settings.state)
        private = settings.uploads == "private"
        self.library = Library(assistant, settings.state / "uploads", private=private)
        self.authenticator = Authenticator.configured(settings)
        self.served = assistant
        self._loading = threading.Lock()
        self._others: OrderedDict[str, Assistant] = OrderedDict()
        self._lent: Counter[str] = Counter()
        self._returned = asyncio.Event()
        self._lending = asyncio.Lock()

    @cached_property
    def queue(self) -> Queue:
        """Where all questions wait for their turn."""
        running = self.settings.max_running or self.served.runtime.at_once
        return Queue(running, self.settings.max_waiting, users=self.settings.asks)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Open what is kept, and answer once, so that nobody waits for the first answer."""
        await asyncio.to_thread(self.busy.open)
        embeddings = await asyncio.to_thread(lambda: self.served.embeddings)
        async with (
            open_checkpointer(self.settings) as saver,
            open_store(self.settings, embeddings) as store,
        ):
            self.checkpointer, self.threads, self.reviews = saver, Threads(store), Reviews(store)
            self.given = Given(store)
            self.watched.append(partial(unreadable, self.settings, saver, store))
            await asyncio.to_thread(_warm_up, self.served)
            if not self.served.store.exists():
                log.warning(NO_DOCUMENTS)
            self.ready = True
            try:
                yield
            finally:
                self.ready = False

    async def trouble(self) -> str:
        """Return what keeps the server from answering, or nothing."""
        if not self.ready:
            return "models are being loaded"
        for watch in self.watched:
            if reason := await watch():
                return reason
        return ""

    async def _room(self) -> str:
        why = await asyncio.to_thread(no_room, self.settings.state)
        return f"nothing can be kept: {why}" if why else ""

    def arms(self) -> dict[str, dict[str, Any]]:
        """Return what each arm that can be asked sets, besides the one that is served."""
        file = self.settings.compared / FILE
        known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return {BASE: {"adapter": "none", "retrieval": "always"}, **known}

    def check_arm(self, arm: str | None) -> None:
        """Raise HTTPException for an unknown arm."""
        if arm not in (None, *(known := [SERVED, *self.arms()])):
            raise HTTPException(404, f"there is no arm {arm!r}: choose from {', '.join(known)}")

    def check_askable(self, arm: str, question: str, caller: Caller) -> None:
        """Raise what asking an arm would raise before it begins; the arm is not loaded for that."""
        sets = {} if arm == SERVED else self.arms()[arm]
        self.seen_by(caller).check_askable(question, sets.get("retrieval"))

    @asynccontextmanager
    async def lent(self, arm: str | None, caller: Caller) -> AsyncIterator[Assistant]:
        """Lend what a user may see of an arm, loaded; meanwhile it is not closed for another.

        Waits while as many others are lent as may be loaded, and for whoever waits already.
        """
        self.check_arm(arm)
        if arm is None or arm == SERVED:
            yield self.seen_by(caller)
            return
        async with self._lending:
            while len({arm, *self._asked()}) > MOST_LOADED:
                await self._returned.wait()
            self._lent[arm] += 1
        try:
            other = await asyncio.to_thread(self._other, arm)
            yield other.seen_by(caller.groups)
        finally:
            self._lent[arm] -= 1
            returned, self._returned = self._returned, asyncio.Event()
            returned.set()

    def graph_of(self, assistant: Assistant, only: Sequence[str] = ()) -> Graph:
        """Return an assistant's graph, whose threads are kept, over all documents or some only."""
        graph = assistant.graph_within(only) if only else assistant.graph
        return graph.copy({"checkpointer": self.checkpointer})

    def seen_by(self, caller: Caller) -> Assistant:
        """Return what a user may see of the assistant that is served."""
        return self.served.seen_by(caller.groups)

    def check_documents(self, only: Sequence[str], caller: Caller) -> None:
        """Raise HTTPException for a document that is not in the index, or not for the user."""
        known = self.seen_by(caller).roots() if only else {}
        for name in only:
            if name not in known:
                raise HTTPException(404, f"there is no document {name[:200]!r}: it may be deleted")

    @property
    def graph(self) -> Graph:
        """The graph of the arm that is served, whose threads are kept; it sees what all may see."""
        return self.graph_of(self.served.seen_by(()))

    async def _resumed(self, thread: str, verdict: dict[str, Any], reviewer: str) -> None:
        config: RunnableConfig = {
            "configurable": {"thread_id": thread},
            "metadata": {REVIEWER: reviewer},
        }
        await self.graph.ainvoke(Command(resume=verdict), config)

    def _asked(self) -> list[str]:
        """Return the arms that are lent."""
        return [arm for arm, times in self._lent.copy().items() if times]

    def _other(self, arm: str) -> Assistant:
        with self._loading:
            if arm not in self._others:
                self._make_room(arm)
                self._others[arm] = self._loaded(self.arms()[arm])
            self._others.move_to_end(arm)
            return self._others[arm]

    def _make_room(self, arm: str) -> None:
        """Close what nobody asks, the longest unasked first; raises Abandoned if this is such."""
        asked = self._asked()
        if arm not in asked:
            raise Abandoned
        idle = [name for name in self._others if name not in asked]
        for name in idle[: max(len(self._others) + 1 - MOST_LOADED, 0)]:
            self._others.pop(name).close()

    def _loaded(self, arm: dict[str, Any]) -> Assistant:
        places = {name: Path(value) for name in ("gate", "shots") if (value := arm.get(name))}
        chosen = {"gate": None, "shots": None, **_without_places(arm), **places}
        settings = self.settings.model_copy(update=chosen)
        assistant = Assistant(settings, callbacks=self.served.callbacks, seal=self.served.seal)
        assistant.warm_up()
        return assistant


def _without_places(arm: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arm.items() if name in ("model", "adapter", "retrieval")}


def _warm_up(assistant: Assistant) -> None:
    assistant.warm_up()
    assistant.chat_model.invoke("Hello", max_tokens=1)  # the first pass of a model is its slowest
