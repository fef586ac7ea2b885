"""The composition root: models, index and graph put together from settings, ready to ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.embeddings import Embeddings
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.utils import convert_to_messages

from app.answers import (
    Answer,
    Identity,
    SearchResult,
    Turn,
    graph_input,
    streamed_text,
    to_answer,
    to_search_result,
)
from app.checking import Checker
from app.errors import UserError
from app.index.config import IndexConfig
from app.index.retriever import HybridRetriever
from app.index.store import HybridVectorStore
from app.ingest.run import IngestReport, Notify, ingest
from app.ingest.splitter import ChunkSplitter
from app.models.adapters import Adapter, find_adapter
from app.models.base import (
    BUILTIN_CHAT,
    embedding_identity,
    model_name,
    resolve_chat_model,
    resolve_embedding_model,
)
from app.models.calibrations import Fitted, calibration_file, read_calibration
from app.models.chat import LocalChatModel
from app.models.gate import ClosedBookGate, SmallTalkGate
from app.models.grader import BASE_CALIBRATION, ModelGrader
from app.models.learned_gate import FeatureReader, LearnedGate, read_weights
from app.models.load import load_embeddings, load_pipeline
from app.models.merged import adapter_fingerprint, merged_model
from app.models.verifier import ReaderVerifier
from app.models.worker import PipelineWorker
from app.settings import Settings
from app.tracing import trace_as_set
from finetune.data.examples import read_examples
from graphs.protocols import Gate, Verifier
from graphs.question import InvalidQuestion
from graphs.rag import Graph, build_graph
from graphs.review import AnswerHeld
from graphs.state import State


class Assistant:
    """Answers questions about the documents of one index.

    Models load on first use. Methods raise UserError for what the operator can mend, and a
    ValueError (InvalidQuestion, ContextLengthError) for what cannot be asked.

        assistant = Assistant()
        assistant.ingest(["handbook/"])
        answer = assistant.ask("When does the last boat leave?")
        print(answer["answer"], answer["citations"])
    """

    def __init__(
        self, settings: Settings | None = None, *, callbacks: Sequence[BaseCallbackHandler] = ()
    ) -> None:
        self.settings = settings or Settings()
        self.callbacks = callbacks

    @cached_property
    def embeddings(self) -> Embeddings:
        """The embedding model."""
        return load_embeddings(resolve_embedding_model(self.settings.embedding_model))

    @cached_property
    def store(self) -> HybridVectorStore:
        """The index."""
        settings = self.settings
        config = IndexConfig(
            embedding_model=embedding_identity(settings.embedding_model),
            dimension=len(self.embeddings.embed_query("dimension")),
            chunk_size=settings.chunk_size,
            chunk_overlap=settings.chunk_overlap,
        )
        return HybridVectorStore(settings.index, self.embeddings, config)

    @cached_property
    def chat_model(self) -> LocalChatModel:
        """The chat model, its adapter merged in."""
        settings = self.settings
        folder = resolve_chat_model(settings.model, cache_dir=settings.cache)
        if self._adapter is not None:
            folder = merged_model(folder, self._adapter.folder, cache_dir=settings.cache)
        return LocalChatModel(
            worker=PipelineWorker(
                load_pipeline(folder, dtype=settings.dtype), max_batch=settings.max_batch
            ),
            model_name=self.model,
            adapter=self.adapter,
            max_tokens=settings.max_tokens,
        )

    @property
    def model(self) -> str:
        """Name of the chat model, as answers tell it."""
        return model_name(self.settings.model)

    @cached_property
    def _adapter(self) -> Adapter | None:
        settings = self.settings
        return find_adapter(settings.adapter, model=settings.model, registry=settings.registry)

    @cached_property
    def adapter(self) -> str | None:
        """Name and version, or fingerprint, of the adapter in use."""
        if self._adapter is None:
            return None
        if "@" in self._adapter.label:
            return self._adapter.label
        return f"{self._adapter.label}@{adapter_fingerprint(self._adapter.folder)[:12]}"

    @cached_property
    def graph(self) -> Graph:
        """The compiled LangGraph workflow, for whatever LangGraph can do with it."""
        settings = self.settings
        trace_as_set(texts=settings.trace_texts)
        graph = build_graph(
            retriever=self._retriever,
            chat_model=self.chat_model,
            grader=self.grader,
            gate=self._gate,
            verifier=self.verifier,
            splitter=self._splitter,
            limits=settings.limits(),
            shots=self._shots,
        )
        told = {"model": self.model, "adapter": self.adapter}
        return graph.with_config(metadata=told, callbacks=list(self.callbacks))

    @property
    def _gate(self) -> Gate:
        talk = SmallTalkGate(self.embeddings)
        match self.settings.retrieval:
            case "always":
                return talk
            case "never":
                return ClosedBookGate(talk)
        return self._learned_gate(talk)

    def _learned_gate(self, talk: SmallTalkGate) -> Gate:
        learned = read_weights(self.settings.gate, adapter=self.adapter)
        reader = self.feature_reader(learned.taught)
        return LearnedGate(talk, reader, learned, lambda: self.store.generation.version)

    def feature_reader(self, taught: Sequence[str]) -> FeatureReader:
        """Return what reads off a question whether the weights alone may answer it."""
        return FeatureReader(self.embeddings, self._nearest, self.chat_model, taught)

    def _nearest(self, question: str, k: int) -> list[float]:
        return [cosine for _, cosine in self.store.similarity_search_with_score(question, k)]

    @property
    def _shots(self) -> list[BaseMessage]:
        examples = read_examples(self.settings.shots) if self.settings.shots else []
        return convert_to_messages([m.model_dump() for e in examples for m in e.messages])

    @property
    def grader(self) -> ModelGrader:
        """What tells of passages whether they answer a question, calibrated where it was fitted."""
        return ModelGrader(self.chat_model, self.calibration.weights)

    @cached_property
    def calibration(self) -> Fitted:
        """The weights of grades: kept for this model and adapter, or borrowed from the base."""
        own = read_calibration(self.calibration_file)
        if own is None and self._adapter is not None:
            own = self._adapter.calibration
        untuned = self._adapter is None and self.settings.model == BUILTIN_CHAT
        return Fitted(own or BASE_CALIBRATION, borrowed=own is None and not untuned)

    @property
    def calibration_file(self) -> Path:
        """Where `groundtune calibrate` keeps weights for this model and adapter."""
        cache = self.settings.cache
        model = resolve_chat_model(self.settings.model, cache_dir=cache)
        return calibration_file(cache, model, self._adapter.folder if self._adapter else None)

    @cached_property
    def verifier(self) -> Verifier:
        """What tells of claims whether passages support them."""
        return ReaderVerifier()

    @cached_property
    def checker(self) -> Checker:
        """Checks answers that any system gave, without loading the chat model."""
        least = self.settings.support_threshold
        return Checker(self.verifier, self._retriever.invoke, self._splitter, least)

    @property
    def _retriever(self) -> HybridRetriever:
        return HybridRetriever(store=self.store, k=self.settings.top_k)

    @property
    def _splitter(self) -> ChunkSplitter:
        return ChunkSplitter(self.settings.chunk_size, self.settings.chunk_overlap)

    def warm_up(self) -> None:
        """Load models and open the index now instead of at the first question."""
        self.graph  # noqa: B018  # building it loads everything

    def ingest(
        self,
        paths: Sequence[str | Path],
        *,
        rebuild: bool = False,
        progress: bool = False,
        notify: Notify = lambda document, done, of: None,
    ) -> IngestReport:
        """Make the index hold what is below these paths; see `app.ingest.run.ingest`."""
        return ingest(
            [Path(path) for path in paths],
            self.store,
            max_bytes=self.settings.max_file_mb * 1_000_000,
            rebuild=rebuild,
            progress=progress,
            notify=notify,
        )

    def search(self, question: str, k: int = 10, *, id_: str = "1") -> SearchResult:
        """Rank the index's chunks for a question."""
        if not question.strip():
            raise InvalidQuestion("the question is empty: search for something in words")
        found = self.store.hybrid_search(question, k)
        return to_search_result(found, id_=id_, question=question)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        documents: Sequence[Mapping[str, str]] = (),
        id_: str = "1",
    ) -> Answer:
        """Answer a question from the index, or from `documents` ({"id", "text"} each)."""
        state = self.graph.invoke(graph_input(question, history, documents))
        return self.answer_of(state, question, id_)

    async def aask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        documents: Sequence[Mapping[str, str]] = (),
        id_: str = "1",
    ) -> Answer:
        """Do the same in async code; cancelling the task stops the model."""
        state = await self.graph.ainvoke(graph_input(question, history, documents))
        return self.answer_of(state, question, id_)

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), id_: str = "1"
    ) -> Iterator[str | Answer]:
        """Yield the text as it is written, then the checked answer, which alone counts."""
        events: Iterator[Any] = self.graph.stream(
            graph_input(question, history, ()), stream_mode=["messages", "values"]
        )
        state: dict[str, Any] = {}
        for mode, event in events:
            if mode == "values":
                state = event
            elif text := streamed_text(event):
                yield text
        yield self.answer_of(state, question, id_)

    async def astream(
        self, question: str, *, history: Sequence[Turn] = (), id_: str = "1"
    ) -> AsyncIterator[str | Answer]:
        """Do the same in async code."""
        events: AsyncIterator[Any] = self.graph.astream(
            graph_input(question, history, ()), stream_mode=["messages", "values"]
        )
        state: dict[str, Any] = {}
        async for mode, event in events:
            if mode == "values":
                state = event
            elif text := streamed_text(event):
                yield text
        yield self.answer_of(state, question, id_)

    def roots(self) -> dict[str, Path]:
        """Return the folder (or file) that each document of the index was ingested from."""
        if not self.store.exists():
            return {}
        return {name: Path(root) for name, (root, _) in self.store.generation.documents().items()}

    def text_of(self, document: str) -> str:
        """Return a document's extracted text, in which citations count."""
        text = self.store.generation.text_of(document)
        if text is None:
            raise UserError(f"the index holds no document {document!r}: name one as citations do")
        return text

    def identity(self, *, index: str | None) -> Identity:
        """Name what answers depend on, given the version of the index that is searched, if any."""
        return Identity(model=self.model, adapter=self.adapter, index=index)

    def unanswered(self, question: str, *, id_: str, error: str) -> dict[str, Any]:
        """Write a question that could not be asked in the form of an answer, with its error."""
        answer = to_answer(
            {**vars(State()), "messages": [AIMessage("")], "abstained": True},
            id_=id_,
            question=question,
            identity=self.identity(index=None),
        )
        return {**answer, "error": error}

    def close(self) -> None:
        """Stop the model's thread, if it was started."""
        if "chat_model" in self.__dict__:
            self.chat_model.worker.close()

    def answer_of(self, state: dict[str, Any], question: str, id_: str) -> Answer:
        """Write what the graph returned in the form of the contract."""
        if "__interrupt__" in state:
            raise AnswerHeld("this answer waits for a review: ask in a thread, on the page")
        # The version that was searched, which need not be the newest by now.
        searched = [p.metadata["index"] for p in state["passages"] if "index" in p.metadata]
        identity = self.identity(index=searched[0] if searched else None)
        borrowed = ["grader"] if self.calibration.borrowed else []
        return to_answer(state, id_=id_, question=question, identity=identity, borrowed=borrowed)
