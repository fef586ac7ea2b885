"""Read what a finished comparison wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from app.compare.judge.scores import RIGHT
from app.errors import UserError
from finetune.errors import first_fault

FILE = "comparison.json"


class AskedOnce(BaseModel):
    """A question with what each arm said to it, and the scores of that."""

    model_config = ConfigDict(frozen=True)

    id: str
    question: str
    answers: tuple[str, ...]
    said: dict[str, dict[str, Any]]

    @property
    def key(self) -> str:
        """What the same question of another run has too."""
        return "\n".join([self.id, self.question, *self.answers])


class Recommended(BaseModel):
    """The arm to run, if there is one."""

    model_config = ConfigDict(frozen=True)

    arm: str | None


class FinishedRun(BaseModel):
    """A comparison as its file has it."""

    model_config = ConfigDict(frozen=True)

    provenance: dict[str, Any]
    verdict: Recommended
    questions: tuple[AskedOnce, ...]

    def right(self, arm: str) -> dict[str, float]:
        """Return whether an arm was right, by the questions' keys; empty for one not asked."""
        return {q.key: float(q.said[arm][RIGHT]) for q in self.questions if arm in q.said}

    @property
    def recommended(self) -> tuple[str, ...]:
        """The arm to run; every arm where none could be recommended."""
        return (self.verdict.arm,) if self.verdict.arm else tuple(self.arms)

    @property
    def arms(self) -> list[str]:
        """The names of the arms that were asked."""
        return list(dict.fromkeys(arm for question in self.questions for arm in question.said))


def read_finished(path: Path) -> FinishedRun:
    """Read a comparison's folder or file; raises UserError that says what is wrong with it."""
    file = path / FILE if path.is_dir() else path
    try:
        return FinishedRun.model_validate_json(file.read_bytes())
    except OSError as error:
        raise UserError(
            f"there is no finished comparison in {path} ({error.strerror}): name the --output of "
            f"'groundtune compare', or its {FILE}"
        ) from error
    except ValidationError as error:
        fault = first_fault(error, "the file")
        raise UserError(f"{file}: {fault}; expected what 'groundtune compare' writes") from error
