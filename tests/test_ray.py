"""Two workers of a Ray cluster make the index that one process makes, and may be killed at it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fakes import KeywordEmbeddings
from index_parts import WORDS, bring, open_store, write_files
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from app.assistant import Assistant
from app.errors import UserError
from app.index.journal import JOURNAL_FILE
from app.index.store import HybridVectorStore
from app.ingest import run
from app.ingest.chunking import split_document
from app.ingest.engines import ray_engine
from app.settings import Settings

REPOSITORY = Path(__file__).parents[1]
PATIENCE_S = 120


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head that does no work, and two nodes of one processor each; all on this machine."""
    from ray.cluster_utils import Cluster

    folder = tempfile.mkdtemp(prefix="ray")  # whose path is short enough for sockets
    variables = {
        "PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY / "tests", REPOSITORY))),
        "RAY_TMPDIR": folder,
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        head = {"num_cpus": 0, "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        for _ in range(2):
            cluster.add_node(num_cpus=1)
        patch.setenv("RAY_ADDRESS", cluster.address)
        with ray_engine(Words(Path(folder))):  # joins it for all tests, which share processes
            yield cluster
        cluster.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Words:
    """Loads embeddings that can be computed by hand; workers note in a folder what they did."""

    notes: Path
    dies: bool = False
    slow_s: float = 0.0
    fails_at: str = "nowhere"
    together: int = 1
    """How many processes wait for one another, each before its first part."""

    def __call__(self) -> Embeddings:
        return Noting(self)


class Noting(KeywordEmbeddings):
    def __init__(self, how: Words) -> None:
        super().__init__(WORDS)
        self.how = how

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        die_once(self.how.notes / "embedding") if self.how.dies else None
        mine = self.how.notes / f"process-{os.getpid()}"
        if not mine.exists():
            mine.touch()
            self.wait_for_others()
        time.sleep(self.how.slow_s)
        if any(self.how.fails_at in text for text in texts):
            raise UserError("the model cannot be reached")
        return super().embed_documents(texts)

    def wait_for_others(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while len(processes(self.how.notes)) < self.how.together and time.monotonic() < until:
            time.sleep(0.02)


def processes(notes: Path) -> list[Path]:
    return list(notes.glob("process-*"))


def die_once(marker: Path) -> None:
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class DyingSplit:
    """Cuts as usual, but kills the first worker that is at it."""

    notes: Path

    def __call__(self, *given: Any, **how: Any) -> list[Document]:
        die_once(self.notes / "cutting")
        return split_document(*given, **how)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run, "EMBED_TOGETHER", 4)
    files = {f"sub/{n:02}.md": f"# File {n}\n\nalpha {n}\n\n## More\n\nbeta" for n in range(20)}
    return write_files(tmp_path / "files", {**files, "empty.txt": "", "broken.pdf": "%PDF-1.7"})


def content(store: HybridVectorStore) -> Any:
    chunks = [(chunk.id, chunk.page_content, chunk.metadata) for chunk in store.all_chunks()]
    with store.snapshot() as snapshot:
        vectors = snapshot.stored(snapshot.rows()).tolist()
    return store.version, store.documents(), chunks, vectors


def both(tmp_path: Path, folder: Path, load: Words, **how: Any) -> Any:
    """Ingest by one process and by the cluster; return both reports and contents."""
    one, many = (open_store(tmp_path / name) for name in ("one", "many"))
    first = bring(one, folder)
    with ray_engine(load) as engine:
        second = bring(many, folder, engine=engine, **how)
    return (first, content(one)), (second, content(many))


def test_two_workers_make_the_index_of_one_process(
    cluster: Any, tmp_path: Path, folder: Path, notes: Path
) -> None:
    one, many = both(tmp_path, folder, Words(notes, together=2))
    assert one == many
    assert many[0].skipped.keys() == {"empty.txt", "broken.pdf"}
    assert len(processes(notes)) == 2
    (folder / "sub" / "03.md").unlink()
    write_files(folder, {"sub/04.md": "gamma", "new.txt": "delta"})
    one, many = both(tmp_path, folder, Words(notes))
    assert one == many
    assert (many[0].removed, many[0].changed, many[0].added, many[0].embedded) == (
        ["sub/03.md"],
        ["sub/04.md"],
        ["new.txt"],
        2,
    )


def test_workers_that_are_killed_lose_nothing(
    cluster: Any, tmp_path: Path, folder: Path, notes: Path
) -> None:
    one, many = both(tmp_path, folder, Words(notes, dies=True), split=DyingSplit(notes))
    assert one == many
    assert {path.name for path in notes.iterdir()} >= {"cutting", "embedding"}


def test_a_machine_that_goes_down_loses_nothing(
    cluster: Any, tmp_path: Path, folder: Path, notes: Path
) -> None:
    lost = cluster.add_node(num_cpus=1)

    def go_down() -> None:
        until = time.monotonic() + PATIENCE_S
        while len(processes(notes)) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        cluster.remove_node(lost, allow_graceful=False)

    thread = threading.Thread(target=go_down)
    thread.start()
    one, many = both(tmp_path, folder, Words(notes, slow_s=0.5, together=3))
    thread.join()
    assert one == many
    assert len(processes(notes)) >= 3


def test_an_error_is_told_as_here_and_the_next_run_goes_on(
    cluster: Any, tmp_path: Path, folder: Path, notes: Path
) -> None:
    store = open_store(tmp_path / "index")
    with (
        pytest.raises(UserError, match=r"^the model cannot be reached$"),
        ray_engine(Words(notes, fails_at="alpha 12")) as engine,
    ):
        bring(store, folder, engine=engine)
    assert not store.exists()
    with closing(sqlite3.connect(store.folder / JOURNAL_FILE)) as database:
        ((kept,),) = database.execute("SELECT count(*) FROM vectors").fetchall()
    assert 0 < kept < 40
    report = bring(store, folder)
    assert (report.embedded, report.chunks) == (40 - kept, 40)


@pytest.mark.model
def test_the_command_embeds_with_the_model_of_the_settings(
    cluster: Any, tmp_path: Path, folder: Path
) -> None:
    # In bfloat16 a vector's last digits depend on what is embedded beside it.
    one, many = (
        Assistant(Settings(index=tmp_path / name, dtype="float32")) for name in ("one", "many")
    )
    first = one.ingest([folder])
    second = many.ingest([folder], engine="ray")
    assert first == second
    assert second.embedded == 40
    assert content(one.store)[:3] == content(many.store)[:3]
    question = "Which file tells of alpha 7?"
    scores = [found.store.similarity_search_with_score(question, 3) for found in (one, many)]
    assert [round(score, 4) for _, score in scores[0]] == [round(s, 4) for _, s in scores[1]]
