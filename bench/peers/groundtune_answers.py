"""Groundtune as it ships: index the documents, then answer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.assistant import Assistant
from app.settings import Settings
from bench.peers.turns import Work, serve


def load(work: Work) -> Callable[[], dict[str, Any]]:
    """Index the documents and load the models."""
    assistant = Assistant(Settings(index=Path(tempfile.mkdtemp()) / "index"))
    assistant.ingest([work["documents"]])
    assistant.warm_up()
    return lambda: {"answers": [assistant.ask(asked)["answer"] for asked in work["questions"]]}


if __name__ == "__main__":
    serve(load)
