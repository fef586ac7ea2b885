"""The workflow's table of contents: its nodes, its edges, its limits."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from langchain_core.documents import BaseDocumentTransformer
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Checkpointer

from graphs.halves import Halves, decide_halves
from graphs.limits import MAX_REWRITES, Context, Limits, context_of
from graphs.nodes import Nodes
from graphs.protocols import Agreement, Completion, Extractor, Gate, Grader, Seal, Verifier
from graphs.replies import Update
from graphs.sealing import HIDDEN, SealedDrafts
from graphs.state import Answer, Question, State

Graph = CompiledStateGraph[State, Context, Question, Answer]

REPEATED = "transform_query"  # every loop leads through it, and a budget counts how often


def build_graph(
    *,
    retriever: BaseRetriever,
    chat_model: BaseChatModel,
    grader: Grader,
    gate: Gate,
    verifier: Verifier,
    splitter: BaseDocumentTransformer,
    extractor: Extractor | None = None,
    agreement: Agreement | None = None,
    completion: Completion | None = None,
    limits: Limits | None = None,
    shots: Sequence[BaseMessage] = (),
    checkpointer: Checkpointer = None,
    seal: Seal | None = None,
) -> Graph:
    """Assemble the workflow around its collaborators.

    It takes {"messages": [...]}, the question last, and maybe {"documents": [...]}; a run's own
    knobs are `context={"max_rewrites": 0}`. `splitter` must write each passage's offset into its
    metadata as `start`. With a seal, answers that a person must let out are hidden until then.
    """
    limits = limits or Limits()
    drafts = SealedDrafts(seal, limits.review_below) if seal and limits.review_below else None
    nodes = Nodes(
        retriever=retriever,
        chat_model=chat_model,
        grader=grader,
        gate=gate,
        verifier=verifier,
        extractor=extractor,
        agreement=agreement,
        completion=completion,
        splitter=splitter,
        limits=limits,
        shots=shots,
        drafts=drafts,
    )
    builder = _steps(nodes, Answer)
    halves = Halves(
        workflow=_one_question(nodes), count=chat_model.get_num_tokens, limits=nodes.limits
    )
    answering = timed(halves.answer_halves, halves.aanswer_halves, drafts)
    builder.add_node("answer_halves", answering)
    builder.add_conditional_edges(START, decide_halves)
    builder.add_conditional_edges("answer_halves", nodes.decide_to_let_out)
    graph = builder.compile(checkpointer=checkpointer, name="groundtune")
    return graph.with_config(recursion_limit=most_steps(graph))


def _one_question(nodes: Nodes) -> CompiledStateGraph[State, Context, Question, Any]:
    """Assemble what answers a part of a question: with no memory, and without asking a person."""
    limits = nodes.limits.model_copy(update={"review_below": 0.0})
    unheld = replace(nodes, limits=limits, drafts=None)
    builder = _steps(unheld, State)
    builder.add_edge(START, "route_question")
    graph = builder.compile(checkpointer=False, name="one question")
    return graph.with_config(recursion_limit=most_steps(graph))


def _steps(nodes: Nodes, output: type[Any]) -> StateGraph[State, Context, Question, Any]:
    """Return the nodes that answer one question and their edges, without a beginning."""
    builder = StateGraph(
        State, context_schema=context_of(nodes.limits), input_schema=Question, output_schema=output
    )
    writes = partial(timed, drafts=nodes.drafts)

    builder.add_node("route_question", timed(nodes.route_question, nodes.aroute_question))
    builder.add_node("retrieve", timed(nodes.retrieve))
    builder.add_node("grade_documents", timed(nodes.grade_documents, nodes.agrade_documents))
    builder.add_node("name_described", timed(nodes.name_described))
    builder.add_node("transform_query", timed(nodes.transform_query, nodes.atransform_query))
    builder.add_node("generate", writes(nodes.generate, nodes.agenerate))
    builder.add_node("verify_citations", writes(nodes.verify_citations, nodes.averify_citations))
    builder.add_node("review", writes(nodes.review))
    builder.add_node("abstain", timed(nodes.abstain))

    builder.add_conditional_edges("route_question", nodes.decide_route)
    builder.add_edge("retrieve", "grade_documents")
    builder.add_conditional_edges("grade_documents", nodes.decide_to_generate)
    builder.add_conditional_edges("name_described", nodes.decide_after_naming)
    builder.add_edge("transform_query", "retrieve")
    builder.add_edge("generate", "verify_citations")
    builder.add_conditional_edges("verify_citations", nodes.decide_to_answer)
    builder.add_conditional_edges("review", nodes.decide_after_review)
    builder.add_edge("abstain", END)
    return builder


def most_steps(graph: CompiledStateGraph[State, Context, Question, Any]) -> int:
    """Return how many steps the largest budget needs at most, start and end included.

    Each node once, and those on the loop once more for each search that is repeated.
    """
    drawn = graph.get_graph()
    edges = [(edge.source, edge.target) for edge in drawn.edges]
    backwards = [(target, source) for source, target in edges]
    loop = _reached(REPEATED, edges) & _reached(REPEATED, backwards)
    return len(drawn.nodes) + MAX_REWRITES * len(loop)


def _reached(start: str, edges: Sequence[tuple[str, str]]) -> set[str]:
    reached, ahead = set[str](), [start]
    while ahead:
        node = ahead.pop()
        new = {target for source, target in edges if source == node} - reached
        reached |= new
        ahead += new
    return reached


def timed(
    node: Callable[[State], Update],
    anode: Callable[[State], Awaitable[Update]] | None = None,
    drafts: SealedDrafts | None = None,
) -> Runnable[State, Update]:
    """Add a node's own milliseconds to the state; repeated visits add up, a new turn starts at 0.

    A node that writes drafts reads and leaves them sealed, and streams none of them.
    """
    name = node.__name__

    def run(state: State) -> Update:
        start = time.perf_counter()
        opened = drafts.opened(state) if drafts else state
        update = node(opened)
        return _with_time(state, name, drafts.closed(opened, update) if drafts else update, start)

    async def arun(state: State) -> Update:
        assert anode is not None
        start = time.perf_counter()
        opened = drafts.opened(state) if drafts else state
        update = await anode(opened)
        return _with_time(state, name, drafts.closed(opened, update) if drafts else update, start)

    made = RunnableLambda(run, arun if anode else None, name=name)
    return made.with_config(HIDDEN) if drafts else made


def _with_time(state: State, name: str, update: Update, start: float) -> Update:
    first: dict[str, Any] = {} if name == "route_question" else state.timings_ms
    inner: dict[str, float] = update.get("timings_ms", {})  # of a workflow that the node ran
    before = inner or first
    own = 1000 * (time.perf_counter() - start) - sum(inner.values())
    spent = before.get(name, 0.0) + max(own, 0.0)
    return {**update, "timings_ms": {**before, name: round(spent, 2)}}
