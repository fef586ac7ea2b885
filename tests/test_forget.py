"""A forgotten document is out of everything that was made of it, and stays out until let in."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from index_parts import bring, open_store, write_files
from kill_parts import killed_writing

from app.assistant import Assistant
from app.cli import main
from app.compare.run.clearing import Cleared, clear
from app.compare.run.folder import alone_in
from app.errors import UserError
from app.forget_verbs import UNSEARCHED
from app.index.journal import JOURNAL_FILE
from app.index.writer import only_writer
from app.ingest.forget import forget, overwrite, recall, with_copies
from app.models.adapters import SHIPPED
from app.serving.library import WAS_FORGOTTEN, Library
from app.serving.users import Caller
from app.settings import Settings
from app.tuning.forget import drop_rows
from app.tuning.prepare import INPUTS, LOCK
from finetune.registry.manifest import MANIFEST, read_manifest
from finetune.training.runs import claimed

SECRET = "zanzibar"
DOCUMENTS = {"pay.md": f"Nils earns 900 pounds, says {SECRET}.", "boats.md": "Boats leave at nine."}
ROW = {"id": "1", "messages": [{"role": "user", "content": "?"}], "source": "pay.md"}


def holding(folder: Path, text: str) -> list[str]:
    """Name the files that hold a text."""
    return [f.name for f in folder.rglob("*") if f.is_file() and text.encode() in f.read_bytes()]


def test_no_byte_of_a_forgotten_text_stays_in_the_folder_of_the_index(tmp_path: Path) -> None:
    folder, store = write_files(tmp_path / "docs", DOCUMENTS), open_store(tmp_path / "index")
    bring(store, folder)
    write_files(folder, {"more.md": "alpha"})
    bring(store, folder)
    (store.folder / JOURNAL_FILE).touch()
    assert len(holding(store.folder, SECRET)) == 2  # one for those who still read
    with store.snapshot() as reading:
        forget(with_copies("pay.md", store), store)
        assert SECRET in (reading.text_of("pay.md") or "")
    assert holding(store.folder, SECRET) == []
    assert not (store.folder / JOURNAL_FILE).exists()
    assert [store.size, sorted(store.documents())] == [2, ["boats.md", "more.md"]]


def test_what_an_interrupted_call_left_goes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, store = write_files(tmp_path / "docs", DOCUMENTS), open_store(tmp_path / "index")
    bring(store, folder)
    writes = [store.write]
    monkeypatch.setattr(store, "write", lambda: writes.pop()())
    with pytest.raises(IndexError):
        forget(with_copies("pay.md", store), store)
    monkeypatch.undo()
    assert len(holding(store.folder, SECRET)) == 1
    overwrite(store)
    assert holding(store.folder, SECRET) == []


def test_a_forgotten_file_stays_out_when_it_changes_and_its_bytes_wherever_they_are(
    tmp_path: Path,
) -> None:
    folder, store = write_files(tmp_path / "docs", DOCUMENTS), open_store(tmp_path / "index")
    bring(store, folder)
    forget(with_copies("pay.md", store), store)
    write_files(folder, {"pay.md": "Nils earns 950 pounds.", "boats.md": DOCUMENTS["pay.md"]})
    report = bring(store, folder)
    assert (report.forgotten, report.removed) == (["boats.md", "pay.md"], ["boats.md"])
    assert store.documents() == {}
    assert [each.document for each in recall("pay.md", store)] == ["pay.md"]
    assert bring(store, folder).added == ["boats.md", "pay.md"]
    assert recall("pay.md", store) == []


def test_a_document_is_forgotten_by_its_file_though_that_is_gone(tmp_path: Path) -> None:
    folder, store = write_files(tmp_path / "docs", DOCUMENTS), open_store(tmp_path / "index")
    bring(store, folder / "pay.md")
    (folder / "pay.md").unlink()
    noted = with_copies("pay.md", store)
    assert [each.path for each in noted] == [str(folder / "pay.md")]
    forget(noted, store)
    write_files(folder, {"pay.md": "Nils earns 950 pounds."})
    assert bring(store, folder / "pay.md").forgotten == ["pay.md"]


def test_a_comparisons_own_indexes_leave_it_out_too(tmp_path: Path) -> None:
    folder, store = write_files(tmp_path / "docs", DOCUMENTS), open_store(tmp_path / "index")
    bring(store, folder)
    forgotten = with_copies("pay.md", store)
    other = open_store(tmp_path / "compare" / "knobs" / "index-1", chunk_size=400)
    bring(other, folder)
    assert bring(other, folder, forgotten=forgotten).removed == ["pay.md"]
    bring(other, folder)
    kept = open_store(tmp_path / "compare" / "revised-index-2")
    bring(kept, write_files(tmp_path / "later", {"boats.md": "Boats leave at ten."}))
    assert clear(tmp_path / "compare", forgotten).deleted == (other.folder,)
    assert not other.folder.exists()
    assert kept.documents().keys() == {"boats.md"}


def test_nothing_is_deleted_under_a_comparison_at_work(tmp_path: Path) -> None:
    folder, store = write_files(tmp_path / "docs", DOCUMENTS), open_store(tmp_path / "index")
    bring(store, folder)
    documents, output = with_copies("pay.md", store), tmp_path / "compare"
    kept = write_files(output, {"answers/base-rag-1.jsonl": "pay.md"}) / "answers/base-rag-1.jsonl"
    told = f"another process is at work in {output}: wait until it is done"
    with alone_in(output), pytest.raises(UserError, match=f"^{re.escape(told)}$"):
        clear(output, documents)
    assert kept.exists()
    assert clear(output, documents) == Cleared((kept,), ())
    assert clear(tmp_path / "none", documents) == Cleared((), ())


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Everything that a document leaves traces in, at its usual place."""
    write_files(tmp_path / "docs", DOCUMENTS | {"copy.md": DOCUMENTS["pay.md"]})
    row = {**ROW, "messages": [*ROW["messages"], {"role": "assistant", "content": SECRET}]}
    write_files(
        tmp_path / ".groundtune",
        {
            "run/dataset/train.jsonl": json.dumps(row),
            "run/dataset/inputs.json": json.dumps({"index": "1"}),
            "compare/answers/base-rag-1.jsonl": json.dumps({"document": "pay.md"}),
            "compare/answers/base-rag-2.jsonl": json.dumps({"document": "boats.md"}),
            "compare/report.md": "pay.md is quoted",
        },
    )
    (known,) = (SHIPPED / "grounded").glob(f"*/{MANIFEST}")
    manifest = read_manifest(known.parent)
    for name, documents in {"ours": ("pay.md",), "other": ("boats.md",), "old": None}.items():
        data = manifest.data.model_copy(update={"documents": documents})
        text = manifest.model_copy(update={"name": name, "data": data}).model_dump_json()
        write_files(tmp_path / ".groundtune" / "models" / name / "1", {MANIFEST: text})
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def with_upload() -> tuple[Assistant, Library]:
    """Ingest the documents, and upload a copy of one of them."""
    assistant = Assistant(Settings())
    assistant.ingest(["docs"])
    library = Library(assistant, Path(".groundtune/server/uploads"))
    upload(library, "paid.md", DOCUMENTS["pay.md"])
    return assistant, library


