"""Train a LoRA adapter on chat examples: resumable, watched, stopped when it no longer helps.

TRL and PEFT do the training. Knows examples and a model folder; knows nothing of retrieval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # its name everywhere
from datasets.arrow_dataset import Dataset
from peft import PeftModel
from transformers.trainer_callback import PrinterCallback, ProgressCallback
from transformers.utils import logging as transformers_logging
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from finetune.causal import check_whole, load_causal, load_tokenizer
from finetune.config import TrainConfig
from finetune.data.encoding import Encoded
from finetune.errors import DataError
from finetune.training.attention import prepared, shares
from finetune.training.averaging import average
from finetune.training.bundles import IGNORED, Bundle, bundle, collate
from finetune.training.callbacks import BestAdapter, Progress, Score, StopWhenNotFinite
from finetune.training.hardware import (
    base_dtype,
    bits_and_bytes,
    compute_dtype,
    require_packages,
)
from finetune.training.lora import check_targets, lora
from finetune.training.results import TrainResult, is_adapter, note, noted
from finetune.training.runs import claimed, last_checkpoint, world_size


class CompletionTrainer(SFTTrainer):
    """TRL's trainer with logits for the trained tokens alone, and rehearsal against the base.

    On CPU TRL computes logits for every position; with a vocabulary of 49,152 that is a third of
    the time. A rehearsed token is pulled towards the base model's distribution, not towards the one
    word of the example: Li and Hoiem, "Learning without Forgetting", 2016.
    """

    bundles: Sequence[Bundle] = ()

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Return the summed loss of the trained tokens over their number in the whole step."""
        targets = inputs["labels"][:, 1:]  # each position foretells the next token
        rehearsed = inputs["rehearsed"][:, 1:] & (targets != IGNORED)
        trained = (targets != IGNORED).any(dim=0).nonzero().flatten()
        adapted = self.accelerator.unwrap_model(model)
        inputs = {**prepared(adapted, inputs), "logits_to_keep": trained}
        outputs = model(**inputs)
        targets, rehearsed = targets[:, trained], rehearsed[:, trained]
        logits = outputs.logits.float()
        summed = F.cross_entropy(
            logits.flatten(0, 1),
            targets.masked_fill(rehearsed, IGNORED).flatten(),
            ignore_index=IGNORED,
            reduction="sum",
        )
        if rehearsed.any():
            summed = summed + self._divergence(model, inputs, logits, rehearsed)
        count = (targets != IGNORED).sum() if num_items_in_batch is None else num_items_in_batch
        loss = summed / count
        if self.args.average_tokens_across_devices and num_items_in_batch is not None:
            loss = loss * self.accelerator.num_processes  # DDP will average over them
        return (loss, outputs) if return_outputs else loss

    def _divergence(
        self, model: Any, inputs: dict[str, Any], logits: torch.Tensor, rehearsed: torch.Tensor
    ) -> torch.Tensor:
        """Sum the Kullback-Leibler divergences of the model from its base over rehearsed tokens."""
        adapted = self.accelerator.unwrap_model(model)
        with torch.no_grad(), adapted.disable_adapter():
            base = adapted(**inputs).logits.float()
        return F.kl_div(
            logits[rehearsed].log_softmax(dim=-1),
            base[rehearsed].log_softmax(dim=-1),
            reduction="sum",
            log_target=True,
        )


def train(
    base: Path,
    encoded: Sequence[Encoded],
    run: Path,
    config: TrainConfig,
    *,
    identity: dict[str, Any],
    start: Path | None = None,
    score: Score | None = None,
    progress: bool = False,
) -> TrainResult:
    """Train, resuming what a killed run of the same identity left in `run`.

    `start` is an adapter to go on from, whose rank and alpha it keeps. `score(model, tokenizer)`
    rates the model on held-back examples; None trains to the end.
    Raises DataError when `run` holds another training, TrainingDiverged when a loss or gradient
    is not finite.
    """
    require_packages(config)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped
    with claimed(run, {**identity, "config": config.model_dump(mode="json")}):
        if finished := noted(run):
            return finished
        trainer = make_trainer(base, encoded, run, config, start)
        best = BestAdapter(run / "best", score, config, trainer)
        for callback in (StopWhenNotFinite(run), best, Progress(enabled=progress)):
            trainer.add_callback(callback)
        trainer.train(resume_from_checkpoint=last_checkpoint(run))
        result = _finish(trainer, best, run)
        if start is not None and config.start_share:
            result = _averaged(trainer, result, start, config.start_share)
        if trainer.is_world_process_zero():
            note(run, result)
    return result


