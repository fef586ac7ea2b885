"""Ask an arm in a process of its own, whose network is blocked: its memory, and whether it runs.

Run as `python -m app.compare.run.footprint`, it reads settings and questions from standard input.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.assistant import Assistant
from app.errors import UserError
from app.model_parts import base_folder
from app.models.adapters import find_adapter
from app.models.base import resolve_embedding_model
from app.processes import module_command
from app.settings import Settings
from finetune.training.hardware import peak_memory

LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname")
MIB = 2**20


@dataclass(frozen=True)
class Footprint:
    """What an arm takes when nothing else runs in its process, and nothing reaches out."""

    peak_mib: float
    """Most memory of the process, models and libraries included."""
    disk_mib: float
    """Of the models, the adapter and, where it searches, the index; the libraries not counted."""
    answered: int
    """Questions answered, with the network blocked and, for a closed book, no index."""
    asked: int


def run_alone(settings: Settings, questions: Sequence[str], *, searches: bool) -> Footprint:
    """Ask questions in a new process; an arm that does not search gets no index.

    Raises UserError with the process's last line when it fails.
    """
    with TemporaryDirectory() as nowhere:
        index = settings.index if searches else Path(nowhere) / "index"
        told = {
            "settings": settings.model_copy(update={"index": index}).model_dump(mode="json"),
            "questions": list(questions),
            "searches": searches,
        }
        done = subprocess.run(
            module_command("app.compare.run.footprint"),
            input=json.dumps(told),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        last = done.stderr.strip().rpartition("\n")[2]
        raise UserError(f"the arm cannot be asked in a process of its own: {last}")
    return Footprint(**json.loads(done.stdout.splitlines()[-1]))


def block_network() -> None:
    """Refuse every connection that this process tries from now on."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        # An address that is a path is a socket on this machine.
        leaves = event == "socket.connect" and not isinstance(arguments[1], (str, bytes))
        if leaves or event in LOOKUPS:
            raise OSError("the network is blocked")

    sys.addaudithook(refuse)


def footprint(settings: Settings, questions: Sequence[str], *, searches: bool) -> Footprint:
    """Answer questions here and now, and count what that takes."""
    assistant = Assistant(settings)
    answered = sum(_answers(assistant, question) for question in questions)
    assistant.close()
    return Footprint(
        peak_mib=round(peak_memory() / MIB),
        disk_mib=round(_disk(settings, searches=searches) / MIB),
        answered=answered,
        asked=len(questions),
    )


def _answers(assistant: Assistant, question: str) -> bool:
    """Tell whether a question is answered here; what runs elsewhere cannot be reached."""
    try:
        return bool(assistant.ask(question)["answer"])
    except UserError:
        return False


def _disk(settings: Settings, *, searches: bool) -> int:
    adapter = find_adapter(settings.adapter, model=settings.model, registry=settings.registry)
    folders = [
        base_folder(settings),
        resolve_embedding_model(settings.embedding_model),
        *([adapter.folder] if adapter else []),
        *([settings.index] if searches else []),
    ]
    files = (f for folder in folders if isinstance(folder, Path) for f in folder.rglob("*"))
    return sum(file.stat().st_size for file in files if file.is_file())


def main() -> None:
    """Answer what standard input asks, on one line of JSON."""
    request = json.load(sys.stdin)
    block_network()
    settings = Settings(**request["settings"])
    measured = footprint(settings, request["questions"], searches=request["searches"])
    sys.stdout.write(json.dumps(asdict(measured)) + "\n")


if __name__ == "__main__":
    main()
