"""Write a registered adapter in the forms that other programs read.

Knows versions and model folders; the conversion to GGUF is llama.cpp's own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import AutoModelForCausalLM, GenerationConfig

from finetune.causal import end_tokens, load_tokenizer
from finetune.errors import FinetuneError
from finetune.registry.card import CardKind, model_card
from finetune.registry.fingerprint import ADAPTER_CONFIG, ADAPTER_FILES, MERGE_RECORD, check_base
from finetune.registry.manifest import ADAPTER, CARD, findings, read_manifest
from finetune.registry.merge import merge_adapter

ExportDtype = Literal["float32", "bfloat16"]

MAX_RANK = 64  # vLLM's default ceiling is lower still, but can be raised that far
CONVERTER = "convert_hf_to_gguf.py"
GREEDY = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}


class ExportError(FinetuneError):
    """Report a version that cannot be written in the wanted form."""


def export(
    version: Path,
    base: Path,
    output: Path,
    kind: CardKind,
    *,
    dtype: ExportDtype = "float32",
    converter: Path | None = None,
) -> None:
    """Write a version's folder as a merged model, an adapter for the hub, or a GGUF file.

    The output folder appears whole or not at all. `dtype` is that of merged weights and of GGUF;
    `converter` is llama.cpp's script, looked for on PATH if not given. Raises ExportError,
    BaseMismatch or MergeError.
    """
    if output.exists():
        raise ExportError(f"{output} exists already: name a folder that does not")
    changes = findings(version)
    if changes:
        raise ExportError(f"{version} is not what was registered ({', '.join(changes)})")
    check_base(version / ADAPTER, base)
    script = _converter(converter) if kind == "gguf" else None
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".") as scratch:
        folder = Path(scratch) / output.name
        if kind == "adapter":
            _adapter(version, folder)
        else:
            _merged(version, base, folder, dtype)
        if script is not None:
            folder = _gguf(script, folder, dtype)
        card = model_card(read_manifest(version), kind)
        (folder / CARD).write_text(card, encoding="utf-8")
        readable = (folder / CARD).stat().st_mode  # as the user's files are
        for file in filter(Path.is_file, folder.rglob("*")):
            file.chmod(readable)  # the library keeps weights from others, servers among them
        folder.rename(output)


def _adapter(version: Path, folder: Path) -> None:
    config = json.loads((version / ADAPTER / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    obstacles = [obstacle for obstacle, there in _obstacles(config).items() if there]
    if obstacles:
        raise ExportError(
            f"{version} cannot be served by vLLM as an adapter ({', '.join(obstacles)}): export it "
            "merged"
        )
    folder.mkdir()
    for file in ADAPTER_FILES:
        shutil.copyfile(version / ADAPTER / file, folder / file)


def _obstacles(config: dict[str, Any]) -> dict[str, bool]:
    ranks = [config.get("r", 0), *(config.get("rank_pattern") or {}).values()]
    return {
        f"it is {config.get('peft_type')}, not LORA": config.get("peft_type") != "LORA",
        "it uses DoRA": bool(config.get("use_dora")),
        "it has modules_to_save": bool(config.get("modules_to_save")),
        "it trains biases": config.get("bias", "none") != "none",
        f"its rank {max(ranks)} is above {MAX_RANK}": max(ranks) > MAX_RANK,
    }


def _merged(version: Path, base: Path, folder: Path, dtype: ExportDtype) -> None:
    merge_adapter(base, version / ADAPTER, folder)
    (folder / MERGE_RECORD).unlink()  # it speaks of the weights before they are shortened
    if dtype == "bfloat16":
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
        model.save_pretrained(folder)
    settings = GenerationConfig.from_pretrained(folder)
    # Servers sample by the folder's defaults unless it says otherwise.
    for name, value in GREEDY.items():
        setattr(settings, name, value)
    # The base may name its own end alone, and a tuned turn ends with that of the template.
    ends = sorted(end_tokens(settings, load_tokenizer(folder)))
    settings.eos_token_id = ends if len(ends) > 1 else ends[0]
    settings.save_pretrained(folder)


def _converter(given: Path | None) -> Path:
    converter = str(given) if given is not None else shutil.which(CONVERTER)
    if converter is None or not Path(converter).is_file():
        raise ExportError(
            f"{converter or CONVERTER} was not found: get it with 'git clone --depth 1 "
            "https://github.com/ggml-org/llama.cpp' and give its path"
        )
    return Path(converter)


def _gguf(script: Path, merged: Path, dtype: ExportDtype) -> Path:
    folder = merged.with_name(f"{merged.name}-gguf")
    folder.mkdir()
    file = folder / f"{merged.name}.gguf"
    outtype = {"float32": "f32", "bfloat16": "bf16"}[dtype]
    command = [sys.executable, str(script), str(merged), "--outfile", str(file)]
    done = subprocess.run([*command, "--outtype", outtype], capture_output=True, text=True)
    if done.returncode or not file.exists():
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise ExportError(f"{script} did not convert the merged model: {last}")
    return folder
