"""Turn chat messages into token ids and token ids into text, for several threads at once.

Knows the tokenizer and its chat template; knows neither weights nor requests.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from transformers import TextGenerationPipeline

from finetune.data.chat_format import chat_format, decode_reply, encode_prompt, encode_text
from finetune.measured import Measured

Messages = list[dict[str, str]]


class Encoder:
    """The pipeline's tokenizer, used by one thread at a time.

    Encoding text with and without control tokens switches a flag inside the tokenizer: without the
    lock, counting in one thread could let a control token of a document through in another.
    """

    def __init__(self, pipeline: TextGenerationPipeline) -> None:
        self._tokenizer: Any = pipeline.tokenizer  # its methods are untyped
        self._lock = threading.Lock()

    @property
    def streams(self) -> bool:
        """Whether a reply's text stays as it is once it is shown, which no thought makes sure."""
        with self._lock:
            return not chat_format(self._tokenizer).thinks

    def encode(self, messages: Messages) -> list[int]:
        """Render messages to token ids, control tokens inside their contents kept as text."""
        with self._lock:
            return encode_prompt(self._tokenizer, messages)

    def encode_text(self, text: str) -> list[int]:
        """Encode a text as it stands inside a message: control tokens in it are plain text."""
        with self._lock:
            return encode_text(self._tokenizer, text)

    def decode(self, token_ids: list[int]) -> str:
        """Turn a reply's token ids into text, without control tokens and thoughts."""
        with self._lock:
            return decode_reply(self._tokenizer, token_ids)

    def first_tokens(self, labels: Sequence[str]) -> list[int]:
        """Return the token that each label begins with; raises ValueError if two share one."""
        encoded = [self.encode_text(label) for label in labels]
        if not all(encoded):
            raise ValueError(f"the labels {list(labels)} contain an empty one: name it")
        tokens = [ids[0] for ids in encoded]
        if len(set(tokens)) < len(tokens):
            raise ValueError(f"the labels {list(labels)} begin with the same token: choose others")
        return tokens

    def measure(self, prompt: Messages, text: str, labels: list[int]) -> Measured:
        """Locate a text's tokens: those that vanish when the text is taken out of the prompt.

        The text's last occurrence in the last message counts; an empty text has no tokens. Raises
        ValueError when it does not occur there.
        """
        ids = self.encode(prompt)
        if not text:
            return Measured.for_reply(ids, labels)
        before, found, after = prompt[-1]["content"].rpartition(text)
        if not found:
            raise ValueError(f"{text!r} is not in the prompt's last message: nothing to measure")
        without = self.encode([*prompt[:-1], {**prompt[-1], "content": before + after}])
        start = _common_length(ids, without)
        # What is common at the beginning must not be counted again from the end.
        tail = _common_length(ids[:start:-1], without[start:][::-1])
        return Measured(ids, start, len(ids) - tail, labels)


def _common_length(left: Sequence[int], right: Sequence[int]) -> int:
    """Count the equal tokens at the beginning of both."""
    pairs = zip(left, right, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))
