"""LangSmith is off unless asked for; when on, each run arrives complete. Each case is a process."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
import time
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import httpx
import pytest
import zstandard
from server_parts import running_server
from test_merge import write_adapter

# What the suite sets and users do not: built-in models and silence must do without.
SET_BY_TESTS = ("HF_HUB_OFFLINE", "LANGSMITH_TRACING")
QUESTION = "When does the ferry to Lund sail?"

ASK = f"""
import json, sys
opened = []
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.sendto")

def note(event, args):
    if event in NETWORK:
        opened.append((event, str(args[1:])))

sys.addaudithook(note)
from pathlib import Path
from app.assistant import Assistant
from app.settings import Settings
model, folder, index = sys.argv[1:]
assistant = Assistant(
    Settings(model=model, index=Path(index), grade_threshold=0.0, max_tokens=8)
)
assistant.ingest([folder])
answer = assistant.ask({QUESTION!r})
print(json.dumps({{"opened": opened, "answer": answer}}))
"""


class Collector(BaseHTTPRequestHandler):
    """Stands in for the LangSmith service and decodes what it is sent."""

    parts: ClassVar[list[tuple[str, Any]]] = []
    bodies: ClassVar[list[bytes]] = []
    paths: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        limits = {"size_limit": 100, "size_limit_bytes": 20_971_520, "scale_up_qsize_trigger": 1000}
        threads = {"scale_up_nthreads_limit": 16, "scale_down_nempty_trigger": 4}
        config = {"use_multipart_endpoint": True, **limits, **threads}
        self._reply({"batch_ingest_config": config})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "zstd":
            body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.bodies.append(body)
        self.paths.append(self.path)
        header = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        for part in BytesParser().parsebytes(header + body).walk():
            name = part.get_param("name", header="content-disposition")
            payload = part.get_payload(decode=True)
            if name and isinstance(payload, bytes):
                self.parts.append((str(name), json.loads(payload)))
        self._reply({})

    def _reply(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "ferry.md").write_text("# Ferry\n\nThe ferry to Lund sails at 09:15 from pier 3.\n")
    return folder


class SlowCollector(Collector):
    """Takes its time, so that a run's end waits here for what was sent before it."""

    def do_POST(self) -> None:
        time.sleep(0.5)
        super().do_POST()


@pytest.fixture
def service() -> Any:
    yield from served_by(Collector)


@pytest.fixture
def slow_service() -> Any:
    yield from served_by(SlowCollector)


