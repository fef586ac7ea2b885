"""An adapter goes onto the base it was trained on, or nowhere."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from adapter_parts import write_adapter, write_known_adapter
from family_models import write_family
from pydantic import ValidationError
from transformers import AutoModelForCausalLM, AutoTokenizer

from app.models.merged import adapter_fingerprint
from finetune.registry.fingerprint import (
    BaseMismatch,
    check_base,
    fingerprint,
    read_base,
    sha256_of,
    weights_sha256,
    write_base,
)

pytestmark = pytest.mark.usefixtures("one_thread")

# printf abc | sha256sum
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def base(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy that may be harmed."""
    return shutil.copytree(tiny_model, tmp_path / "base")


def edit_json(file: Path, change: Callable[[dict], object]) -> None:
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def flip_a_weight(base: Path) -> None:
    content = bytearray((base / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (base / "model.safetensors").write_bytes(content)


def swap_two_tokens(base: Path) -> None:
    def swap(content: dict) -> None:
        vocabulary = content["model"]["vocab"]
        one, other = list(vocabulary)[10:12]
        vocabulary[one], vocabulary[other] = vocabulary[other], vocabulary[one]

    edit_json(base / "tokenizer.json", swap)


def end_turns_otherwise(base: Path) -> None:
    edit_json(base / "tokenizer_config.json", lambda c: c.update(eos_token="<|im_start|>"))


def greet(base: Path) -> None:
    template = base / "chat_template.jinja"
    template.write_text(template.read_text() + "!")


def test_known_bytes_give_the_known_hash(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    assert sha256_of(tmp_path / "file") == ABC


@pytest.mark.parametrize(
    ("harm", "part"),
    [
        (flip_a_weight, "weights"),
        (swap_two_tokens, "tokenizer"),
        (end_turns_otherwise, "tokenizer"),
        (greet, "template"),
    ],
)
def test_each_part_is_told_apart(
    tiny_model: Path, base: Path, tmp_path: Path, harm: Callable[[Path], None], part: str
) -> None:
    adapter = write_known_adapter(base, tmp_path / "adapter")
    check_base(adapter, base)
    harm(base)
    assert fingerprint(tiny_model).differences(fingerprint(base)) == [part]
    with pytest.raises(BaseMismatch, match=f"trained on tiny, .* has other {part}: ") as error:
        check_base(adapter, base)
    assert "\n" not in str(error.value)


def test_every_part_that_differs_is_named(tiny_model: Path, base: Path, tmp_path: Path) -> None:
    adapter = write_known_adapter(tiny_model, tmp_path / "adapter")
    for harm in (flip_a_weight, swap_two_tokens, greet):
        harm(base)
    with pytest.raises(BaseMismatch, match="weights and tokenizer and template"):
        check_base(adapter, base)


def test_base_saved_in_shards_by_another_call_is_the_same(tiny_model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    model.save_pretrained(copy, max_shard_size="50KB")
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    tokenizer(["a", "longer text"], padding=True)  # which saving remembers
    tokenizer.save_pretrained(copy)
    assert len(list(copy.glob("*.safetensors"))) > 1
    assert (copy / "tokenizer.json").read_text() != (tiny_model / "tokenizer.json").read_text()
    assert fingerprint(copy).differences(fingerprint(tiny_model)) == []


def test_number_format_and_shape_count_as_weights(tiny_model: Path, tmp_path: Path) -> None:
    short = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.bfloat16)
    short.save_pretrained(tmp_path / "short")
    assert weights_sha256(tmp_path / "short") != weights_sha256(tiny_model)


def test_template_inside_the_tokenizers_settings_counts_as_well(base: Path) -> None:
    before = fingerprint(base)
    template = (base / "chat_template.jinja").read_text()
    (base / "chat_template.jinja").unlink()
    assert fingerprint(base).differences(before) == ["template"]
    edit_json(base / "tokenizer_config.json", lambda c: c.update(chat_template=template))
    assert fingerprint(base).differences(before) == []


def test_adapter_remembers_its_base_and_forgets_the_machine(
    tiny_model: Path, tmp_path: Path
) -> None:
    adapter = write_adapter(tiny_model, tmp_path / "adapter")
    config = adapter / "adapter_config.json"
    assert str(tiny_model) in config.read_text()
    known = fingerprint(tiny_model, name="tiny")
    write_base(adapter, known)
    assert read_base(adapter) == known
    assert json.loads(config.read_text())["base_model_name_or_path"] == "tiny"
    assert str(tiny_model) not in (adapter / "base.json").read_text() + config.read_text()


def test_the_same_training_is_the_same_adapter_in_every_process(
    tiny_model: Path, tmp_path: Path
) -> None:
    adapter = write_adapter(tiny_model, tmp_path / "adapter")
    found = set()
    for order in (["v_proj", "q_proj", "k_proj"], ["k_proj", "v_proj", "q_proj"]):
        ordered = {"target_modules": order}
        edit_json(adapter / "adapter_config.json", lambda config, of=ordered: config.update(of))
        write_base(adapter, fingerprint(tiny_model))
        found.add(adapter_fingerprint(adapter))
    assert len(found) == 1


@pytest.mark.parametrize("name", ["/srv/models/base", r"C:\models\base"])
def test_place_on_a_machine_is_no_name(tiny_model: Path, name: str) -> None:
    with pytest.raises((BaseMismatch, ValidationError), match="a place on this machine"):
        fingerprint(tiny_model, name=name)
    assert fingerprint(tiny_model).name == tiny_model.name


def test_adapter_from_elsewhere_is_let_through(base: Path, tmp_path: Path) -> None:
    adapter = write_adapter(base, tmp_path / "adapter")
    flip_a_weight(base)
    check_base(adapter, base)
    assert read_base(adapter) is None


@pytest.mark.parametrize("content", ["{", "{}", '{"name": "tiny", "weights": "short"}'])
def test_damaged_memory_is_refused(tiny_model: Path, tmp_path: Path, content: str) -> None:
    adapter = write_known_adapter(tiny_model, tmp_path / "adapter")
    (adapter / "base.json").write_text(content)
    with pytest.raises(BaseMismatch, match=r"base\.json is damaged"):
        check_base(adapter, tiny_model)


@pytest.mark.parametrize(
    "harm",
    [
        lambda base: (base / "model.safetensors").unlink(),
        lambda base: (base / "model.safetensors").write_bytes(b""),
        lambda base: (base / "model.safetensors").write_bytes(b"\xff" * 100),
        lambda base: (base / "tokenizer.json").unlink(),
        lambda base: (base / "tokenizer.json").write_text("{"),
        shutil.rmtree,
    ],
)
def test_folder_that_is_no_model_is_refused_in_one_line(
    base: Path, harm: Callable[[Path], object]
) -> None:
    harm(base)
    with pytest.raises(BaseMismatch, match="cannot be recognised as a base model") as error:
        fingerprint(base)
    assert str(base) in str(error.value)
    assert "\n" not in str(error.value)


def test_name_does_not_tell_bases_apart(tiny_model: Path) -> None:
    one, other = fingerprint(tiny_model, name="one"), fingerprint(tiny_model, name="other")
    assert one.differences(other) == []


def test_an_adapter_made_elsewhere_is_held_to_the_base_that_it_names(
    tiny_model: Path, tmp_path: Path
) -> None:
    adapter = write_adapter(tiny_model, tmp_path / "adapter")
    config = adapter / "adapter_config.json"
    for same in (str(tiny_model), "someone/Tiny", "someone/tiny-instruct", "", None):
        edit_json(config, lambda c, name=same: c.update(base_model_name_or_path=name))
        check_base(adapter, tiny_model)
    edit_json(config, lambda c: c.update(base_model_name_or_path="someone/gpt2"))
    with pytest.raises(BaseMismatch, match="says that it was trained on someone/gpt2"):
        check_base(adapter, tiny_model)


def test_pickled_weights_and_older_tokenizers_are_recognised(tmp_path: Path) -> None:
    found = []
    for seed in (0, 0, 1):
        folder = write_family("bin-only", tmp_path / f"at-{len(found)}", seed=seed)
        found.append(fingerprint(folder, name="base"))
    assert found[0] == found[1]
    assert found[0].differences(found[2]) == ["weights"]
    (folder / "tokenizer.json").rename(folder / "vocab.json")
    assert fingerprint(folder, name="base").differences(found[2]) == ["tokenizer"]
    (folder / "vocab.json").unlink()
    with pytest.raises(BaseMismatch, match=r"no tokenizer.json, vocab.json or \*.model"):
        fingerprint(folder)
