"""Every command works with a model behind a server, and says in a line what needs a local one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from elsewhere import KEY, LEFT_OPEN, Elsewhere, elsewhere, hangs_up, refuses
from server_parts import running_server

from app.assistant import Assistant
from app.cli import main
from app.composition import Parts
from app.model_parts import ModelParts
from app.models.grader import PLAIN_VERDICT
from app.models.names import BUILTIN_CHAT
from app.models.remote import fallback
from app.settings import Settings
from app.tuning.calibrate import SHIPPED_PAIRS

pytestmark = LEFT_OPEN

QUESTION = "When does the ferry leave in winter?"
TEXT = "The ferry leaves in winter at nine in the morning."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place")


@pytest.fixture
def server() -> Iterator[Elsewhere]:
    with elsewhere() as found:
        yield found


@pytest.fixture(autouse=True)
def _served(server: Elsewhere, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables(server, place).items():
        monkeypatch.setenv(name, value)
    if not (place / "index").exists():
        (place / "documents").mkdir()
        (place / "documents" / "ferry.txt").write_text(f"{TEXT}\n")
        (place / "documents" / "bees.txt").write_text("Anna keeps the bees of the mill.\n")
        assert main(["ingest", str(place / "documents")]) == 0


def variables(server: Elsewhere, place: Path) -> dict[str, str]:
    return {
        "GROUNDTUNE_MODEL": f"{server.url}/v1#m",
        "GROUNDTUNE_MODEL_KEY": KEY,
        "GROUNDTUNE_MODEL_TIMEOUT": "20",
        "GROUNDTUNE_EMBEDDING_MODEL": f"{server.url}/v1#e",
        "GROUNDTUNE_EMBEDDING_MODEL_KEY": KEY,
        "GROUNDTUNE_INDEX": str(place / "index"),
        "GROUNDTUNE_CACHE": str(place / "cache"),
    }


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["ask", *words, "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def set_fallback(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("GROUNDTUNE_FALLBACK_MODEL", name)
    monkeypatch.setenv("GROUNDTUNE_FALLBACK_MODEL_KEY", KEY)


def dies(handler: Any) -> None:
    """Hang up where the chat model is asked."""
    (hangs_up if "messages" in handler.body else type(handler).answer)(handler)


def test_a_question_is_answered_with_its_citation(
    server: Elsewhere, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = asked(capsys, QUESTION)
    assert answer["answer"] == f"{TEXT} [1]"
    assert [cited["quote"] for cited in answer["citations"]] == [TEXT]
    assert (answer["model"], answer["adapter"]) == ("m", None)
    assert answer["borrowed"] == ["grader"]
    assert answer["tokens"] == {"prompt": 7, "completion": 3}
    assert {request.headers["authorization"] for request in server.asked} == {f"Bearer {KEY}"}


def test_what_no_passage_answers_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "Which paint covers the hull?")
    assert answer["abstained"]


def test_small_talk_is_talked_about(capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked(capsys, "Good morning! How are you?")
    assert (answer["origin"], answer["answer"]) == ("model", "Hello to you.")


def test_a_batch_goes_on_after_a_refused_prompt_and_stops_where_nobody_answers(
    server: Elsewhere, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions, output = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    rows = [{"id": str(n), "question": f"{QUESTION} {n}"} for n in range(3)]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = ["ask", "--batch", str(questions), "--output", str(output)]

    def refuse_the_second(handler: Any) -> None:
        told = json.dumps(handler.body)
        (refuses(400) if "winter? 1" in told and "messages" in told else type(handler).answer)(
            handler
        )

    server.faults = [refuse_the_second]
    assert main(command) == 3
    assert "1 questions could not be asked" in capsys.readouterr().err
    written = [json.loads(line) for line in output.read_text().splitlines()]
    assert ["refuses the request (400" in row.get("error", "") for row in written] == [
        False, True, False,
    ]  # fmt: skip
    server.faults = [hangs_up]
    assert main(command) == 3
    error = capsys.readouterr().err
    assert "cannot be reached" in error
    assert error.strip().count("\n") == 0 or "question" in error  # the progress bar
    server.faults = []
    assert main(command) == 0
    assert len(output.read_text().splitlines()) == 3


def test_grades_are_fitted_and_kept_for_the_server(
    server: Elsewhere, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("GROUNDTUNE_CACHE", str(tmp_path))
    before = Parts(Settings()).calibration
    assert (before.weights, before.borrowed) == (PLAIN_VERDICT, True)
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("".join(SHIPPED_PAIRS.read_text().splitlines(keepends=True)[:80]))
    assert main(["calibrate", "--pairs", str(pairs), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["auc"] > 0.5
    assert not Parts(Settings()).calibration.borrowed
    monkeypatch.setenv("GROUNDTUNE_MODEL", f"{server.url}/v1#another")
    assert Parts(Settings()).calibration.borrowed


def test_doctor_tries_the_server_and_tells_what_it_offers(
    server: Elsewhere, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out
    assert f"m at {server.url}/v1, which is sent questions, passages and drafts" in told
    assert "6 of 6 taken" in told
    assert "by log-probabilities of the first token; weights: none: the model's own yes" in told
    assert "0.89 for a passage that answers, 0.11 for another" in told
    server.logprobs, server.thoughts = False, "<think>Hm.</think>"
    assert main(["doctor"]) == 0
    assert "by its word, asked and parsed" in capsys.readouterr().out
    server.faults = [refuses(401)]
    assert main(["doctor"]) == 2
    told = capsys.readouterr()
    assert "refuses the key (401): set GROUNDTUNE_MODEL_KEY" in told.out
    assert "not in order: prompts, grading, embedding model, answer" in told.err


def examined(capsys: pytest.CaptureFixture[str]) -> tuple[str, list[str]]:
    """Return what the doctor found of the fallback and what is not in order."""
    capsys.readouterr()
    code = main(["doctor", "--json"])
    checks = json.loads(capsys.readouterr().out)
    failed = [name for name, check in checks.items() if not check["ok"]]
    assert code == (2 if failed else 0)
    return checks["fallback model"]["found"], failed


def test_doctor_asks_a_model_and_its_fallback_each_by_itself(
    server: Elsewhere, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert examined(capsys) == ("none", [])
    with elsewhere() as other:
        set_fallback(monkeypatch, f"{other.url}/v1#second")
        found, failed = examined(capsys)
        assert failed == []
        assert found.startswith(f"second at {other.url}/v1, which is sent questions, passages and")
        assert "6 of 6 taken" in found
        assert "0.89 for a passage that answers, 0.11 for another" in found
        server.faults = [dies]
        assert examined(capsys)[1] == ["prompts", "grading", "answer"]
        server.faults, other.faults = [], [refuses(401)]
        found, failed = examined(capsys)
        assert "refuses the key (401): set GROUNDTUNE_FALLBACK_MODEL_KEY" in found
        assert failed == ["fallback model"]


def test_doctor_looks_at_a_fallback_of_this_machine_without_loading_it(
    tiny_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_fallback(monkeypatch, str(tiny_model))
    found, failed = examined(capsys)
    assert found.startswith(f"{tiny_model} in {tiny_model}")
    assert (found.endswith("; loaded when it is needed"), failed) == (True, [])
    for name, told in [
        ("./nowhere", "GROUNDTUNE_FALLBACK_MODEL='./nowhere' is not a model folder"),
        ("nobody:m", "GROUNDTUNE_FALLBACK_MODEL: nobody:m cannot be set up"),
    ]:
        set_fallback(monkeypatch, name)
        found, failed = examined(capsys)
        assert found.startswith(told)
        assert failed == ["fallback model"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["finetune", "documents", "--name", "x"], "runs elsewhere, and this needs a model's"),
        (["compare", "documents", "--questions", "q.jsonl"], "runs elsewhere, and this needs"),
        (["export", "builtin:grounded", "out"], "runs elsewhere, and this needs a model's weights"),
        (["ask", "x", "--adapter", "builtin:grounded"], "serve there what 'groundtune export'"),
        (["ask", "x", "--model", "openai:m"], "set OPENAI_API_KEY"),
        (["ask", "x", "--model", "groq:m"], "whose client is not installed"),
        (["ask", "x", "--model", "nobody:m"], "GROUNDTUNE_MODEL: nobody:m cannot be set up"),
        (["ask", "x", "--embedding-model", "anthropic:m"], "GROUNDTUNE_EMBEDDING_MODEL: anthropic"),
    ],
)
def test_what_cannot_work_is_told_in_one_line(
    arguments: list[str], told: str, place: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(place)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (place / "q.jsonl").write_text('{"id": "1", "question": "Who?", "answers": ["Anna"]}\n')
    capsys.readouterr()
    assert main(arguments) == 3
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert KEY not in error


def test_another_model_answers_while_one_does_not(
    server: Elsewhere, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with elsewhere() as other:
        set_fallback(monkeypatch, f"{other.url}/v1#second")
        assert "answered_by" not in asked(capsys, QUESTION)
        assert not other.asked
        server.faults = [dies]
        assistant = Assistant(Settings())
        answers = [assistant.ask(QUESTION), *list(assistant.stream(QUESTION))[-1:]]
        for answer in answers:
            assert (answer["answer"], answer["answered_by"]) == (f"{TEXT} [1]", "second")
            assert answer["model"] == "m"
        tries = [request for request in server.asked if "messages" in request.body]
        server.faults = []
        assistant.ask(QUESTION)
        assert [r for r in server.asked if "messages" in r.body] == tries  # it rests for a while


def test_a_fallback_that_answered_a_part_of_a_question_is_named(
    server: Elsewhere, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies_at_first(handler: Any) -> None:
        prompt = str(handler.body.get("messages", [{}])[-1].get("content"))
        first = "When does the ferry leave" in prompt and not prompt.startswith("Passage:")
        (hangs_up if first else type(handler).answer)(handler)

    with elsewhere() as other:
        monkeypatch.setattr(fallback, "RESTS", 0.0)
        set_fallback(monkeypatch, f"{other.url}/v1#second")
        server.faults = [dies_at_first]
        answer = asked(capsys, f"{QUESTION[:-1]}, and who keeps the bees of the mill?")
        written = [request for request in other.asked if "messages" in request.body]
    assert answer["answer"] == f"{TEXT} [1]\nAnna keeps the bees of the mill. [2]"
    assert (answer["answered_by"], len(written)) == ("second", 1)


@pytest.mark.parametrize(
    ("model", "second", "kept"),
    [
        ("http://one/v1#m", "http://two/v1#m", True),
        ("http://one/v1#m", "openai:m", False),
        ("openai:m", "http://two/v1#m", False),
        ("openai:m", "openai:n", True),
        ("openai:m", "anthropic:claude-m", False),
        ("openai:m", BUILTIN_CHAT, False),
    ],
)
def test_a_fallback_has_the_options_of_the_first_model_where_its_client_is_the_same(
    model: str, second: str, kept: bool
) -> None:
    options = {"reasoning_effort": "low"}
    parts = ModelParts(Settings(model=model, fallback_model=second, model_options=options))
    assert parts.other is not None
    assert parts.other.settings.model_options == (options if kept else {})
    assert parts.settings.model_options == options


def test_a_fallback_for_a_model_here_is_refused(
    tiny_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDTUNE_FALLBACK_MODEL", "openai:m")
    capsys.readouterr()
    assert main(["ask", "x", "--model", str(tiny_model)]) == 3
    assert "stands in for a model that runs elsewhere" in capsys.readouterr().err


def test_the_server_answers_and_says_when_the_model_is_gone(
    server: Elsewhere, place: Path, tmp_path: Path
) -> None:
    question = {"model": "served", "messages": [{"role": "user", "content": QUESTION}]}
    home, index = tmp_path, place / "index"
    with running_server(home, index, "--plain", **variables(server, place)) as running:
        route = f"{running.url}/v1/chat/completions"
        answer = httpx.post(route, json=question, timeout=60)
        assert answer.json()["choices"][0]["message"]["content"] == f"{TEXT} [1]"
        server.faults = [hangs_up]
        gone = httpx.post(route, json=question, timeout=60)
        assert gone.status_code == 503
        server.faults = []
        assert httpx.post(route, json=question, timeout=60).status_code == 200
        log = running.log.read_text()
    assert "cannot be reached" in log
    assert KEY not in log + gone.text
