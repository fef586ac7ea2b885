"""A command imports what it needs: nobody waits for packages that an answer does without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.assistant import Assistant

ROOT = Path(__file__).parents[1]
PROBE = """
import sys
from app import cli
code = cli.main(sys.argv[1:])
print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
sys.exit(code)
"""
LIBRARIES = {"torch", "transformers", "huggingface_hub", "langchain_core", "langgraph", "numpy"}
UNNEEDED = {
    *("trl", "datasets", "sentence_transformers", "sklearn", "peft", "langgraph_api", "matplotlib"),
    *("docx", "pptx", "openpyxl", "pdfplumber", "docutils"),
}
"""What other commands import: training, comparison, the server, and the readers of documents."""


def imported_by(*arguments: str) -> set[str]:
    """Run a command in a process of its own and return the packages that it imported.

    It runs in the test's empty folder, for a .env beside the code would change it.
    """
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode in (0, 2), done.stderr  # 2: the doctor finds no index
    return set(done.stderr.splitlines()[-1].split())


def test_help_and_a_quick_look_round_import_no_library_of_models(tmp_path: Path) -> None:
    look = ("doctor", "--quick", "--index", str(tmp_path))
    for arguments in (("--help",), look):
        imported = imported_by(*arguments)
        assert "pydantic" in imported
        assert not imported & LIBRARIES, arguments


def test_a_search_imports_no_library_of_models(sample_assistant: Assistant) -> None:
    index = str(sample_assistant.settings.index)
    imported = imported_by("search", "How long is the bus's wait?", "--json", "--index", index)
    assert {"faiss", "numpy", "tokenizers"} <= imported
    assert not imported & (UNNEEDED | {"torch", "transformers", "langgraph"})


@pytest.mark.model
def test_an_answer_imports_nothing_that_it_does_without(sample_assistant: Assistant) -> None:
    assert sample_assistant.chat_model  # loads it: peft merges an adapter the first time
    index = str(sample_assistant.settings.index)
    imported = imported_by("ask", "How long is the bus's wait?", "--json", "--index", index)
    assert "faiss" in imported
    assert not imported & UNNEEDED
