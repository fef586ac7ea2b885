"""Helpers that are started run our code, and none that lies in the current folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from reading_parts import drawn, read

from app import errors
from app.processes import module_command

MARKED = "open('ran', 'w').close()\n"


@pytest.mark.parametrize("foreign", ["app/__init__.py", "json.py", "pypdfium2.py", "runpy.py"])
def test_what_lies_beside_a_pdf_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, foreign: str
) -> None:
    file = tmp_path / foreign
    file.parent.mkdir(exist_ok=True)
    file.write_text(MARKED)
    monkeypatch.chdir(tmp_path)
    assert read(tmp_path, "a.pdf", drawn([(72, 100, "The berth is paid.")])).text == (
        "The berth is paid."
    )
    assert not (tmp_path / "ran").exists()


def test_a_source_checkout_that_nothing_names_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    command = module_command("pydoc", errors.__name__)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith(str(errors.__file__))
