from pathlib import Path

import torch
import torch.nn.functional as F  # its name everywhere
from transformers import AutoModelForCausalLM
from tuning_parts import encoded

from finetune.training.attention import attention, prepared
from finetune.training.bundles import IGNORED, Bundle, bundle, collate


def loss_sum(model, batch) -> torch.Tensor:
    targets = batch["labels"][:, 1:]
    logits = model(**prepared(model, batch)).logits[:, :-1]
    return F.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum"
    )


def gradient(model, batches) -> torch.Tensor:
    model.zero_grad()
    for batch in batches:
        loss_sum(model, batch).backward()
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


def test_rows_with_one_passage_share_its_tokens(tiny_model: Path) -> None:
    rows = encoded(tiny_model)
    bundles = bundle(rows, max_tokens=1000, share=True, seed=1)
    assert sorted(len(b.members) for b in bundles) == [4, 4, 4]
    for made in bundles:
        assert len({row.id.split("-")[0] for row in made.members}) == 1
        assert made.tokens < 0.6 * sum(len(row.ids) for row in made.members)
        assert made.shared < min(row.prompt_length for row in made.members)


def test_every_row_is_in_exactly_one_bundle_and_its_completion_is_what_is_trained(
    tiny_model: Path,
) -> None:
    rows = encoded(tiny_model)
    bundles = bundle(rows, max_tokens=150, share=True, seed=1)
    members = [row.id for made in bundles for row in made.members]
    assert sorted(members) == sorted(row.id for row in rows)
    for made in bundles:
        labels = [label for label in made.columns()["labels"] if label != IGNORED]
        assert labels == [token for row in made.members for token in row.completion_ids]
        assert made.tokens <= 150 or len(made.members) == 1
        assert all(len(column) == made.tokens for column in made.columns().values())


def test_loss_and_gradients_are_those_of_separate_rows(tiny_model: Path, one_thread: None) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    rows = encoded(tiny_model)
    shared = bundle(rows, max_tokens=1000, share=True, seed=1)
    alone = bundle(rows, max_tokens=1000, share=False, seed=1)
    assert (len(shared), len(alone)) == (3, 12)
    together = gradient(model, [collate([made.columns()]) for made in shared])
    apart = gradient(model, [collate([made.columns()]) for made in alone])
    assert apart.norm() > 1
    assert torch.allclose(together, apart, atol=1e-4 * float(apart.abs().max()))


def test_a_batch_of_bundles_equals_the_bundles_one_by_one(
    tiny_model: Path, one_thread: None
) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    rows = encoded(tiny_model)
    bundles = bundle(rows[:6], max_tokens=1000, share=True, seed=1)
    assert len({made.tokens for made in bundles}) > 1  # so that one of them is padded
    batch = loss_sum(model, collate([made.columns() for made in bundles]))
    single = sum(loss_sum(model, collate([made.columns()])) for made in bundles)
    assert torch.allclose(batch, single, rtol=1e-4)


def test_padding_is_seen_by_nothing_but_itself() -> None:
    bundle_of_two = {
        "input_ids": [5, 6, 7, 8, 9],
        "labels": [IGNORED, IGNORED, 7, IGNORED, 9],
        "position_ids": [0, 1, 2, 1, 2],
        "segments": [0, 1, 1, 2, 2],
        "rehearsed": [0] * 5,
    }
    mask = attention(collate([bundle_of_two])["segments"])[0, 0]
    assert mask.shape == (64, 64)
    assert mask[:5, :5].int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 0, 0, 1, 0],
        [1, 0, 0, 1, 1],
    ]
    assert not mask[:5, 5:].any()
    assert mask.any(dim=1).all()  # a token that sees nothing would be not a number


def test_the_order_of_bundles_depends_on_the_seed_alone(tiny_model: Path) -> None:
    rows = encoded(tiny_model)

    def order(rows, seed: int) -> list[Bundle]:
        return bundle(rows, max_tokens=100, share=True, seed=seed)

    assert order(rows, 1) == order(rows[::-1], 1)
    assert order(rows, 1) != order(rows, 2)
