"""Start LangGraph's server as `langgraph dev` does, with fewer words: `python -m` runs this."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import uvicorn.config
from filelock import FileLock, Timeout
from langgraph_api.cli import run_server
from langgraph_cli.config import validate_config_file

from app.errors import UserError
from app.serving.start import LEVEL, PROTOCOL, announce

LOCK = "langgraph.lock"
SHARED = (
    "groundtune: another server keeps LangGraph's threads in this folder, and each would overwrite "
    "the other's: name another folder by --state, or add --plain"
)


def main(host: str, port: int, jobs: int, config: Path) -> None:
    """Serve what the working folder keeps; ends when the server does."""
    lock = FileLock(LOCK, timeout=0, mode=0o600)
    try:
        lock.acquire()  # the system takes it back at the end
    except Timeout:
        sys.stderr.write(f"{SHARED}\n")
        sys.exit(UserError.exit_code)
    uvicorn.config.HTTP_PROTOCOLS["auto"] = PROTOCOL  # the only way to choose one there
    level = os.environ.setdefault(LEVEL, "WARNING").upper()
    logging.getLogger().setLevel(level)
    # It reports the time that models take to load as an error.
    logging.getLogger("langgraph_api.timing.timer").setLevel(logging.CRITICAL)
    configuration = validate_config_file(config)
    announce(host, port)
    run_server(
        host,
        port,
        graphs=configuration["graphs"],
        n_jobs_per_worker=jobs,
        store=configuration.get("store"),
        auth=configuration.get("auth"),
        http=configuration.get("http"),
        checkpointer=configuration.get("checkpointer"),
        server_level=level,
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
