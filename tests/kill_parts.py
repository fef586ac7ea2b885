"""Processes that ingest and are killed, and whether what they leave is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from index_parts import WORDS, texts, write_files
from server_parts import end

from app.index.store import HybridVectorStore

FILES = 40
PARAGRAPHS = 10  # each is a chunk: four batches of embeddings in all
PATIENCE_S = 120  # on a machine that does other work


class Killer:
    """Ingests in processes of its own, and kills them."""

    def __init__(self, index: Path, folder: Path, url: str = "") -> None:
        script = Path(__file__).with_name("killed_ingestion.py")
        path = os.pathsep.join([str(script.parent), str(script.parents[1])])
        self._server = subprocess.Popen(
            [sys.executable, script, index, folder, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )

    def run(self, *, until: Callable[[], bool] | None = None, delay: float = 0) -> int:
        """Return the exit code, which is negative for a process that was killed."""
        child = int(self._ask())
        if until is not None:
            deadline = time.monotonic() + PATIENCE_S
            while not until() and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(delay)
            os.kill(child, signal.SIGKILL)
        return int(self._ask())

    def close(self) -> None:
        try:
            self._server.communicate(timeout=PATIENCE_S)
        finally:
            end(self._server)

    def _ask(self) -> str:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write("\n")
        self._server.stdin.flush()
        return self._server.stdout.readline()


def write_edition(folder: Path, edition: int, files: int = FILES) -> set[str]:
    """Change every file and the set of files; return the names."""
    for path in folder.glob("*.txt"):
        path.unlink()
    text = "\n\n".join(
        f"{WORDS[n % 4]} edition{edition} part{n} " + "word " * 30 for n in range(PARAGRAPHS)
    )
    names = {f"{n}.txt" for n in range(edition % 3, files)}
    write_files(folder, dict.fromkeys(names, text))
    return names


def held_edition(store: HybridVectorStore, names: dict[int, set[str]]) -> int:
    """Check that the index is whole, and return the one edition that it holds."""
    with store.snapshot() as snapshot:
        held = snapshot.documents().keys()
        contents = {str(snapshot.text_of(name)) for name in held}
        chunks = snapshot.chunks(snapshot.rows({"section": ""}))
        editions = {int(t.split("edition")[1].split()[0]) for t in [*contents, *texts(chunks)]}
        (edition,) = editions
        assert held == names[edition]
        assert len(chunks) == snapshot.size == len(held) * PARAGRAPHS
        assert len(snapshot.lexical(f"edition{edition}", 999)) == snapshot.size
    assert len(store.similarity_search("gamma", k=50)) == 50
    return edition


def killed_writing(file: Path, text: str) -> Path:
    """Write a file whole in a process that is killed before it is in place; return what is left."""
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from finetune.whole_files import replacing\n"
        "with replacing(Path(sys.argv[1])) as scratch:\n"
        "    scratch.write_text(sys.argv[2], encoding='utf-8')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    before = set(file.parent.glob("*"))
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", script, file, text], env=env, check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = set(file.parent.glob("*")) - before
    return left
