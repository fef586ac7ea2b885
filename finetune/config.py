"""The training recipe as one frozen value; its defaults are the recommended recipe.

No torch import: the command line and `--plan` read it before anything heavy loads.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

Tracker = Literal["tensorboard", "mlflow", "trackio", "wandb", "none"]


class TrainConfig(BaseModel):
    """How a LoRA adapter is trained."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    method: Literal["lora", "qlora"] = "lora"
    """LoRA, or LoRA over a base quantised to NF4, which needs CUDA and bitsandbytes."""
    rank: int = Field(8, ge=1, le=512)
    """Rank of the adapter's matrices; above 64 vLLM refuses the adapter, but serves it merged."""
    alpha: PositiveInt = 16
    """Scale of the adapter, divided by the rank; usually twice the rank."""
    targets: tuple[str, ...] = ()
    """Names of the modules that are adapted, such as c_attn; all linear ones if empty."""
    rslora: bool = False
    """Divide alpha by the root of the rank (rsLoRA), which keeps high ranks stable."""
    dropout: float = Field(0.0, ge=0, lt=1)
    """Dropout before the adapter's matrices."""
    learning_rate: PositiveFloat = 1e-3
    """Highest learning rate, LoRA's being about ten times that of full fine-tuning."""
    start_share: float = Field(0.0, ge=0, lt=1)
    """Share of the adapter gone on from that is averaged into the result, against forgetting."""
    warmup: float = Field(0.05, ge=0, lt=1)
    """Share of the steps in which the learning rate rises."""
    schedule: Literal["linear", "cosine", "constant_with_warmup"] = "cosine"
    """How the learning rate falls after that."""
    epochs: PositiveFloat = 1.0
    """Passes over the examples."""
    batch: PositiveInt = 32
    """About how many examples' gradients make one step."""
    max_length: int = Field(1536, ge=64)
    """Tokens of the longest example, prompt and completion."""
    on_overlong: Literal["error", "drop"] = "error"
    """What happens to longer examples; dropped ones are named in the report."""
    share_prefixes: bool = True
    """Compute a prompt that several examples begin with once for all of them."""
    gradient_checkpointing: bool = False
    """Trade a quarter of the speed for memory; worth it above about a billion parameters."""
    weight_decay: float = Field(0.0, ge=0)
    """Pull of the adapter's weights towards zero."""
    max_grad_norm: PositiveFloat = 1.0
    """Gradients longer than this are shortened."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """What the base computes in; auto is bfloat16 where the hardware has it."""
    seed: int = Field(13, ge=0, lt=2**32)
    """Of the adapter's first weights, the order of examples and dropout."""
    evaluations: int = Field(4, ge=0)
    """How often the held-back examples are answered during training, for early stopping."""
    evaluation_examples: PositiveInt = 60
    """Most held-back examples answered each time."""
    baseline_examples: PositiveInt = 120
    """Most test examples that the base and the few-shot base answer, to be compared with."""
    patience: PositiveInt = 2
    """Evaluations in a row with a lower score than the best, after which training stops."""
    checkpoints: PositiveInt = 8
    """How often the state is saved for resuming."""
    track: Tracker = "tensorboard"
    """Where loss, learning rate, gradient norm and scores are logged; local by default."""


class Gates(BaseModel):
    """Bounds of the figures; one that the held-back rows cannot give is not asked for.

    A share misses its bound when its whole 95 % interval does.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )

    gain: float = 0.02
    """Least by which the headline score must exceed the base model's, at 95 % confidence."""
    refusal_recall: float = Field(0.7, ge=0, le=1)
    """Least share of unanswerable questions that are refused."""
    over_refusal: float = Field(0.25, ge=0, le=1)
    """Largest share of answerable questions that are refused."""
    valid_records: float = Field(0.95, ge=0, le=1)
    """Least share of well-formed records."""
    stop_rate: float = Field(0.95, ge=0, le=1)
    """Least share of replies that end by themselves."""
    forgetting: float = Field(0.05, ge=0)
    """Largest rise of perplexity on general examples by this training, as a share."""
