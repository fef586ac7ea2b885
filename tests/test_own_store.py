"""The store that the example's package adds behaves as all others do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import KeywordEmbeddings
from index_parts import WORDS, config
from plugin_parts import installed, package
from store_parts import Opened
from test_conformance import *  # noqa: F403  # each behaviour runs here on the example's store

from app import cli
from app.errors import UserError
from app.index.choice import open_index


@pytest.fixture
def opened(own_parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setenv("PYTHONPATH", str(own_parts))  # for other processes
    with installed(own_parts):
        yield Opened("sqlite", f"sqlite://{tmp_path}/sqlite", tmp_path)


def test_a_setting_names_it_by_the_scheme(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GROUNDTUNE_STORE", "sqlite://host/folder")
    assert cli.main(["search", "boat"]) == 3
    told = capsys.readouterr().err
    assert told == "groundtune: GROUNDTUNE_STORE is no URL of sqlite (expected sqlite:///FOLDER)\n"
    monkeypatch.setenv("GROUNDTUNE_STORE", "mysql://host/db")
    assert cli.main(["search", "boat"]) == 3
    assert "sqlite://..., or nothing for the folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def make(url): import nowhere", "but it cannot open its store (ModuleNotFoundError: No"),
        ("def make(url): return {}", "but what it returns is of type dict, not a Database"),
    ],
)
def test_a_mistake_is_told_with_the_package(code: str, told: str, tmp_path: Path) -> None:
    package(tmp_path, "bad", code, stores="bad = make")
    with installed(tmp_path), pytest.raises(UserError) as error:
        open_index("bad://place", tmp_path, KeywordEmbeddings(WORDS), config())
    assert str(error.value).startswith(f"bad 1.0 adds 'bad' to groundtune.stores, {told}")