def served_by(collector: type[Collector]) -> Any:
    Collector.parts, Collector.bodies, Collector.paths = [], [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


ENDED = f"""
import atexit, json, time
ended = []
@atexit.register  # before all others, and so called after them
def tell():
    print(json.dumps({{"took": time.monotonic() - ended[0]}}))
{ASK}
ended.append(time.monotonic())
"""
FAIL = """assistant.ingest([folder])
def _fail(assistant, question):
    def broken(*args):
        raise RuntimeError("about Lund")
    assistant.runtime.worker._decode = broken
    try:
        assistant.ask(question)
    except RuntimeError:
        return None
"""


def ask(model: Path, documents: Path, script: str = ASK, **environment: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", script, str(model), str(documents), str(documents.parent / "index")],
        env={k: v for k, v in os.environ.items() if k not in SET_BY_TESTS} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_an_untraced_run_opens_no_socket_even_with_a_key(tiny_model: Path, documents: Path) -> None:
    result = ask(tiny_model, documents, LANGSMITH_API_KEY="placeholder-key")
    assert result["opened"] == []
    assert result["answer"]["documents"][0]["document"] == "ferry.md"


def test_a_traced_run_arrives_with_everything_that_explains_it(
    tiny_model: Path, documents: Path, service: str
) -> None:
    adapter = write_adapter(tiny_model, documents.parent / "harbour-adapter")
    result = ask(
        tiny_model,
        documents,
        GROUNDTUNE_ADAPTER=str(adapter),
        GROUNDTUNE_CACHE=str(documents.parent / "cache"),
        LANGSMITH_TRACING="true",
        LANGSMITH_ENDPOINT=service,
        LANGSMITH_API_KEY="placeholder-key",
        LANGSMITH_PROJECT="probe",
    )
    sent = json.dumps(Collector.parts, ensure_ascii=False)
    runs = {part["name"]: part for name, part in Collector.parts if name.count(".") == 1}
    nodes = {"route_question", "retrieve", "grade_documents", "generate", "verify_citations"}
    assert nodes | {"groundtune", "LocalChatModel"} <= set(runs)
    chunk = result["answer"]["documents"][0]
    for told in (
        chunk["chunk"],
        str(chunk["score"]),
        str(chunk["grade"]),
        '"route": "retrieve"',
        '"input_tokens"',
        f'"prompt": {result["answer"]["tokens"]["prompt"]}',
    ):
        assert told in sent, told
    metadata = [part["metadata"] for name, part in Collector.parts if name.endswith(".extra")]
    served = {"model": tiny_model.name, "adapter": result["answer"]["adapter"]}
    assert served["adapter"].startswith("harbour-adapter@")
    assert served.items() <= metadata[0].items()
    assert str(tiny_model.parent) not in json.dumps(metadata)


SECRETS = ("Lund", "pier 3", "sails")  # of the question, the passage and the answer
ASKED = f"assistant.ask({QUESTION!r})"
CHECK = ASK.replace(ASKED, f"assistant.checker.check({QUESTION!r}, 'It sails from pier 3.')")
WRITE = ASK.replace(ASKED, f"assistant.chat_model.batch([{QUESTION!r}], max_tokens=4)[0].text")


@pytest.mark.parametrize(
    ("script", "mode", "traced"),
    [
        (ASK, "langsmith", "grade_documents"),
        (ASK, "otel", "grade_documents"),
        (CHECK, "langsmith", "HybridRetriever"),
        (WRITE, "langsmith", "LocalChatModel"),  # as `finetune` has questions written
    ],
)
def test_texts_stay_here_where_the_setting_says_so(
    tiny_model: Path, documents: Path, service: str, script: str, mode: str, traced: str
) -> None:
    ask(
        tiny_model,
        documents,
        script,
        GROUNDTUNE_TRACE_TEXTS="false",
        LANGSMITH_TRACING="true",
        LANGSMITH_TRACING_MODE=mode,
        LANGSMITH_ENDPOINT=service,
        LANGSMITH_API_KEY="placeholder-key",
        OTEL_EXPORTER_OTLP_ENDPOINT=service,
    )
    sent = b"".join(Collector.bodies).decode(errors="replace")
    assert traced in sent
    assert [secret for secret in SECRETS if secret in sent] == []


def test_error_texts_stay_here_too(tiny_model: Path, documents: Path, service: str) -> None:
    failing = ASK.replace("answer = assistant.ask(", "answer = _fail(assistant, ").replace(
        "assistant.ingest([folder])", FAIL
    )
    ask(
        tiny_model,
        documents,
        failing,
        GROUNDTUNE_TRACE_TEXTS="false",
        LANGSMITH_TRACING="true",
        LANGSMITH_ENDPOINT=service,
        LANGSMITH_API_KEY="placeholder-key",
    )
    errors = [part for name, part in Collector.parts if name.endswith(".error")]
    runs = [part for _, part in Collector.parts if isinstance(part, dict) and part.get("error")]
    assert errors or runs
    assert "Lund" not in b"".join(Collector.bodies).decode(errors="replace")


def test_opentelemetry_spans_arrive_at_a_collector(
    tiny_model: Path, documents: Path, service: str
) -> None:
    ask(
        tiny_model,
        documents,
        LANGSMITH_TRACING="true",
        LANGSMITH_TRACING_MODE="otel",
        OTEL_EXPORTER_OTLP_ENDPOINT=service,
    )
    assert set(Collector.paths) == {"/v1/traces"}
    sent = b"".join(Collector.bodies).decode(errors="replace")
    for node in ("route_question", "retrieve", "grade_documents", "generate"):
        assert node in sent


@pytest.fixture
def hanging() -> Any:
    """A collector that takes connections and never answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("mode", ["langsmith", "otel"])
@pytest.mark.parametrize("kind", ["dead", "hanging"])
def test_a_collector_that_is_dead_or_hangs_delays_the_end_by_seconds_and_not_by_half_a_minute(
    tiny_model: Path, documents: Path, hanging: str, kind: str, mode: str
) -> None:
    endpoint = hanging if kind == "hanging" else "http://127.0.0.1:9"
    result = ask(
        tiny_model,
        documents,
        ENDED,
        LANGSMITH_TRACING="true",
        LANGSMITH_TRACING_MODE=mode,
        LANGSMITH_ENDPOINT=endpoint,
        LANGSMITH_API_KEY="placeholder-key",
        OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
    )
    assert result["took"] < 10  # 2 s on an idle machine; OpenTelemetry alone would wait for 30


@pytest.mark.parametrize("flags", [[], ["--workers", "2"]])
def test_a_server_that_is_stopped_sends_what_waits_and_leaves_nothing(
    tiny_model: Path, tmp_path: Path, slow_service: str, flags: list[str]
) -> None:
    index, scratch = tmp_path / "index", tmp_path / "scratch"
    index.mkdir()
    scratch.mkdir()
    variables = {
        "TMPDIR": str(scratch),
        "GROUNDTUNE_MODEL": str(tiny_model),
        "GROUNDTUNE_RETRIEVAL": "never",
        "GROUNDTUNE_CACHE": str(tmp_path / "cache"),
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_ENDPOINT": slow_service,
        "LANGSMITH_API_KEY": "placeholder-key",
    }
    with running_server(tmp_path, index, "--plain", *flags, **variables) as server:
        url = f"{server.url}/api/threads/{uuid4()}/ask"
        httpx.post(url, json={"question": "Who keeps the bees?"}, timeout=60).raise_for_status()
    runs = [part for name, part in Collector.parts if name.count(".") == 1]
    ended = {part["id"] for part in runs if part.get("end_time")}
    assert {part["name"] for part in runs if part["id"] in ended} >= {"groundtune", "generate"}
    assert [part["name"] for part in runs if part["id"] not in ended] == []
    assert [each.name for each in scratch.iterdir()] == []
