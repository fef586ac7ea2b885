"""A LangChain chat model over the local pipeline.

LangChain's own `ChatHuggingFace` over `HuggingFacePipeline` echoes prompts, ignores `stop` and
`max_tokens`, fails in async code and hides errors for a minute; this class exists for that reason.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForLLMRun,
    CallbackManagerForLLMRun,
)
from langchain_core.language_models import BaseChatModel, LangSmithParams
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, Field

from app.models.decoding import Event, Finished, Row
from app.models.encoder import Messages
from app.models.requests import Generation, Sampling
from app.models.worker import PipelineWorker

ROLES = {"system": "system", "human": "user", "ai": "assistant", "tool": "user"}


class LocalChatModel(BaseChatModel):
    """Generate with the local model; calls made at the same time share its batches.

    `max_tokens`, `temperature`, `top_p`, `seed` and `stop` can be given per call as well. Raises
    ContextLengthError before generating when prompt and answer cannot fit the context.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    worker: PipelineWorker = Field(exclude=True, repr=False)
    model_name: str
    adapter: str | None = None
    max_tokens: int = Field(default=256, gt=0)
    temperature: float = Field(default=0.0, ge=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0
    stop: list[str] | None = None

    @property
    def _llm_type(self) -> str:
        return "groundtune-local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name, "adapter": self.adapter}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_provider"] = "groundtune"
        params["ls_model_name"] = kwargs.get("model", self.model_name)
        params["ls_max_tokens"] = self._option("max_tokens", kwargs)
        params["ls_temperature"] = self._option("temperature", kwargs)
        return params

    def get_num_tokens(self, text: str) -> int:
        """Count a text's tokens as the model sees them inside a message."""
        return len(self.worker.encoder.encode_text(text))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._result(_last(self._events(messages, stop, kwargs)))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        events = [event async for event in self._aevents(messages, stop, kwargs)]
        return self._result(_last(iter(events)))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for event in self._events(messages, stop, kwargs):
            chunk = self._chunk(event)
            if run_manager and isinstance(event, str):
                run_manager.on_llm_new_token(event, chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        async for event in self._aevents(messages, stop, kwargs):
            chunk = self._chunk(event)
            if run_manager and isinstance(event, str):
                await run_manager.on_llm_new_token(event, chunk=chunk)
            yield chunk

    def _events(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> Iterator[str | Finished]:
        """Yield a request's text and its end; leaving the iteration cancels the generation."""
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        request = self._request(messages, stop, options, events.put)
        self.worker.submit(request)
        try:
            while True:
                event = _raised(events.get())
                yield event
                if isinstance(event, Finished):
                    return
        finally:
            request.row.cancelled.set()

    async def _aevents(
        self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]
    ) -> AsyncIterator[str | Finished]:
        """Do the same for async callers; cancelling the task cancels the generation."""
        loop = asyncio.get_running_loop()
        events: asyncio.Queue[Event] = asyncio.Queue()

        def deliver(event: Event) -> None:
            with suppress(RuntimeError):  # a loop may close before its caller's cancel was seen
                loop.call_soon_threadsafe(events.put_nowait, event)

        request = self._request(messages, stop, options, deliver)
        self.worker.submit(request)
        try:
            while True:
                event = _raised(await events.get())
                yield event
                if isinstance(event, Finished):
                    return
        finally:
            request.row.cancelled.set()

    def _request(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        options: dict[str, Any],
        deliver: Callable[[Event], None],
    ) -> Generation:
        row = Row(
            deliver=deliver,
            max_tokens=self._option("max_tokens", options),
            stop=tuple(string for string in stop or self.stop or () if string),
        )
        sampling = Sampling(
            temperature=self._option("temperature", options),
            top_p=self._option("top_p", options),
            seed=self._option("seed", options),
        )
        return Generation(messages=to_chat(messages), row=row, sampling=sampling)

    def _option(self, name: str, options: dict[str, Any]) -> Any:
        """Return a call's own value, or the object's when the call gives none."""
        value = options.get(name)
        return getattr(self, name) if value is None else value

    def _result(self, end: Finished) -> ChatResult:
        message = AIMessage(
            end.text, usage_metadata=_usage(end), response_metadata=self._response_metadata(end)
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _chunk(self, event: str | Finished) -> ChatGenerationChunk:
        if isinstance(event, str):
            return ChatGenerationChunk(message=AIMessageChunk(content=event))
        message = AIMessageChunk(
            content="",
            usage_metadata=_usage(event),
            response_metadata=self._response_metadata(event),
            chunk_position="last",
        )
        return ChatGenerationChunk(message=message)

    def _response_metadata(self, end: Finished) -> dict[str, Any]:
        return {
            "finish_reason": end.reason,
            "model_name": self.model_name,
            "model_provider": "groundtune",
            "adapter": self.adapter,
        }


def to_chat(messages: Sequence[BaseMessage]) -> Messages:
    """Turn LangChain messages into role and content, text only.

    Raises ValueError for no messages, for a role the templates do not know, and for images or
    other content that a text model cannot read.
    """
    if not messages:
        raise ValueError("no messages were given: the chat model needs at least one")
    return [{"role": _role(message), "content": _text(message)} for message in messages]


def _role(message: BaseMessage) -> str:
    role = ROLES.get(message.type.removesuffix("MessageChunk").lower())
    if role is None:
        raise ValueError(f"a message of type {message.type!r} came: use one of {sorted(ROLES)}")
    return role


def _text(message: BaseMessage) -> str:
    content = message.content
    blocks = [content] if isinstance(content, str) else content
    foreign = [b.get("type") for b in blocks if isinstance(b, dict) and b.get("type") != "text"]
    if foreign:
        raise ValueError(f"content of type {foreign[0]!r} came: this model reads text only")
    return message.text


def _usage(end: Finished) -> UsageMetadata:
    return UsageMetadata(
        input_tokens=end.prompt_tokens,
        output_tokens=end.completion_tokens,
        total_tokens=end.prompt_tokens + end.completion_tokens,
    )


def _raised(event: Event) -> str | Finished:
    if isinstance(event, Exception):
        raise event
    return event


def _last(events: Iterator[str | Finished]) -> Finished:
    return next(event for event in events if isinstance(event, Finished))
