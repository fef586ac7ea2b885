"""The composition root: index and graph put together around models, each on first use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from langchain_core.messages import BaseMessage
from langchain_core.messages.utils import convert_to_messages

from app.built_once import built_once
from app.checking import Checker
from app.index.port import Filter
from app.index.retriever import HybridRetriever
from app.index_parts import IndexParts
from app.ingest.splitter import ChunkSplitter
from app.model_parts import ModelParts
from app.models.gate import ClosedBookGate
from app.models.learned_gate import FeatureReader, LearnedGate, read_weights
from app.tracing import trace_as_set
from finetune.data.examples import read_examples
from graphs.protocols import Gate
from graphs.rag import Graph, build_graph


class Parts(ModelParts, IndexParts):
    """What an assistant is made of, its index and its models."""

    def _beside(self) -> Self:
        return type(self)(
            self.settings, callbacks=self.callbacks, seal=self.seal, whole=self.whole or self
        )

    @built_once
    def graph(self) -> Graph:
        """The compiled LangGraph workflow, for whatever LangGraph can do with it."""
        return self._graph(self._retriever)

    def graph_within(self, documents: Sequence[str]) -> Graph:
        """Return the workflow over some of the index's documents only."""
        return self._graph(self._retriever_within({"document": list(documents)}))

    def _graph(self, retriever: HybridRetriever) -> Graph:
        settings = self.settings
        graph = build_graph(
            retriever=retriever,
            chat_model=self.chat_model,
            grader=self.grader,
            gate=self._gate,
            verifier=self.verifier,
            extractor=self.extractor,
            agreement=self.agreement,
            completion=self.completion,
            splitter=self._splitter,
            limits=settings.limits(),
            shots=self._shots,
            seal=self.seal,
        )
        names = {"model": self.model, "adapter": self.adapter}
        return graph.with_config(metadata=names, callbacks=list(self.callbacks))

    @property
    def _gate(self) -> Gate:
        match self.settings.retrieval:
            case "always":
                return self.small_talk
            case "never":
                return ClosedBookGate(self.small_talk)
        return self._learned_gate()

    def _learned_gate(self) -> Gate:
        learned = read_weights(self.settings.gate, adapter=self.adapter)
        reader = self.feature_reader(learned.taught)
        return LearnedGate(self.small_talk, reader, learned, lambda: self.store.version)

    def feature_reader(self, taught: Sequence[str]) -> FeatureReader:
        """Return what reads off a question whether the weights alone may answer it."""
        scorer = self.runtime.scorer
        return FeatureReader(self.embeddings, self._nearest, self.chat_model, scorer, taught)

    def _nearest(self, question: str, k: int) -> list[float]:
        return [cosine for _, cosine in self.store.similarity_search_with_score(question, k)]

    @property
    def _shots(self) -> list[BaseMessage]:
        examples = read_examples(self.settings.shots) if self.settings.shots else []
        return convert_to_messages([m.model_dump() for e in examples for m in e.messages])

    @built_once
    def checker(self) -> Checker:
        """Checks answers that any system gave, without loading the chat model."""
        least = self.settings.support_threshold
        return Checker(self.verifier, self._retriever.invoke, self._splitter, least)

    @property
    def _retriever(self) -> HybridRetriever:
        return self._retriever_within(None)

    def _retriever_within(self, where: Filter | None) -> HybridRetriever:
        trace_as_set(texts=self.settings.trace_texts)  # before it can be called
        return HybridRetriever(store=self.store, k=self.settings.top_k, where=where)

    @property
    def _splitter(self) -> ChunkSplitter:
        return ChunkSplitter(self.settings.chunk_size, self.settings.chunk_overlap)
