"""A comparison arrives at LangSmith whole: the real client speaks to a local HTTP service."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from comparisons import compared, report_of
from langsmith.utils import get_env_var

from app.compare.plan.arms import BASE, HYBRID
from app.compare.report.langsmith_export import check_key, export
from app.errors import UserError

ARMS = {arm.name: arm.described() for arm in (BASE, HYBRID)}
NOW = "2026-01-01T00:00:00Z"


class Service(BaseHTTPRequestHandler):
    """Keeps what LangSmith keeps of a data set and its experiments."""

    kept: ClassVar[dict[str, list[dict[str, Any]]]]
    refuses: ClassVar[str]

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        match asked.path:
            case "/info":
                self._reply({"version": "0.13.0"})
            case "/datasets":
                name = parse_qs(asked.query)["name"][0]
                self._reply([of for of in self.kept["datasets"] if of["name"] == name])
            case "/examples":
                first = int(parse_qs(asked.query)["offset"][0])
                self._reply(self.kept["examples"][first : first + 100])
            case _:
                self._reply({}, 404)

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        what = self.path.strip("/").split("/")[0]
        if self.headers["x-api-key"] != "the-key" or what == self.refuses:
            return self._reply({"detail": "not allowed"}, 401)
        rows = told if isinstance(told, list) else [told]
        made = {"tenant_id": str(uuid4()), "reference_dataset_id": None, "created_at": NOW}
        rows = [{"id": str(uuid4()), **made, **row} for row in rows]
        self.kept[what] += rows
        return self._reply(rows if isinstance(told, list) else rows[0])

    def do_PATCH(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        of = next(of for of in self.kept["sessions"] if of["id"] == self.path.rpartition("/")[2])
        of.update({name: value for name, value in told.items() if value is not None})
        self._reply(of)

    def _reply(self, value: Any, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Service]]:
    Service.refuses = ""
    Service.kept = {name: [] for name in ("datasets", "examples", "sessions", "runs", "feedback")}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("LANGSMITH_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("LANGSMITH_API_KEY", "the-key")
    get_env_var.cache_clear()
    yield Service
    server.shutdown()
    server.server_close()
    get_env_var.cache_clear()


def test_each_arm_is_an_experiment_with_every_answer_and_score(service: type[Service]) -> None:
    rows = report_of(compared({BASE: 1, HYBRID: 3}, n=4, base=250)).rows
    names = export(rows, "ferry", ARMS)
    kept = service.kept
    assert [name.rpartition("-")[0] for name in names] == ["base", "hybrid"]
    (dataset,) = kept["datasets"]
    assert [of["name"] for of in kept["sessions"]] == names
    assert {of["reference_dataset_id"] for of in kept["sessions"]} == {dataset["id"]}
    assert kept["sessions"][1]["extra"]["metadata"]["role"] == HYBRID.role
    assert all(of["end_time"] for of in kept["sessions"])
    examples = {of["id"]: of for of in kept["examples"]}
    assert {of["inputs"]["question"] for of in examples.values()} == {r["question"] for r in rows}
    assert {of["outputs"]["answer"] for of in examples.values()} == {"yes"}

    said = {of["id"]: of for of in kept["runs"]}
    assert len(said) == len(rows) == 8
    scores = {UUID(of["run_id"]): of["score"] for of in kept["feedback"] if of["key"] == "right"}
    for row in rows:
        (run,) = [
            of
            for of in said.values()
            if of["session_name"].startswith(f"{row['arm']}-")
            and of["inputs"]["question"] == row["question"]
        ]
        assert run["outputs"]["answer"] == row["answer"]
        assert examples[run["reference_example_id"]]["metadata"]["id"] == row["id"]
        assert scores[UUID(run["id"])] == row["scores"]["right"]
        assert "documents" not in json.dumps(run["outputs"])
    told = sum(len(row["scores"]) for row in rows)
    assert len(kept["feedback"]) == told


def test_a_data_set_that_exists_gets_only_the_questions_that_it_lacks(
    service: type[Service],
) -> None:
    export(report_of(compared({BASE: 1}, n=3)).rows, "ferry", {"base": ARMS["base"]})
    export(report_of(compared({BASE: 2}, n=4)).rows, "ferry", {"base": ARMS["base"]})
    counts = {what: len(rows) for what, rows in service.kept.items() if what != "feedback"}
    assert counts == {"datasets": 1, "examples": 4, "sessions": 2, "runs": 7}


@pytest.mark.parametrize("what", ["datasets", "examples", "sessions", "runs", "feedback"])
def test_what_the_service_refuses_is_one_line(service: type[Service], what: str) -> None:
    service.refuses = what
    with pytest.raises(UserError, match="LangSmith did not take 'ferry'") as told:
        export(report_of(compared({BASE: 1}, n=2)).rows, "ferry", {"base": ARMS["base"]})
    assert "\n" not in str(told.value)


def test_without_a_key_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGSMITH_API_KEY", "LANGCHAIN_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    get_env_var.cache_clear()
    with pytest.raises(UserError, match="set LANGSMITH_API_KEY"):
        check_key()
