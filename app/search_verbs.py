"""The commands that look things up in the index and ask no model for an answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field
from pydantic_settings import CliPositionalArg

from app.errors import UNASKABLE, UserError
from app.idle_flags import refuse_idle_of_batch
from app.verbs import Reading, console_, print_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.batch_rows import BatchQuestion
    from app.index_parts import IndexParts


class Search(Reading):
    """Rank the chunks of the index for a question, or for a file of questions."""

    question: CliPositionalArg[str] = ""
    """What to search for; left out with --batch."""
    k: int = Field(10, ge=1, le=1000)
    """How many chunks."""
    json_: bool = Field(False, alias="json")
    """Print one JSON object."""
    batch: Path | None = None
    """Search for a .jsonl file of {"id", "question"}."""
    output: Path | None = None
    """Where --batch writes."""

    def cli_cmd(self) -> None:
        """Run the command."""
        refuse_idle_of_batch(self, self.batch)
        if self.batch is not None:
            self._run_batch(self.batch)
            return
        from app.terminal import print_ranking

        result = self.searcher().search(self.question, self.k)
        print_json(result) if self.json_ else print_ranking(result, console_())

    def _run_batch(self, batch: Path) -> None:
        from app.batch import output_of, run_batch
        from app.batch_rows import read_questions

        questions = read_questions(batch)
        output = output_of(batch, self.output, told="rankings")
        searcher = self.searcher()
        failed = run_batch(
            questions,
            output,
            lambda question: _hits_or_error(searcher, question, self.k),
            same_run=None,  # quick enough to start anew
            key="results",
        )
        if failed:
            raise UserError(f"{failed} questions could not be asked; see 'error' in {output}")


class Show(Reading):
    """Open a citation: print a document's text around a span, the span highlighted."""

    document: CliPositionalArg[str]
    """The document, as citations name it."""
    start: CliPositionalArg[int]
    """First character."""
    end: CliPositionalArg[int]
    """Character after the last."""

    def cli_cmd(self) -> None:
        """Run the command."""
        from app.terminal import print_quote

        text = self.searcher().text_of(self.document)
        if not 0 <= self.start < self.end <= len(text):
            raise UserError(
                f"{self.document} has {len(text)} characters, {self.start} to {self.end} is no "
                "span of it"
            )
        print_quote(text, self.start, self.end, console_())


def _hits_or_error(searcher: IndexParts, question: BatchQuestion, k: int) -> Mapping[str, Any]:
    try:
        return searcher.search(question.question, k, id_=question.id)
    except UNASKABLE as error:
        return {
            "id": question.id,
            "question": question.question,
            "results": [],
            "error": str(error),
        }
