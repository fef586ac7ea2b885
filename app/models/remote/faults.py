"""Say in one line what went wrong between here and a model elsewhere, whichever client noticed."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from langchain_core.exceptions import ContextOverflowError, ModelError

from app.errors import BadReply, ContextLengthError, ModelUnavailable, redacted
from app.models.names import Remote

KEYS = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google_genai": "GOOGLE_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
}
LONGEST = 200  # characters of what a server says
OVER_LIMIT = 429
_DELAY = re.compile(r"['\"]retryDelay['\"]:\s*['\"]([\d.]+)s['\"]")  # of Gemini, in the body
_CONTEXT = re.compile(r"context[ _](?:length|size|window)", re.IGNORECASE)
Fault = ModelUnavailable | BadReply | ContextLengthError


def fault_of(
    error: Exception, remote: Remote, *, seconds: float, key: str, secrets: Sequence[str]
) -> Fault:
    """Turn a client's error into one that users read; what was the matter is kept, keys are not.

    `key` is the variable that holds the key.
    """
    chain = list(_chain(error))
    if isinstance(error, ContextOverflowError) or _too_long(chain):
        message = _said(error, secrets)
        return ContextLengthError(f"{remote.where} refuses the prompt as too long ({message})")
    if any(_is(each, _TIMEOUTS) for each in chain):
        return ModelUnavailable(
            f"{remote.where} said nothing for {seconds:g} s: it hangs or has too much to do; "
            "GROUNDTUNE_MODEL_TIMEOUT allows more"
        )
    status = next(filter(None, map(_status, chain)), None)
    if status is not None:
        return _refused(status, error, remote, key, secrets, _wait(chain))
    if any(_is(each, _CONNECTIONS) for each in chain):
        reason = _said(chain[-1], secrets)
        return ModelUnavailable(
            f"{remote.where} cannot be reached ({reason}): see that it runs, and that its name "
            "and address are right",
            passing=True,
        )
    return BadReply(
        f"{remote.where} sent what is no reply ({type(error).__name__}: {_said(error, secrets)})",
        passing=not isinstance(error, ModelError),
    )


def _too_long(chain: Sequence[BaseException]) -> bool:
    """Tell whether a request was refused for its length: servers have no one code for it."""
    refused = [error for error in chain if _status(error) in (400, 413)]
    return any(_CONTEXT.search(f"{error} {getattr(error, 'code', '')}") for error in refused)


# By name: each client brings a library of its own, which need not be installed.
_TIMEOUTS = {"TimeoutError", "TimeoutException", "ModelTimeoutError", "APITimeoutError"}
_CONNECTIONS = {"OSError", "TransportError", "ModelConnectionError", "APIConnectionError"}


def _is(error: BaseException, kinds: set[str]) -> bool:
    return not kinds.isdisjoint(kind.__name__ for kind in type(error).__mro__)


def _refused(
    status: int,
    error: Exception,
    remote: Remote,
    key: str,
    secrets: Sequence[str],
    wait: float | None,
) -> Fault:
    where = remote.where
    if status in (401, 403):  # what the server says may repeat the key
        return ModelUnavailable(f"{where} refuses the key ({status}): set {key}")
    if status == 404:
        return ModelUnavailable(f"{where} is not there (404): check the model's name and the URL")
    if status == OVER_LIMIT:
        asks = f", and asks to wait {wait:g} s" if wait else ""
        message = f"{where} takes no more requests now (429){asks}: try again later"
        return ModelUnavailable(message, passing=True, retry_after=wait)
    said = _said(error, secrets)
    if status >= 500:
        message = f"{where} failed ({status}: {said})"
        return ModelUnavailable(message, passing=True, retry_after=wait)
    return BadReply(f"{where} refuses the request ({status}: {said})")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from; the innermost knows best."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _status(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    codes = (getattr(error, "status_code", None), getattr(error, "code", None))
    for status in (*codes, getattr(response, "status_code", None)):
        if isinstance(status, int) and status >= 400:
            return status
    return None


def _wait(chain: Sequence[BaseException]) -> float | None:
    """Return the seconds that the server asks to wait, as a header or in its body."""
    for error in chain:
        headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
        if (after := _seconds(headers.get("retry-after", ""), headers.get("date", ""))) is not None:
            return after
        if match := _DELAY.search(str(error)):
            return float(match[1])
    return None


def _seconds(after: str, now: str) -> float | None:
    """Return the seconds of a Retry-After header: a number, or a date by the server's own clock."""
    if after.replace(".", "", 1).isdigit():
        return float(after)
    try:
        until = parsedate_to_datetime(after)
        since = parsedate_to_datetime(now) if now else datetime.now(UTC)
        return max(0.0, (until - since).total_seconds())
    except (ValueError, TypeError):  # neither, or one with and one without a zone
        return None


def _said(error: BaseException, secrets: Sequence[str]) -> str:
    return textwrap.shorten(redacted(error, secrets), LONGEST, placeholder=" ...")
