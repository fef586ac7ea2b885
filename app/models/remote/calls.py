"""Call a model elsewhere: again after a fault that passes, and never longer than is allowed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_random,
)

from app.models.names import Remote
from app.models.remote.faults import Fault, fault_of
from app.patience import BACKING_OFF, TRIES

T = TypeVar("T")

A_LITTLE_MORE = wait_random(0, 0.5)  # so that those who were told to wait don't come back as one


@dataclass(frozen=True)
class Calls:
    """Makes the calls to one model and counts those under way."""

    remote: Remote
    seconds: float
    """Of silence after which it counts as hanging; tries are spread over no more."""
    key: str = ""
    """The variable that holds its key."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What no error may repeat."""
    _under_way: set[object] = field(default_factory=set, repr=False)

    @property
    def unfinished(self) -> int:
        """Number of calls under way."""
        return len(self._under_way)

    def call(self, ask: Callable[[], T]) -> T:
        """Return what a call returns; raises ModelUnavailable, BadReply or ContextLengthError."""
        with self.counted():
            result: T = Retrying(**self._how())(self.once, ask)
            return result

    async def acall(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Do the same in async code."""
        with self.counted():
            return await AsyncRetrying(**self._how())(self.aonce, ask)

    def _fault(self, error: Exception) -> Fault:
        if isinstance(error, Fault):
            return error
        return fault_of(
            error, self.remote, seconds=self.seconds, key=self.key, secrets=self.secrets
        )

    def once(self, ask: Callable[[], T]) -> T:
        """Return what a call returns, which is not tried again: something was shown already."""
        try:
            return ask()
        except Exception as error:  # clients raise what they like for what a server sends
            raise self._fault(error) from None

    async def aonce(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Do the same in async code."""
        try:
            return await ask()
        except Exception as error:
            raise self._fault(error) from None

    def _how(self) -> dict[str, Any]:
        return {
            "retry": retry_if_exception(lambda error: bool(getattr(error, "passing", False))),
            "stop": stop_after_attempt(TRIES) | stop_before_delay(self.seconds),
            "wait": _pause,
            "reraise": True,
        }

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count a call that goes on for as long as the block."""
        token = object()
        self._under_way.add(token)
        try:
            yield
        finally:
            self._under_way.discard(token)


def _pause(state: RetryCallState) -> float:
    """Wait as long as the server asks, else longer from try to try, and never all at once."""
    error = state.outcome.exception() if state.outcome else None
    seconds = getattr(error, "retry_after", None)
    return BACKING_OFF(state) if seconds is None else seconds + A_LITTLE_MORE(state)
