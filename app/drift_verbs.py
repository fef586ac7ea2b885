"""The command that says whether questions and documents have changed: its fields are its flags."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import CliPositionalArg

from app.verbs import Verb, console_, print_json


class Drift(Verb):
    """Say from questions asked whether to re-index, re-train, or leave it."""

    log: CliPositionalArg[Path]
    """Answers that 'ask --batch' wrote."""
    reference: CliPositionalArg[Path]
    """An earlier log, or the questions that the adapter was trained on."""
    paths: CliPositionalArg[list[Path]] = Field(default_factory=list)
    """The documents' folders, to see which changed since ingestion."""
    json_: bool = Field(False, alias="json")
    """Print one JSON object."""

    def cli_cmd(self) -> None:
        """Run the command."""
        from app.assistant import Assistant
        from app.drift.log import read_log
        from app.drift.report import detect_drift

        log, reference = read_log(self.log), read_log(self.reference)
        assistant = Assistant(self)
        changed = assistant.changed_documents(self.paths) if self.paths else ()
        report = detect_drift(
            log,
            reference,
            assistant.embeddings.embed_documents,
            changed=changed,
            is_small_talk=assistant.small_talk.is_small_talk,
        )
        if self.json_:
            print_json(report.to_json())
            return
        console_().print(report.table())
        if report.cluster:
            console_().print(f"new: {', '.join(report.cluster.words)}")
            console_().print("\n".join(f"  {question}" for question in report.cluster.questions))
