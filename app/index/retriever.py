"""The index as a LangChain retriever, which is all that the graph knows of it."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever, LangSmithRetrieverParams
from langchain_core.runnables import run_in_executor
from pydantic import ConfigDict, SkipValidation

from app.index.port import Filter, Index


class HybridRetriever(BaseRetriever):
    """Fetch the best chunks by dense and BM25 search; `k` and `where` can be given per call.

    Each document's metadata gains `score` (reciprocal-rank sum) and `index` (its version).
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    store: SkipValidation[Index]  # checking a protocol would read its properties
    k: int = 6
    where: Filter | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        k: int | None = None,
        where: Filter | None = None,
    ) -> list[Document]:
        found = self.store.hybrid_search(query, k or self.k, where=where or self.where)
        for document, score in found:
            document.metadata["score"] = round(score, 6)
        return [document for document, _ in found]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        k: int | None = None,
        where: Filter | None = None,
    ) -> list[Document]:
        # The base class does the same, but refuses what is given per call.
        return await run_in_executor(
            None,
            self._get_relevant_documents,
            query,
            run_manager=run_manager.get_sync(),
            k=k,
            where=where,
        )

    def _get_ls_params(self, **kwargs: Any) -> LangSmithRetrieverParams:
        return LangSmithRetrieverParams(
            ls_retriever_name="hybrid",
            ls_vector_store_provider="faiss",
            ls_embedding_provider="local",
            ls_embedding_model=self.store.config.embedding_model,
        )
