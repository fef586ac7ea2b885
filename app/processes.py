"""Start a module of ours in a process of its own; knows nothing of what it does there."""

from __future__ import annotations

import sys
from pathlib import Path

_HOME = str(Path(__file__).resolve().parents[1])
# The folder of our packages goes first only where nothing else finds it: in a source checkout.
_BEGIN = (
    "import runpy, sys; home, name = sys.argv[1:3]; del sys.argv[1:3]; "
    "home in sys.path or sys.path.insert(0, home); "
    "runpy.run_module(name, run_name='__main__', alter_sys=True)"
)


def module_command(name: str, *arguments: str) -> list[str]:
    """Return the command that runs a module, without what lies in the current folder.

    There Python looks for modules first, and documents may be somebody else's.
    """
    return [sys.executable, "-P", "-c", _BEGIN, _HOME, name, *arguments]
