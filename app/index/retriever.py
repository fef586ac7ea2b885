"""The index as a LangChain retriever, which is all that the graph knows of it."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever, LangSmithRetrieverParams
from pydantic import ConfigDict

from app.index.generation import Filter
from app.index.store import HybridVectorStore


class HybridRetriever(BaseRetriever):
    """Fetch the best chunks by dense and BM25 search; `k` and `where` can be given per call.

    Each document's metadata gains `score` (reciprocal-rank sum) and `index` (its version).
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    store: HybridVectorStore
    k: int = 6
    where: Filter | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        k: int | None = None,
        **kwargs: Any,
    ) -> list[Document]:
        found = self.store.hybrid_search(query, k or self.k, where=self.where)
        for document, score in found:
            document.metadata["score"] = round(score, 6)
        return [document for document, _ in found]

    def _get_ls_params(self, **kwargs: Any) -> LangSmithRetrieverParams:
        return LangSmithRetrieverParams(
            ls_retriever_name="hybrid",
            ls_vector_store_provider="faiss",
            ls_embedding_provider="local",
            ls_embedding_model=self.store.config.embedding_model,
        )
