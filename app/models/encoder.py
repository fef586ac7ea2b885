"""Turn chat messages into token ids and token ids into text, for several threads at once.

Knows the tokenizer and its chat template; knows neither weights nor requests.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transformers import TextGenerationPipeline
from transformers.utils.chat_template_utils import Chat

Messages = list[dict[str, str]]


@dataclass(frozen=True)
class Measured:
    """A prompt's token ids and where the measured text begins and ends in them."""

    ids: list[int]
    start: int
    end: int


class Encoder:
    """The pipeline's tokenizer, used by one thread at a time.

    Encoding text with and without control tokens switches a flag inside the tokenizer: without the
    lock, counting in one thread could let a control token of a document through in another.
    """

    def __init__(self, pipeline: TextGenerationPipeline) -> None:
        self._pipeline: Any = pipeline  # its methods are untyped
        self._tokenizer: Any = pipeline.tokenizer
        self._lock = threading.Lock()

    def encode(self, messages: Messages) -> list[int]:
        """Render messages to token ids, control tokens inside their contents kept as text."""
        chat = Chat(messages)  # type: ignore[arg-type]  # its annotation forgot the list
        options = {"sanitize_control_tokens": True}
        with self._lock:
            inputs = self._pipeline.preprocess(chat, tokenizer_encode_kwargs=options)
        ids: list[int] = inputs["input_ids"][0].tolist()
        return ids

    def encode_text(self, text: str) -> list[int]:
        """Encode a text as it stands inside a message: control tokens in it are plain text."""
        with self._lock:
            ids: list[int] = self._tokenizer.encode(
                text, add_special_tokens=False, split_special_tokens=True
            )
        return ids

    def decode(self, token_ids: list[int]) -> str:
        """Turn token ids into text without control tokens; more ids never change earlier text."""
        with self._lock:
            text: str = self._tokenizer.decode(
                token_ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        return text

    def measure(self, prompt: Messages, text: str) -> Measured:
        """Locate a text's tokens: those that vanish when the text is taken out of the prompt.

        The text's last occurrence in the last message counts; an empty text has no tokens. Raises
        ValueError when it does not occur there.
        """
        ids = self.encode(prompt)
        if not text:
            return Measured(ids, len(ids), len(ids))
        before, found, after = prompt[-1]["content"].rpartition(text)
        if not found:
            raise ValueError(f"{text!r} is not in the prompt's last message: nothing to measure")
        without = self.encode([*prompt[:-1], {**prompt[-1], "content": before + after}])
        start = _common_length(ids, without)
        # What is common at the beginning must not be counted again from the end.
        tail = _common_length(ids[:start:-1], without[start:][::-1])
        return Measured(ids, start, len(ids) - tail)


def _common_length(left: Sequence[int], right: Sequence[int]) -> int:
    """Count the equal tokens at the beginning of both."""
    pairs = zip(left, right, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))
