"""Models of all families that users bring: rendered, asked, scored and trained as one thing.

`family_table.py` runs every verb on each of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from families import FAMILIES, LESSONS
from family_models import write_family
from family_table import VERBS, kept
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from app.errors import UserError
from app.models.base import resolve_chat_model
from app.models.chat import LocalChatModel, to_chat
from app.models.decoding import whole_characters
from app.models.load import load_pipeline
from app.models.local import LocalScorer
from app.models.worker import PipelineWorker
from finetune.causal import end_tokens, load_causal, pad_token
from finetune.config import TrainConfig
from finetune.data.chat_format import chat_format
from finetune.data.encoding import Encoded, encode_example
from finetune.data.examples import Example
from finetune.evaluation.generation import generate
from finetune.kv_cache import growing_cache
from finetune.scoring import left_padded
from finetune.training.bundles import collate
from finetune.training.plan import _step
from finetune.training.sft import make_trainer
from graphs import prompts

CAUSAL = [name for name in FAMILIES if name != "t5"]
SEPARATE = {"bloom", "mamba"}  # ALiBi and a state know no shared beginning
PASSAGE = "Ossel has 3 bees. Mayor: Anna. " * 4
TALK: list[BaseMessage] = [
    AIMessage("I am the assistant."),
    HumanMessage("Hello there."),
    HumanMessage("How are you?"),
]
ASKED = {
    "answer": prompts.generate("Who is mayor of Ossel?", [PASSAGE, "Culvie has 4 bees."]),
    "grade": prompts.grade_document("Who is mayor of Ossel?", PASSAGE),
    "rewrite": prompts.rewrite_follow_up([("User", "Who is mayor of Ossel?")], "And of Culvie?"),
    "recall": prompts.recall("Who is mayor of Ossel?"),
    "talk": prompts.talk(TALK),
    "lesson": [HumanMessage(next(iter(LESSONS)))],
}


class Served:
    """A family's model as it is asked and as it is trained."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = resolve_chat_model(
            str(write_family(name, folder / name)), cache_dir=folder / "cache"
        )
        self.pipeline = load_pipeline(self.folder, dtype="float32")
        self.tokenizer: Any = self.pipeline.tokenizer
        self.worker = PipelineWorker(self.pipeline)
        self.chat = LocalChatModel(worker=self.worker, model_name=name, max_tokens=24)

    def rows(self) -> list[Encoded]:
        return [encode_example(self.tokenizer, row) for row in examples()]


def examples() -> list[Example]:
    """Three questions about one passage, and one about another."""
    asked = [
        (prompts.generate(question, [PASSAGE]), "Anna [1]")
        for question in ("Who is mayor?", "Who rules Ossel?", "Which town has 3 bees?")
    ]
    asked.append((prompts.grade_document("Who is mayor?", "Ling has no mayor."), "no"))
    return [
        Example.model_validate(
            {
                "id": str(at),
                "messages": [*to_chat(prompt), {"role": "assistant", "content": reply}],
            }
        )
        for at, (prompt, reply) in enumerate(asked)
    ]


@pytest.fixture(scope="module", params=CAUSAL)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    made = Served(request.param, tmp_path_factory.mktemp("families"))
    yield made
    made.worker.close()
    torch.set_num_threads(threads)  # in which other files' tests expect to compute


def test_no_prompt_loses_a_text_or_begins_twice(served: Served) -> None:
    for prompt in ASKED.values():
        ids = served.worker.encoder.encode(to_chat(prompt))
        text = served.tokenizer.decode(ids, skip_special_tokens=False)
        for message in prompt:
            assert message.text.strip() in text
        bos = served.tokenizer.bos_token_id
        assert bos is None or bos == served.tokenizer.eos_token_id or ids.count(bos) <= 1


def test_replies_end_where_measuring_ends_them_and_show_no_thought(served: Served) -> None:
    asked = list(ASKED.values())
    said = [served.chat.invoke(prompt).text.strip() for prompt in asked]
    model = load_causal(served.folder, dtype=torch.float32)
    measured = generate(model, served.tokenizer, [to_chat(p) for p in asked], max_new_tokens=24)
    assert [whole_characters(reply.text).strip() for reply in measured] == said
    for text in said:
        assert not any(t.begin in text or t.end in text for t in _thoughts(served))
    if FAMILIES[served.name].thought:
        assert said[-1] in LESSONS.values()
        streamed = "".join(str(chunk.text) for chunk in served.chat.stream(asked[-1]))
        assert streamed.strip() == said[-1]


