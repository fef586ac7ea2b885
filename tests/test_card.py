"""The model card says what was measured and nothing else, in the form that the hub reads."""

from pathlib import Path

import pytest
from adapter_parts import HASH, facts
from huggingface_hub import ModelCard

from finetune.registry.card import model_card
from finetune.registry.fingerprint import BaseFingerprint
from finetune.registry.manifest import Gate, Manifest


def manifest(**others: object) -> Manifest:
    base = BaseFingerprint(name="tiny", weights=HASH["a"], tokenizer=HASH["b"], template=HASH["c"])
    return Manifest(**dict(facts(**others)), name="handbook", base=base, files={})


def section(card: str, title: str) -> str:
    return card.split(f"## {title}\n\n")[1].split("\n\n## ")[0]


def test_hub_reads_the_header() -> None:
    data = ModelCard(model_card(manifest(base_hub_id="HuggingFaceTB/SmolLM2-135M-Instruct"))).data
    assert data.to_dict() == {
        "license": "cc-by-sa-4.0",
        "base_model": "HuggingFaceTB/SmolLM2-135M-Instruct",
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "tags": ["lora", "peft", "groundtune"],
        "datasets": ["rajpurkar/squad"],
    }
    merged = ModelCard(model_card(manifest(), "merged")).data.to_dict()
    assert (merged["library_name"], merged["base_model"]) == ("transformers", "tiny")
    gguf = ModelCard(model_card(manifest(), "gguf")).data.to_dict()
    assert (gguf["library_name"], gguf["tags"]) == ("gguf", ["llama.cpp", "groundtune"])


def test_every_section_is_there_once_and_in_order() -> None:
    titles = [line for line in model_card(manifest()).splitlines() if line.startswith("#")]
    assert titles == ["# handbook"] + [
        f"## {title}"
        for title in (
            "What it does", "How to use it", "Training data", "Recipe", "Results", "Gates",
            "Limits", "Reproduce",
        )
    ]  # fmt: skip


def test_results_stand_side_by_side_with_their_intervals() -> None:
    metrics = {
        "score": {"value": 0.712, "low": 0.7, "high": 0.72},
        "adapter": {"f1": {"value": 0.64, "low": 0.6, "high": 0.68}, "by kind": {"grade": 0.9}},
        "base": {"f1": 0.1},
    }
    assert section(model_card(manifest(metrics=metrics)), "Results").splitlines()[:9] == [
        "| measure | value |",
        "| --- | --- |",
        "| score | 0.712 (0.700–0.720) |",
        "",
        "| measure | adapter | base |",
        "| --- | --- | --- |",
        "| f1 | 0.640 (0.600–0.680) | 0.100 |",
        "| by kind grade | 0.900 |  |",
        "",
    ]


def test_data_is_attributed_and_what_it_teaches_is_said() -> None:
    card = model_card(manifest())
    data = section(card, "Training data")
    assert "| answer | 1,200 |\n| refusal | 300 |" in data
    assert "SQuAD 1.1 by Rajpurkar et al., CC BY-SA 4.0." in data
    assert HASH["a"] in data
    assert "no answer" in section(card, "What it does")
    assert "JSON" not in section(card, "What it does")  # no such rows were trained


def test_failed_gate_is_shown_as_failed() -> None:
    gates = {
        "refusal_recall": Gate(value=0.67, floor=0.8),
        "over_refusal": Gate(value=0.1, ceiling=0.15),
    }
    assert section(model_card(manifest(gates=gates)), "Gates").splitlines()[2:] == [
        "| refusal_recall | 0.67 | at least 0.8 | **failed** |",
        "| over_refusal | 0.1 | at most 0.15 | passed |",
    ]


def test_recipe_limits_and_command_are_given() -> None:
    card = model_card(manifest(limits=("English only.",), purpose="Answers from a handbook."))
    assert "| learning_rate | 0.001 |" in section(card, "Recipe")
    assert "torch 2." in section(card, "Recipe")
    assert section(card, "Limits").startswith("- English only.\n- It fits tiny alone: ")
    assert "```bash\ngroundtune finetune docs/\n```\n\nSeed 13." in section(card, "Reproduce")
    assert section(card, "What it does").startswith("Answers from a handbook.")
    assert 'from_pretrained("tiny")' in section(card, "How to use it")
    assert "vllm serve" in section(model_card(manifest(), "merged"), "How to use it")
    use = section(model_card(manifest(), "gguf"), "How to use it")
    assert "llama-server --model MODEL_FILE.gguf" in use
    assert not any(other in use for other in ("vllm", "MODEL_FOLDER", "peft"))


@pytest.mark.parametrize("value", ["a | b", "two\nlines"])
def test_value_cannot_break_a_table(value: str) -> None:
    recipe = section(model_card(manifest(config={"note": value})), "Recipe")
    rows = [line for line in recipe.splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert all(row.count("|") == 3 for row in rows)
    assert not list(Path().iterdir())  # writing is the registry's
