"""Small stand-ins for what the graph is given, and the graph around them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fakes import ScriptedChatModel
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.retrievers import BaseRetriever
from langgraph.types import Checkpointer
from pydantic import Field
from word_verifier import WordVerifier

from app.ingest.splitter import ChunkSplitter
from graphs.limits import Limits
from graphs.protocols import Agreement, Completion, Extractor, Need, Seal
from graphs.rag import Graph, build_graph

Grade = Callable[[str, str], float]


class ListRetriever(BaseRetriever):
    """Returns the given documents, the same objects each time, as in-memory retrievers do."""

    searches: Sequence[list[Document]] = ([],)
    """What each search finds; the last one is found again and again."""
    queries: list[str] = Field(default_factory=list)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        self.queries.append(query)
        return self.searches[min(len(self.queries), len(self.searches)) - 1]


@dataclass
class FixedGrader:
    """Grades by a function, or by the first of the given words that a passage holds, else 0."""

    grades: Mapping[str, float] | Grade
    calls: list[tuple[str, list[str]]] = field(default_factory=list)

    def grade(self, question: str, passages: Sequence[str]) -> list[float]:
        self.calls.append((question, list(passages)))
        return [self._grade(question, passage) for passage in passages]

    async def agrade(self, question: str, passages: Sequence[str]) -> list[float]:
        return self.grade(question, passages)

    def _grade(self, question: str, passage: str) -> float:
        if callable(self.grades):
            return self.grades(question, passage)
        return next((grade for word, grade in self.grades.items() if word in passage), 0.0)


@dataclass
class FixedGate:
    """Takes the given questions for small talk or for known by heart, and no others."""

    talk: Collection[str] = ()
    known: Collection[str] = ()
    recalled: Mapping[str, AIMessage] = field(default_factory=dict)
    """What the weights replied to find that out."""

    def is_small_talk(self, question: str) -> bool:
        return question in self.talk

    def decide(self, question: str) -> Need:
        return Need(question not in self.known, self.recalled.get(question))


@dataclass(frozen=True)
class FixedCompletion:
    """Makes the given questions of the given follow-ups; is not sure of others."""

    meant: Mapping[str, str]

    def complete(self, asked: Sequence[str]) -> str | None:
        return self.meant.get(asked[-1])

    async def acomplete(self, asked: Sequence[str]) -> str | None:
        return self.complete(asked)


@dataclass(frozen=True)
class Parts:
    """A graph and the collaborators inside it."""

    graph: Graph
    retriever: ListRetriever
    chat_model: ScriptedChatModel
    grader: FixedGrader

    def ask(self, question: str, **parts: Any) -> dict[str, Any]:
        return self.graph.invoke({"messages": [HumanMessage(question)]}, **parts)


def passage(name: str, text: str, start: int = 0, **metadata: Any) -> Document:
    """Make a chunk as the index returns it."""
    return Document(
        text,
        id=f"{name}@{start}",
        metadata={"document": name, "start": start, "score": 0.0164, **metadata},
    )


def make_graph(
    *replies: str,
    found: Sequence[Document] = (),
    searches: Sequence[list[Document]] | None = None,
    grades: Mapping[str, float] | Grade | None = None,
    talk: Collection[str] = (),
    known: Collection[str] = (),
    recalled: Mapping[str, AIMessage] | None = None,
    shots: Sequence[BaseMessage] = (),
    checkpointer: Checkpointer = None,
    extractor: Extractor | None = None,
    agreement: Agreement | None = None,
    completion: Completion | None = None,
    seal: Seal | None = None,
    **limits: Any,
) -> Parts:
    """Build the graph; every passage is relevant unless `grades` says otherwise."""
    retriever = ListRetriever(searches=searches or [list(found)])
    chat_model = ScriptedChatModel(replies=list(replies))
    grader = FixedGrader({"": 0.9} if grades is None else grades)
    graph = build_graph(
        retriever=retriever,
        chat_model=chat_model,
        grader=grader,
        gate=FixedGate(talk, known, recalled or {}),
        verifier=WordVerifier(),
        extractor=extractor,
        agreement=agreement,
        completion=completion,
        splitter=ChunkSplitter(200, 0),
        limits=Limits(**limits),
        shots=shots,
        checkpointer=checkpointer,
        seal=seal,
    )
    return Parts(graph, retriever, chat_model, grader)
