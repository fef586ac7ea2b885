"""A command imports what it needs: nobody waits for packages that an answer does without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROBE = """
import sys
from app import cli
code = cli.main(sys.argv[1:])
print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
sys.exit(code)
"""
LIBRARIES = {"torch", "transformers", "huggingface_hub", "langchain_core", "langgraph", "numpy"}


def imported_by(*arguments: str) -> set[str]:
    """Run a command in a process of its own and return the packages that it imported."""
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in (0, 2), done.stderr  # 2: the doctor finds no index
    return set(done.stderr.splitlines()[-1].split())


def test_help_and_a_quick_look_round_import_no_library_of_models(tmp_path: Path) -> None:
    look = ("doctor", "--quick", "--index", str(tmp_path))
    for arguments in (("--help",), look):
        imported = imported_by(*arguments)
        assert "pydantic" in imported
        assert not imported & LIBRARIES, arguments
