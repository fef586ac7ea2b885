"""Ask a server again after a fault that passes: later from try to try, and never all at once."""

from __future__ import annotations

from collections.abc import Callable

from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

TRIES = 4
BACKING_OFF = wait_exponential_jitter(initial=0.5, max=8, jitter=0.5)


def again(passes: Callable[[BaseException], bool]) -> Retrying:
    """Return what makes a call up to four times, over some five seconds; then its error is raised.

    `passes` tells whether the same may work in a moment.
    """
    return Retrying(
        retry=retry_if_exception(passes),
        stop=stop_after_attempt(TRIES),
        wait=BACKING_OFF,
        reraise=True,
    )