def test_decoding_computes_what_the_library_computes_by_itself(served: Served) -> None:
    model = load_causal(served.folder, dtype=torch.float32)
    rows = [served.worker.encoder.encode(to_chat(ASKED[name])) for name in ("answer", "recall")]
    pad = pad_token(served.tokenizer)
    for inputs in (left_padded(rows, pad), left_padded(rows[:1], pad)):
        own = growing_cache(served.pipeline.model)
        assert bool(own) is (served.name != "mamba")
        quick = _logits(served.pipeline.model, inputs, **own)
        assert quick == pytest.approx(_logits(model, inputs), abs=1e-3)


def _logits(model: Any, inputs: dict[str, torch.Tensor], **own: Any) -> Any:
    """Return the logits of twelve tokens, each chosen after the ones before."""
    with torch.inference_mode():
        out = model.generate(
            **inputs,
            **own,
            min_new_tokens=12,
            max_new_tokens=12,
            do_sample=False,
            output_logits=True,
            return_dict_in_generate=True,
        )
    return torch.stack(out.logits).numpy()


def test_grades_are_probabilities_alone_and_in_company(served: Served) -> None:
    grades = [ASKED["grade"], prompts.grade_document("How many bees?", "None.")]
    scorer = LocalScorer(served.worker)
    together = scorer.score(grades, labels=("yes", "no"))
    alone = [scorer.score([grade], labels=("yes", "no"))[0] for grade in grades]
    for row, other in zip(together, alone, strict=True):
        assert 0 < sum(map(math.exp, row.labels)) <= 1
        assert row.labels == pytest.approx(other.labels, abs=1e-3)


def test_a_row_is_the_served_prompt_then_the_reply_and_its_end(served: Served) -> None:
    for row, example in zip(served.rows(), examples(), strict=True):
        served_ids = served.worker.encoder.encode(example.prompt_chat())
        assert row.ids[: row.prompt_length] == served_ids
        *reply, end = row.completion_ids
        assert reply == served.worker.encoder.encode_text(example.completion)
        assert end in end_tokens(served.pipeline.model.generation_config, served.tokenizer)
        assert served.worker.encoder.decode(reply).strip() == example.completion


@pytest.mark.filterwarnings("ignore:The following .*_pattern keys:RuntimeWarning")  # of experts
@pytest.mark.filterwarnings("ignore:fan_in_fan_out is set to False:UserWarning")
def test_training_computes_what_serving_computes(served: Served, tmp_path: Path) -> None:
    config = TrainConfig(rank=2, alpha=4, track="none", dtype="float32", max_length=900)
    trainer = make_trainer(served.folder, served.rows(), tmp_path / "run", config)
    shared = max(bundle.shared for bundle in trainer.bundles)
    assert (shared == 0) == (served.name in SEPARATE)
    trainer.model.eval()
    for bundle in trainer.bundles:
        batch = trainer._prepare_inputs(collate([bundle.columns()]))
        with torch.no_grad():
            loss = float(trainer.compute_loss(trainer.model, batch))
        alone = [nll(served.pipeline.model, row) for row in bundle.members]
        tokens = sum(len(row.completion_ids) for row in bundle.members)
        assert loss == pytest.approx(sum(alone) / tokens, rel=1e-3)
    _step(trainer, trainer.bundles[0])
    learned = [p for name, p in trainer.model.named_parameters() if "lora_B" in name]
    assert learned
    assert all(torch.isfinite(p).all() for p in learned)


def nll(model: Any, row: Encoded) -> float:
    """Return the negative log-likelihood of a row's completion, the row asked by itself."""
    with torch.no_grad():
        logits = model(torch.tensor([row.ids]), use_cache=False).logits[0]
    at = torch.arange(row.prompt_length - 1, len(row.ids) - 1)
    chosen = torch.tensor(row.completion_ids)
    return float(-logits[at].log_softmax(-1)[range(len(chosen)), chosen].sum())


def _thoughts(served: Served) -> tuple:
    return chat_format(served.tokenizer).thoughts


def test_the_kept_table_holds_every_family_and_every_verb() -> None:
    rows = kept()
    assert list(rows) == list(FAMILIES)
    refused = {name for name, found in rows.items() if found != dict.fromkeys(VERBS, "ok")}
    assert refused == {"t5"}
    assert "it is a t5 model" in rows["t5"]["finetune"]


def test_a_model_of_another_kind_is_refused_in_words(tmp_path: Path) -> None:
    folder = write_family("t5", tmp_path / "t5")
    with pytest.raises(UserError, match="it is a t5 model, and this needs a causal language model"):
        load_pipeline(folder)
