"""The harness that times peers: turns, medians, and what is said of a peer that dies."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from app.provenance import digest, modules_behind
from bench.__main__ import main
from bench.results import OURS, RESULTS, Table, keep
from bench.rounds import ROOT, Figures, Peer, Run


def peer(name: str, body: str) -> Peer:
    return Peer(name, (sys.executable, "-c", body))


def working(name: str, mark: str) -> Peer:
    return peer(
        name,
        f"""
from bench.peers.turns import serve
def load(work):
    def do():
        with open(work["log"], "a") as log:
            log.write("{mark}")
        print("what a library prints is no reply")
        return {{"said": work["question"]}}
    return do
serve(load)
""",
    )


def test_peers_take_turns_and_the_first_round_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "log"
    work = {"log": str(log), "question": "When?"}
    peers = [working("one", "1"), working("two", "2")]
    figures = Run(None, 2, tmp_path).alternate(peers, work)
    assert log.read_text() == "121212"
    assert [round_["said"] for round_ in figures["two"].rounds] == ["When?", "When?"]
    assert figures["one"].median("seconds") > 0


def test_a_peer_that_dies_is_named_with_its_last_words(tmp_path: Path) -> None:
    dying = peer("llama", "raise SystemExit('no such model')")
    with pytest.raises(RuntimeError, match="llama ended: no such model"):
        Run(None, 1, tmp_path).alternate([dying], {})


def test_training_without_its_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "training"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert told == "python -m bench: error: training needs a file of rows: name it after training"


def test_a_table_holds_medians_and_ratios() -> None:
    figures = Figures([{"seconds": second} for second in (3, 1, 2)])
    rows = {"Groundtune": {"s": figures.median("seconds")}, "other": {"s": 5.0}}
    assert Table(rows, compared="s").text().splitlines()[2:] == [
        "| Groundtune | 2 | 1.00 |",
        "| other | 5 | 2.50 |",
    ]


def test_figures_are_kept_with_what_they_were_measured_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.results.RESULTS", tmp_path)
    (tmp_path / "rows.jsonl").write_text("{}")
    keep("training", Table({"Groundtune": {"s": 2.0}}, "s"), 3, tmp_path / "rows.jsonl")
    record = json.loads((tmp_path / "speed-training.json").read_text())
    assert record["command"] == "python -m bench training --rounds 3"
    assert record["data_sha256"] == {"rows.jsonl": hashlib.sha256(b"{}").hexdigest()}
    assert record["code_sha256"] == digest(modules_behind(*OURS))


@pytest.mark.parametrize("name", ["answers", "decoding", "indexing"])
def test_the_page_of_results_repeats_what_was_timed(name: str) -> None:
    record = json.loads((RESULTS / f"speed-{name}.json").read_text())
    table = Table(record["figures"], record["compared"])
    assert table.text() in (ROOT / "docs" / "measured.md").read_text()
