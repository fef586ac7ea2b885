"""What a chat completion may ask for, and what becomes of each of OpenAI's parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from pydantic_core import from_json

from app.answers import Turn
from app.serving.resources import SERVED
from finetune.errors import first_fault

Fate = Literal["honoured", "harmless", "announced", "refused"]
MOST_STOPS = 4


@dataclass(frozen=True)
class Parameter:
    """What becomes of a parameter that is given."""

    fate: Fate
    why: str = ""
    taken: Sequence[Any] = ()
    """Values that ask for nothing else than what comes anyway."""


HONOURED = Parameter("honoured")
HARMLESS = Parameter("harmless")


def _announced(why: str, *taken: Any) -> Parameter:
    return Parameter("announced", why, taken)


def _refused(why: str, *taken: Any) -> Parameter:
    return Parameter("refused", why, taken)


_greedy = partial(_announced, "answers are greedy: the most probable one is given")
_calls = partial(_announced, "no tool is ever called")
_must_call = partial(_refused, "no tool is ever called", "auto", "none")

PARAMETERS: dict[str, Parameter] = {
    "messages": HONOURED,
    "model": HONOURED,
    "stream": HONOURED,
    "stream_options": HONOURED,
    "max_tokens": HONOURED,
    "max_completion_tokens": HONOURED,
    "stop": HONOURED,
    "metadata": HARMLESS,
    "parallel_tool_calls": HARMLESS,
    "prediction": HARMLESS,
    "prompt_cache_key": HARMLESS,
    "prompt_cache_options": HARMLESS,
    "prompt_cache_retention": HARMLESS,
    "safety_identifier": HARMLESS,
    "seed": HARMLESS,  # the same question gets the same answer
    "service_tier": HARMLESS,
    "user": HARMLESS,  # a token says who calls
    "temperature": _greedy(0),
    "top_p": _greedy(1),
    "frequency_penalty": _greedy(0),
    "presence_penalty": _greedy(0),
    "reasoning_effort": _announced("there is no reasoning to weigh", "none", "minimal"),
    "verbosity": _announced("answers are as long as the documents' sentences", "low", "medium"),
    "tools": _calls([]),
    "functions": _calls([]),
    "tool_choice": _must_call(),
    "function_call": _must_call(),
    "n": _refused("answers are greedy, so that all would be the same", 1),
    "response_format": _refused("answers are text with citations", {"type": "text"}),
    "logit_bias": _refused("tokens cannot be favoured or banned", {}),
    "logprobs": _refused("probabilities of tokens are not told", False),
    "top_logprobs": _refused("probabilities of tokens are not told", 0),
    "modalities": _refused("answers are text", ["text"]),
    "audio": _refused("answers are text"),
    "web_search_options": _refused("answers come from the documents alone"),
    "moderation": _refused("nothing is moderated"),
    "store": _refused("completions are not kept", False),
}
"""All that OpenAI's clients can send; null is as if nothing was sent, other names are refused."""


class InvalidRequest(Exception):
    """Report a request that OpenAI would call invalid as well."""

    def __init__(
        self, message: str, *, param: str | None = None, code: str | None = None, status: int = 400
    ) -> None:
        super().__init__(message)
        self.param, self.code, self.status = param, code, status


class Part(BaseModel):
    """A piece of a message's content."""

    type: str
    text: str | None = None
    refusal: str | None = None

    @property
    def foreign(self) -> bool:
        """Whether it is something else than text."""
        return self.type not in ("text", "refusal")


def _as_parts(content: Any) -> Any:
    if content is None:
        return []
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


