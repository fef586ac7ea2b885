"""Wait for answers as a Python program, the page and a LangGraph client do."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from server_parts import running_server
from tqdm import tqdm

from app.assistant import Assistant

PATIENCE_S = 120


def waits(assistant: Assistant, questions: Sequence[str]) -> dict[str, Any]:
    """Ask each question in each way in turn, of questions that are answered at all."""
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as home,
        running_server(Path(home), assistant.settings.index.resolve()) as server,
        httpx.Client(base_url=server.url, timeout=PATIENCE_S) as client,
    ):
        ways: dict[str, Callable[[str], Iterator[bool]]] = {
            "python": lambda question: (isinstance(e, str) for e in assistant.stream(question)),
            "page": lambda question: _page_tokens(client, question),
            "langgraph": lambda question: _langgraph_tokens(client, question),
        }
        for question in tqdm(["Good morning!", *questions]):  # the first one warms up
            for way, ask in ways.items():
                found[way].append(_waited(ask(question)))
    answered = [at for at, (first, _) in enumerate(found["python"]) if at and first]
    return {way: _summary([of[at] for at in answered]) for way, of in found.items()}


def _summary(pairs: Sequence[tuple[float, float]]) -> dict[str, int]:
    return {
        "n": len(pairs),
        "first_token_ms_median": round(1000 * statistics.median(first for first, _ in pairs)),
        "answer_ms_median": round(1000 * statistics.median(whole for _, whole in pairs)),
    }


def _waited(tokens: Iterator[bool]) -> tuple[float, float]:
    """Return seconds until the first token (0 if none came) and until the end."""
    start, first = time.perf_counter(), 0.0
    for is_token in tokens:
        if is_token and not first:
            first = time.perf_counter() - start
    return first, time.perf_counter() - start


def _page_tokens(client: httpx.Client, question: str) -> Iterator[bool]:
    path = f"/api/threads/{uuid4()}/ask"
    with client.stream("POST", path, json={"question": question}) as events:
        yield from (line.startswith("event: token") for line in events.iter_lines())


def _langgraph_tokens(client: httpx.Client, question: str) -> Iterator[bool]:
    asked = {"messages": [{"role": "user", "content": question}]}
    run = {"assistant_id": "groundtune", "input": asked, "stream_mode": "messages-tuple"}
    with client.stream("POST", "/runs/stream", json=run) as events:
        yield from (line.startswith("event: messages") for line in events.iter_lines())
