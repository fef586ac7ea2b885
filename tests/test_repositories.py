"""Documents of Git repositories are ingested at their revision and follow their commits."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from index_parts import documents, found, open_store, take, write_files
from site_parts import served

from app.errors import UserError
from app.index.store import HybridVectorStore

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Obey no configuration of whoever runs the tests: it may sign commits or refuse files."""
    for whose in ("GLOBAL", "SYSTEM"):
        monkeypatch.setenv(f"GIT_CONFIG_{whose}", os.devnull)


@pytest.fixture
def store(tmp_path: Path) -> HybridVectorStore:
    return open_store(tmp_path / "index")


def git(folder: Path, *command: str) -> None:
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org")
    subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)


def test_a_repository_is_read_at_its_revision_and_follows_its_commits(
    store: HybridVectorStore, tmp_path: Path
) -> None:
    work = write_files(
        tmp_path / "work", {"docs/a.txt": "alpha", "docs/b.md": "beta", "c.txt": "x"}
    )
    (work / "docs" / "link.txt").symlink_to("a.txt")
    git(work, "init", "--quiet", "--initial-branch=main")
    git(work, "add", ".")
    git(work, "commit", "--quiet", "--message=One")
    git(work, "tag", "v1")
    git(tmp_path, "clone", "--quiet", "--bare", str(work), "bare.git")
    url = f"git+file://{tmp_path}/bare.git"
    first = take(store, f"{url}#docs")
    assert (first.added, first.left_out) == (["a.txt", "b.md"], {"link": 1})
    write_files(work, {"docs/a.txt": "delta"})
    git(work, "rm", "--quiet", "docs/b.md")
    git(work, "commit", "--quiet", "--all", "--message=Two")
    git(work, "push", "--quiet", str(tmp_path / "bare.git"), "main")
    second = take(store, f"{url}#docs")
    assert (second.changed, second.removed) == (["a.txt"], ["b.md"])
    assert take(store, f"{url}#docs").unchanged == ["a.txt"]
    assert found(store, "delta") == ["delta"]
    old = take(store, f"{url}@v1#docs", rebuild=True)
    assert (old.added, store.documents()["a.txt"][0]) == (["a.txt", "b.md"], f"{url}@v1/docs")
    for wrong in (f"{url}@nowhere", f"{url}#nowhere", f"git+file://{tmp_path}/gone.git"):
        with pytest.raises(UserError, match="check address, revision and folder"):
            take(store, wrong)
    assert documents(store) == {"a.txt", "b.md"}


def test_a_repository_does_not_tell_its_password(store: HybridVectorStore, tmp_path: Path) -> None:
    with (
        served(tmp_path) as (host, _),
        pytest.raises(UserError, match=r"gone\.git cannot be fetched") as caught,
    ):
        take(store, f"git+http://us:very-secret@{host}/gone.git")
    assert "very-secret" not in str(caught.value)