def _averaged(
    trainer: CompletionTrainer, result: TrainResult, start: Path, share: float
) -> TrainResult:
    averaged = result.adapter.with_name("averaged")
    if trainer.is_world_process_zero():
        average(result.adapter, start, share, averaged)
    return replace(result, adapter=averaged)


def make_trainer(
    base: Path,
    encoded: Sequence[Encoded],
    run: Path,
    config: TrainConfig,
    start: Path | None = None,
) -> CompletionTrainer:
    """Load the model with a new adapter, or with the one to go on from, and wrap both for TRL.

    Common beginnings are shared only where the model is found to compute the same then.
    """
    check_whole(base)
    bits = bits_and_bytes(
        "nf4" if config.method == "qlora" else "none", compute_dtype(config.dtype)
    )
    model = load_causal(base, dtype=base_dtype(config.dtype), quantization=bits)
    if start is None:
        check_targets(model, config)
    bundles = _bundles(model, encoded, config)
    if start is not None:
        model = PeftModel.from_pretrained(model, str(start), is_trainable=True)
    trainer = CompletionTrainer(
        model=model,
        args=_arguments(bundles, run, config),
        train_dataset=Dataset.from_list([bundle.columns() for bundle in bundles]),
        data_collator=collate,
        processing_class=load_tokenizer(base),
        peft_config=lora(model, config) if start is None else None,
    )
    trainer.bundles = bundles
    for replaced in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(replaced)
    return trainer


def _bundles(model: Any, encoded: Sequence[Encoded], config: TrainConfig) -> list[Bundle]:
    limit, seed = config.max_length, config.seed
    made = bundle(encoded, max_tokens=limit, share=config.share_prefixes, seed=seed)
    if shares(model, made):
        return made
    return bundle(encoded, max_tokens=limit, share=False, seed=seed)


def _arguments(bundles: Sequence[Bundle], run: Path, config: TrainConfig) -> SFTConfig:
    steps = total_steps(bundles, config)
    on_cpu = not torch.accelerator.is_available()
    arguments = SFTConfig(
        output_dir=str(run),
        per_device_train_batch_size=1,  # one bundle
        gradient_accumulation_steps=accumulation(bundles, config),
        num_train_epochs=config.epochs,
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.schedule,
        warmup_steps=round(config.warmup * steps),
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        bf16=compute_dtype(config.dtype) is torch.bfloat16,
        use_cpu=on_cpu,
        dataloader_pin_memory=not on_cpu,
        activation_checkpointing=config.gradient_checkpointing,
        seed=config.seed,
        data_seed=config.seed,
        logging_steps=max(1, steps // 100),
        logging_nan_inf_filter=False,
        save_strategy="steps",
        save_steps=max(1, steps // config.checkpoints),
        save_total_limit=2,
        report_to=[] if config.track == "none" else [config.track],
        remove_unused_columns=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        disable_tqdm=True,
        max_length=None,
        # The router's own loss is for training the router, which LoRA leaves as it is.
        router_aux_loss_coef=0.0,
    )
    arguments._n_gpu = min(1, arguments.n_gpu)  # a process trains on one; torchrun starts several
    return arguments


def accumulation(bundles: Sequence[Bundle], config: TrainConfig) -> int:
    """Return how many bundles of each process make a step of about `config.batch` examples."""
    examples = sum(len(bundle.members) for bundle in bundles)
    wanted = config.batch * len(bundles) / examples / world_size()
    return max(1, round(wanted))


def total_steps(bundles: Sequence[Bundle], config: TrainConfig) -> int:
    """Return the number of optimizer steps of the whole run."""
    per_step = accumulation(bundles, config) * world_size()
    return max(1, round(config.epochs * -(-len(bundles) // per_step)))


def _finish(trainer: CompletionTrainer, best: BestAdapter, run: Path) -> TrainResult:
    adapter = best.folder
    if not best.scores:
        adapter = run / "last"
        trainer.save_model(str(adapter))
    elif trainer.is_world_process_zero() and not is_adapter(adapter):
        raise DataError(
            f"the training in {run} has ended and its adapter is gone from {adapter}: delete "
            f"{run} to train anew"
        )
    history = trainer.state.log_history
    return TrainResult(
        adapter=adapter,
        steps=trainer.state.global_step,
        losses=[(int(entry["step"]), entry["loss"]) for entry in history if "loss" in entry],
        scores=best.scores,
    )
