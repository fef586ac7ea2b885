"""What a file of questions, or of answers to check, holds in a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from app.jsonl import Identified, read_rows

Role = Literal["user", "assistant", "human", "ai", "system", "developer"]
"""Who said a turn, as OpenAI or LangChain calls them."""


class Turn(BaseModel):
    """One message of a conversation before the question."""

    model_config = ConfigDict(extra="forbid")

    role: Role
    content: str


class GivenDocument(BaseModel):
    """A document given with the question instead of retrieval."""

    model_config = ConfigDict(extra="forbid")

    id: str
    text: str


class BatchQuestion(Identified):
    """One line of a question file; keys of other tools are left alone."""

    model_config = ConfigDict(coerce_numbers_to_str=True, frozen=True)

    question: str
    history: tuple[Turn, ...] = ()
    documents: tuple[GivenDocument, ...] = ()

    def arguments(self) -> dict[str, Any]:
        """Return the question as `Assistant.ask` takes it."""
        return {
            "question": self.question,
            "history": [turn.model_dump() for turn in self.history],
            "documents": [document.model_dump() for document in self.documents],
            "id_": self.id,
        }


class BatchAnswer(Identified):
    """One line of a file of answers to check."""

    model_config = ConfigDict(coerce_numbers_to_str=True, frozen=True)

    question: str
    answer: str
    documents: tuple[GivenDocument, ...] = ()


Asked = TypeVar("Asked", BatchQuestion, BatchAnswer)


def read_questions(path: Path) -> list[BatchQuestion]:
    """Read a JSON-lines file of questions.

    Raises UserError that names the first bad line, or an id that occurs twice.
    """
    return read_rows(path, BatchQuestion, expected='{"id", "question", "history"?, "documents"?}')
