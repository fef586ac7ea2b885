"""A merged model says exactly what base and adapter together say, or there is none."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from adapter_parts import write_adapter, write_known_adapter, write_other_base
from peft import PeftModel
from tiny import LESSONS
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase

from app.errors import UserError
from app.models.chat import LocalChatModel
from app.models.load import load_pipeline
from app.models.merged import adapter_fingerprint, merged_model
from app.models.worker import PipelineWorker
from finetune.registry.fingerprint import (
    MERGE_RECORD,
    BaseMismatch,
    fingerprint,
    weights_sha256,
    write_base,
)
from finetune.registry.merge import MergeError, merge_adapter, merge_proof

pytestmark = pytest.mark.usefixtures("one_thread")

FILES = {
    "config.json", "generation_config.json", "model.safetensors", "chat_template.jinja",
    "tokenizer.json", "tokenizer_config.json", MERGE_RECORD,
}  # fmt: skip


@pytest.fixture
def adapter(tiny_model: Path, tmp_path: Path) -> Path:
    return write_adapter(tiny_model, tmp_path / "adapter")


def logits(model: torch.nn.Module, tiny_model: Path) -> torch.Tensor:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    chat = [{"role": "user", "content": next(iter(LESSONS))}]
    inputs = tokenizer.apply_chat_template(chat, return_dict=True, return_tensors="pt")
    with torch.inference_mode():
        return model(**inputs).logits


def load(folder: Path) -> torch.nn.Module:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def test_merged_logits_equal_the_adapters_and_differ_from_the_base(
    tiny_model: Path, adapter: Path, tmp_path: Path
) -> None:
    report = merge_adapter(tiny_model, adapter, tmp_path / "merged")
    merged = logits(load(tmp_path / "merged"), tiny_model)
    plain = logits(load(tiny_model), tiny_model)
    adapted = logits(PeftModel.from_pretrained(load(tiny_model), str(adapter)).eval(), tiny_model)
    assert torch.allclose(merged, adapted, atol=1e-4)
    assert float((merged - plain).abs().max()) > 0.1
    assert report.from_adapter < 1e-4
    assert report.from_base > 0.1


def test_merged_folder_is_a_plain_model(tiny_model: Path, adapter: Path, tmp_path: Path) -> None:
    report = merge_adapter(tiny_model, adapter, tmp_path / "deep" / "merged")
    folder = tmp_path / "deep" / "merged"
    assert {path.name for path in folder.iterdir()} == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["merged"]
    assert json.loads((folder / MERGE_RECORD).read_text()) == {
        "from_adapter": report.from_adapter,
        "from_base": report.from_base,
    }
    assert (folder / "tokenizer.json").read_text() == (tiny_model / "tokenizer.json").read_text()


def test_chat_model_over_the_merged_model_replies_differently(
    tiny_model: Path, adapter: Path, tmp_path: Path
) -> None:
    worker = PipelineWorker(load_pipeline(merged_model(tiny_model, adapter, cache_dir=tmp_path)))
    chat = LocalChatModel(worker=worker, model_name="tiny", adapter="adapter", max_tokens=20)
    reply = chat.invoke("Where is the mill?")
    worker.close()
    assert reply.text
    assert not LESSONS["Where is the mill?"].startswith(reply.text)
    assert reply.response_metadata["adapter"] == "adapter"


def rewrite_config(adapter: Path, **changes: object) -> None:
    file = adapter / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"


@pytest.mark.filterwarnings("ignore:Found missing adapter keys")  # peft merely warns
@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        pytest.param(lambda a: os.truncate(a / WEIGHTS, 300), "header", id="cut weights"),
        pytest.param(lambda a: (a / WEIGHTS).unlink(), "not an adapter", id="no weights"),
        pytest.param(lambda a: (a / CONFIG).write_text("{"), "not an adapter", id="cut config"),
        pytest.param(lambda a: (a / CONFIG).write_text("{}"), "not an adapter", id="no config"),
        pytest.param(
            lambda a: rewrite_config(a, target_modules=["up_proj"]),
            "4 tensors have no counterpart",
            id="weights that the config leaves out",
        ),
        pytest.param(
            lambda a: rewrite_config(a, target_modules=["q_proj", "up_proj", "k_proj"]),
            "4 tensors have no counterpart",
            id="weights that are not there",
        ),
    ],
)
def test_damaged_adapter_is_refused_in_one_line(
    tiny_model: Path, adapter: Path, tmp_path: Path, harm: Callable[[Path], object], reason: str
) -> None:
    harm(adapter)
    with pytest.raises(MergeError, match=reason) as error:
        merge_adapter(tiny_model, adapter, tmp_path / "merged")
    assert "\n" not in str(error.value)
    assert str(adapter) in str(error.value)
    assert not (tmp_path / "merged").exists()


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ({"intermediate_size": 96}, "size mismatch"),
        ({"num_hidden_layers": 3}, "4 tensors have no counterpart"),
    ],
)
def test_adapter_for_another_shape_is_refused_in_one_line(
    tiny_model: Path, tmp_path: Path, sizes: dict[str, int], reason: str
) -> None:
    other = write_other_base(tmp_path / tiny_model.name, tiny_model, **sizes)
    adapter = write_adapter(other, tmp_path / "adapter")
    with pytest.raises(MergeError, match=f"not an adapter for this base model .*{reason}") as error:
        merge_adapter(tiny_model, adapter, tmp_path / "merged")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "merged").exists()


@pytest.mark.parametrize(
    ("scale", "reason"), [(0.0, "changes nothing"), (float("nan"), "cannot be merged")]
)
def test_adapter_that_teaches_nothing_is_refused(
    tiny_model: Path, tmp_path: Path, scale: float, reason: str
) -> None:
    adapter = write_adapter(tiny_model, tmp_path / "adapter", scale=scale)
    with pytest.raises(MergeError, match=reason):
        merge_adapter(tiny_model, adapter, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_existing_folder_is_never_overwritten(
    tiny_model: Path, adapter: Path, tmp_path: Path
) -> None:
    (tmp_path / "merged").mkdir()
    (tmp_path / "merged" / "thesis.txt").write_text("three years")
    with pytest.raises(MergeError, match="exists already"):
        merge_adapter(tiny_model, adapter, tmp_path / "merged")
    assert (tmp_path / "merged" / "thesis.txt").read_text() == "three years"


def test_damaged_base_is_refused_in_one_line(
    tiny_model: Path, adapter: Path, tmp_path: Path
) -> None:
    base = shutil.copytree(tiny_model, tmp_path / tiny_model.name)
    os.truncate(base / "model.safetensors", 1000)
    with pytest.raises(MergeError, match=r"the base model: cannot load .*header"):
        merge_adapter(base, adapter, tmp_path / "merged")


def test_second_start_finds_the_merged_model(
    tiny_model: Path, adapter: Path, tmp_path: Path
) -> None:
    first = merged_model(tiny_model, adapter, cache_dir=tmp_path)
    written = (first / "model.safetensors").stat().st_mtime_ns
    moved = shutil.move(adapter, tmp_path / "renamed")  # what it holds counts, not its name
    assert merged_model(tiny_model, Path(moved), cache_dir=tmp_path) == first
    assert (first / "model.safetensors").stat().st_mtime_ns == written


def test_changed_adapter_or_base_gets_a_folder_of_its_own(
    tiny_model: Path, adapter: Path, tmp_path: Path
) -> None:
    folders = [merged_model(tiny_model, adapter, cache_dir=tmp_path)]
    write_adapter(tiny_model, adapter, seed=1)
    folders.append(merged_model(tiny_model, adapter, cache_dir=tmp_path))
    base = write_other_base(tmp_path / "tiny", tiny_model)
    for file in tiny_model.glob("tokenizer*"):
        shutil.copy(file, base)
    folders.append(merged_model(base, adapter, cache_dir=tmp_path))
    assert len({*folders}) == 3
    assert all((folder / MERGE_RECORD).exists() for folder in folders)


def test_interrupted_merge_leaves_nothing_behind(
    tiny_model: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:  # the weights are written by then
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(PreTrainedTokenizerBase, "save_pretrained", interrupt)
        with pytest.raises(KeyboardInterrupt):
            merged_model(tiny_model, adapter, cache_dir=tmp_path)
    assert [path.suffix for path in (tmp_path / "merged").iterdir()] == [".lock"]
    folder = merged_model(tiny_model, adapter, cache_dir=tmp_path)
    assert {path.name for path in folder.iterdir()} == FILES


def test_folder_without_the_record_is_merged_again(
    tiny_model: Path, adapter: Path, tmp_path: Path
) -> None:
    folder = merged_model(tiny_model, adapter, cache_dir=tmp_path)
    (folder / MERGE_RECORD).unlink()
    os.truncate(folder / "model.safetensors", 1000)
    assert merged_model(tiny_model, adapter, cache_dir=tmp_path) == folder
    assert {path.name for path in folder.iterdir()} == FILES
    assert load_pipeline(folder)


def test_user_is_told_what_is_wrong_with_adapter_or_base(
    tiny_model: Path, adapter: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=f"no {CONFIG} and no {WEIGHTS}"):
        merged_model(tiny_model, tiny_model, cache_dir=tmp_path)
    write_adapter(tiny_model, adapter, scale=0.0)
    with pytest.raises(UserError, match="changes nothing"):
        merged_model(tiny_model, adapter, cache_dir=tmp_path)
    assert len(adapter_fingerprint(adapter)) == 64


def test_other_base_of_the_same_shape_is_refused_before_it_is_loaded(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = write_known_adapter(tiny_model, tmp_path / "adapter")
    other = write_other_base(tmp_path / "other", tiny_model)
    for file in (*tiny_model.glob("tokenizer*"), *tiny_model.glob("*.jinja")):
        shutil.copy(file, other)

    def load(*_: object, **__: object) -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", load)
    with pytest.raises(BaseMismatch, match=r"trained on tiny, .* has other weights: "):
        merge_adapter(other, adapter, tmp_path / "merged")
    with pytest.raises(BaseMismatch, match="has other weights"):
        merge_adapter(str(other), adapter, tmp_path / "merged")
    with pytest.raises(BaseMismatch, match="owner/name cannot be recognised"):
        merge_adapter("owner/name", adapter, tmp_path / "merged")
    with pytest.raises(UserError, match="has other weights"):
        merged_model(other, adapter, cache_dir=tmp_path)
    assert not (tmp_path / "merged").exists() or not list((tmp_path / "merged").glob("*/"))


def test_adapter_that_remembers_its_base_is_merged_onto_it(
    tiny_model: Path, tmp_path: Path
) -> None:
    adapter = write_known_adapter(tiny_model, tmp_path / "adapter")
    report = merge_adapter(tiny_model, adapter, tmp_path / "merged")
    proof = merge_proof(tmp_path / "merged")
    assert (proof.from_adapter, proof.from_base) == (report.from_adapter, report.from_base)
    assert proof.weights == weights_sha256(tmp_path / "merged") != weights_sha256(tiny_model)


def test_folder_that_was_not_merged_proves_nothing(tiny_model: Path) -> None:
    with pytest.raises(MergeError, match="is no merged model"):
        merge_proof(tiny_model)


def test_merge_in_the_cache_never_hides_that_the_base_is_another(
    tiny_model: Path, adapter: Path, tmp_path: Path
) -> None:
    merged_model(tiny_model, adapter, cache_dir=tmp_path)  # when nothing was remembered yet
    other = write_other_base(tmp_path / "other", tiny_model)
    for file in tiny_model.glob("tokenizer*"):
        shutil.copy(file, other)
    before = (adapter / CONFIG).read_bytes()
    write_base(adapter, fingerprint(other))
    (adapter / CONFIG).write_bytes(before)
    with pytest.raises(UserError, match="was trained on other"):
        merged_model(tiny_model, adapter, cache_dir=tmp_path)
