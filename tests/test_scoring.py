"""Scores are the model's own probabilities, whatever else is in the batch."""

from collections.abc import Sequence

import pytest
import torch
from conftest import Passes
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from app.models.chat import LocalChatModel, to_chat
from app.models.grader import ModelGrader, coverage
from app.models.local import LocalScorer

LABELS = ("yes", "no", "when")
PROMPTS: list[list[BaseMessage]] = [
    [HumanMessage("Where is the mill?")],
    [SystemMessage("Reply with yes or no."), HumanMessage("Is the mill by the river? " * 6)],
    [HumanMessage("bees")],
]


def logprobs(chat: LocalChatModel, prompt: list[BaseMessage]) -> tuple[list[int], torch.Tensor]:
    """Compute a prompt's ids and what each position says of the next, without the worker."""
    pipeline = chat.worker.pipeline
    rendered = pipeline.tokenizer.apply_chat_template(
        to_chat(prompt), add_generation_prompt=True, tokenize=False
    )
    ids = pipeline.tokenizer(rendered, add_special_tokens=False)["input_ids"]
    with torch.inference_mode():
        logits = pipeline.model(input_ids=torch.tensor([ids])).logits[0]
    return ids, torch.log_softmax(logits.float(), dim=-1)


def by_hand(
    chat: LocalChatModel, prompt: list[BaseMessage], labels: tuple[str, ...]
) -> list[float]:
    _, said = logprobs(chat, prompt)
    tokenizer = chat.worker.pipeline.tokenizer
    firsts = [tokenizer(label, add_special_tokens=False)["input_ids"][0] for label in labels]
    return [float(said[-1, first]) for first in firsts]


def scored(
    chat: LocalChatModel, prompts: list[list[BaseMessage]], labels: Sequence[str] = LABELS
) -> list[list[float]]:
    return [score.labels for score in LocalScorer(chat.worker).score(prompts, labels=labels)]


def test_label_scores_are_the_log_probabilities_computed_by_hand(tiny_chat: LocalChatModel) -> None:
    for prompt in PROMPTS:
        [scores] = scored(tiny_chat, [prompt])
        assert scores == pytest.approx(by_hand(tiny_chat, prompt, LABELS), abs=1e-4)


def test_label_scores_do_not_depend_on_the_rest_of_the_batch(
    tiny_chat: LocalChatModel, passes: Passes
) -> None:
    together = scored(tiny_chat, PROMPTS)
    assert passes.count < len(PROMPTS)
    for scores, prompt in zip(together, PROMPTS, strict=True):
        assert scores == pytest.approx(by_hand(tiny_chat, prompt, LABELS), abs=1e-4)
    assert len({round(scores[0], 4) for scores in together}) == 3


def test_many_long_prompts_are_scored_in_several_passes_and_keep_their_order(
    tiny_chat: LocalChatModel, passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = [*PROMPTS, *reversed(PROMPTS), *PROMPTS]
    whole = scored(tiny_chat, prompts)
    monkeypatch.setattr("finetune.scoring.MAX_PASS_TOKENS", 100)
    before = passes.count
    parts = scored(tiny_chat, prompts)
    assert passes.count - before >= 3
    for part, row in zip(parts, whole, strict=True):
        assert part == pytest.approx(row, abs=1e-4)


def test_no_prompts_need_no_pass(tiny_chat: LocalChatModel, passes: Passes) -> None:
    assert scored(tiny_chat, []) == []
    assert passes.count == 0


@pytest.mark.parametrize(
    ("labels", "reason"),
    [(("yes", "yes"), "same token"), (("when", "where"), "same token"), (("yes", ""), "empty")],
)
def test_labels_that_cannot_be_told_apart_are_refused(
    tiny_chat: LocalChatModel, labels: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        scored(tiny_chat, PROMPTS, labels)


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ("Passage: ", "the ferry", " leaves"),
        ("", "When?", ""),
        ("the mill the mill ", "the mill", "\nthe river"),  # repeats what stands before it
        ("the mill", " river mill", " sea"),  # ends like what stands before it
        ("Anna keeps", " bees", " keeps?\nbees"),
        ("日本 ", "3 €", " 🐝"),
        ("ferry ferry ferry", " ferry", ""),
    ],
)
def test_text_scores_are_those_of_exactly_its_tokens(
    tiny_chat: LocalChatModel, before: str, text: str, after: str
) -> None:
    prompt: list[BaseMessage] = [SystemMessage("sea"), HumanMessage(f"{before}{text}{after}")]
    [score] = tiny_chat.worker.score([to_chat(prompt)], text=text)
    tokenizer = tiny_chat.worker.pipeline.tokenizer
    ids, said = logprobs(tiny_chat, prompt)
    head = f"<s><|im_start|>system\nsea<|im_end|>\n<|im_start|>user\n{before}"
    # The text is cut where these cases allow it: between words, a blank going with what follows.
    start = len(tokenizer(head.removesuffix(" "), add_special_tokens=False)["input_ids"])
    end = len(tokenizer(head + text, add_special_tokens=False)["input_ids"])
    expected = [float(said[at - 1, ids[at]]) for at in range(start, end)]
    assert end > start
    assert score.text == pytest.approx(expected, abs=1e-4)


