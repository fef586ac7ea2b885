"""The command line's door: finds the command, and tells every error in one line."""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from dotenv import load_dotenv
from pydantic import ValidationError
from pydantic_settings import CliApp, SettingsError

from app.arguments import arguments_of
from app.commands import COMMANDS
from app.errors import UNASKABLE, UserError, one_line
from finetune.errors import FinetuneError, first_fault

DEFECT = 1
BROKEN_PIPE = 128 + 13  # what a shell makes of SIGPIPE
DEBUG = "GROUNDTUNE_DEBUG"  # set it to see library notices and tracebacks


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 a defect, 2 check not met, 3 bad input.

    And 141, as a shell tells it of Unix tools, where the reader of its output had enough.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # it may write less than UTF-8
    try:
        try:
            return _answered(list(sys.argv[1:] if arguments is None else arguments))
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # now: at its end Python could only complain
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _answered(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview())
        return 0
    if arguments == ["--version"]:
        print(f"groundtune {version('groundtune')}")
        return 0
    return _reported(lambda: _begun(arguments[0], arguments[1:]))


def _begun(verb: str, arguments: list[str]) -> None:
    _read_variables(Path(".env"))
    _quiet()
    _run(verb, arguments)


def _read_variables(file: Path) -> None:
    try:
        load_dotenv(file)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file.absolute()} is not UTF-8 text ({one_line(error)}): save it as UTF-8"
        ) from error


def _reported(command: Callable[[], None]) -> int:
    """Run a command and turn whatever it raises into one line and an exit code."""
    try:
        command()
    except (UserError, FinetuneError) as error:
        return _fail(str(error), error.exit_code)
    except (SettingsError, ValidationError, *UNASKABLE) as error:
        return _fail(_one_line(error), UserError.exit_code)
    except BrokenPipeError:
        raise  # the reader of a pipe had enough, and wants no line about it
    except OSError as error:
        return _fail(_of_file(error), UserError.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted; what was finished is kept", DEFECT)
    except Exception as error:  # a traceback helps no user; whoever can read one asks for it
        if os.environ.get(DEBUG):
            raise
        report = " ".join(f"{type(error).__name__}: {error}".split())
        return _fail(f"a defect in groundtune: {report} ({DEBUG}=1 shows where)", DEFECT)
    return 0


def _run(verb: str, arguments: list[str]) -> None:
    command = COMMANDS.get(verb)
    if command is None:
        raise UserError(f"there is no command {verb!r}: use one of {', '.join(COMMANDS)}")
    wanted = command.load()
    CliApp.run(wanted, cli_args=arguments, cli_settings_source=arguments_of(wanted, verb))


def _overview() -> str:
    lines = [f"  {verb:<8} {command.told}" for verb, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: groundtune COMMAND ...",
            "",
            *lines,
            "",
            "groundtune COMMAND --help shows its flags, groundtune --version the release.",
        ]
    )


def _one_line(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return one_line(error)
    fault = first_fault(error)
    if not fault.place:
        return fault.message
    name = fault.place.replace(".", "-").replace("_", "-")
    came = f" (came: {fault.came})" if fault.came else ""
    return f"{name}: {fault.message}{came}"


def _of_file(error: OSError) -> str:
    """Tell what happened to which file; libraries raise errors that hold nothing but a text."""
    reason = error.strerror or one_line(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason


def _fail(message: str, code: int) -> int:
    print(f"groundtune: {message}", file=sys.stderr)
    return code


def _quiet() -> None:
    """Keep libraries' notices out of a user's terminal."""
    if not os.environ.get(DEBUG):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
