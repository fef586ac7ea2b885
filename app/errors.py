"""The errors a user sees as one line; everything else is a defect.

UserError           bad input or a missing part: exit code 3
├─ NoIndex          nothing was ingested yet: exit code 3
└─ CheckFailed      the work ran, but a gate or a check was not met: exit code 2
ContextLengthError  a prompt that the model cannot take: exit code 3
"""

from __future__ import annotations


class UserError(Exception):
    """Report what came, what was expected and what to do, in one line.

    No ValueError: the LangGraph server passes that class's text on to clients, and these lines
    name folders and settings of the machine.
    """

    exit_code = 3


class NoIndex(UserError):
    """Report that nothing was ingested yet."""


class CheckFailed(UserError):
    """Report that the work was done but a gate or a check was not met."""

    exit_code = 2


class ContextLengthError(ValueError):
    """Report a prompt that does not fit the model's context, before anything is generated.

    A ValueError, so that a server's client learns why its question was refused.
    """
