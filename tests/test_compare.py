"""The whole run of `groundtune compare`, on the tiny model and ten documents."""

import json
import os
import re
import shutil
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from comparisons import figures, forget, write_towns
from dotenv import dotenv_values
from elsewhere import Handler, elsewhere

from app.assistant import Assistant
from app.cli import main
from app.compare.plan.arms import ARMS, USUAL
from app.compare.run.folder import LOCK, alone_in
from app.settings import Settings

TOWNS = "Ossel Culvie Marram Skjorn Kester Ebrard Dunmal Holm Ling Ness".split()
RUN = ["compare", "docs", "--questions", "q.jsonl", "--dtype", "float32", "--max-tokens", "12"]
RUN += ["--together", "8"]  # so that some questions are timed by themselves as well
SOME = ["--arms", "base,base-rag,routed,hybrid,oracle", "--revised", "later", "--judge", "tiny"]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("work")
    shutil.copytree(tiny_model, folder / "tiny")
    write_towns(folder, TOWNS)
    return folder


@pytest.fixture(autouse=True)
def _inside(work: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    monkeypatch.chdir(work)
    monkeypatch.setenv("GROUNDTUNE_MODEL", "tiny")
    monkeypatch.setenv("GROUNDTUNE_CACHE", str(work / "cache"))


def test_every_arm_is_asked_once_and_reported(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = work / "out"
    assert main([*RUN, *SOME, "--output", str(out)]) == 0
    found = figures(out)
    assert list(found["arms"]) == [
        "base",
        "base-rag",
        "tuned",
        "tuned-rag",
        "hybrid",
        "oracle",
        "routed",
    ]
    said = " ".join(capsys.readouterr().out.split())
    assert found["verdict"]["said"][0] in said
    assert re.search(r"rehearsed: [1-9]\d* replies of the base", said)
    assert "It is done." in (out / "board.html").read_text()
    check_pages(out, found)
    check_figures(found)
    check_choices(out, work, monkeypatch)
    check_taken_up(out, found)


def check_pages(out: Path, found: dict) -> None:
    """What people read: rows with their exchanges, the report in both forms."""
    rows_ = [json.loads(line) for line in (out / "rows.jsonl").read_text().splitlines()]
    kept = [row["exchanges"] for row in rows_ if row["arm"] == "base" and row["part"] == "main"]
    assert [of[-1]["step"] for of in kept] == ["generate"] * len(found["questions"])
    assert all(of[-1]["prompt"][-1]["role"] == "human" for of in kept)
    page, text = (out / "report.html").read_text(), (out / "report.md").read_text()
    assert all(arm in page and arm in text for arm in found["arms"])
    assert "&amp; &lt;b&gt;co&lt;/b&gt;?" in page
    assert "<b>co" not in page
    assert not re.search(r'(src|href)="http', page)
    assert not re.search(r"[^\n]\n## ", text)  # a heading would go on with a table
    assert "Everything was made in this run." in text


def check_figures(found: dict) -> None:
    """What programs read."""
    # Without an adapter of its own the tuned arm is the base with retrieval: two that are equal.
    (equal,) = [
        d for d in found["differences"] if {d["left"], d["right"]} == {"base-rag", "hybrid"}
    ]
    assert (equal["p"], equal["shown"], equal["more"]) == (1.0, False, None)
    assert "oracle" not in {d[side] for d in found["differences"] for side in ("left", "right")}
    assert {sum(told.values()) for told in found["staleness"].values()} == {4}
    asked = len(found["questions"])
    assert {of["format_valid"]["n"] for of in found["formats"].values()} == {asked}
    assert found["judged"].keys() == found["arms"].keys()
    assert all(0 <= said["failed"] <= 1 for said in found["judged"].values())
    assert found["knobs"]["found"]["n"] == asked
    assert (found["orders"]["arm"], found["orders"]["used"]) == ("hybrid", "ends")
    turned = {of["value"]: of for of in found["orders"]["ablated"]}
    assert turned.keys() == {"best-first", "best-last"}
    assert {of["gain"]["n"] for of in turned.values()} == {asked}
    rows = found["evidence"]
    assert rows["offline.tuned"]["value"] == rows["offline.hybrid"]["value"] == 1
    assert rows["disk.hybrid"]["value"] >= rows["disk.tuned"]["value"]
    assert rows["training.tuned"]["value"] > 0
    assert "forgetting.tuned" in rows
    assert "forgetting.hybrid" not in rows  # it has no adapter of its own here
    assert {id_ for answered in found["six_questions"] for id_ in answered["rows"]} <= rows.keys()
    assert list(found["staleness"]) == ["base", "base-rag", "tuned", "tuned-rag", "hybrid"]


def check_choices(out: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`use` sets an arm up as it was measured, or says why not."""
    assert main(["use", "tuned", "--output", str(out)]) == 0
    chosen = Settings()
    assert (chosen.retrieval, Path(chosen.adapter).parent.parent) == ("never", out)
    assert main(["use", "hybrid", "--output", str(out)]) == 0
    assert dotenv_values(".env")["GROUNDTUNE_ADAPTER"] == "none"
    assert dotenv_values(".env")["GROUNDTUNE_RETRIEVAL"] == "always"
    forget()
    assert main(["use", "routed", "--output", str(out)]) == 0
    forget()
    gated = ["ask", "How many bees has Holm?", "--json", "--dtype", "float32", "--max-tokens", "12"]
    assert main(gated) == 0
    assert main([*gated, "--adapter", "none"]) == 3  # the gate belongs to another adapter
    assert main(["use", "oracle", "--output", str(out)]) == 3
    forget()
    monkeypatch.setenv("GROUNDTUNE_RETRIEVAL", "never")
    assert main(["use", "hybrid", "--output", str(out)]) == 3
    forget()
    (work / ".env").unlink()
    monkeypatch.setenv("GROUNDTUNE_MODEL", "tiny")


def check_taken_up(out: Path, found: dict) -> None:
    """A second run asks what the first did not get an answer to, and nothing else."""
    files = {file: file.read_bytes() for file in (out / "answers").iterdir()}
    # 6 sets for each of 3 readers, 4 for each of 2 that do not read (nothing is made harder for
    # them), 2 for the oracle (not asked about what changed); beside the answers lie features,
    # verdicts, what was rehearsed, what was forgotten, what knobs are worth, what each of 6 arms
    # takes alone, and two orders of passages.
    assert len(files) == 41
    cut = max((f for f in files if f.suffix == ".jsonl"), key=lambda file: file.name)
    cut.write_bytes(
        b"\n".join(files[cut].split(b"\n")[:3]) + b'\n{"id": "q'
    )  # killed while writing
    assert main([*RUN, *SOME, "--output", str(out)]) == 0
    again = {file: file.read_bytes() for file in (out / "answers").iterdir()}
    assert again.keys() == files.keys()
    assert [file for file in files if again[file] != files[file]] in ([], [cut])
    assert figures(out)["differences"] == found["differences"]
    assert figures(out)["questions"] == found["questions"]
    reused = figures(out)["provenance"]["reused"]
    assert {"the closed-book training", "forgetting", "the knobs of retrieval"} <= reused.keys()
    assert "the rehearsed replies" in reused
    whole = [of["reused"] == of["of"] for of in reused.values()]
    assert whole.count(False) == 1  # the answers that were cut
    assert "Taken up from earlier runs of the same prompts, code" in (out / "report.md").read_text()


@pytest.mark.parametrize(
    ("asked", "arms"),
    [
        ({"kind": "format", "answers": ['{"bees": "3"}'], "documents": ["Holm.md"]}, "base"),
        ({"kind": "unanswerable"}, "base,base-rag"),
    ],
    ids=["format", "unanswerable"],
)
def test_questions_that_are_all_of_one_kind_are_compared(
    asked: dict[str, Any], arms: str, work: Path, tmp_path: Path
) -> None:
    ids = [f"{asked['kind']}-{at}" for at in range(4)]
    lines = [json.dumps({"id": id_, "question": f"How many {id_}?", **asked}) for id_ in ids]
    (tmp_path / "q.jsonl").write_text("\n".join(lines))
    run = [*RUN, "--questions", str(tmp_path / "q.jsonl"), "--arms", arms]
    assert main([*run, "--output", str(tmp_path / "out")]) == 0
    found = figures(tmp_path / "out")
    assert ",".join(found["arms"]) == arms
    assert found["evidence"]["offline.base"]["value"] == 1


def test_repeats_train_and_ask_with_other_seeds(work: Path) -> None:
    out = work / "repeated"
    run = [*RUN, "--quick", "--arms", "base,tuned", "--stop-early", "--output", str(out)]
    run += ["--repeats", "2"]
    assert main(run) == 0
    found = figures(out)
    assert found["repeats"]["seeds"] == [13, 14]
    assert found["stopped"] == []  # so few questions show nothing
    right = {found["arms"][arm]["scores"]["right"]["n"] for arm in ("base", "tuned")}
    assert right == {len(found["questions"])}  # both halves
    assert {arm: len(of["shares"]) for arm, of in found["repeats"]["arms"].items()} == {
        "base": 2,
        "tuned": 2,
    }
    page = (out / "report.html").read_text()
    asked = re.findall(r'<details class="question" id="([^"]+)"', page)
    assert [id_ for id_ in asked if not id_.endswith("-format")] == [
        question["id"] for question in found["questions"]
    ]  # neither arm reads what others were made of
    for told in (page, (out / "report.md").read_text()):
        assert told.count("Not measured: no assistant that searches was asked") == 1
    trainings = [file.parent for file in out.rglob("closed-book-*/**/seconds.txt")]
    assert len({str(folder.relative_to(out)).startswith("seed-14") for folder in trainings}) == 2


def test_an_arm_is_trained_on_the_json_that_is_asked_for(work: Path) -> None:
    assert "json-rag" in ARMS
    assert "json-rag" not in USUAL
    out = work / "in-json"
    assert main([*RUN, "--quick", "--arms", "base,json-rag", "--output", str(out)]) == 0
    found = figures(out)
    assert list(found["formats"]) == ["base", "json-rag"]
    assert {"training.json-rag", "format.json-rag", "forgetting.json-rag"} <= found[
        "evidence"
    ].keys()
    (claimed,) = [of for of in found["claims"] if "format" in of["says"]]
    assert claimed["found"] != "not measured"
    assert next(out.glob("format-*"), None) is not None
    assert main(["use", "json-rag", "--output", str(out)]) == 0
    assert Path(dotenv_values(".env")["GROUNDTUNE_ADAPTER"]).parent.parent == out
    forget()
    (work / ".env").unlink()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--arms", "base,best"], "no arm 'best'"),
        (["--questions", "none.jsonl"], "none.jsonl"),
        (["--index", "empty"], "no index in empty"),
        # A judge that cannot be had is told before anything else is tried.
        (["--index", "empty", "--judge", "nowhere"], "--judge 'nowhere' cannot be asked"),
        (["--index", "empty", "--judge", "fireworks:x"], "--judge 'fireworks:x' cannot be asked"),
    ],
)
def test_bad_input_is_one_line(
    given: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["compare", "--questions", "q.jsonl", *given]
    assert main(command) == 3
    error = capsys.readouterr().err.strip()
    assert told in error
    assert len(error.splitlines()) == 1


def test_a_folder_is_written_by_one_comparison_at_a_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with alone_in(out):
        assert main([*RUN, "--arms", "base", "--output", str(out)]) == 3
    told = f"groundtune: another process is at work in {out}: wait until it is done"
    assert capsys.readouterr().err.splitlines()[-1] == told
    assert [file.name for file in out.iterdir()] == [LOCK]


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_other_models_are_asked_the_same_and_priced_by_their_tokens(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = work / "also"
    with elsewhere() as server:
        named = f"{server.url}/v1#rented"
        prices = {"currency": "EUR", "answering_hour": 1, "training_hour": 1}
        (work / "prices.json").write_text(json.dumps(prices))
        run = [*RUN, "--quick", "--arms", "base", "--output", str(out)]
        run += ["--also", named, "--prices", "prices.json"]
        assert main(run) == 3
        assert f"--prices has no price for {named}" in capsys.readouterr().err
        prices["models"] = {named: {"input_million": 2, "output_million": 8}}
        (work / "prices.json").write_text(json.dumps(prices))
        assert main(run) == 0
    found = figures(out)
    assert list(found["arms"]) == ["base", "rented", "rented-rag"]
    rows = found["evidence"]
    assert {"right.rented-rag", "wait.rented", "disk.base"} <= rows.keys()
    assert "disk.rented" not in rows
    written = next((out / "answers").glob("rented-rag-*.jsonl")).read_text().splitlines()
    tokens = [json.loads(line)["tokens"] for line in written]
    assert max(of["prompt"] for of in tokens) > 7  # grades are paid for, not the answer alone
    paid = [row for id_, row in rows.items() if id_ == "price.rented"]
    assert paid[0]["value"] == pytest.approx(1000 * (7 * 2 + 3 * 8) / 1e6)
    assert main(["use", "rented-rag", "--output", str(out)]) == 3  # the shell names another model
    assert "GROUNDTUNE_MODEL='tiny' is set in the shell" in capsys.readouterr().err
    os.environ.pop("GROUNDTUNE_MODEL")
    assert main(["use", "rented-rag", "--output", str(out)]) == 0
    assert dotenv_values(".env")["GROUNDTUNE_MODEL"] == named
    forget()
    (work / ".env").unlink()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_arms_that_were_asked_about_other_documents_are_not_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setenv("GROUNDTUNE_INDEX", str(tmp_path / "index"))
    versions, first = list[str](), Lock()

    def meanwhile(handler: Handler) -> None:
        with first:
            if not versions:
                assistant = Assistant(Settings())
                versions.append(assistant.store.version)
                assistant.ingest(["later"])
                versions.append(assistant.store.version)
        handler.answer()

    with elsewhere() as server:
        server.faults.append(meanwhile)
        run = [*RUN, "--quick", "--arms", "base", "--output", str(out)]
        assert main([*run, "--also", f"{server.url}/v1#rented"]) == 3
    before, now = versions
    told = f"groundtune: the index changed from {before!r} to {now!r} while arms were asked"
    shown = capsys.readouterr()
    assert re.findall(r"^\[(\d+)/10\]", shown.out, re.MULTILINE) == ["1", "2", "3"]
    assert shown.err.splitlines()[-1].startswith(told)
    assert not (out / "comparison.json").exists()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_arm_that_cannot_win_any_more_is_asked_half_of_the_questions(
    work: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    asked = [
        {"id": f"q{at}", "question": f"Who are you {at}?", "answers": ["Hello to you"]}
        for at in range(40)
    ]
    lines = [
        json.dumps({**of, "documents": [f"{TOWNS[at % 10]}.md"]}) for at, of in enumerate(asked)
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(lines))
    with elsewhere() as server:
        run = [*RUN, "--questions", str(tmp_path / "q.jsonl"), "--quick", "--arms", "base"]
        run += ["--also", f"{server.url}/v1#rented", "--no-needs.traceable"]
        assert main([*run, "--stop-early", "--output", str(out)]) == 0
    found = figures(out)
    assert {of["arm"]: of["leader"] for of in found["stopped"]} == {
        "base": "rented",
        "rented-rag": "rented",
    }
    assert (list(found["arms"]), found["verdict"]["arm"]) == (["rented"], "rented")
    half = found["stopped"][0]["asked"]
    assert len(found["questions"]) in (2 * half, 2 * half - 1)
    files = [file.read_text().count("\n") for file in (out / "answers").glob("base-*.jsonl")]
    assert max(files) == half
    assert "`base` was stopped after" in (out / "report.md").read_text()
