"""What this machine can train in, and one clear line where it cannot."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import BitsAndBytesConfig

from finetune.config import TrainConfig
from finetune.errors import DataError

if sys.platform == "win32":
    import psutil
else:
    import resource

BF16_CPU_FLAGS = {"avx512_bf16", "amx_bf16"}


@cache
def cpu_flags() -> frozenset[str]:
    """Read the processor's feature flags; empty where the system does not list them."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return frozenset()
    flags = next((line.partition(":")[2] for line in lines if line.startswith("flags")), "")
    return frozenset(flags.split())


def compute_dtype(name: str = "auto", *, flags: frozenset[str] | None = None) -> torch.dtype:
    """Choose bf16 only where the hardware computes in it; elsewhere it crawls in emulation."""
    if name != "auto":
        return torch.float32 if name == "float32" else torch.bfloat16
    if torch.cuda.is_available():
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if native else torch.float32
    fast = BF16_CPU_FLAGS & (cpu_flags() if flags is None else flags)
    return torch.bfloat16 if fast else torch.float32


def base_dtype(name: str = "auto") -> torch.dtype:
    """Choose what a base is held in while an adapter is trained.

    On a GPU that computes in bf16 half the memory; on a CPU fp32, which autocast needs to be fast.
    """
    return compute_dtype(name) if torch.cuda.is_available() else torch.float32


def device() -> torch.device:
    """Return the accelerator that models are measured on, the CPU without one."""
    accelerator = (
        torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    )
    return accelerator or torch.device("cpu")


def bits_and_bytes(kind: Literal["none", "int8", "nf4"], numbers: torch.dtype) -> Any:
    """Return how bitsandbytes shortens weights that are computed with in `numbers`."""
    if kind == "none":
        return None
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]  # the library is untyped
        load_in_8bit=kind == "int8",
        load_in_4bit=kind == "nf4",
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=numbers,
    )


def require_packages(config: TrainConfig) -> None:
    """Raise DataError when what a recipe trains or tracks with is not installed."""
    if config.track != "none" and importlib.util.find_spec(config.track) is None:
        raise DataError(
            f"tracking to {config.track} needs its package: run 'pip install {config.track}', or "
            "none"
        )
    missing = [] if torch.cuda.is_available() else ["a CUDA device"]
    if importlib.util.find_spec("bitsandbytes") is None:
        missing.append("bitsandbytes")
    if config.method == "qlora" and missing:  # on a CPU its sums of four bits have no gradient
        raise DataError(
            f"method 'qlora' needs {' and '.join(missing)}, which this machine lacks: use method "
            "'lora', which below a billion parameters is better anyway"
        )


def peak_memory() -> float:
    """Return the most bytes that were in use: of the GPU, or of the process without one."""
    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_allocated())
    try:
        # Unlike getrusage, it forgets what the process was before exec: a copy of its parent.
        lines = Path("/proc/self/status").read_text().splitlines()
        return float(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024
    except (OSError, StopIteration):
        if sys.platform == "win32":
            return float(psutil.Process().memory_info().peak_wset)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return float(peak if sys.platform == "darwin" else peak * 1024)  # Linux counts in KiB
