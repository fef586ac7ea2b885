"""A model is known by every file that it is loaded from; only changed files are read again."""

import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from adapter_parts import write_known_adapter
from edits import flip_a_bit
from family_models import write_family

from app.assistant import Assistant
from app.models import completion, gate
from app.models.base import (
    embedding_identity,
    recorded_fingerprint,
    verify_import,
    weights_fingerprint,
)
from app.settings import Settings
from finetune.registry.fingerprint import sha256_of


def test_every_file_that_is_loaded_counts_in_a_folders_fingerprint(tmp_path: Path) -> None:
    one, other = (write_family("bin-only", tmp_path / str(seed), seed=seed) for seed in (0, 1))
    known = recorded_fingerprint(one)
    assert known != recorded_fingerprint(other)
    for name in ("config.json", "generation_config.json"):
        content = json.loads((one / name).read_text())
        (one / name).write_text(json.dumps({**content, "eos_token_id": [0, 1]}))
        assert known != (known := recorded_fingerprint(one))


def with_file(folder: Path, name: str, content: object) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content))


@pytest.mark.parametrize(
    "name",
    [
        "config_sentence_transformers.json",
        "1_Pooling/config.json",
        "2_Dense/model.safetensors",
        "0_Transformer/model.safetensors",
        "0_Transformer/deeper/vocab.txt",
        "router_config.json",
        "query_0_Static/model.safetensors",
    ],
)
def test_an_embedding_folder_is_known_by_all_that_makes_its_vectors(
    tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "model"
    parts = ["", "0_Transformer", "1_Pooling", "2_Dense"]
    with_file(folder, "modules.json", [{"type": "any", "path": path} for path in parts])
    with_file(folder, "router_config.json", {"types": {"query_0_Static": "any"}})
    with_file(folder, name, {"types": {"query_0_Static": "any"}, "one": 1})
    known = embedding_identity(str(folder))
    for unread in ("README.md", "onnx/model.json", "3_Unnamed/config.json"):
        with_file(folder, unread, {})
    assert embedding_identity(str(folder)) == known
    with_file(folder, name, {"types": {"query_0_Static": "any"}, "one": 2})
    assert embedding_identity(str(folder), cache_dir=tmp_path / "cache") != known


def test_a_folder_of_an_encoder_alone_keeps_its_identity(tmp_path: Path) -> None:
    folder = write_family("bin-only", tmp_path / "model")
    assert embedding_identity(str(folder)) == f"model@{weights_fingerprint(folder)[:12]}"


@pytest.mark.parametrize(
    ("config", "identity"),
    [
        (None, "owner/name"),
        ({"prompts": {}}, "owner/name"),
        ({"prompts": {"query": "", "document": ""}}, "owner/name"),
        ({"prompts": {"query": "query: "}}, "owner/name, prompts@31573a61b99b"),
        ({"prompts": {"query": "query: ", "document": ""}}, "owner/name, prompts@31573a61b99b"),
    ],
)
def test_a_hub_id_is_known_by_its_prompts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: object, identity: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    home = tmp_path / "models--owner--name"
    with_file(home, "snapshots/abc/config.json", {})
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("abc")
    if config is not None:
        with_file(home, "snapshots/abc/config_sentence_transformers.json", config)
    assert embedding_identity("owner/name") == identity


def test_files_that_are_as_they_were_are_not_read_again(tmp_path: Path) -> None:
    folder, cache = write_family("bin-only", tmp_path / "model"), tmp_path / "cache"
    known = recorded_fingerprint(folder, cache_dir=cache)
    assert known == recorded_fingerprint(folder)
    weights = folder / "pytorch_model.bin"
    times = weights.stat().st_mtime_ns
    flip_a_bit(weights)
    os.utime(weights, ns=(times, times))  # only who reads the file can tell
    assert recorded_fingerprint(folder, cache_dir=cache) == known
    os.utime(weights, ns=(times + 1, times + 1))
    assert recorded_fingerprint(folder, cache_dir=cache) == recorded_fingerprint(folder) != known
    (cache / "hashes.json").write_text("damaged")
    assert recorded_fingerprint(folder, cache_dir=cache) == recorded_fingerprint(folder)


def test_a_second_start_hashes_no_weights(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(model=str(tiny_model), cache=tmp_path / "cache", dtype="float32")
    adapter = write_known_adapter(tiny_model, tmp_path / "adapter")
    settings = settings.model_copy(update={"adapter": str(adapter)})
    read: list[str] = []

    def noted(file: Path) -> str:
        read.append(file.name)
        return sha256_of(file)

    def start() -> list[str]:
        read.clear()
        assistant = Assistant(settings)
        assert assistant.runtime
        assert assistant.calibration
        verify_import(tiny_model)
        embedding_identity(str(tiny_model), cache_dir=settings.cache)
        assistant.close()
        return list(read)

    for module in ("base", "hashes", "merged"):
        monkeypatch.setattr(f"app.models.{module}.sha256_of", noted)
    assert "model.safetensors" in start()
    assert {name.partition("_")[0] for name in start()} <= {"adapter", "base.json"}


def test_what_is_kept_of_answers_hangs_on_the_models_files(tmp_path: Path) -> None:
    folder = write_family("bin-only", tmp_path / "model")
    (tmp_path / "own.jinja").write_text("{{ messages[-1]['content'] }}")

    def key(**settings: Any) -> str:
        told = {"model": str(folder), "cache": tmp_path / "cache", "adapter": "none"}
        return Assistant(Settings(**{**told, **settings})).weights

    known = key()
    assert key() == known != key(chat_template=tmp_path / "own.jinja")
    flip_a_bit(folder / "pytorch_model.bin")
    assert key() != known


@pytest.mark.parametrize("what", [gate, completion], ids=["small talk", "completion"])
def test_what_is_kept_of_answers_hangs_on_fitted_weights(
    what: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Path
) -> None:
    settings = Settings(model=str(tiny_model), cache=tmp_path, adapter="none")
    known = Assistant(settings).weights
    other = tmp_path / "other.json"
    other.write_text(what.WEIGHTS.read_text().replace('"sure":0.', '"sure":0.9'))
    monkeypatch.setattr(what, "WEIGHTS", other)
    assert Assistant(settings).weights != known
