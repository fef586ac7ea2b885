"""Write a tiny model of a family, taught a few answers, with its tokenizer and template."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import transformers
from families import (
    CONTEXT,
    FAMILIES,
    HEAD,
    HEADS,
    HIDDEN,
    LAYERS,
    LESSONS,
    SLIDING,
    STEPS,
    SURE,
    WORDS,
    Family,
)
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, GenerationConfig, PreTrainedTokenizerFast

from finetune.data.chat_format import encode_prompt
from graphs import prompts


def write_family(name: str, folder: Path, *, seed: int = 0) -> Path:
    """Save a tiny model of a family; the same seed makes the same weights."""
    family = FAMILIES[name]
    tokenizer = family_tokenizer(family)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(seed)
    model = _model(family, tokenizer)
    if family.thought:
        _teach(model, tokenizer, family)
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=_ends(family, tokenizer),
        pad_token_id=tokenizer.pad_token_id,
        **family.generation,
    )
    if name == "sharded-bf16":
        model = model.to(torch.bfloat16)
    model.save_pretrained(folder, **family.save)
    if name == "bin-only":
        (folder / "model.safetensors").unlink()
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
    return folder


def family_tokenizer(family: Family) -> PreTrainedTokenizerFast:
    """Train a family's tokenizer on a few words."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    named = (family.bos, family.eos, family.pad, *family.controls, *family.ends)
    specials = list(dict.fromkeys(token for token in named if token))
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=specials,
        initial_alphabet=alphabet,
        show_progress=False,
    )
    corpus = [WORDS, *LESSONS, *LESSONS.values(), prompts.ANSWER, prompts.GRADE, prompts.TALK]
    asked = prompts.grade_document("question", "passage") + prompts.rewrite_follow_up([], "ask")
    bpe.train_from_iterator([*corpus, *(message.text for message in asked)], trainer)
    bpe.add_tokens(list(family.tags))
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token=family.bos,
        eos_token=family.eos,
        pad_token=family.pad,
        additional_special_tokens=[*family.controls, *family.ends],
        chat_template=family.template,
        clean_up_tokenization_spaces=False,
    )


def _model(family: Family, tokenizer: PreTrainedTokenizerFast) -> Any:
    common = {
        "vocab_size": len(tokenizer) + family.spare,
        "hidden_size": HIDDEN,
        "intermediate_size": 2 * HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": 2,
        "max_position_embeddings": CONTEXT,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    make: Callable[..., Any] = getattr(transformers, family.config)
    if family.config == "Gemma3Config":
        text = {**common, **HEAD, "sliding_window": 32, "layer_types": SLIDING}
        vision = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1}
        sizes = {"num_attention_heads": 2, "image_size": 28, "patch_size": 14}
        config = make(text_config=text, vision_config={**vision, **sizes}, mm_tokens_per_image=4)
    elif family.config == "T5Config":
        sizes = {"d_model": HIDDEN, "d_kv": 16, "d_ff": 64, "num_layers": 1, "num_heads": HEADS}
        config = make(vocab_size=common["vocab_size"], decoder_start_token_id=0, **sizes)
        return transformers.T5ForConditionalGeneration(config).eval()
    else:
        config = make(**{**common, **family.settings})
    return AutoModelForCausalLM.from_config(config).eval()


def _ends(family: Family, tokenizer: PreTrainedTokenizerFast) -> list[int]:
    return [int(tokenizer.convert_tokens_to_ids(token)) for token in (family.eos, *family.ends)]


def _teach(model: Any, tokenizer: PreTrainedTokenizerFast, family: Family) -> None:
    rows = [
        (prompt, [*tokenizer.encode(reply, add_special_tokens=False), tokenizer.eos_token_id])
        for question, answer in LESSONS.items()
        for prompt, reply in _lessons(tokenizer, question, answer, family.thought)
    ]
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(STEPS):
        if min(_learned_from(model, prompt, reply) for prompt, reply in rows) >= SURE:
            break
        optimizer.step()
        optimizer.zero_grad()
    else:
        raise AssertionError(f"the model did not learn {len(rows)} replies in {STEPS} steps")
    model.eval()


def _lessons(
    tokenizer: PreTrainedTokenizerFast, question: str, answer: str, thought: str
) -> Iterator[tuple[list[int], str]]:
    """Yield prompts and replies: a thought and the answer, or that alone where none may come."""
    chat = [{"role": "user", "content": question}]
    prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True)["input_ids"]
    yield prompt, f"{thought}{answer}"
    if (asked := encode_prompt(tokenizer, chat)) != prompt:
        yield asked, answer


def _learned_from(model: Any, prompt: list[int], reply: list[int]) -> float:
    """Add a reply's gradients, and return how probable its least probable token is so far."""
    labels = torch.tensor([[-100] * len(prompt) + reply])
    computed = model(input_ids=torch.tensor([[*prompt, *reply]]), labels=labels)
    computed.loss.backward()
    said = computed.logits.detach()[0, len(prompt) - 1 : -1].softmax(dim=1)
    return float(said[range(len(reply)), reply].min())
