"""Tell what a model writes for itself from its reply, and begin a prompt's reply without it.

What thoughts are told by is found in the template and the vocabulary, not by a model's name.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_THOUGHT = re.compile(r"([<\[])([^<>\[\]/\s]+)([>\]])\s*(?:\1/\2\3\s*)?\Z")
"""What a prompt ends with that opens a thought, or opens and closes an empty one."""
_TAG = re.compile(r"([<\[])([^<>\[\]/\s]+)([>\]])\Z")


@dataclass(frozen=True)
class Thought:
    """What stands around a text that a model writes for itself, before its reply."""

    begin: str
    end: str
    certain: bool = True
    """Whether the template itself writes it; else it counts at the beginning of a reply alone."""


def opening_of(prompt: str, between: str, tokenizer: Any) -> tuple[str, tuple[Thought, ...]]:
    """Return what must follow the prompt, and what thoughts can be told by.

    `between` is what the template writes between a prompt and the reply to it.
    """
    tags = tuple(tag for tag in _tags(tokenizer) if tag.begin not in prompt + between)
    if (match := _THOUGHT.search(between or prompt)) and (thought := _thought(match, tokenizer)):
        closed = thought.end in match.group()
        return between or ("" if closed else f"\n{thought.end}\n\n"), (thought, *tags)
    marks = [token for token in tokenizer.all_special_tokens if between.startswith(token)]
    if marks:  # a channel of its own for the reply
        return between, (Thought(max(marks, key=len), between.strip()), *tags)
    return "", tags


def _thought(match: re.Match[str], tokenizer: Any) -> Thought | None:
    """Return the thought that a prompt opens, if there is a tag that would close it."""
    opened, name, closed = match.groups()
    thought = Thought(f"{opened}{name}{closed}", f"{opened}/{name}{closed}")
    known = thought.end in tokenizer.get_added_vocab()
    return thought if known or thought.end in str(tokenizer.chat_template) else None


def _tags(tokenizer: Any) -> list[Thought]:
    """Return the added tokens that open and close something, such as <think> and </think>."""
    added = set(tokenizer.get_added_vocab()) - {tokenizer.bos_token, tokenizer.eos_token}
    pairs = [
        Thought(token, f"{opened}/{name}{closed}", certain=False)
        for token in sorted(added)
        if (match := _TAG.fullmatch(token))
        for opened, name, closed in [match.groups()]
    ]
    return [pair for pair in pairs if pair.end in added]


def visible(tokenizer: Any, thoughts: Sequence[Thought], ids: Sequence[int]) -> tuple[int, int]:
    """Return which tokens of a reply are no thought: from the first to before the last.

    What a thought began with is held back until the thought has ended.
    """
    if not thoughts:
        return 0, len(ids)

    def length(stop: int) -> int:
        return len(_raw(tokenizer, ids[:stop]))

    start, stop = outside(_raw(tokenizer, ids), thoughts)
    places = range(len(ids) + 1)
    first = bisect_left(places, start, key=length)
    return first, len(ids) if stop is None else bisect_right(places, stop, key=length) - 1


def outside(raw: str, thoughts: Sequence[Thought]) -> tuple[int, int | None]:
    """Return where the text that is no thought begins and ends; None for the end of all."""
    written = raw.lstrip()
    for thought in thoughts:
        begins = written.startswith(thought.begin)
        if (begins or thought.certain) and thought.end in raw:
            return raw.rindex(thought.end) + len(thought.end), None
        if begins or (thought.certain and written and thought.begin.startswith(written)):
            return 0, 0
        if thought.certain and thought.begin in raw:
            return 0, raw.index(thought.begin)
    return 0, None


def _raw(tokenizer: Any, ids: Sequence[int]) -> str:
    text: str = tokenizer.decode(
        list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False
    )
    return text
