"""The errors a user sees as one line; everything else is a defect.

UserError         bad input or a missing part: exit code 3
└─ CheckFailed    the work ran, but a gate or a check was not met: exit code 2
"""

from __future__ import annotations


class UserError(ValueError):
    """Report what came, what was expected and what to do, in one line.

    It derives from ValueError because the LangGraph server passes that class's text on to
    clients and replaces every other exception's by "internal error".
    """

    exit_code = 3


class CheckFailed(UserError):
    """Report that the work was done but a gate or a check was not met."""

    exit_code = 2
