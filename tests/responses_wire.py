"""What OpenAI's Responses API sends for a reply, whole and streamed."""

from __future__ import annotations

import json
import re
from typing import Any


def response(said: str, model: str, *, cut: str = "") -> dict[str, Any]:
    """Return a whole reply; `cut` is why it is incomplete."""
    text = {"type": "output_text", "text": said, "annotations": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "content": [text]}
    return {
        "id": "resp_1", "object": "response", "created_at": 1, "model": model, "error": None,
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": cut} if cut else None,
        "output": [{**message, "status": "completed"}], "parallel_tool_calls": True,
        "tool_choice": "auto", "tools": [],
        "usage": {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10,
                  "input_tokens_details": {"cached_tokens": 0},
                  "output_tokens_details": {"reasoning_tokens": 0}},
    }  # fmt: skip


def events(said: str, model: str, *, cut: str = "") -> list[str]:
    """Return the events of the same reply when it is streamed."""
    whole = response(said, model, cut=cut)
    begun = {**whole, "status": "in_progress", "incomplete_details": None, "output": []}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    pieces = re.findall(r"\s*\S+", said)
    told: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**begun, "usage": None}},
        {"type": "response.in_progress", "response": {**begun, "usage": None}},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        *({"type": "response.output_text.delta", **at, "delta": piece} for piece in pieces),
        {"type": "response.output_text.done", **at, "text": said},
        {"type": f"response.{whole['status']}", "response": whole},
    ]
    numbered = [{**event, "sequence_number": n} for n, event in enumerate(told)]
    return [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in numbered]


def asked_of(body: dict[str, Any]) -> str:
    """Return the last thing that was asked."""
    content = body["input"][-1]["content"]
    return str(content if isinstance(content, str) else content[-1]["text"])
