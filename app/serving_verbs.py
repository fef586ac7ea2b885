"""The command that serves: starts the LangGraph server, or the same page without it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from pydantic import Field, PositiveInt
from pydantic_settings import CliPositionalArg

from app.errors import UserError
from app.idle_flags import refuse_idle
from app.processes import module_command
from app.serving.settings import SHARED_METRICS, ServerSettings
from app.settings import Settings, as_variable
from app.verbs import SAMPLE_INDEX, Verb, console_

CONFIG = Path(__file__).parent / "serving" / "langgraph.json"  # in a checkout, a link to its own
QUIET = {
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGGRAPH_NO_VERSION_CHECK": "true",
    "LANGSMITH_TRACING": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}
"""Keeps libraries from telling others, and the operator what is of no use."""
PRIVATE = 0o077
"""What a server writes is read by its own user alone."""


class Serve(Verb, ServerSettings):
    """Start the server: page, LangGraph's routes, OpenAI's chat completions."""

    read_from: ClassVar[type[Settings]] = ServerSettings

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for all."""
    port: int = Field(2024, ge=1, le=65_535)
    """Port to listen on."""
    jobs: PositiveInt = 4
    """Runs of LangGraph's clients that are taken up at once; each waits for its turn."""
    plain: bool = False
    """Serve page and OpenAI route by uvicorn, without LangGraph's server (Elastic License 2.0)."""
    workers: PositiveInt = 1
    """Processes of a plain server, each with a model of its own."""
    sample: bool = False
    """Serve the sample handbook where nothing was ingested yet."""

    def cli_cmd(self) -> None:
        """Run the command; it ends when the server does."""
        if sys.platform == "win32":
            raise UserError("the server needs locks that Windows lacks: run it in WSL")
        if self.plain:
            refuse_idle(self, "jobs", where="with --plain")
        else:
            refuse_idle(self, "workers", where="without --plain")
        from app.serving.persistence import check_database
        from app.serving.start import check_place, check_state

        check_place(self.host, self.port)
        check_state(self.state)
        self._warn()
        check_database(self)
        os.umask(PRIVATE)
        os.environ.update({**QUIET, **os.environ, **self._environment()})
        console_().print("loading models ...")
        if self.plain:
            self._serve_plainly()
        else:
            self._serve_langgraph()

    def _warn(self) -> None:
        from app.serving.start import is_open

        if is_open(self.host) and not self.asks:
            console_().print(
                f"warning: whoever reaches {self.host} may ask, read all documents and upload: "
                "set GROUNDTUNE_TOKENS or GROUNDTUNE_JWT_KEY"
            )

    def _serve_langgraph(self) -> None:
        if not find_spec("langgraph_api"):
            raise UserError(
                "LangGraph's server is not installed: run pip install 'groundtune[serve]', "
                "or add --plain"
            )
        # It keeps threads and runs as pickles in the folder where it runs.
        os.chdir(self.state)
        arguments = (self.host, str(self.port), str(self.jobs), str(CONFIG))
        os.execv(sys.executable, module_command("app.serving.langgraph_start", *arguments))

    def _serve_plainly(self) -> None:
        from app.serving.start import announce, serve_plainly

        with self._shared_metrics():
            announce(self.host, self.port)
            serve_plainly(self.host, self.port, workers=self.workers)

    @contextmanager
    def _shared_metrics(self) -> Iterator[None]:
        """Make the folder in which several workers count.

        A single process needs none, and could not delete it: the signal that stops it ends it.
        """
        if self.workers == 1:
            yield
            return
        with TemporaryDirectory(prefix="groundtune-metrics-") as shared:
            os.environ.setdefault(SHARED_METRICS, shared)
            yield

    def _environment(self) -> dict[str, str]:
        """Return the settings as variables, for the process that serves."""
        values = {name: getattr(self, name) for name in ServerSettings.model_fields}
        values["index"] = self._served_index()
        return {
            f"GROUNDTUNE_{name.upper()}": as_variable(name, value)
            for name, value in values.items()
            if value is not None
        }

    def _served_index(self) -> Path:
        from app.index.current import current_folder

        if not self.sample or self.store or current_folder(self.index) is not None:
            return self.index
        from app.assistant import Assistant
        from app.demo import HANDBOOK

        console_().print(
            f"no index in {self.index} yet: serving the sample handbook; run 'groundtune ingest "
            "PATH' and start again to serve your documents"
        )
        settings = Settings.model_validate({**self._plain_settings(), "index": SAMPLE_INDEX})
        Assistant(settings).ingest([HANDBOOK], progress=True)
        return SAMPLE_INDEX

    def _plain_settings(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in Settings.model_fields}


class Reviews(Verb, ServerSettings):
    """Write what reviewers and readers decided: rows for `finetune`, a log for `drift`."""

    read_from: ClassVar[type[Settings]] = ServerSettings

    folder: CliPositionalArg[Path]
    """Where examples.jsonl and log.jsonl are written."""

    def cli_cmd(self) -> None:
        """Run the command."""
        from app.serving.review_rows import read_feedback, read_reviewed, to_examples, to_log_line
        from finetune.data.examples import write_examples

        examples, left_out = to_examples(read_reviewed(self))
        lines = [to_log_line(feedback) for feedback in read_feedback(self)]
        self.folder.mkdir(parents=True, exist_ok=True)
        write_examples(self.folder / "examples.jsonl", examples)
        log = self.folder / "log.jsonl"
        log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        for review in left_out:
            print(f"left out {review}")
        print(f"{len(examples)} reviewed answers: finetune --examples {self.folder}/examples.jsonl")
        print(f"{len(lines)} thumbs: drift {log} REFERENCE")
