"""Have a client's reply in pieces; what a client cannot stream comes as one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

Pieces = Generator[ChatGenerationChunk, None, None]
AsyncPieces = AsyncGenerator[ChatGenerationChunk, None]


def begin_pieces(
    client: BaseChatModel,
    messages: Sequence[BaseMessage],
    stop: list[str] | None,
    options: dict[str, Any],
) -> Pieces:
    """Begin a reply; what is sent goes out with the first piece."""
    if _streams(client, "_stream"):
        return cast(Pieces, client._stream(list(messages), stop, **options))
    return _whole(client, list(messages), stop, options)


def begin_apieces(
    client: BaseChatModel,
    messages: Sequence[BaseMessage],
    stop: list[str] | None,
    options: dict[str, Any],
) -> AsyncPieces:
    """Do the same in async code."""
    if _streams(client, "_stream", "_astream"):
        return cast(AsyncPieces, client._astream(list(messages), stop, **options))
    return _awhole(client, list(messages), stop, options)


def _streams(client: BaseChatModel, *ways: str) -> bool:
    """Tell whether a client has a way of its own to stream."""
    return any(getattr(type(client), way) is not getattr(BaseChatModel, way) for way in ways)


def _whole(
    client: BaseChatModel,
    messages: list[BaseMessage],
    stop: list[str] | None,
    options: dict[str, Any],
) -> Pieces:
    yield _piece(client._generate(messages, stop, **options))


async def _awhole(
    client: BaseChatModel,
    messages: list[BaseMessage],
    stop: list[str] | None,
    options: dict[str, Any],
) -> AsyncPieces:
    yield _piece(await client._agenerate(messages, stop, **options))


def _piece(result: ChatResult) -> ChatGenerationChunk:
    generation = result.generations[0]
    said = cast(AIMessage, generation.message)
    message = AIMessageChunk(
        content=said.content,
        usage_metadata=said.usage_metadata,
        response_metadata=said.response_metadata,
    )
    # a client may leave out why a reply ended, which one that is whole has done
    metadata = {**(result.llm_output or {}), **(generation.generation_info or {})}
    return ChatGenerationChunk(
        message=message, generation_info={"finish_reason": "stop", **metadata}
    )