def test_text_scores_do_not_depend_on_the_rest_of_the_batch(
    tiny_chat: LocalChatModel, passes: Passes
) -> None:
    prompts = [
        to_chat([HumanMessage(f"{passage} ferry ")]) for passage in ("", "mill", "sea " * 40)
    ]
    together = tiny_chat.worker.score(prompts, labels=("yes", "no"), text="ferry")
    assert passes.count < len(prompts)
    for prompt, score in zip(prompts, together, strict=True):
        [alone] = tiny_chat.worker.score([prompt], labels=("yes", "no"), text="ferry")
        assert score.text == pytest.approx(alone.text, abs=1e-4)
        assert score.labels == pytest.approx(alone.labels, abs=1e-4)
        assert len(score.text) == len(together[0].text) > 0


def test_text_that_is_not_in_the_last_message_is_refused(tiny_chat: LocalChatModel) -> None:
    prompt = to_chat([SystemMessage("ferry"), HumanMessage("mill")])
    with pytest.raises(ValueError, match=r"'ferry' is not in the prompt's last message"):
        tiny_chat.worker.score([prompt], text="ferry")


def test_coverage_is_the_share_of_the_content_words() -> None:
    assert coverage("When does the ferry leave the harbour?", "The ferry and the harbour") > 0
    assert coverage("ferry harbour", "A ferry.") == 0.5
    assert coverage("ferry harbour", "bees") == 0
    assert coverage("the", "bees") == 1


def test_grader_takes_few_passes_and_keeps_the_order(
    tiny_chat: LocalChatModel, passes: Passes
) -> None:
    grader = ModelGrader(LocalScorer(tiny_chat.worker))
    assert grader.grade("Where is the mill?", []) == []
    assert passes.count == 0
    passages = ["bees", "The mill is by the river.", "sea " * 30]
    grades = grader.grade("Where is the mill?", passages)
    assert passes.count < 1 + len(passages)  # and one without a passage
    assert all(0 <= grade <= 1 for grade in grades)
    backwards = grader.grade("Where is the mill?", passages[::-1])
    assert backwards == pytest.approx(grades[::-1], abs=1e-4)


@pytest.mark.model
def test_right_passage_is_graded_above_wrong_ones(chat: LocalChatModel) -> None:
    passages = {
        "When does the last ferry leave?": "The last ferry to the island leaves at 21:40.",
        "Who founded the bakery?": "The bakery was founded in 1921 by Marta Olsen.",
        "How much does a day ticket cost?": "A day ticket costs 12 euros for adults.",
    }
    checked = 0
    for question, right in passages.items():
        grades = dict(
            zip(
                passages.values(),
                ModelGrader(LocalScorer(chat.worker)).grade(question, [*passages.values()]),
                strict=True,
            )
        )
        for wrong in set(passages.values()) - {right}:
            assert grades[right] > grades[wrong]
            checked += 1
    assert checked == 6
