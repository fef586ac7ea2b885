"""What `use` puts into `.env` is the arm that was measured, in every setting."""

import json
from pathlib import Path

import pytest
from comparisons import forget
from dotenv import dotenv_values

from app.cli import main
from app.compare.plan.arms import ARMS, Made, Trained
from app.compare.run.arm_settings import keep_choices
from app.settings import Settings

KEYS = {"store", "model_key", "fallback_model_key", "embedding_model_key"}


@pytest.fixture(autouse=True)
def _shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:  # what a command reads from `.env` is unset again
        monkeypatch.setenv(f"GROUNDTUNE_{name.upper()}", "")
        monkeypatch.delenv(f"GROUNDTUNE_{name.upper()}")


def changed(folder: Path) -> dict[str, object]:
    """Every setting but the keys, each with another value than its default."""
    (folder / "model").mkdir()
    (folder / "best-last").mkdir()  # no place, though a folder is called so
    files = {name: Path(f"{name}.file") for name in ("access", "chat_template", "gate", "shots")}
    places = {name: Path(f"{name}-here") for name in ("index", "registry", "cache")}
    return {
        **{**files, **places, "model": "model", "adapter": "none", "retrieval": "learned"},
        **{"model_options": {"seed": 1, "said": "it's"}, "model_timeout": 9.5},
        **{"fallback_model": "openai:x", "embedding_model": "openai:y", "dtype": "float32"},
        **{"max_batch": 3, "max_tokens": 17, "chunk_size": 500, "chunk_overlap": 50},
        **{"max_file_mb": 7, "top_k": 11, "grade_threshold": 0.41, "max_rewrites": 2},
        **{"context_tokens": 555, "passage_order": "best-last", "support_threshold": 0.66},
        **{"unsupported": "refuse", "max_question_tokens": 99, "trace_texts": False},
        **{"archives": True, "ocr": "eng", "device_map": "none", "quantize": "int8"},
    }


def test_the_arm_that_is_used_is_the_measured_one_in_every_setting(
    tmp_path: Path,
) -> None:
    told = changed(tmp_path)
    assert told.keys() == Settings.model_fields.keys() - KEYS
    measured, plain = Settings(**told), Settings()  # type: ignore[arg-type]
    assert all(getattr(measured, name) != getattr(plain, name) for name in told)
    keep_choices(tmp_path, {"best": measured, "plain": plain})
    (tmp_path / ".env").write_text("OTHER=1\nGROUNDTUNE_TOP_K=3\n")
    absolute = {name: tmp_path / value for name, value in told.items() if isinstance(value, Path)}
    absolute["model"] = str(tmp_path / "model")
    for name, served in (("best", measured.model_copy(update=absolute)), ("plain", plain)):
        assert main(["use", name, "--output", str(tmp_path)]) == 0
        forget()
        found = Settings()
        places = {n: getattr(served, n).absolute() for n in ("index", "registry", "cache")}
        assert found == served.model_copy(update=places)
    assert dotenv_values(".env")["OTHER"] == "1"


def test_keys_are_written_nowhere(tmp_path: Path) -> None:
    keep_choices(tmp_path, {"best": Settings(model_key="s3cret")})  # type: ignore[arg-type]
    assert "s3cret" not in (tmp_path / "arms.json").read_text()
    assert "GROUNDTUNE_MODEL_KEY" not in json.loads((tmp_path / "arms.json").read_text())["best"]


@pytest.mark.parametrize(("shell", "code"), [("7", 3), ("5", 0)])
def test_a_variable_of_the_shell_that_would_win_is_told(
    shell: str,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    keep_choices(tmp_path, {"best": Settings(top_k=5)})
    monkeypatch.setenv("GROUNDTUNE_TOP_K", shell)
    monkeypatch.setenv("GROUNDTUNE_INDEX", ".groundtune/index")  # the same place
    assert main(["use", "best", "--output", str(tmp_path)]) == code
    assert ("GROUNDTUNE_TOP_K='7' is set in the shell" in capsys.readouterr().err) == bool(code)


def test_every_arm_is_a_configuration_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(adapter="mine")
    shots, heart = tmp_path / "shots.jsonl", tmp_path / "heart"
    own = Made(shots, {"closed-book": Trained(heart, 1), "format": Trained(tmp_path / "json", 1)})
    made = {name: arm.settings(settings, own) for name, arm in ARMS.items()}
    adapters = {name: made[name].adapter for name in made if made[name].adapter != "none"}
    assert adapters == {
        "tuned": str(heart),
        "tuned-rag": str(heart),
        "routed": str(heart),
        "json-rag": str(tmp_path / "json"),
        "hybrid": "mine",
        "oracle": "mine",
    }
    assert [name for name, s in made.items() if s.retrieval == "never"] == ["base", "tuned"]
    assert [name for name, s in made.items() if s.retrieval == "learned"] == ["routed"]
    assert [name for name, s in made.items() if s.shots] == ["few-shot-rag"]


def test_a_file_of_variables_that_is_a_link_stays_one(tmp_path: Path) -> None:
    keep_choices(tmp_path, {"plain": Settings()})
    shared = tmp_path / "shared.env"
    shared.write_text("OTHER=1\n")
    Path(".env").symlink_to(shared)
    assert main(["use", "plain", "--output", str(tmp_path)]) == 0
    assert Path(".env").is_symlink()
    assert dotenv_values(shared)["OTHER"] == "1"
    assert dotenv_values(shared)["GROUNDTUNE_TOP_K"] == "6"
