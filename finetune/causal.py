"""Load causal language models and read what their configurations say, whatever their family.

Knows model folders; knows nothing of what they are loaded for.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, GenerationConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from transformers.quantizers.auto import AutoHfQuantizer
from transformers.utils import logging as transformers_logging

from finetune.data.chat_format import end_token
from finetune.errors import LOAD_ERRORS, FinetuneError, shortened

LENGTHS = ("max_position_embeddings", "n_positions", "n_ctx", "seq_length", "max_seq_len")
"""What configurations call the number of tokens that a model can read."""
UNSTATED = 2_048  # where neither configuration nor tokenizer says: what BLOOM and Mamba trained on
UNBOUNDED = 10**9  # a tokenizer that knows no limit says 1e30


class LoadError(FinetuneError):
    """Report a folder that holds no causal language model that can be loaded."""


def load_tokenizer(folder: Path | str) -> Any:
    """Load a tokenizer; raises LoadError."""
    try:
        return AutoTokenizer.from_pretrained(folder)
    except LOAD_ERRORS as error:
        raise LoadError(f"cannot load the tokenizer of {folder} ({shortened(error)})") from error


def load_causal(
    folder: Path | str,
    *,
    dtype: torch.dtype,
    quantization: Any = None,
    device_map: str | None = None,
) -> Any:
    """Load a model whose every weight is there, and whose greedy replies nothing bends.

    Raises LoadError for a folder that holds another kind of model, or a part of one.
    """
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped
    try:
        _check_kind(folder)
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=dtype,
            device_map=device_map,
            output_loading_info=True,
            # None would make the library forget what the folder says of itself.
            **({"quantization_config": quantization} if quantization else {}),
        )
    except LOAD_ERRORS as error:
        raise LoadError(f"cannot load {folder} ({shortened(error)})") from error
    model, report = loaded
    if missing := sorted(report["missing_keys"]):  # the library fills them with random numbers
        raise LoadError(
            f"{folder} lacks {len(missing)} of the model's weights, among them {missing[0]}: fetch "
            "the folder again"
        )
    model.generation_config = plain_generation(model.generation_config)
    return model


def plain_generation(given: GenerationConfig) -> GenerationConfig:
    """Keep of a generation configuration which tokens begin, end and pad, and nothing else.

    Its penalties bend greedy replies, for instance away from a passage's own numbers, and how to
    sample is said by whoever samples.
    """
    names = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")
    return GenerationConfig(  # type: ignore[no-untyped-call]  # the library is untyped
        do_sample=False, **{name: getattr(given, name, None) for name in names}
    )


def context_of(folder: Path | str, tokenizer: Any) -> int:
    """Return how many tokens the model in a folder can read; loads no weights."""
    return context_length(_config(folder), tokenizer)


def context_length(config: Any, tokenizer: Any) -> int:
    """Return how many tokens a model can read, prompt and reply together."""
    config = config.get_text_config()
    for name in LENGTHS:
        if isinstance(length := getattr(config, name, None), int) and length > 0:
            return length
    stated = int(min(tokenizer.model_max_length, UNBOUNDED))
    return stated if stated < UNBOUNDED else UNSTATED


def end_tokens(settings: GenerationConfig, tokenizer: Any) -> frozenset[int]:
    """Return every token that ends a reply: the template's, the tokenizer's, the model's own."""
    configured = settings.eos_token_id
    own = configured if isinstance(configured, list) else [configured]
    tokens = (end_token(tokenizer), tokenizer.eos_token_id, *own)
    return frozenset(int(token) for token in tokens if token is not None)


def pad_token(tokenizer: Any) -> int:
    """Return what fills up rows, or what ends a turn: what is masked may be anything."""
    pad = tokenizer.pad_token_id
    return int(tokenizer.eos_token_id if pad is None else pad)


def takes(model: Any, name: str) -> bool:
    """Tell whether a model's forward pass has an argument, such as position_ids."""
    wrapped = getattr(model, "get_base_model", None)
    return name in inspect.signature((wrapped() if wrapped else model).forward).parameters


def quantized_by(folder: Path | str) -> str:
    """Return what the weights of a folder are quantised by, such as gptq; nothing if they aren't.

    Raises LoadError for what transformers does not know, and would load as if it were whole.
    """
    return _quantized_by(_config(folder), folder)


def _quantized_by(config: Any, folder: Path | str) -> str:
    places = (config, config.get_text_config())
    quantization = next(
        filter(None, (getattr(place, "quantization_config", None) for place in places)), None
    )
    if quantization is None:
        return ""
    method = str(quantization.get("quant_method", "an unnamed method"))
    if not AutoHfQuantizer.supports_quant_method(quantization):  # type: ignore[no-untyped-call]
        raise LoadError(f"{folder} is quantised by {method}, which transformers does not know")
    return method


def check_whole(folder: Path | str) -> None:
    """Raise LoadError for quantised weights, which no adapter is trained on or merged into here."""
    if method := quantized_by(folder):
        raise LoadError(
            f"{folder} is quantised by {method}, and training, merging and export need whole "
            "weights: give the model that it was made from (GROUNDTUNE_QUANTIZE shortens it)"
        )


def _config(folder: Path | str) -> Any:
    try:
        return AutoConfig.from_pretrained(folder)
    except LOAD_ERRORS as error:
        raise LoadError(f"cannot read config.json of {folder} ({shortened(error)})") from error


def _check_kind(folder: Path | str) -> None:
    """Raise ValueError for a model that reads one text and writes another, or none."""
    config = _config(folder)
    _quantized_by(config, folder)
    kind = config.model_type
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise ValueError(
            f"it is a {kind} model, and this needs a causal language model such as Llama, Qwen, "
            "Mistral, Gemma, Phi or gpt2"
        )
