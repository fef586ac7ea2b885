"""Delete threads at both of LangGraph's doors; only inside its server."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial

from langgraph_sdk import get_client
from langgraph_sdk.errors import NotFoundError
from starlette.exceptions import HTTPException

from app.serving.persistence import UNKEPT
from app.serving.resources import Resources
from app.serving.thread_deletion import forget_thread, stop_elsewhere

PATIENCE_S = 60.0  # that server's client is told at once that the thread is gone, and asks no more

log = logging.getLogger(__name__)


class Deletions:
    """Deletes here what is deleted there, and there what is deleted here.

    That server notes where in its list a thread stands, then asks who may delete it and deletes
    its checkpoints, then takes out whatever stands there by now: it is not to wait for long, nor
    to be asked for two at once.
    """

    def __init__(self, resources: Resources) -> None:
        self._of = resources
        self._on_their_way = set[asyncio.Task[None]]()
        self._one_at_a_time = asyncio.Lock()

    async def there(self, thread: str) -> None:
        """Delete a thread from those that LangGraph's server keeps, if it is one of them."""
        async with self._one_at_a_time:
            with suppress(NotFoundError):
                await get_client().threads.delete(thread)  # this very server, past its doors

    def begin_here(self, thread: str, user: str) -> None:
        """Begin to delete a thread if it is the user's."""
        task = asyncio.create_task(self._delete(thread, user))
        self._on_their_way.add(task)
        task.add_done_callback(self._on_their_way.discard)

    async def _delete(self, thread: str, user: str) -> None:
        try:
            if await self._of.threads.owner(thread) == user:
                stop = partial(stop_elsewhere, self._of)
                await forget_thread(self._of, thread, user, stop, PATIENCE_S)
        except (HTTPException, *UNKEPT):
            log.exception("a thread that was deleted could not be forgotten")
