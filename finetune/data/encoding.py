"""Turn examples into token ids exactly as serving does: the prompt's, the reply's, and its end.

Knows a tokenizer; knows nothing of models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from finetune.data.chat_format import encode_prompt, encode_text, end_token
from finetune.data.examples import Example, Kind


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


def encode_example(tokenizer: Any, example: Example) -> Encoded:
    """Encode prompt, completion and the token that ends the turn.

    The chat is never rendered whole: a template may write a reply otherwise once it is past, and
    what is served is a prompt that the reply follows. Raises DataError where the template refuses
    the messages.
    """
    prompt = encode_prompt(tokenizer, example.prompt_chat())
    return Encoded(
        id=example.id,
        ids=[*prompt, *encode_text(tokenizer, example.completion), end_token(tokenizer)],
        prompt_length=len(prompt),
        rehearsed=example.kind is Kind.REHEARSAL,
    )