class Message(BaseModel):
    """One turn."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[list[Part], BeforeValidator(_as_parts)] = []

    @property
    def text(self) -> str:
        """The content as one text."""
        return "".join(part.text or part.refusal or "" for part in self.content)

    @property
    def foreign(self) -> str:
        """The type of its first part that is something else than text, if any."""
        return next((part.type for part in self.content if part.foreign), "")


class StreamOptions(BaseModel):
    """What a stream tells besides the answer."""

    include_usage: bool | None = None


def _as_list(stop: Any) -> Any:
    return [stop] if isinstance(stop, str) else stop


class Completion(BaseModel):
    """What is asked for, with what changes nothing in `warnings`."""

    model: str = SERVED
    messages: list[Message] = Field(min_length=1)
    stream: bool = False
    stream_options: StreamOptions = StreamOptions()
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    stop: Annotated[list[str], BeforeValidator(_as_list)] = Field([], max_length=MOST_STOPS)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    warnings: list[str] = []

    @property
    def most_tokens(self) -> int | None:
        """How long the answer may be at most, if that was said."""
        given = (self.max_tokens, self.max_completion_tokens)
        return min((most for most in given if most is not None), default=None)

    @property
    def text(self) -> str:
        """All that the messages say."""
        return "\n".join(message.text for message in self.messages)


def read_completion(body: bytes) -> Completion:
    """Read a request's body; raises InvalidRequest for what cannot be done as asked."""
    try:
        sent = from_json(body)
    except ValueError as error:
        raise InvalidRequest(f"the body is not JSON ({error}): send an object") from error
    if not isinstance(sent, dict):
        raise InvalidRequest("the body is not a JSON object: send {'messages': [...]}")
    given = {name: value for name, value in sent.items() if value is not None}
    warnings = [warning for name in given if (warning := _decided(name, given[name]))]
    try:
        return Completion.model_validate({**given, "warnings": warnings})
    except ValidationError as error:
        fault = first_fault(error, "body")
        raise InvalidRequest(str(fault), param=fault.place, code="invalid_value") from error


def _decided(name: str, value: Any) -> str:
    """Return what to announce of a parameter, if anything; raises InvalidRequest if refused."""
    parameter = PARAMETERS.get(name)
    if parameter is None:
        message = f"{name}: OpenAI's chat completions have no such parameter: leave it out"
        raise InvalidRequest(message, param=name, code="unknown_parameter")
    if value in parameter.taken:
        return ""
    if parameter.fate == "refused":
        shown = repr(value)[:80]
        message = f"{name}: {shown} is not supported, because {parameter.why}: leave it out"
        raise InvalidRequest(message, param=name, code="unsupported_value")
    return f"{name} changes nothing: {parameter.why}" if parameter.fate == "announced" else ""


@dataclass(frozen=True)
class Conversation:
    """What is asked, and what was said before."""

    question: str
    history: Sequence[Turn]
    warnings: list[str]


def read_conversation(messages: Sequence[Message]) -> Conversation:
    """Take the question out of the messages, whose last turn it must be.

    Raises InvalidRequest.
    """
    spoken = [message for message in messages if message.role not in ("system", "developer")]
    if not spoken or spoken[-1].role != "user":
        came = f"the last one is the {spoken[-1].role}'s" if spoken else "there is none"
        told = f"messages: {came}: end with the user's question"
        raise InvalidRequest(told, param="messages", code="invalid_value")
    if kind := spoken[-1].foreign:
        told = f"messages: a part of type {kind!r} came in the question: only text is read"
        raise InvalidRequest(told, param="messages", code="unsupported_value")
    said = [m for m in spoken[:-1] if m.role in ("user", "assistant") and m.text]
    history = [{"role": message.role, "content": message.text} for message in said]
    return Conversation(spoken[-1].text, history, _unread(messages))


def _unread(messages: Sequence[Message]) -> list[str]:
    roles = {message.role for message in messages}
    unread = {
        "system messages are not read: answers follow the documents alone": (
            roles & {"system", "developer"}
        ),
        "tools' messages are not read": roles & {"tool", "function"},
        "only the text of earlier messages is read": any(message.foreign for message in messages),
    }
    return [warning for warning, came in unread.items() if came]
