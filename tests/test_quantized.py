"""Weights in fewer bits, and weights on several devices: what is asked, trained and refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import dispatch_model
from langchain_core.messages import HumanMessage
from tiny import LESSONS, write_tiny_model
from transformers import TextGenerationPipeline
from tuning_parts import encoded

from app.errors import UserError
from app.models.chat import LocalChatModel, to_chat
from app.models.load import load_pipeline
from app.models.worker import PipelineWorker
from finetune.causal import LoadError
from finetune.config import TrainConfig
from finetune.registry.merge import MergeError, merge_adapter
from finetune.training.sft import train

QUESTIONS = list(LESSONS)
QUICK = TrainConfig(
    rank=4, batch=4, epochs=1, learning_rate=1e-2, evaluations=0, track="none", dtype="float32"
)


@pytest.fixture(autouse=True)
def _one_thread(one_thread: None) -> None:
    pass


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model, as wide as a block of weights in four bits."""
    return write_tiny_model(tmp_path_factory.mktemp("wide") / "tiny", hidden=64)


@contextmanager
def asked(pipeline: TextGenerationPipeline) -> Iterator[tuple[LocalChatModel, PipelineWorker]]:
    worker = PipelineWorker(pipeline)
    try:
        yield LocalChatModel(worker=worker, model_name="tiny", max_tokens=40), worker
    finally:
        worker.close()


def replies(chat: LocalChatModel) -> list[str]:
    return [reply.text for reply in chat.batch(QUESTIONS)]


def graded(worker: PipelineWorker) -> torch.Tensor:
    prompts = [to_chat([HumanMessage(question)]) for question in QUESTIONS]
    return torch.tensor([score.labels for score in worker.score(prompts, labels=["yes", "no"])])


def quantized(whole: Path, folder: Path, **told: Any) -> Path:
    """Copy a model whose configuration says that its weights are quantised."""
    shutil.copytree(whole, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "quantization_config": told}))
    return folder


@pytest.mark.parametrize("quantize", ["int8", "nf4"])
def test_weights_in_fewer_bits_say_nearly_the_same_in_less_memory(
    model: Path, quantize: Any
) -> None:
    whole = load_pipeline(model, dtype="float32")
    pipeline = load_pipeline(model, dtype="float32", quantize=quantize)
    assert memory(pipeline) < 0.7 * memory(whole)
    with asked(whole) as (chat, worker):
        said, grades = replies(chat), graded(worker)
    with asked(pipeline) as (chat, worker):
        alone = [chat.invoke(question).text for question in QUESTIONS]
        assert replies(chat) == alone
        moved = (graded(worker) - grades).abs().max()
    assert alone == said
    assert 0 < moved < 1


def test_a_model_on_several_devices_answers_as_on_one(model: Path, tmp_path: Path) -> None:
    whole = load_pipeline(model, dtype="float32")
    pipeline = load_pipeline(model, dtype="float32", device_map="balanced")
    with asked(whole) as (chat, worker):
        said, grades = replies(chat), graded(worker)
    # A disk is the one second device that every machine has.
    spread_over_disk(pipeline.model, tmp_path)
    with asked(pipeline) as (chat, worker):
        assert replies(chat) == said
        assert torch.allclose(graded(worker), grades, atol=1e-5)


def memory(pipeline: TextGenerationPipeline) -> int:
    return sum(p.nbytes for layer in pipeline.model.model.layers for p in layer.parameters())


def spread_over_disk(model: Any, folder: Path) -> None:
    places = dict.fromkeys(
        ("model.embed_tokens", "model.norm", "model.rotary_emb", "lm_head"), "cpu"
    )
    dispatch_model(
        model,
        {**places, "model.layers.0": "cpu", "model.layers.1": "disk"},
        main_device="cpu",
        offload_dir=folder,
    )
    assert model.model.layers[1].mlp.up_proj.weight.device.type == "meta"


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"quant_method": "gptq", "bits": 4}, "pip install optimum"),
        ({"quant_method": "awq", "bits": 4}, "pip install gptqmodel"),
        ({"quant_method": "compressed-tensors"}, "pip install compressed-tensors"),
        ({"quant_method": "newer"}, "quantised by newer, which transformers does not know"),
    ],
)
def test_quantized_weights_name_the_package_that_reads_them(
    model: Path, tmp_path: Path, told: dict[str, Any], wanted: str
) -> None:
    folder = quantized(model, tmp_path / "model", **told)
    with pytest.raises(UserError, match=wanted) as error:
        load_pipeline(folder)
    assert str(error.value).startswith("GROUNDTUNE_MODEL: ")
    assert "\n" not in str(error.value)


def test_quantized_weights_are_not_quantized_again_trained_or_merged(
    model: Path, tmp_path: Path
) -> None:
    folder = quantized(model, tmp_path / model.name, quant_method="gptq", bits=4)
    made = train(model, encoded(model), tmp_path / "made", QUICK, identity={}).adapter
    with pytest.raises(UserError, match="already, by gptq: set GROUNDTUNE_QUANTIZE=none"):
        load_pipeline(folder, quantize="nf4")
    needed = "quantised by gptq, and training, merging and export need whole weights: give"
    with pytest.raises(MergeError, match=needed):
        merge_adapter(folder, made, tmp_path / "merged")
    with pytest.raises(LoadError, match=needed):
        train(folder, encoded(model), tmp_path / "run", QUICK, identity={})
