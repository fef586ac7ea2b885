"""Train the reader to find in lines what answers a question or fills a blank."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt
from torch import Tensor
from torch.nn import functional as F  # its name everywhere
from tqdm import tqdm

from finetune.training.hardware import compute_dtype
from finetune.verification.examples import NOWHERE, ReadingExample
from finetune.verification.reader import FROZEN, Reader, RowEncoder
from finetune.whole_files import replacing

UNSEEN = -100  # of an answer that was cut off with the end of its lines
STATE = "state.pt"
NEAR = 20  # batches whose rows are sorted by length together


class ReaderConfig(BaseModel):
    """How a reader is trained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: PositiveInt = 800
    batch: PositiveInt = 64
    learning_rate: PositiveFloat = 2.5e-4
    warmup: PositiveFloat = 0.03
    """Share of the steps in which the rate rises; it falls to nothing after that."""
    weight_decay: float = 0.01
    checkpoint_steps: PositiveInt = 80
    seed: int = 13


Report = Callable[[Reader, int], None]


def train_reader(
    encoder: Path,
    examples: Sequence[ReadingExample],
    run: Path,
    config: ReaderConfig,
    *,
    start: Path | None = None,
    report: Report = lambda reader, step: None,
) -> Reader:
    """Train, resuming what a killed run left in `run`.

    `start` is the folder of a reader to go on from. `report` is called at each checkpoint with the
    reader and the step.
    """
    torch.manual_seed(config.seed)
    reader = (Reader.load(start, encoder) if start else Reader(encoder)).train()
    reader.get_parameter(FROZEN).requires_grad = False
    trained = [p for p in reader.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        trained, lr=config.learning_rate, weight_decay=config.weight_decay
    )
    begin = _resume(run / STATE, reader, optimizer)
    rows, batches = RowEncoder(encoder), _batches(examples, config)
    progress = tqdm(total=config.steps, unit="step", initial=begin, disable=None)
    for step in range(config.steps):
        batch = next(batches)
        if step < begin:
            continue
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * _rate(step / config.steps, config.warmup)
        loss = _loss(reader, rows, batch)
        loss.backward()  # type: ignore[no-untyped-call]  # untyped
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        progress.update()
        progress.set_postfix(loss=f"{loss.item():.3f}")
        if (step + 1) % config.checkpoint_steps == 0:
            _save(run / STATE, step + 1, reader, optimizer)
            report(reader, step + 1)
    return reader.eval()


def _rate(done: float, warmup: float) -> float:
    return min(1.0, done / warmup + 0.02) * max(0.02, 1 - done)


def _batches(
    examples: Sequence[ReadingExample], config: ReaderConfig
) -> Iterator[Sequence[ReadingExample]]:
    """Go through rows again and again; those of a batch are of about one length."""
    draw, size = random.Random(config.seed), config.batch
    rows = list(examples)
    while rows:
        draw.shuffle(rows)
        for at in range(0, len(rows), NEAR * size):
            near = sorted(rows[at : at + NEAR * size], key=lambda row: len(row.lines))
            batches = [near[begin : begin + size] for begin in range(0, len(near), size)]
            draw.shuffle(batches)
            yield from batches


def _loss(reader: Reader, rows: RowEncoder, batch: Sequence[ReadingExample]) -> Tensor:
    encoded = rows.encode([(row.query, row.lines) for row in batch])
    places = torch.tensor([place(row, tokens) for row, tokens in zip(batch, encoded, strict=True)])
    with torch.autocast("cpu", compute_dtype("auto")):
        odds = reader(RowEncoder.pad(encoded))
    begins = F.cross_entropy(odds[:, :, 0], places[:, 0], ignore_index=UNSEEN)
    return (begins + F.cross_entropy(odds[:, :, 1], places[:, 1], ignore_index=UNSEEN)) / 2


def place(row: ReadingExample, tokens: Any) -> tuple[int, int]:
    """Return the tokens that a row's answer begins and ends with; 0 and 0 where there is none."""
    if row.answer == NOWHERE:
        return 0, 0
    begin, end = row.answer
    inside = [
        (at, left, right)
        for at, (kind, (left, right)) in enumerate(
            zip(tokens["token_type_ids"], tokens["offset_mapping"], strict=True)
        )
        if kind == 1
    ]
    first = next((at for at, left, right in inside if left <= begin < right), UNSEEN)
    last = next((at for at, left, right in inside if left < end <= right), UNSEEN)
    return (UNSEEN, UNSEEN) if UNSEEN in (first, last) else (first, last)


def _save(file: Path, step: int, reader: Reader, optimizer: torch.optim.Optimizer) -> None:
    state = {"step": step, "reader": reader.state_dict(), "optimizer": optimizer.state_dict()}
    with replacing(file) as scratch:
        torch.save(state, scratch)


def _resume(file: Path, reader: Reader, optimizer: torch.optim.Optimizer) -> int:
    if not file.exists():
        return 0
    state = torch.load(file, weights_only=True)
    reader.load_state_dict(state["reader"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
