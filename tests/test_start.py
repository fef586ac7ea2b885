"""What keeps a server from starting is told in one line before models load."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from server_parts import REPOSITORY, free_port

from app import cli
from app.serving.busy_threads import Busy
from app.serving.guards import PAGES
from app.serving.persistence import no_room
from app.serving.start import check_place, is_open, serve_plainly

Told = pytest.CaptureFixture[str]


def one_line(told: str) -> str:
    (line,) = told.splitlines()
    return line


@pytest.mark.parametrize("flags", [[], ["--plain"]])
def test_a_taken_port_is_told(flags: list[str], capsys: Told) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert cli.main(["serve", "--port", str(port), *flags]) == 3
    told = one_line(capsys.readouterr().err)
    assert (
        told == f"groundtune: port {port} is taken by another program: give another one by --port"
    )


def test_a_port_that_was_just_left_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as left:
        port = left.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            left.accept()[0].close()
    check_place("127.0.0.1", port)


def test_a_plain_server_warns_its_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bool] = []
    warns = logging.getLogger("app.serving").isEnabledFor
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: heard.append(warns(logging.WARNING)))
    logging.disable(logging.WARNING)  # as every command begins
    assert not warns(logging.WARNING)
    try:
        serve_plainly("127.0.0.1", 1, workers=1)
    finally:
        logging.disable(logging.NOTSET)
    assert heard == [True]


def test_an_address_of_another_machine_is_told(capsys: Told) -> None:
    assert cli.main(["serve", "--host", "192.0.2.1"]) == 3
    assert "the server cannot listen on 192.0.2.1, port 2024" in one_line(capsys.readouterr().err)


def test_a_state_that_cannot_be_kept_is_told(capsys: Told, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    state = tmp_path / "file" / "state"
    assert cli.main(["serve", "--plain", "--port", str(free_port()), "--state", str(state)]) == 3
    told = one_line(capsys.readouterr().err)
    assert told.startswith(f"groundtune: nothing can be kept in {state} (Not a directory)")


def test_serving_to_all_without_tokens_warns(capsys: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing loads, for the database does not answer.
    monkeypatch.setenv("GROUNDTUNE_DATABASE", "postgresql://nobody@127.0.0.1:9/none")
    serve = ["serve", "--plain", "--host", "0.0.0.0", "--port", str(free_port())]
    assert cli.main(serve) == 3
    assert "warning: whoever reaches 0.0.0.0 may ask" in " ".join(capsys.readouterr().out.split())
    monkeypatch.setenv("GROUNDTUNE_TOKENS", "alice:alice-token-of-her-own")
    assert cli.main(serve) == 3
    assert "warning" not in capsys.readouterr().out


def test_answers_that_nobody_may_let_out_keep_the_server_from_starting(
    capsys: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDTUNE_TOKENS", "alice:alice-token-of-her-own")
    assert cli.main(["serve", "--plain", "--review-below", "0.5"]) == 3
    told = one_line(capsys.readouterr().err)
    assert "nobody who is let in may review them: set GROUNDTUNE_REVIEWERS" in told


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True), ("::", True),
     ("192.0.2.1", True), ("example.org", True)],
)  # fmt: skip
def test_only_this_machine_reaches_a_loopback_address(host: str, expected: bool) -> None:
    assert is_open(host) is expected


def test_room_is_told_by_the_system(tmp_path: Path) -> None:
    assert no_room(tmp_path / "new" / "state") == ""
    assert list((tmp_path / "new" / "state").iterdir()) == []
    limited = (
        "import resource; from pathlib import Path; from app.serving.persistence import no_room\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"print(no_room(Path({str(tmp_path)!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited], capture_output=True, text=True, check=True,
        cwd=REPOSITORY, timeout=120,
    )  # fmt: skip
    assert done.stdout == "File too large\n"


HOLDER = """
import sys, time
from pathlib import Path
from app.serving.busy_threads import Busy
busy = Busy(Path(sys.argv[1])); busy.open()
print(busy.take(sys.argv[2]), flush=True)
time.sleep(600)
"""


def test_processes_share_the_marks_of_busy_threads_until_one_dies(tmp_path: Path) -> None:
    thread, other = str(uuid4()), str(uuid4())
    busy = Busy(tmp_path)
    busy.open()
    command = [sys.executable, "-c", HOLDER, str(tmp_path), thread]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert not busy.take(thread)
        assert busy.take(other)
        assert not busy.take(other)
        busy.free(other)
        assert busy.take(other)
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert busy.take(thread)


def test_the_pages_that_may_call_are_those_that_may_read_answers() -> None:
    cors = json.loads((REPOSITORY / "langgraph.json").read_text())["http"]["cors"]
    assert all(PAGES.fullmatch(origin) for origin in cors["allow_origins"])
    assert PAGES.pattern.endswith(f"|{cors['allow_origin_regex']}")


def test_windows_is_told_that_it_has_no_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.serving_verbs.sys", SimpleNamespace(platform="win32"))
    assert cli.main(["serve"]) == 3
    assert "locks that Windows lacks: run it in WSL" in capsys.readouterr().err
