"""An export is what other programs load: proven, whole, and refused where it would not serve."""

import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
import torch
from adapter_parts import facts, write_known_adapter, write_other_base
from huggingface_hub import ModelCard
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from finetune.registry.export import ExportError, export
from finetune.registry.fingerprint import BaseMismatch, fingerprint
from finetune.registry.store import Registry

pytestmark = pytest.mark.usefixtures("one_thread")

# Stands for llama.cpp's script: writes what it was told, or fails as it would.
CONVERTER = """\
import pathlib, sys
model, _, outfile, _, outtype = sys.argv[1:]
if not (pathlib.Path(model) / "config.json").exists() or "fails" in sys.argv[0]:
    sys.exit("ERROR: Model LlamaForCausalLM is not supported")
pathlib.Path(outfile).write_text(f"GGUF {outtype}")
"""


def register(base: Path, folder: Path, **settings: Any) -> Path:
    adapter = write_known_adapter(base, folder / "adapter", **settings)
    registered = Registry(folder / "registry").register("qa", adapter, reports={}, facts=facts())
    return registered.folder


@pytest.fixture(scope="module")
def version(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return register(tiny_model, tmp_path_factory.mktemp("made"))


@pytest.fixture
def converter(tmp_path: Path) -> Path:
    script = tmp_path / "bin" / "convert_hf_to_gguf.py"
    script.parent.mkdir()
    script.write_text(CONVERTER)
    script.chmod(0o755)
    return script


def logits(model: Any, base: Path) -> torch.Tensor:
    inputs = AutoTokenizer.from_pretrained(base)("Where is the mill?", return_tensors="pt")
    with torch.inference_mode():
        return model(**inputs).logits.float()


def load(folder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype="auto")


def adapted(base: Path, adapter: Path) -> torch.Tensor:
    return logits(PeftModel.from_pretrained(load(base), str(adapter)).eval(), base)


def test_merged_export_is_a_plain_greedy_model(
    tiny_model: Path, version: Path, tmp_path: Path
) -> None:
    base = shutil.copytree(tiny_model, tmp_path / "base")
    settings = GenerationConfig(do_sample=True, temperature=0.2, top_p=0.9, eos_token_id=3)
    settings.save_pretrained(base)
    (base / "additional_chat_templates").mkdir()
    (base / "additional_chat_templates" / "tool_use.jinja").write_text("{{ messages }}")
    output = tmp_path / "deep" / "served"
    export(version, base, output, "merged")
    assert {path.name for path in output.iterdir()} == {
        "config.json", "generation_config.json", "model.safetensors", "chat_template.jinja",
        "tokenizer.json", "tokenizer_config.json", "README.md", "additional_chat_templates",
    }  # fmt: skip
    others = output / "additional_chat_templates"
    assert others.stat().st_mode & stat.S_IXUSR  # without which nobody but root may look inside
    assert [path.name for path in output.parent.iterdir()] == ["served"]
    (tmp_path / "mine").touch()
    files = [path for path in output.rglob("*") if path.is_file()]
    modes = {path.stat().st_mode for path in (*files, tmp_path / "mine")}
    assert len(modes) == 1  # a server of another user reads it as it reads anything
    written = json.loads((output / "generation_config.json").read_text())
    assert written["do_sample"] is False
    assert written["eos_token_id"] == 3
    assert not {"temperature", "top_p"} & written.keys()
    found = logits(load(output), base)
    assert torch.allclose(found, adapted(base, version / "adapter"), atol=1e-4)
    assert fingerprint(output).differences(fingerprint(base)) == ["weights"]
    assert ModelCard.load(output / "README.md").data.library_name == "transformers"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    ("end", "own", "written"),
    [
        ("<|im_end|>", 3, 3),
        ("<|im_end|>", 1, [1, 3]),
        ("<s>", 1, [1, 3]),
        ("<s>", None, [1, 3]),
        ("<pad>", [1, 2], [0, 1, 2, 3]),
    ],
)
def test_merged_export_stops_wherever_groundtune_does(
    tiny_model: Path, tmp_path: Path, end: str, own: Any, written: Any, dtype: Any
) -> None:
    base = shutil.copytree(tiny_model, tmp_path / "base")
    tokenizer = AutoTokenizer.from_pretrained(base, eos_token=end)
    tokenizer.save_pretrained(base)  # its template ends turns with <|im_end|>, which is 3
    GenerationConfig(eos_token_id=own).save_pretrained(base)
    export(register(base, tmp_path), base, tmp_path / "out", "merged", dtype=dtype)
    settings = json.loads((tmp_path / "out" / "generation_config.json").read_text())
    assert settings["eos_token_id"] == written


def test_merged_export_may_be_half_as_long(tiny_model: Path, version: Path, tmp_path: Path) -> None:
    export(version, tiny_model, tmp_path / "short", "merged", dtype="bfloat16")
    model = load(tmp_path / "short")
    assert model.dtype is torch.bfloat16
    expected = adapted(tiny_model, version / "adapter")
    found = logits(model, tiny_model)
    assert float((found - expected).abs().max() / expected.abs().max()) < 0.05
    assert json.loads((tmp_path / "short/generation_config.json").read_text())["do_sample"] is False


