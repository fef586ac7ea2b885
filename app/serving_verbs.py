"""The command that serves: starts the LangGraph server, or the same page without it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from pydantic import Field, PositiveInt, SecretStr
from pydantic_settings import CliPositionalArg

from app.errors import UserError
from app.serving.settings import SHARED_METRICS, ServerSettings
from app.settings import Settings
from app.verbs import Verb, console_

CONFIG = Path(__file__).parents[1] / "langgraph.json"
QUIET = {
    "LANGGRAPH_CLI_NO_ANALYTICS": "1",
    "LANGGRAPH_NO_VERSION_CHECK": "true",
    "LANGSMITH_TRACING": "false",
}
"""What the libraries would tell others, unless the operator set it."""
SAMPLE_INDEX = Path(".groundtune/demo")


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
        from app.serving.persistence import check_database

        check_database(self)
        os.environ.update({**QUIET, **os.environ, **self._environment()})
        console_().print(f"page: http://{self.host}:{self.port}/ (in some seconds)")
        if self.plain:
            self._serve_plainly()
            return
        command = Path(sys.executable).with_name("langgraph")
        if not (CONFIG.exists() and command.exists()):
            raise UserError(
                "LangGraph's server is not installed: install groundtune[serve] from its "
                "repository, or add --plain"
            )
        flags = ["--no-browser", "--no-reload", "--n-jobs-per-worker", str(self.jobs)]
        places = ["--host", self.host, "--port", str(self.port), "--config", str(CONFIG)]
        os.execv(command, [str(command), "dev", *flags, *places])

    def _serve_plainly(self) -> None:
        import uvicorn

        with TemporaryDirectory(prefix="groundtune-metrics-") as shared:
            if self.workers > 1:
                os.environ.setdefault(SHARED_METRICS, shared)
            uvicorn.run(
                "app.serving.graph:site", host=self.host, port=self.port, workers=self.workers
            )

    def _environment(self) -> dict[str, str]:
        """Return the settings as variables, for the process that serves."""
        values = {name: getattr(self, name) for name in ServerSettings.model_fields}
        values["index"] = self._served_index()
        return {
            f"GROUNDTUNE_{name.upper()}": _text(value)
            for name, value in values.items()
            if value is not None
        }

    def _served_index(self) -> Path:
        from app.index.writer import current_folder

        if not self.sample or current_folder(self.index) is not None:
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
        from app.serving.lessons import read_feedback, read_reviewed, to_example, to_log_line
        from finetune.data.examples import write_examples

        examples = [to_example(review) for review in read_reviewed(self)]
        lines = [to_log_line(feedback) for feedback in read_feedback(self)]
        self.folder.mkdir(parents=True, exist_ok=True)
        write_examples(self.folder / "examples.jsonl", examples)
        log = self.folder / "log.jsonl"
        log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        print(f"{len(examples)} reviewed answers: finetune --examples {self.folder}/examples.jsonl")
        print(f"{len(lines)} thumbs: drift {log} REFERENCE")


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


COMMANDS: dict[str, type[Verb]] = {"serve": Serve, "reviews": Reviews}