def test_the_command_cleans_every_place_and_names_adapters(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assistant, library = with_upload()
    gone = told(capsys, "forget", "pay.md")
    assert gone["documents"] == ["pay.md", "copy.md", "paid.md"]
    assert gone["deleted"] == [
        ".groundtune/compare/answers/base-rag-1.jsonl",
        str(work / ".groundtune/server/uploads/paid.md"),
        ".groundtune/run/dataset",
    ]
    assert gone["still_quoting"] == [".groundtune/compare/report.md"]
    assert (gone["trained_on"], gone["perhaps_trained_on"]) == (["ours@1"], ["old@1"])
    assert sorted(holding(work, SECRET)) == ["copy.md", "pay.md"]  # in docs, which are the user's
    assert assistant.roots().keys() == {"boats.md"}

    assert main(["forget", "pay.md"]) == 0
    assert "nothing is left of pay.md: it was forgotten at 2" in capsys.readouterr().out
    assert main(["ingest", "docs"]) == 0
    assert "left out, because they were forgotten: copy.md, pay.md" in capsys.readouterr().out
    assert assistant.changed_documents([Path("docs")]) == set()
    upload(library, "again.md", DOCUMENTS["pay.md"])
    assert library.changes.progress("alice").skipped == (f"again.md: {WAS_FORGOTTEN}",)
    assert [each["document"] for each in told(capsys, "forget")] == gone["documents"]
    assert told(capsys, "forget", "pay.md", "--undo") == {"let_in": gone["documents"]}
    assert assistant.ingest(["docs"]).added == ["copy.md", "pay.md"]


def test_a_call_that_met_another_writer_is_made_again_as_if_it_were_the_first(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assistant, library = with_upload()
    with only_writer(assistant.store.folder):
        assert main(["forget", "paid.md"]) == 3
    assert "another process is writing to" in capsys.readouterr().err
    upload(library, "other.md", "Bees fly.")
    gone = told(capsys, "forget", "paid.md")
    assert gone["documents"] == ["paid.md", "copy.md", "pay.md"]
    assert str(work / ".groundtune/server/uploads/paid.md") in gone["deleted"]
    assert assistant.roots().keys() == {"boats.md", "other.md"}


def test_a_call_that_was_cut_short_is_gone_on_with_and_tells_the_whole(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assistant = Assistant(Settings())
    assistant.ingest(["docs"])
    upload(Library(assistant, Path(".groundtune/server/uploads")), "paid.md", DOCUMENTS["pay.md"])
    with alone_in(Path(".groundtune/compare")):
        assert main(["forget", "pay.md"]) == 3
    assert "another process is at work in .groundtune/compare" in capsys.readouterr().err
    assert assistant.roots().keys() == {"boats.md"}
    gone = told(capsys, "forget", "pay.md")
    assert gone.pop("since").startswith("2")
    assert gone == {
        "documents": ["pay.md", "copy.md", "paid.md"],
        "deleted": [
            ".groundtune/compare/answers/base-rag-1.jsonl",
            str(work / ".groundtune/server/uploads/paid.md"),
            ".groundtune/run/dataset",
        ],
        "still_quoting": [".groundtune/compare/report.md"],
        "trained_on": ["ours@1"],
        "perhaps_trained_on": ["old@1"],
        "not_searched": list(UNSEARCHED),
    }
    assert sorted(holding(work, SECRET)) == ["copy.md", "pay.md"]
    # What was prepared since then does not hold it.
    made = {"train.jsonl": json.dumps(ROW), INPUTS: json.dumps({"index": assistant.store.version})}
    write_files(work / ".groundtune/run/dataset", made)
    assert told(capsys, "forget", "pay.md")["deleted"] == []
    assert (work / ".groundtune/run/dataset" / INPUTS).exists()


@pytest.mark.parametrize(
    ("inputs", "at_work", "told"),
    [
        (None, "dataset", "rows are being prepared in {}"),  # for the first time
        ({"index": "1"}, "dataset", "rows are being prepared in {}"),
        ({"index": None}, "dataset", "rows are being prepared in {}"),  # of chat examples before
        ({"index": "1"}, "training", "an adapter is being trained in {}"),
        (None, "training", "an adapter is being trained in {}"),  # rows went with a first call
        ({"index": "1"}, "sweep-1/trial-0", "an adapter is being trained in {}"),
        ({"index": None}, "training", None),  # on chat examples alone
        ({"index": "2"}, "training", None),  # on rows that were made since
    ],
)
def test_rows_are_not_dropped_under_who_prepares_or_trains_on_them(
    tmp_path: Path, inputs: dict[str, Any] | None, at_work: str, told: str | None
) -> None:
    files = {} if inputs is None else {INPUTS: json.dumps(inputs), "train.jsonl": "{}"}
    folder, other = write_files(tmp_path / "dataset", files), tmp_path / at_work
    for each in (folder, other):
        each.mkdir(parents=True, exist_ok=True)
    with FileLock(other / LOCK):
        if told is None:
            assert not drop_rows(tmp_path, "2")
        else:
            wanted = f"^{re.escape(told.format(other))}: wait until that is done$"
            with pytest.raises(UserError, match=wanted):
                drop_rows(tmp_path, "2")
    assert {file.name for file in folder.iterdir()} - {LOCK} == files.keys()
    if told is not None:
        assert drop_rows(tmp_path, "2") == (inputs is not None and inputs["index"] == "1")


def test_what_killed_writers_left_of_rows_and_answers_goes_too(tmp_path: Path) -> None:
    folder, store = write_files(tmp_path / "docs", DOCUMENTS), open_store(tmp_path / "index")
    bring(store, folder)
    documents, output, rows = with_copies("pay.md", store), tmp_path / "compare", tmp_path / "run"
    killed_writing(rows / "dataset" / "train.jsonl", json.dumps(DOCUMENTS))
    killed_writing(output / "answers" / "base-rag-1.jsonl", json.dumps(DOCUMENTS))
    assert [len(holding(at, SECRET)) for at in (rows, output)] == [1, 1]
    assert drop_rows(rows, "2")
    assert not drop_rows(rows, "2")
    assert clear(output, documents) == Cleared((), ())
    assert [holding(at, SECRET) for at in (rows, output)] == [[], []]


def test_a_training_holds_the_lock_that_forgetting_looks_for(tmp_path: Path) -> None:
    (tmp_path / "dataset").mkdir()
    with claimed(tmp_path / "training", {}), pytest.raises(UserError, match="is being trained in"):
        drop_rows(tmp_path, "2")


def test_a_document_that_was_never_there_is_told_in_one_line(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Assistant(Settings()).ingest(["docs"])
    for arguments, message in {
        ("pay.txt",): "the index holds no document 'pay.txt': name one as citations do",
        ("boats.md", "--undo"): "'boats.md' was not forgotten: 'groundtune forget' lists them",
    }.items():
        assert main(["forget", *arguments]) == 3
        assert capsys.readouterr().err == f"groundtune: {message}\n"


def upload(library: Library, name: str, text: str) -> None:
    library.add([(name, text.encode())], Caller("alice"))
    until = time.monotonic() + 120
    while library.changes.progress("alice").running:
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("damaged", [b"", b"{", b"[{}]", b"\xff"])
def test_a_damaged_list_of_what_was_forgotten_lets_nothing_back_in(
    damaged: bytes, tmp_path: Path
) -> None:
    store = open_store(tmp_path / "index")
    docs = write_files(tmp_path / "docs", {"a.md": "alpha", "b.md": "beta"})
    bring(store, docs)
    forget(with_copies("a.md", store), store)
    (tmp_path / "index" / "FORGOTTEN").write_bytes(damaged)
    with pytest.raises(UserError, match=r"FORGOTTEN is damaged \(.*\): restore it from a copy; "):
        bring(store, docs)
    assert list(store.documents()) == ["b.md"]