def test_adapter_export_has_the_hubs_layout(
    tiny_model: Path, version: Path, tmp_path: Path
) -> None:
    export(version, tiny_model, tmp_path / "hub", "adapter")
    assert {path.name for path in (tmp_path / "hub").iterdir()} == {
        "README.md", "base.json", "adapter_config.json", "adapter_model.safetensors",
    }  # fmt: skip
    assert "lora" in ModelCard.load(tmp_path / "hub" / "README.md").data.tags
    assert torch.equal(
        adapted(tiny_model, tmp_path / "hub"), adapted(tiny_model, version / "adapter")
    )


@pytest.mark.parametrize(
    ("settings", "obstacle"),
    [
        ({"use_dora": True}, "it uses DoRA"),
        ({"modules_to_save": ["lm_head"]}, "it has modules_to_save"),
        ({"bias": "all"}, "it trains biases"),
        ({"r": 65}, "its rank 65 is above 64"),
        ({"rank_pattern": {"q_proj": 70}}, "its rank 70 is above 64"),
    ],
)
@pytest.mark.filterwarnings("ignore:Model has `tie_word_embeddings=True`")  # peft's advice
def test_adapter_that_vllm_refuses_is_not_exported_as_one(
    tiny_model: Path, tmp_path: Path, settings: dict[str, Any], obstacle: str
) -> None:
    version = register(tiny_model, tmp_path, **settings)
    with pytest.raises(ExportError, match=rf"\({obstacle}\): export it merged"):
        export(version, tiny_model, tmp_path / "hub", "adapter")
    assert {path.name for path in tmp_path.iterdir()} == {"adapter", "registry"}


def test_rank_of_64_is_exported(tiny_model: Path, tmp_path: Path) -> None:
    version = register(tiny_model, tmp_path, r=64)
    export(version, tiny_model, tmp_path / "hub", "adapter")
    assert (tmp_path / "hub" / "adapter_model.safetensors").exists()


@pytest.mark.parametrize("on_path", [True, False])
def test_gguf_is_written_by_the_converter(
    tiny_model: Path,
    version: Path,
    tmp_path: Path,
    converter: Path,
    monkeypatch: pytest.MonkeyPatch,
    on_path: bool,
) -> None:
    monkeypatch.setenv("PATH", str(converter.parent) if on_path else "/nowhere")
    given = None if on_path else converter
    export(version, tiny_model, tmp_path / "small", "gguf", dtype="bfloat16", converter=given)
    assert {path.name for path in (tmp_path / "small").iterdir()} == {"small.gguf", "README.md"}
    assert (tmp_path / "small" / "small.gguf").read_text() == "GGUF bf16"
    card = ModelCard.load(tmp_path / "small" / "README.md")
    assert card.data.library_name == "gguf"
    assert "llama-server" in card.text
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "small"}


def test_missing_converter_is_named_with_where_to_get_it(
    tiny_model: Path, version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    reason = r"convert_hf_to_gguf\.py was not found: get it with 'git clone .*llama\.cpp'"
    with pytest.raises(ExportError, match=reason) as error:
        export(version, tiny_model, tmp_path / "small", "gguf")
    assert "\n" not in str(error.value)
    with pytest.raises(ExportError, match=r"mine\.py was not found"):
        export(version, tiny_model, tmp_path / "small", "gguf", converter=tmp_path / "mine.py")
    assert list(tmp_path.iterdir()) == []


def test_failure_of_the_converter_leaves_nothing(
    tiny_model: Path, version: Path, tmp_path: Path, converter: Path
) -> None:
    failing = converter.rename(converter.with_name("fails.py"))
    with pytest.raises(ExportError, match=r"ERROR: Model LlamaForCausalLM is not supported$"):
        export(version, tiny_model, tmp_path / "small", "gguf", converter=failing)
    assert {path.name for path in tmp_path.iterdir()} == {"bin"}


@pytest.mark.parametrize("kind", ["merged", "adapter", "gguf"])
def test_other_base_changed_version_and_existing_output_are_refused(
    tiny_model: Path, version: Path, tmp_path: Path, kind: Any, converter: Path
) -> None:
    def export_to(version: Path, base: Path, name: str) -> None:
        export(version, base, tmp_path / name, kind, converter=converter)

    other = write_other_base(tmp_path / "other", tiny_model)
    for file in tiny_model.glob("tokenizer*"):
        shutil.copy(file, other)
    with pytest.raises(BaseMismatch, match="weights and template"):
        export_to(version, other, "out")
    changed = shutil.copytree(version, tmp_path / "copy" / version.name)
    (changed / "README.md").write_text("Best model ever.")
    with pytest.raises(ExportError, match=r"not what was registered \(README.md: changed\)"):
        export_to(changed, tiny_model, "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "out").mkdir()
    with pytest.raises(ExportError, match="exists already"):
        export_to(version, tiny_model, "out")
    assert list((tmp_path / "out").iterdir()) == []
