"""Fit messages to a model's chat template, and read replies back.

Serving, training and measuring all come through here, so their prompts are the same tokens. What a
template can take is found by rendering it, not by a model's name. Knows a tokenizer; knows nothing
of models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from finetune.data.thoughts import Thought, opening_of, visible
from finetune.errors import DataError

Chat = Sequence[dict[str, str]]

# Templates that can think look at one of these; the others ignore them.
SWITCHES = {"enable_thinking": False, "thinking": False}
SYSTEM, USER, REPLY = "the system's words", "the user's words", "the reply's words"


@dataclass(frozen=True)
class ChatFormat:
    """What a chat template can take, and what it puts around a reply."""

    system: bool
    """Whether it shows a system message; else its text goes into the first user turn."""
    alternates: bool
    """Whether it demands that user and assistant take turns."""
    opening: str
    """What must follow the prompt so that the reply itself comes next, and no thought."""
    end: str
    """The token that ends a reply."""
    thoughts: tuple[Thought, ...]

    @property
    def thinks(self) -> bool:
        """Whether the template is made for a model that thinks aloud."""
        return any(thought.certain for thought in self.thoughts)

    def adjustments(self) -> list[str]:
        """Say in words what is done to messages and replies for this template's sake."""
        applies = {
            "system texts go into the first question": not self.system,
            "equal neighbours are merged": self.alternates,
            "thinking is switched off": self.thinks,
        }
        return [what for what, is_so in applies.items() if is_so]

    def fitted(self, chat: Chat) -> list[dict[str, str]]:
        """Return the messages in roles and an order that the template takes; no text is lost."""
        turns = list(chat)
        if not self.system or self.alternates:
            turns = self._system_first(turns)
        if not self.alternates:
            return turns
        lead = 1 if turns and turns[0]["role"] == "system" else 0
        if turns[lead:] and turns[lead]["role"] == "assistant":
            turns.insert(lead, {"role": "user", "content": ""})
        return _merged(turns)

    def _system_first(self, turns: list[dict[str, str]]) -> list[dict[str, str]]:
        system = "\n\n".join(turn["content"] for turn in turns if turn["role"] == "system")
        others = [turn for turn in turns if turn["role"] != "system"]
        if not system:
            return others
        if self.system:
            return [{"role": "system", "content": system}, *others]
        if not others or others[0]["role"] != "user":
            return [{"role": "user", "content": system}, *others]
        first = {"role": "user", "content": f"{system}\n\n{others[0]['content']}"}
        return [first, *others[1:]]


def chat_format(tokenizer: Any) -> ChatFormat:
    """Find out what a tokenizer's chat template can take.

    Raises DataError for a tokenizer without a template, and for a template that cannot show a
    question and its answer.
    """
    if tokenizer.chat_template is None:
        raise DataError(f"{tokenizer.name_or_path} has no chat template: give it one")
    return _explored(tokenizer, str(tokenizer.chat_template))


@lru_cache(maxsize=8)
def _explored(tokenizer: Any, _template: str) -> ChatFormat:
    user = {"role": "user", "content": USER}
    reply = {"role": "assistant", "content": REPLY}
    prompt, whole = _text(tokenizer, [user]), _text(tokenizer, [user, reply], reply_follows=False)
    if USER not in prompt or REPLY not in whole:
        raise DataError(
            f"the chat template of {tokenizer.name_or_path} does not show "
            f"{'the question' if USER not in prompt else 'the reply'}: give it another"
        )
    before, _, after = whole.rpartition(REPLY)
    between = before.removeprefix(prompt) if before.startswith(prompt) else ""
    opening, thoughts = opening_of(prompt, between, tokenizer)
    return ChatFormat(
        system=SYSTEM in _tried(tokenizer, [{"role": "system", "content": SYSTEM}, user]),
        alternates=not (_tried(tokenizer, [user, user]) and _tried(tokenizer, [reply, user])),
        opening=opening,
        end=_end(tokenizer, after),
        thoughts=thoughts,
    )


def _end(tokenizer: Any, after: str) -> str:
    """Return the control token that the template writes after a reply, else the tokenizer's."""
    known = {*tokenizer.all_special_tokens, *tokenizer.get_added_vocab()}
    tokens = [token for token in known if token and after.lstrip().startswith(token)]
    end = max(tokens, key=len, default=tokenizer.eos_token)
    if end is None:
        raise DataError(
            f"{tokenizer.name_or_path} has no token that ends a reply: a model trained so would "
            "never stop; give its tokenizer an eos_token"
        )
    return str(end)


def encode_prompt(tokenizer: Any, chat: Chat) -> list[int]:
    """Encode messages and the opening of the reply; control tokens in their contents stay text.

    Where the last message is the assistant's, its text follows as the beginning of the reply.
    Raises DataError for messages that the template refuses.
    """
    if chat and chat[-1]["role"] == "assistant":
        return [*encode_prompt(tokenizer, chat[:-1]), *encode_text(tokenizer, chat[-1]["content"])]
    known = chat_format(tokenizer)
    try:
        rendered = tokenizer.apply_chat_template(
            known.fitted(chat),
            tokenize=True,
            return_dict=True,
            add_generation_prompt=True,
            sanitize_control_tokens=True,
            **SWITCHES,
        )
    except Exception as error:  # a template may raise anything for messages it dislikes
        raise _refused(tokenizer, error) from error
    ids: list[int] = rendered["input_ids"]
    start = 1 if ids[:2] == [tokenizer.bos_token_id] * 2 else 0
    return [*ids[start:], *tokenizer.encode(known.opening, add_special_tokens=False)]


def encode_text(tokenizer: Any, text: str) -> list[int]:
    """Encode a text as it stands inside a message: control tokens in it are plain text."""
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
    return ids


def decode_reply(tokenizer: Any, ids: Sequence[int]) -> str:
    """Return a reply's text without control tokens and thoughts, finished or not.

    What a thought began with is held back until the thought has ended.
    """
    known = chat_format(tokenizer)
    start, stop = visible(tokenizer, known.thoughts, ids)
    text: str = tokenizer.decode(
        list(ids[start:stop]), skip_special_tokens=True, clean_up_tokenization_spaces=False
    )
    return text.lstrip() if start else text


def end_token(tokenizer: Any) -> int:
    """Return the token that a reply is trained to end with."""
    return int(tokenizer.convert_tokens_to_ids(chat_format(tokenizer).end))


def _merged(turns: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    merged: list[dict[str, str]] = []
    for turn in turns:
        if merged and merged[-1]["role"] == turn["role"]:
            merged[-1] = {**turn, "content": f"{merged[-1]['content']}\n\n{turn['content']}"}
        else:
            merged.append(turn)
    return merged


def _text(tokenizer: Any, chat: Chat, *, reply_follows: bool = True) -> str:
    try:
        text: str = tokenizer.apply_chat_template(
            list(chat), tokenize=False, add_generation_prompt=reply_follows, **SWITCHES
        )
    except Exception as error:  # a template may raise anything
        raise _refused(tokenizer, error) from error
    return text


def _tried(tokenizer: Any, chat: Chat) -> str:
    try:
        return _text(tokenizer, chat)
    except DataError:
        return ""


def _refused(tokenizer: Any, error: Exception) -> DataError:
    return DataError(
        f"the chat template of {tokenizer.name_or_path} refuses these messages "
        f"({' '.join(str(error).split()) or type(error).__name__}): give the model another template"
    )
