"""Read the log of questions asked and what became of them; compares nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from app.dataset.filters import same_answer
from app.errors import UserError
from finetune.errors import first_fault


class LoggedPassage(BaseModel):
    """A passage that a question was answered from."""

    model_config = ConfigDict(frozen=True)

    document: str
    score: float = 0.0
    grade: float | None = None


class LoggedQuestion(BaseModel):
    """One line of a log, as `groundtune ask --batch` writes it; other keys are left alone."""

    model_config = ConfigDict(frozen=True)

    question: str
    answer: str = ""
    abstained: bool | None = None
    """None in a file of mere questions, such as those of the training set."""
    route: str = "retrieve"
    documents: tuple[LoggedPassage, ...] = ()
    correct: bool | None = None
    expected: str | None = None
    """The right answer, where `correct` is not given."""
    error: str = ""

    @field_validator("documents", mode="before")
    @classmethod
    def _names_are_no_passages(cls, documents: Any) -> Any:
        """Take the documents that a question of a training set names for what they are."""
        named = isinstance(documents, list) and all(isinstance(name, str) for name in documents)
        return [] if named else documents

    @property
    def searched(self) -> bool:
        """Whether passages were looked for; else it is small talk, or left to the weights."""
        return self.route != "direct"

    @property
    def right(self) -> bool | None:
        """Whether the answer was right, where that is known."""
        if self.correct is not None or self.expected is None:
            return self.correct
        return same_answer(self.answer, self.expected)

    @property
    def best(self) -> LoggedPassage | None:
        """The passage with the best grade, or score where none was graded."""
        return max(self.documents, key=lambda p: (p.grade or 0.0, p.score), default=None)


def read_log(path: Path) -> list[LoggedQuestion]:
    """Read a log; raises UserError that names the first bad line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"cannot read {path} as UTF-8 text ({error}): name a .jsonl file that 'groundtune ask "
            "--batch' wrote"
        ) from error
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    return [_parsed(line, f"{path}:{number}") for number, line in numbered]


def _parsed(line: str, where: str) -> LoggedQuestion:
    try:
        return LoggedQuestion.model_validate_json(line)
    except ValidationError as error:
        raise UserError(
            f"{where}: {first_fault(error, 'line')}: expected the answers that "
            '"groundtune ask --batch" writes'
        ) from error
