"""The errors a user sees as one line; everything else is a defect.

UserError           bad input or a missing part: exit code 3
├─ NoIndex          nothing was ingested yet: exit code 3
├─ BeingWritten     another process writes to the index now: exit code 3
├─ CheckFailed      the work ran, but a gate or a check was not met: exit code 2
├─ ModelUnavailable a model elsewhere answers nobody now: exit code 3
└─ BadReply         a model elsewhere gave no usable reply to one prompt: exit code 3
ContextLengthError  a prompt that the model cannot take: exit code 3
"""

from __future__ import annotations

from collections.abc import Iterable

from graphs.errors import InvalidQuestion


class UserError(Exception):
    """Report what came, what was expected and what to do, in one line.

    No ValueError: the LangGraph server passes that class's text on to clients, and these lines
    name folders and settings of the machine.
    """

    exit_code = 3


class NoIndex(UserError):
    """Report that nothing was ingested yet."""


class BeingWritten(UserError):
    """Report that another process is writing to the index; the same works when it is done."""


class CheckFailed(UserError):
    """Report that the work was done but a gate or a check was not met."""

    exit_code = 2


class ModelUnavailable(UserError):
    """Report that a model elsewhere answers nobody now: unreachable, hanging, or refusing."""

    def __init__(
        self, message: str, *, passing: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.passing = passing
        """Whether the same may work in a moment."""
        self.retry_after = retry_after
        """Seconds that the server asks to wait."""


class BadReply(UserError):
    """Report that a model elsewhere gave no usable reply to a prompt; the next may be answered."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing
        """Whether the same may work in a moment."""


class NothingSaid(BadReply):
    """Report that all tokens went into thoughts, and none into an answer."""


class ContextLengthError(ValueError):
    """Report a prompt that does not fit the model's context, before anything is generated.

    A ValueError, so that a server's client learns why its question was refused.
    """


UNASKABLE = (InvalidQuestion, ContextLengthError)
"""What is raised for a question that cannot be asked."""


def one_line(error: object) -> str:
    """Write what an error says in one line; libraries break theirs."""
    return " ".join(str(error).split())


def redacted(error: object, secrets: Iterable[str]) -> str:
    """Write an error in one line with secrets starred; name its type if it has no text."""
    text = one_line(error) or type(error).__name__
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text
