"""What the nodes share: plain values, messages and documents only, so that it can be stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from langchain_core.documents import Document
from langchain_core.messages import AIMessage, AnyMessage
from langgraph.channels import EphemeralValue
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict  # the only one of which Pydantic writes a schema

Route = Literal["retrieve", "direct"]
Origin = Literal["documents", "model", "none"]
Decision = Literal["approve", "edit", "reject"]


class Citation(TypedDict):
    """Where a sentence of the answer is supported; `[n]` in the answer is the n-th citation."""

    document: str
    chunk: str
    page: int | None
    """Counted from 1; None where the format has no pages."""
    start: int
    """Character of the document's text, not of the chunk's."""
    end: int
    """The first character after it."""
    quote: str
    """The document's text from `start` to `end`, unchanged."""


@dataclass(kw_only=True)
class Question:
    """What the caller hands in."""

    messages: Annotated[list[AnyMessage], add_messages] = field(default_factory=list)
    """The conversation; its last message is the question."""
    documents: Annotated[list[Any], EphemeralValue] = field(default_factory=list)
    """Given instead of retrieval: `Document`s, or {"id", "text"} each; for one turn only."""


@dataclass(kw_only=True)
class Answer:
    """What the caller gets back, with the whole conversation."""

    messages: Annotated[list[AnyMessage], add_messages] = field(default_factory=list)
    route: Route = "retrieve"
    origin: Origin = "none"
    abstained: bool = False
    citations: list[Citation] = field(default_factory=list)
    passages: list[Document] = field(default_factory=list)
    """What was retrieved or given, best grade first; `grade` is in each one's metadata."""
    timings_ms: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    removed: int = 0
    """Claims of the answer that nothing supports."""
    conflicts: list[Citation] = field(default_factory=list)
    """What passages of documents that are not cited say in the answer's place."""
    confidence: float | None = None
    """Least probability of support among the claims that were kept."""
    parts: list[str] = field(default_factory=list)
    """The questions that were answered, if they are not the one asked: several, or a whole one."""
    review: Decision | Literal[""] = ""
    """What a person decided about the answer, where one was asked."""


@dataclass(kw_only=True)
class State(Question, Answer):
    """Everything the nodes share during one turn."""

    question: str = ""
    """The question, a follow-up's with what was asked before it."""
    asked: str = ""
    """The question in plain text, made whole, and with the name of what it describes."""
    small_talk: bool = False
    recalled: AIMessage | None = None
    """What the model's weights replied when the gate asked them, where that is the answer."""
    queries: list[str] = field(default_factory=list)
    """What is searched for: the question and a follow-up's rewrite, then other words."""
    naming: list[Citation] = field(default_factory=list)
    """What tells the name of what the question describes, where a name was put in."""
    named_surely: float = 1.0
    """Probability that it tells it."""
    leads: list[str] = field(default_factory=list)
    """Searches by names that are still to be made; empty where passages bring up none."""
    rewrites: int = 0
    context: list[Document] = field(default_factory=list)
    """The passages in the prompt; the model's `[n]` counts in this list."""
