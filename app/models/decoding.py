"""Follow each row of a running batch: emit its text, and end it at its own stop, limit or cancel.

Knows token ids and strings; knows neither the model nor who listens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import torch
from transformers import StoppingCriteria

FinishReason = Literal["stop", "length", "cancelled"]

UNFINISHED_CHARACTER = "\ufffd"  # what a tokenizer writes for bytes that do not end a character
LONGEST_CHARACTER = 4  # bytes, and tokens at most


class Decoder(Protocol):
    """Turns token ids into text."""

    @property
    def streams(self) -> bool:
        """Whether a text that was shown stays; a thought may end without having begun."""

    def decode(self, token_ids: list[int]) -> str:
        """Return the text without control tokens and thoughts."""


@dataclass(frozen=True, kw_only=True)
class Finished:
    """The end of one request, with its figures."""

    text: str
    reason: FinishReason
    prompt_tokens: int
    completion_tokens: int


Event = str | Finished | Exception
"""A piece of text, the end, or what went wrong: the two last end the request."""


@dataclass(kw_only=True)
class Row:
    """One request inside a batch, and what it has produced so far."""

    deliver: Callable[[Event], None]
    max_tokens: int
    stop: Sequence[str] = ()
    cancelled: threading.Event = field(default_factory=threading.Event)
    prompt_tokens: int = 0
    tokens: list[int] = field(default_factory=list)
    emitted: str = ""
    reason: FinishReason | None = None

    def __post_init__(self) -> None:
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens={self.max_tokens} came: it must be at least 1")

    def accept(self, token: int, *, end_tokens: frozenset[int], decoder: Decoder) -> bool:
        """Take the next token and return whether this row is finished."""
        if self.reason is not None:
            return True
        if self.cancelled.is_set():
            return self.abandon()
        self.tokens.append(token)
        ended = token in end_tokens
        text = decoder.decode(self.tokens[:-1] if ended else self.tokens)
        cut = first_stop(text, self.stop)
        if cut is not None:
            return self._finish("stop", text[:cut])
        if ended:
            return self._finish("stop", finished_text(self.tokens[:-1], decoder))
        if len(self.tokens) >= self.max_tokens:
            return self._finish("length", finished_text(self.tokens, decoder))
        if decoder.streams:
            self._emit(text[: settled_length(text, self.stop)])
        return False

    def abandon(self) -> bool:
        """End with what was written, as nobody waits for more; returns True."""
        return self._finish("cancelled", self.emitted)

    def _emit(self, text: str) -> None:
        """Deliver what is new; what was shown stays, even where a decoder has taken it back."""
        if new := text[len(self.emitted) :]:
            self.deliver(new)
            self.emitted += new

    def _finish(self, reason: FinishReason, text: str) -> bool:
        self.reason = reason
        self._emit(text)
        self.deliver(
            Finished(
                text=text,
                reason=reason,
                prompt_tokens=self.prompt_tokens,
                completion_tokens=len(self.tokens),
            )
        )
        return True


class RowMonitor(StoppingCriteria):
    """Hand each new token of a batch to its row, once per decoding step.

    A stopping criterion is the one hook that transformers calls with every row's tokens, so it
    streams a whole batch, where the library's streamers take a single row only.
    """

    def __init__(
        self, rows: Sequence[Row], *, end_tokens: frozenset[int], decoder: Decoder
    ) -> None:
        self.rows = rows
        self.end_tokens = end_tokens
        self.decoder = decoder

    def __call__(
        self, input_ids: torch.Tensor, scores: torch.Tensor | None, **kwargs: Any
    ) -> torch.Tensor:
        """Return for each row whether it is finished, shape (rows,)."""
        newest = input_ids[:, -1].tolist()
        done = [
            row.accept(token, end_tokens=self.end_tokens, decoder=self.decoder)
            for row, token in zip(self.rows, newest, strict=True)
        ]
        return torch.tensor(done, device=input_ids.device, dtype=torch.bool)


def first_stop(text: str, stop: Sequence[str]) -> int | None:
    """Return where the earliest stop string begins, or None."""
    places = [place for string in stop if (place := text.find(string)) >= 0]
    return min(places, default=None)


def whole_characters(text: str) -> str:
    """Return the text without the character at its end that lacks some of its bytes.

    A tokenizer writes one sign for all of them, or one for each byte.
    """
    return text.rstrip(UNFINISHED_CHARACTER)


def finished_text(tokens: Sequence[int], decoder: Decoder) -> str:
    """Return the text of tokens that may end inside a character.

    Where one sign stands for each byte, whole characters right before an unfinished one turn into
    signs as well: these are read without the tokens after them.
    """
    text = decoder.decode(list(tokens))
    if not text.endswith(UNFINISHED_CHARACTER):
        return text
    earlier = [decoder.decode(list(tokens[:-back])) for back in range(1, LONGEST_CHARACTER)]
    return max(map(whole_characters, [text, *earlier]), key=len)


def settled_length(text: str, stop: Sequence[str]) -> int:
    """Return how much of the text can no longer change or turn out to be part of a stop string."""
    whole = whole_characters(text)  # what follows it may yet become part of a stop string
    held = max((_overlap(whole, string) for string in stop), default=0)
    return len(whole) - held


def _overlap(text: str, string: str) -> int:
    """Length of the longest end of the text that is a beginning of the string."""
    longest = min(len(text), len(string) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(string[:n])), 0)
