"""Honest stand-ins for models, simple enough to compute by hand what they say."""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field


class KeywordEmbeddings(Embeddings):
    """How often each word of a fixed vocabulary occurs, scaled to length 1; zeros if none does."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self.vocabulary = [word.casefold() for word in vocabulary]

    def embed_query(self, text: str) -> list[float]:
        words = re.findall(r"\w+", text.casefold())
        counts = [words.count(word) for word in self.vocabulary]
        length = math.hypot(*counts) or 1.0
        return [count / length for count in counts]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


class ScriptedChatModel(BaseChatModel):
    """Replies from a list, in order; records what it was asked; refuses to be asked once more.

    A word is a token. Streams word by word, each with the blank before it.
    """

    replies: list[str]
    calls: list[list[BaseMessage]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def get_num_tokens(self, text: str) -> int:
        return len(text.split())

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        reply = self._reply(messages)
        message = AIMessage(
            reply,
            usage_metadata=self._usage(messages, reply),
            response_metadata={"finish_reason": "stop", "model_name": "scripted"},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        reply = self._reply(messages)
        for word in re.findall(r"\s*\S+|\s+$", reply):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=word))
            if run_manager:
                run_manager.on_llm_new_token(word, chunk=chunk)
            yield chunk
        end = AIMessageChunk(
            content="",
            usage_metadata=self._usage(messages, reply),
            response_metadata={"finish_reason": "stop", "model_name": "scripted"},
            chunk_position="last",
        )
        yield ChatGenerationChunk(message=end)

    def _reply(self, messages: list[BaseMessage]) -> str:
        if len(self.calls) == len(self.replies):
            raise AssertionError(f"asked once more than the {len(self.replies)} scripted replies")
        self.calls.append(list(messages))
        return self.replies[len(self.calls) - 1]

    def _usage(self, messages: list[BaseMessage], reply: str) -> UsageMetadata:
        prompt = sum(self.get_num_tokens(message.text) for message in messages)
        tokens = self.get_num_tokens(reply)
        return UsageMetadata(
            input_tokens=prompt, output_tokens=tokens, total_tokens=prompt + tokens
        )
