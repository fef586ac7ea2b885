"""gpt2 as the usual article fine-tunes it: a LoRA on `c_attn`, then asked about the documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from family_models import write_family
from family_table import RECIPE, write_documents
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from app.cli import main
from finetune.registry.store import Registry

ARTICLE = ["--train.targets", "c_attn", "--train.rank", "8", "--train.alpha", "32"]
TUNE = ["finetune", "docs", "--questions", "q.jsonl", *RECIPE, *ARTICLE, "--train.dropout", "0.1"]


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    write_documents(tmp_path)
    write_family("gpt2-bare", tmp_path / "gpt2")
    monkeypatch.setenv("GROUNDTUNE_MODEL", "gpt2")
    monkeypatch.setenv("GROUNDTUNE_CACHE", str(tmp_path / "cache"))


@pytest.mark.filterwarnings("ignore:fan_in_fan_out is set to False:UserWarning")
def test_gpt2_is_tuned_asked_and_exported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TUNE, "--no-promote"]) == 0
    version = Registry(Path(".groundtune/models")).version("domain", "candidate")
    config = json.loads((version.adapter / "adapter_config.json").read_text())
    assert (config["target_modules"], config["r"], config["lora_alpha"]) == (["c_attn"], 8, 32)
    capsys.readouterr()
    asked = ["ask", "Who is mayor of Ossel?", "--json", "--adapter", "domain@candidate"]
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["adapter"].startswith("domain@")
    assert main(["export", "domain@candidate", "merged"]) == 0
    merged = AutoModelForCausalLM.from_pretrained("merged")
    assert merged.config.model_type == "gpt2"


@pytest.mark.filterwarnings("ignore:fan_in_fan_out is set to False:UserWarning")
def test_an_adapter_of_the_articles_own_script_is_served(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lora = LoraConfig(
        r=8, lora_alpha=32, target_modules=["c_attn"], lora_dropout=0.1, task_type="CAUSAL_LM"
    )
    tuned = get_peft_model(AutoModelForCausalLM.from_pretrained("gpt2"), lora)
    for name, weight in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    tuned.save_pretrained("by-hand")
    assert main(["ingest", "docs"]) == 0
    capsys.readouterr()
    assert main(["ask", "Who is mayor of Ossel?", "--json", "--adapter", "by-hand"]) == 0
    assert json.loads(capsys.readouterr().out)["adapter"].startswith("by-hand@")
