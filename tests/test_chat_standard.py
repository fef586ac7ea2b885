"""LangChain's own tests for chat models; skipped are only those for what a text model cannot do.

No property is set to skip more: tools, structured output, JSON mode and other media are
unsupported by default, and `enable_vcr_tests` is about recorded network traffic, of which a local
model has none.
"""

from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from app.models.chat import LocalChatModel
from app.models.worker import PipelineWorker


class TestLocalChatModelUnit(ChatModelUnitTests):
    worker: PipelineWorker

    @pytest.fixture(autouse=True)
    def _over_tiny_model(self, tiny_chat: LocalChatModel) -> None:
        self.worker = tiny_chat.worker

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return LocalChatModel

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"worker": self.worker, "model_name": "tiny"}


@pytest.mark.model
class TestLocalChatModelIntegration(ChatModelIntegrationTests):
    worker: PipelineWorker

    @pytest.fixture(autouse=True)
    def _over_base_model(self, chat: LocalChatModel) -> None:
        self.worker = chat.worker

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return LocalChatModel

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"worker": self.worker, "model_name": "smollm2-135m-instruct", "max_tokens": 16}
