"""Delete a thread with all that is kept of it, whichever door the wish comes through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app.serving.busy_threads import STOPPING_SECONDS
from app.serving.resources import Resources

Stop = Callable[[str], Awaitable[None]]


async def forget_thread(
    resources: Resources,
    thread: str,
    owner: str,
    stop: Stop,
    seconds: float = STOPPING_SECONDS,
) -> None:
    """Delete an owner's thread and those beside it; an answer on its way is stopped.

    Raises HTTPException for one that goes on for so many seconds.
    """
    for each in (*await resources.threads.beside(thread, owner), thread):
        await stop(each)
        await resources.busy.take_soon(each, seconds)
        try:
            await resources.checkpointer.adelete_thread(each)
            await resources.reviews.drop(each)
            await resources.given.forget(each)
            await resources.threads.forget(each)  # last: whoever owns it may try again
        finally:
            resources.busy.free(each)


async def stop_elsewhere(resources: Resources, thread: str) -> None:
    """Ask whoever answers in a thread, in this process or another, to stop."""
    if resources.busy.taken(thread):
        await resources.given.stop(thread)
