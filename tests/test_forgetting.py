from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from tuning_parts import encoded, example, examples

from finetune.errors import DataError
from finetune.evaluation.forgetting import Forgetting, perplexity, within_context


def test_perplexity_is_that_of_the_full_logits(tiny_model: Path, one_thread: None) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).eval()
    rows = examples()[:3]
    lost, count = 0.0, 0
    for row in encoded(tiny_model, rows):
        with torch.inference_mode():
            odds = model(torch.tensor([row.ids])).logits[0].log_softmax(-1)
        for at in range(row.prompt_length, len(row.ids)):
            lost -= float(odds[at - 1, row.ids[at]])
            count += 1
    expected = torch.tensor(lost / count).exp().item()
    assert perplexity(model, encoded(tiny_model, rows)) == pytest.approx(expected, rel=1e-4)


def test_examples_beyond_the_context_are_left_out_and_none_at_all_is_an_error(
    tiny_model: Path, one_thread: None
) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    tokenizer.model_max_length = 10_000  # the model's own 512 is what counts
    rows, long = examples()[:2], example("long", "x " * 600, "y")
    assert within_context(model, tokenizer, [*rows, long]) == encoded(tiny_model, rows)
    for none, count in ([long], 1), ([], 0):
        with pytest.raises(DataError, match=f"none of the {count} general examples fits .* 512"):
            within_context(model, tokenizer, none)


def test_change_is_a_share_of_what_was() -> None:
    further = Forgetting(before=10.0, after=10.5, examples=4, start=10.4)
    assert further.change == pytest.approx(0.05)
    assert further.lost == pytest.approx(10.5 / 10.4 - 1)
    found = Forgetting(before=10.0, after=10.5, examples=4)
    assert found.lost == found.change
    assert found.change == pytest.approx(0.05)
    assert found.to_json() == {
        "before": 10.0,
        "after": 10.5,
        "examples": 4,
        "left_out": 0,
        "start": None,
        "change": 0.05,
        "lost": 0.05,
    }
