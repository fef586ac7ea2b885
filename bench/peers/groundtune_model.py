"""The chat model as the graph calls it, without an adapter, so that all have equal weights."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any

from langchain_core.messages import HumanMessage

from app.assistant import Assistant
from app.settings import Settings
from bench.peers.turns import Work, serve


def load(work: Work) -> Callable[[], dict[str, Any]]:
    """Load the model."""
    model = Assistant(Settings(adapter="none")).chat_model
    model.invoke("Hello", max_tokens=2)
    asked = [HumanMessage(work["prompt"])]

    def write() -> dict[str, Any]:
        start = time.perf_counter()
        pieces = model.stream(asked, max_tokens=work["tokens"])
        first = next(pieces)
        began = time.perf_counter()
        whole = reduce(add, pieces, first)
        usage = whole.usage_metadata
        assert usage is not None, "the last piece counts the tokens"
        return {
            "first_token_s": began - start,
            "further_tokens_s": time.perf_counter() - began,
            "further_tokens": usage["output_tokens"] - 1,
            "answers": [whole.text],
        }

    return write


if __name__ == "__main__":
    serve(load)
