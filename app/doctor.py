"""Look at everything an answer depends on and say what is not in order."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage
from langsmith.utils import get_env_var, tracing_is_enabled

from app import plugins
from app.assistant import Assistant
from app.compare.plan.arms import ADDED_ARMS, load_added
from app.compare.plan.metrics import METRICS
from app.errors import NothingSaid, UserError
from app.index.kinds import STORES
from app.ingest.freshness import freshness
from app.ingest.readers import READERS
from app.model_parts import ModelParts
from app.models.base import resolve_embedding_model, verify_import
from app.models.names import read_remote
from app.models.remote.load import MODELS
from app.plugins import Port
from app.readiness import UNSEARCHED, Check, disk, look_at, packages
from app.settings import Settings
from app.tracing import sends_spans_alone, span_collector
from finetune.causal import load_tokenizer
from finetune.data.chat_format import chat_format
from finetune.training.hardware import compute_dtype
from graphs import prompts

QUESTION = "When does the night ferry leave?"
PASSAGE = "The night ferry leaves at ten past nine in the evening, from the old pier."
OTHER = "Bread is baked on Mondays. Whoever orders a loaf by Friday finds it on the shelf."
PROMPTS = (
    prompts.generate(QUESTION, [PASSAGE]),
    prompts.recall(QUESTION),
    prompts.grade_document(QUESTION, PASSAGE),
    prompts.rewrite_follow_up([("user", QUESTION), ("assistant", PASSAGE)], "And in winter?"),
    prompts.transform_query(QUESTION),
    prompts.talk([HumanMessage("Good morning!")]),
)
BEGINNING = 8  # tokens
PORTS: Sequence[Port[Any]] = (READERS, STORES, METRICS, MODELS)


def examine(settings: Settings) -> list[Check]:
    """Check packages, hardware, disk, index and tracing, and try the models.

    A model elsewhere is sent an invented passage and questions about it, and so is its fallback.
    """
    whole = Assistant(settings)
    assistant = Assistant(settings.model_copy(update={"fallback_model": None}))  # it would answer
    looks: dict[str, Callable[[], str]] = {
        "packages": packages,
        "hardware": lambda: f"{platform.machine()}, weights in {compute_dtype(settings.dtype)}",
        "disk": lambda: disk(settings.cache),
        "chat model": lambda: _chat_model(assistant),
        "fallback model": lambda: _fallback_model(whole),
        "adapter": lambda: assistant.adapter or "none",
        "prompts": lambda: _prompts(assistant),
        "grading": lambda: _grading(assistant),
        "embedding model": lambda: _embeddings(assistant),
        "answer": lambda: _answer(assistant),
        "index": lambda: _index(assistant),
        "plugins": added_parts,
        "freshness": lambda: freshness(settings.index),
        "tracing": tracing,
    }
    try:
        return [look_at(name, look) for name, look in looks.items()]
    finally:
        assistant.close()
        whole.close()


def _chat_model(parts: ModelParts) -> str:
    settings = parts.settings
    if remote := read_remote(settings.model, setting=parts.setting):
        return f"{remote.where}, which is sent questions, passages and drafts"
    folder = parts.folder
    verify_import(folder)
    fitted = chat_format(load_tokenizer(folder)).adjustments()
    return "; ".join([f"{settings.model} in {folder}", *fitted])


def _fallback_model(whole: Assistant) -> str:
    """Try it as the model is tried; of one here, which is not loaded, tell that its files are."""
    other = whole.other
    if other is None:
        return "none"
    told = _chat_model(other)
    if read_remote(other.settings.model, setting=other.setting) is None:
        return f"{told}; loaded when it is needed"
    return f"{told}; {_prompts(other)}; grades {_grading(other)}"


def _prompts(assistant: ModelParts) -> str:
    """Begin an answer to everything that the workflow asks, about an invented passage."""
    began = time.perf_counter()
    replies = [_begins(assistant, prompt) for prompt in PROMPTS]
    took = f"{len(replies)} of {len(replies)} taken, {time.perf_counter() - began:.1f} s"
    thinks = f"; {assistant.model} thinks first, which GROUNDTUNE_MAX_TOKENS must allow for"
    return took if all(replies) else took + thinks


def _begins(assistant: ModelParts, prompt: Sequence[BaseMessage]) -> bool:
    """Tell whether some tokens are enough for an answer to begin."""
    try:
        return bool(assistant.chat_model.invoke(list(prompt), max_tokens=BEGINNING).text.strip())
    except NothingSaid:
        return False


def _answer(assistant: Assistant) -> str:
    """Ask a question about a given passage, through the whole workflow."""
    answer = assistant.ask(QUESTION, documents=[{"id": "ferry.txt", "text": PASSAGE}])
    shown = answer["answer"] if not answer["abstained"] else "a refusal"
    took = sum(answer["timings_ms"].values()) / 1000
    return f"{QUESTION!r} is answered by {shown!r}, {took:.1f} s"


def _grading(assistant: ModelParts) -> str:
    """Grade a passage that answers and one that does not."""
    right, wrong = assistant.grader.grade(QUESTION, [PASSAGE, OTHER])
    fit = " ('groundtune calibrate' fits them)" if assistant.calibration.borrowed else ""
    return (
        f"by {assistant.runtime.scorer.level}; weights: {assistant.calibration.origin}{fit}; "
        f"{right:.2f} for a passage that answers, {wrong:.2f} for another"
    )


def _embeddings(assistant: Assistant) -> str:
    assistant.embeddings.embed_query(QUESTION)
    dimension = len(assistant.embeddings.embed_documents([PASSAGE])[0])  # by other code, maybe
    return f"{resolve_embedding_model(assistant.settings.embedding_model)}, {dimension} numbers"


def _index(assistant: Assistant) -> str:
    store = assistant.store
    if not assistant.settings.searches() and not store.exists():
        return UNSEARCHED
    some = len(store.seen_by())
    hidden = f" ({some} not for everybody)" if some else ""
    return (
        f"{len(store.documents())} documents{hidden}, {store.size} chunks, version {store.version}"
    )


def added_parts() -> str:
    """Load everything that packages add; raises UserError for what is not in order."""
    for port in PORTS:
        for name in port.names():
            port.load(name)
    for name in ADDED_ARMS.names():
        load_added(name)
    groups = [port.group for port in (*PORTS, ADDED_ARMS)]
    for group in plugins.added():
        if group not in groups:
            raise UserError(
                f"a package adds something to {group}, which nothing reads: it must be one of "
                f"{', '.join(groups)}"
            )
    return plugins.describe_added()


def tracing() -> str:
    """Tell whether runs are traced, and where they go; raises UserError where a key is missing."""
    if not tracing_is_enabled():
        return "off"
    if sends_spans_alone() and (collector := span_collector()):
        return f"on, as OpenTelemetry spans to {collector}"
    if not get_env_var("API_KEY"):
        raise UserError("tracing is on without LANGSMITH_API_KEY: set the key, or turn it off")
    return f"on, to {get_env_var('ENDPOINT', default='the LangSmith service')}"
