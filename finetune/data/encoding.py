"""Turn examples into token ids exactly as serving does: one chat template, control tokens inert.

Knows a tokenizer; knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from finetune.data.examples import Example, Kind
from finetune.errors import DataError


@dataclass(frozen=True)
class Encoded:
    """An example's token ids; what follows the prompt is trained."""

    id: str
    ids: list[int]
    prompt_length: int
    rehearsed: bool = False
    """Whether it only keeps what the base model would say."""

    @property
    def completion_ids(self) -> list[int]:
        """The trained part, which ends with the token that ends a turn."""
        return self.ids[self.prompt_length :]


def encode_prompt(tokenizer: Any, chat: Sequence[dict[str, str]]) -> list[int]:
    """Encode messages and the opening of the reply."""
    return _render(tokenizer, chat, add_generation_prompt=True)


def encode_example(tokenizer: Any, example: Example) -> Encoded:
    """Encode prompt and completion up to the token that ends the turn.

    Raises DataError when the template does not end a turn with the tokenizer's end token, or when
    the prompt's tokens are not the beginning of the whole: neither could be served as trained.
    """
    chat = [message.model_dump() for message in example.messages]
    prompt = encode_prompt(tokenizer, chat[:-1])
    whole = _render(tokenizer, chat, add_generation_prompt=False)
    if whole[: len(prompt)] != prompt:
        raise DataError(
            f"example {example.id!r}: the prompt's tokens change once the reply follows them; this "
            "chat template cannot be trained on"
        )
    if tokenizer.eos_token_id not in whole[len(prompt) :]:
        raise DataError(
            f"example {example.id!r}: the chat template does not end the reply with "
            f"{tokenizer.eos_token!r}: a model trained so would never stop"
        )
    end = len(whole) - whole[::-1].index(tokenizer.eos_token_id)
    return Encoded(
        id=example.id,
        ids=whole[:end],
        prompt_length=len(prompt),
        rehearsed=example.kind is Kind.REHEARSAL,
    )


def _render(
    tokenizer: Any, chat: Sequence[dict[str, str]], *, add_generation_prompt: bool
) -> list[int]:
    rendered = tokenizer.apply_chat_template(
        list(chat),
        tokenize=True,
        return_dict=True,
        add_generation_prompt=add_generation_prompt,
        sanitize_control_tokens=True,
    )
    ids: list[int] = rendered["input_ids"]
    return ids
