"""The command that checks answers which any system gave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field
from pydantic_settings import CliPositionalArg

from app.errors import UNASKABLE, CheckFailed, UserError
from app.idle_flags import refuse_idle_of_batch
from app.verbs import Reading, console_, print_json

if TYPE_CHECKING:
    from app.assistant import Assistant
    from app.batch_rows import BatchAnswer


class Check(Reading):
    """Check whether documents say what an answer says, whoever wrote it."""

    question: CliPositionalArg[str] = ""
    """What the answer replies to; left out with --batch."""
    answer: str = ""
    """The answer to check; left out with --batch."""
    json_: bool = Field(False, alias="json")
    """Print one JSON object."""
    batch: Path | None = None
    """Check a .jsonl file of {"id", "question", "answer", "documents"?}."""
    output: Path | None = None
    """Where --batch writes."""

    def cli_cmd(self) -> None:
        """Run the command; ends with 2 where a single answer is not supported as a whole."""
        refuse_idle_of_batch(self, self.batch)
        if self.batch is not None:
            self._run_batch(self.batch)
            return
        if not self.answer.strip():
            raise UserError("no answer came: give it with --answer TEXT, or a file with --batch")
        check = self.assistant().checker.check(self.question, self.answer)
        if self.json_:
            print_json(check)
        else:
            from app.terminal import print_check

            print_check(check, console_())
        if check["supported"] != "all":
            raise CheckFailed(f"of what the answer says the documents support {check['supported']}")

    def _run_batch(self, batch: Path) -> None:
        from app.batch import output_of, run_batch
        from app.batch_rows import BatchAnswer
        from app.jsonl import read_rows

        expected = '{"id", "question", "answer", "documents"?}'
        rows = read_rows(batch, BatchAnswer, expected=expected)
        output = output_of(batch, self.output, told="checks")
        assistant = self.assistant()
        failed = run_batch(
            rows,
            output,
            lambda row: _check_or_error(assistant, row),
            same_run=None,  # quick enough to start anew
            key="supported",
        )
        if failed:
            raise UserError(f"{failed} answers could not be checked; see 'error' in {output}")


def _check_or_error(assistant: Assistant, row: BatchAnswer) -> Mapping[str, Any]:
    given = [document.model_dump() for document in row.documents]
    try:
        return assistant.checker.check(row.question, row.answer, documents=given, id_=row.id)
    except UNASKABLE as error:  # the others can be checked
        return {
            "id": row.id,
            "question": row.question,
            "supported": "none",
            "answer": "",
            "claims": [],
            "error": str(error),
        }
