"""A LangChain chat model over any other: one set of options, errors, tries and counts for all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LangSmithParams
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, Field

from app.errors import BadReply, ModelUnavailable, NothingSaid
from app.models.remote.calls import Calls
from app.models.remote.fallback import Fallback
from app.models.remote.pieces import AsyncPieces, Pieces, begin_apieces, begin_pieces
from app.models.remote.reply import Habits, Reply

BYTES_PER_TOKEN = 4
"""Of UTF-8; near for tokenizers of 100,000 and more tokens, in English, Russian and Chinese."""
LIMITS = ("max_tokens", "max_output_tokens", "num_predict")  # as clients call it


class RemoteChatModel(BaseChatModel):
    """Generate with a model elsewhere, through the client that LangChain has for it.

    `max_tokens`, `temperature` and `stop` can be given per call; other options go to the client as
    they are. Raises ModelUnavailable or BadReply, and ContextLengthError for too long a prompt.
    Texts alone come back: what a model thinks before it answers is left out.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: BaseChatModel = Field(exclude=True, repr=False)
    calls: Calls = Field(exclude=True, repr=False)
    model_name: str
    max_tokens: int = Field(default=256, gt=0)
    temperature: float | None = 0.0
    """None leaves it to the model, as those want it that think."""
    says_endings: bool = True
    """Whether a stream without a word of why it ended was cut off; else its end is enough."""
    habits: Habits = Field(default_factory=Habits, exclude=True, repr=False)
    """What its replies have shown; copies share it."""
    fallback: Fallback | None = Field(default=None, exclude=True, repr=False)
    """What answers while this model does not."""

    @property
    def _llm_type(self) -> str:
        return "groundtune-remote"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_provider"] = self.calls.remote.provider
        params["ls_model_name"] = self.model_name
        params["ls_max_tokens"] = kwargs.get("max_tokens") or self.max_tokens
        return params

    def get_num_tokens(self, text: str) -> int:
        """Estimate a text's tokens: no tokenizer is fetched, which model it is nobody knows."""
        return -(-len(text.encode()) // BYTES_PER_TOKEN)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        client, options = self._asked(kwargs)
        if not self._resting:
            try:
                return self.calls.call(
                    lambda: self._whole(client._generate(messages, stop, **options))
                )
            except ModelUnavailable as error:
                self._note(error)
        return self._other._generate(messages, stop, **kwargs)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        client, options = self._asked(kwargs)

        async def ask() -> ChatResult:
            return self._whole(await client._agenerate(messages, stop, **options))

        if not self._resting:
            try:
                return await self.calls.acall(ask)
            except ModelUnavailable as error:
                self._note(error)
        other = await self._aother()
        return await other._agenerate(messages, stop, **kwargs)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        client, options = self._asked(kwargs)

        def begin() -> tuple[str, Pieces, Reply]:
            reply, pieces = Reply(self.habits), begin_pieces(client, messages, stop, options)
            return reply.next(pieces), pieces, reply

        with self.calls.counted():
            begun = None
            try:
                begun = self.calls.call(begin) if not self._resting else None
            except ModelUnavailable as error:
                self._note(error)
            if begun is None:
                yield from self._other._stream(messages, stop, run_manager, **kwargs)
                return
            text, pieces, reply = begun
            with closing(pieces):
                while text:
                    chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
                    if run_manager:
                        run_manager.on_llm_new_token(text, chunk=chunk)
                    yield chunk
                    text = self.calls.once(lambda: reply.next(pieces))
            yield self._end(reply)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        client, options = self._asked(kwargs)

        async def begin() -> tuple[str, AsyncPieces, Reply]:
            reply, pieces = Reply(self.habits), begin_apieces(client, messages, stop, options)
            return await reply.anext(pieces), pieces, reply

        with self.calls.counted():
            begun = None
            try:
                begun = await self.calls.acall(begin) if not self._resting else None
            except ModelUnavailable as error:
                self._note(error)
            if begun is None:
                other = await self._aother()
                async for chunk in other._astream(messages, stop, run_manager, **kwargs):
                    yield chunk
                return
            text, pieces, reply = begun
            async with aclosing(pieces):
                while text:
                    chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
                    if run_manager:
                        await run_manager.on_llm_new_token(text, chunk=chunk)
                    yield chunk
                    text = await self.calls.aonce(lambda: reply.anext(pieces))
            yield self._end(reply)

    @property
    def _resting(self) -> bool:
        return self.fallback is not None and self.fallback.due

    def _note(self, error: ModelUnavailable) -> None:
        if self.fallback is None:
            raise error
        self.fallback.note(error)

    @property
    def _other(self) -> BaseChatModel:
        assert self.fallback is not None
        return self.fallback.load()

    async def _aother(self) -> BaseChatModel:
        assert self.fallback is not None
        return await self.fallback.beside(self.fallback.load)

    def _asked(self, options: dict[str, Any]) -> tuple[BaseChatModel, dict[str, Any]]:
        """Return the client, told what clients have different names for, and other options."""
        rest = dict(options)
        limit, temperature = rest.pop("max_tokens", None), rest.pop("temperature", self.temperature)
        update = dict.fromkeys(self._limit, limit or self.max_tokens)
        if self.temperature is not None:
            update["temperature"] = temperature
        return self.inner.model_copy(update=update), rest

    @property
    def _limit(self) -> list[str]:
        return [name for name in LIMITS if name in type(self.inner).model_fields][:1]

    def _whole(self, result: ChatResult) -> ChatResult:
        reply = Reply.of(result, self.habits)
        metadata = self._told(reply)
        message = AIMessage(reply.text, usage_metadata=reply.usage, response_metadata=metadata)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _end(self, reply: Reply) -> ChatGenerationChunk:
        # A client of LangChain's, behind an added provider too, names itself and says why it ended.
        if not reply.ending and (self.says_endings or "model_provider" in reply.told):
            raise BadReply(f"{self.calls.remote.where} stopped in the middle of its reply")
        message = AIMessageChunk(
            content="",
            usage_metadata=reply.usage,
            response_metadata=self._told(reply),
            chunk_position="last",
        )
        return ChatGenerationChunk(message=message)

    def _told(self, reply: Reply) -> dict[str, Any]:
        """Return what is told of a reply, in the words of the local model."""
        scored = reply.told.get("logprobs")
        if reply.cut and not reply.text.strip() and not scored:
            raise NothingSaid(
                f"{self.calls.remote.where} spent all its tokens before an answer began: raise "
                "GROUNDTUNE_MAX_TOKENS, or let it think less by GROUNDTUNE_MODEL_OPTIONS"
            )
        return {
            "finish_reason": "length" if reply.cut else "stop",
            "model_name": self.model_name,
            "model_provider": self.calls.remote.provider,
            **({"logprobs": scored} if scored else {}),
        }
