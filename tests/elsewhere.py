"""Small real servers that speak the languages of OpenAI, Anthropic, Gemini, Mistral and Ollama.

What they answer is simple enough to tell beforehand, and they can be made to fail as servers do.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import responses_wire

from graphs import prompts

# Clients keep connections open for the next question, and nobody closes them.
LEFT_OPEN = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("collected"),
]
KEY = "sk-a-key-that-nobody-may-see"
WORDS = "ferry mill bees bread honey river winter morning price who when where".split()


def replied(prompt: str) -> str:
    """Answer a prompt of the product: grade by shared words, quote the first passage, or greet."""
    if prompt.startswith("Passage:\n"):
        question, passage = prompts.read_grade(prompt)
        wanted = set(re.findall(r"\w{4,}", question.lower()))
        return "yes" if len(wanted & set(re.findall(r"\w{4,}", passage.lower()))) >= 1 else "no"
    found = re.search(r"\[1\] (?:\([^)]*\) )?(.+)", prompt)
    return f"{found[1]} [1]" if found else "Hello to you."


@dataclass
class Asked:
    """A request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Elsewhere:
    """A server, what it was asked, and what it does instead of answering."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    faults: list[Callable[[Handler], None] | None] = field(default_factory=list)
    """What to do with the next requests; the last one stays."""
    logprobs: bool = True
    """Whether it tells log-probabilities when asked for them."""
    refuses_logprobs: bool = False
    """Whether asking for them is an error."""
    thoughts: str = ""
    """What it thinks before each reply."""


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    of: Elsewhere

    def log_message(self, *_: Any) -> None:
        """Be quiet."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.body = body
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.of.asked.append(Asked(self.path, headers, body))
        faults = self.of.faults
        fault = faults.pop(0) if len(faults) > 1 else faults[0] if faults else None
        (fault or type(self).answer)(self)

    def answer(self) -> None:
        """Answer in the language that the path belongs to."""
        path = self.path.partition("?")[0]
        if path.endswith("/embeddings"):
            return self.send({"object": "list", "data": vectors(self.body), **usage()})
        if path.endswith("/messages"):
            return self.anthropic()
        if "generateContent" in path or "streamGenerateContent" in path:
            return self.gemini(streamed="stream" in path)
        if "mbedContent" in path:
            asked = self.body.get("requests", [self.body])
            texts = [part["content"]["parts"][0]["text"] for part in asked]
            return self.send({"embeddings": [{"values": vector(text)} for text in texts]})
        if path == "/api/embed":
            return self.send({"embeddings": [of["embedding"] for of in vectors(self.body)]})
        if path == "/api/chat":
            return self.ollama()
        return self.openai_responses() if path.endswith("/responses") else self.openai()

    def openai(self) -> None:
        said = replied(self.body["messages"][-1]["content"])
        if self.body.get("logprobs") and self.of.refuses_logprobs:
            return refuses(400)(self)
        scored = bool(self.body.get("logprobs")) and self.of.logprobs
        limit = self.body.get("max_tokens") or self.body.get("max_completion_tokens") or 99
        told = {"id": "1", "created": 1, "model": self.body["model"]}
        if not self.body.get("stream"):
            choice = {
                "index": 0,
                "message": {"role": "assistant", "content": self.of.thoughts + said},
                "finish_reason": "length" if limit == 1 else "stop",
                "logprobs": likely(said, self.of.thoughts) if scored else None,
            }
            return self.send({**told, "object": "chat.completion", "choices": [choice], **usage()})
        pieces = re.findall(r"\s*\S+", self.of.thoughts + said)
        told["object"] = "chat.completion.chunk"
        events = [
            {**told, "choices": [{"index": 0, "delta": {"content": p}, "finish_reason": None}]}
            for p in pieces
        ]
        if scored:
            events[0]["choices"][0]["logprobs"] = likely(said, self.of.thoughts)
        end = {"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}
        if "stream_options" in self.body:
            events += [{**told, "choices": [end]}, {**told, "choices": [], **usage()}]
        else:  # as Mistral does
            events.append({**told, "choices": [end], **usage()})
        return self.stream(
            [*(f"data: {json.dumps(event)}\n\n" for event in events), "data: [DONE]\n\n"]
        )

    def openai_responses(self, *, cut: str = "") -> None:
        told = replied(responses_wire.asked_of(self.body)), self.body["model"]
        if self.body.get("stream"):
            return self.stream(responses_wire.events(*told, cut=cut))
        return self.send(responses_wire.response(*told, cut=cut))

    def anthropic(self) -> None:
        content = self.body["messages"][-1]["content"]
        prompt = content if isinstance(content, str) else content[-1]["text"]
        said = replied(prompt)
        counts = {"input_tokens": 7, "output_tokens": 3}
        message = {
            "id": "1", "type": "message", "role": "assistant", "model": self.body["model"],
            "content": [{"type": "text", "text": said}], "stop_reason": "end_turn",
            "stop_sequence": None, "usage": counts,
        }  # fmt: skip
        if not self.body.get("stream"):
            return self.send(message)
        start = {**message, "content": [], "stop_reason": None}

        def text(said: str, kind: str = "text") -> dict[str, str]:
            return {"type": kind, "text": said}

        events: list[dict[str, Any]] = [
            {"type": "message_start", "message": start},
            {"type": "content_block_start", "index": 0, "content_block": text("")},
            *(
                {"type": "content_block_delta", "index": 0, "delta": text(piece, "text_delta")}
                for piece in re.findall(r"\s*\S+", said)
            ),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
             "usage": counts},
            {"type": "message_stop"},
        ]  # fmt: skip
        return self.stream([f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events])

    def gemini(self, *, streamed: bool) -> None:
        said = replied(self.body["contents"][-1]["parts"][-1]["text"])
        counts = {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10}

        def told(text: str, **more: Any) -> dict[str, Any]:
            content = {"role": "model", "parts": [{"text": text}]}
            return {"candidates": [{"content": content, "index": 0, **more}], "modelVersion": "g"}

        if not streamed:
            return self.send({**told(said, finishReason="STOP"), "usageMetadata": counts})
        pieces = re.findall(r"\s*\S+", said)
        events = [told(piece) for piece in pieces[:-1]]
        events.append({**told(pieces[-1], finishReason="STOP"), "usageMetadata": counts})
        return self.stream([f"data: {json.dumps(event)}\n\n" for event in events])

    def ollama(self) -> None:
        said = replied(self.body["messages"][-1]["content"])
        told = {"model": self.body["model"], "created_at": "2026-01-01T00:00:00Z"}
        counts = {"done": True, "done_reason": "stop", "prompt_eval_count": 7, "eval_count": 3}
        events: list[dict[str, Any]] = [
            {**told, "message": {"role": "assistant", "content": piece}, "done": False}
            for piece in re.findall(r"\s*\S+", said)
        ]
        if self.body.get("logprobs") and self.of.logprobs:
            events[0]["logprobs"] = likely(said)["content"]
        events.append({**told, "message": {"role": "assistant", "content": ""}, **counts})
        return self.stream([json.dumps(event) + "\n" for event in events], "application/x-ndjson")

    def send(self, told: dict[str, Any], status: int = 200, **headers: str) -> None:
        """Send JSON."""
        self.send_text(json.dumps(told), status, **{"Content-Type": "application/json", **headers})

    def send_text(self, text: str, status: int = 200, **headers: str) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def stream(self, events: list[str], kind: str = "text/event-stream") -> None:
        """Send events one by one, and close: nothing else says that they are complete."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        for event in events:
            self.wfile.write(event.encode())
            self.wfile.flush()
        self.close_connection = True


def likely(said: str, thoughts: str = "") -> dict[str, Any]:
    """Tell log-probabilities of the first token: 0.8 for what is said, the rest for others.

    Where thoughts come first, these are all but certain.
    """
    other, rest = "no" if said == "yes" else "Yes", 1e-8 if thoughts else 1.0
    top = [(said.split()[0], 0.8 * rest), (f" {other}", 0.1 * rest), ("Well", 0.05 * rest)]
    top = [*([(thoughts[:7], 1 - rest)] if thoughts else []), *top]
    entries = [{"token": token, "logprob": math.log(p), "bytes": None} for token, p in top]
    return {"content": [{**entries[0], "top_logprobs": entries}]}


def usage() -> dict[str, Any]:
    return {"usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}}


def vector(text: str) -> list[float]:
    """Count WORDS, not normalised."""
    said = re.findall(r"\w+", text.lower())
    return [float(said.count(word)) for word in WORDS] + [0.1]


def vectors(body: dict[str, Any]) -> list[dict[str, Any]]:
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    return [
        {"object": "embedding", "index": at, "embedding": vector(text)}
        for at, text in enumerate(texts)
    ]


def refuses(status: int, **headers: str) -> Callable[[Handler], None]:
    """Answer by a status, in words that repeat the key."""
    told = {"error": {"message": f"no: {KEY}", "type": "refused", "code": status}}
    return lambda handler: handler.send(told, status, **headers)


def garbage(handler: Handler) -> None:
    handler.send_text("<html>Bad gateway?</html>", Content_Type="text/html")


def hangs(handler: Handler) -> None:
    time.sleep(5)


def hangs_up(handler: Handler) -> None:
    """Close the connection without a word, as a server does that is killed."""
    handler.close_connection = True


def half_a_stream(handler: Handler) -> None:
    piece = {"index": 0, "delta": {"role": "assistant", "content": "Half"}, "finish_reason": None}
    told = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    handler.stream([f"data: {json.dumps({**told, 'choices': [piece]})}\n\n"])


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """Run a server on a free port until the block is left."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Elsewhere(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("Bound", (Handler,), {"of": found})
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
