"""Tiny models of the families that users bring: real configurations, real chat templates.

Weights are random but for a few lessons where a family thinks aloud, so that it does so here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trl

CONTEXT = 1024
HIDDEN, LAYERS, HEADS = 64, 2, 4
STEPS = 400  # at most; a hundred are mostly enough
SURE = 0.9
"""How probable each token of a lesson has become when it is learned, on whatever processor."""
LESSONS = {
    "Who is mayor of Ossel?": "Anna [1]",
    "Who is mayor of Culvie?": "Bert [1]",
    "Hello, how are you?": "I am well, thank you.",
}
WORDS = (
    "Ossel Culvie Marram Skjorn Kester Ebrard Dunmal Holm Ling Ness has bees. Mayor: Anna Bert "
    "Cleo Dora Emil Fina Gus Hana Ida Jon. Who is mayor of How many bees has yes no user assistant "
    "system model analysis final commentary Okay, the question asks for a name."
)
TEMPLATES = Path(trl.__file__).parent / "chat_templates"

MISTRAL_1 = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}"
    "{% endif %}{% if message['role'] == 'user' %}"
    "{{ '[INST] ' + message['content'] + ' [/INST]' }}"
    "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token }}"
    "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}"
    "{% endif %}{% endfor %}"
)
MISTRAL_3 = (
    "{% if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] %}"
    "{% set turns = messages[1:] %}{% else %}{% set turns = messages %}{% endif %}{{ bos_token }}"
    "{% for message in turns %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('After the optional system message, roles must alternate') }}{% endif %}"
    "{% if message['role'] == 'user' %}{% if loop.last and system is defined %}"
    "{{ '[INST] ' + system + '\n\n' + message['content'] + '[/INST]' }}{% else %}"
    "{{ '[INST] ' + message['content'] + '[/INST]' }}{% endif %}"
    "{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}"
)
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] "
    "+ '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
PLAIN = (
    "{% for message in messages %}{{ message['role'] + ': ' + message['content'] }}"
    "{{ eos_token if message['role'] == 'assistant' else '' }}{{ '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
)
TRAILING_BLANK = PLAIN.replace("'assistant:'", "'assistant: '")


@dataclass(frozen=True, kw_only=True)
class Family:
    """What tells a family's models apart."""

    config: str
    settings: dict[str, Any] = field(default_factory=dict)
    template: str | None = None
    bos: str | None = None
    eos: str
    pad: str | None = None
    controls: tuple[str, ...] = ()
    """Control tokens of the template."""
    tags: tuple[str, ...] = ()
    """Added tokens that stay in the text, such as <think>."""
    ends: tuple[str, ...] = ()
    """What ends a reply besides `eos`, in the generation configuration."""
    thought: str = ""
    """What the lessons teach to write before a reply."""
    spare: int = 0
    """Rows of the embedding that no token has."""
    save: dict[str, Any] = field(default_factory=dict)
    generation: dict[str, Any] = field(default_factory=dict)


def _trl(name: str) -> str:
    return (TEMPLATES / f"{name}.jinja").read_text(encoding="utf-8")


IM = {"eos": "<|im_end|>", "pad": "<|endoftext|>", "controls": ("<|im_start|>",)}
GPT2 = {"config": "GPT2Config", "eos": "<|endoftext|>", "bos": "<|endoftext|>"}
INST = {"bos": "<s>", "eos": "</s>", "controls": ("[INST]", "[/INST]")}
GEMMA = {
    "bos": "<bos>",
    "eos": "<eos>",
    "pad": "<pad>",
    "controls": ("<start_of_turn>", "<end_of_turn>"),
    "ends": ("<end_of_turn>",),
}
HEAD = {"head_dim": HIDDEN // HEADS}
MOE = {"num_experts": 4, "num_local_experts": 4, "num_experts_per_tok": 2}
SLIDING = ["sliding_attention", "full_attention"]

FAMILIES: dict[str, Family] = {
    "qwen2": Family(config="Qwen2Config", template=_trl("qwen2_5"), **IM),
    "qwen3": Family(
        config="Qwen3Config",
        settings=HEAD,
        template=_trl("qwen3"),
        tags=("<think>", "</think>"),
        thought="<think>\nOkay, the question asks for a name.\n</think>\n\n",
        **IM,
    ),
    "r1": Family(
        config="Qwen2Config",
        template=_trl("deepseek_r1_distill"),
        bos="<｜begin▁of▁sentence｜>",
        eos="<｜end▁of▁sentence｜>",
        controls=("<｜User｜>", "<｜Assistant｜>"),
        tags=("<think>", "</think>"),
        thought="Okay, the question asks for a name.\n</think>\n\n",
    ),
    "llama3": Family(
        config="LlamaConfig",
        template=_trl("llama3"),
        bos="<|begin_of_text|>",
        eos="<|eot_id|>",
        controls=("<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|end_of_text|>"),
        ends=("<|end_of_text|>", "<|eom_id|>"),
        generation={"do_sample": True, "temperature": 0.6, "top_p": 0.9},
    ),
    "mistral-0.1": Family(
        config="MistralConfig", settings={"sliding_window": 32}, template=MISTRAL_1, **INST
    ),
    "mistral-0.3": Family(
        config="MistralConfig", settings={"sliding_window": None}, template=MISTRAL_3, **INST
    ),
    "gemma2": Family(
        config="Gemma2Config",
        settings={**HEAD, "sliding_window": 32, "layer_types": SLIDING},
        template=_trl("gemma"),
        **GEMMA,
    ),
    "gemma3": Family(
        config="Gemma3TextConfig",
        settings={**HEAD, "sliding_window": 32, "layer_types": SLIDING},
        template=_trl("gemma3"),
        **GEMMA,
    ),
    "gemma3-nested": Family(config="Gemma3Config", template=_trl("gemma3"), **GEMMA),
    "phi3": Family(
        config="Phi3Config",
        settings={"sliding_window": 32},
        template=_trl("phi3"),
        bos="<s>",
        eos="<|endoftext|>",
        pad="<|endoftext|>",
        controls=("<|system|>", "<|user|>", "<|assistant|>", "<|end|>"),
        ends=("<|end|>",),
    ),
    "gpt2-bare": Family(**GPT2),
    "gpt2": Family(template=PLAIN, **GPT2),
    "gpt2-blank": Family(template=TRAILING_BLANK, **GPT2),
    "opt": Family(
        config="OPTConfig",
        settings={"ffn_dim": 128, "word_embed_proj_dim": HIDDEN},
        template=PLAIN,
        bos="</s>",
        eos="</s>",
        pad="<pad>",
    ),
    "neox": Family(config="GPTNeoXConfig", template=PLAIN, eos="<|endoftext|>", spare=64),
    "bloom": Family(config="BloomConfig", template=PLAIN, bos="<s>", eos="</s>", pad="<pad>"),
    "mamba": Family(
        config="MambaConfig", settings={"state_size": 8}, template=PLAIN, eos="<|endoftext|>"
    ),
    "mixtral": Family(config="MixtralConfig", settings=MOE, template=MISTRAL_1, **INST),
    "qwen3-moe": Family(
        config="Qwen3MoeConfig",
        settings={**HEAD, **MOE, "moe_intermediate_size": 32},
        template=_trl("qwen3"),
        tags=("<think>", "</think>"),
        **IM,
    ),
    "gpt-oss": Family(
        config="GptOssConfig",
        settings={**HEAD, **MOE, "sliding_window": 32, "layer_types": SLIDING},
        template=_trl("gptoss"),
        bos="<|startoftext|>",
        eos="<|return|>",
        pad="<|endoftext|>",
        controls=("<|start|>", "<|message|>", "<|channel|>", "<|end|>", "<|call|>"),
        ends=("<|endoftext|>", "<|call|>"),
        thought=(
            "<|channel|>analysis<|message|>Okay, the question asks for a name.<|end|>"
            "<|start|>assistant<|channel|>final<|message|>"
        ),
    ),
    "sharded-bf16": Family(
        config="Qwen2Config",
        template=CHATML,
        save={"max_shard_size": "100KB"},
        **IM,
    ),
    "padded": Family(
        config="Qwen2Config",
        settings={"tie_word_embeddings": True},
        template=CHATML,
        spare=91,
        **IM,
    ),
    "several-ends": Family(
        config="Qwen2Config",
        template=CHATML,
        eos="<|endoftext|>",
        controls=("<|im_start|>", "<|im_end|>"),
        ends=("<|im_end|>",),
        generation={"repetition_penalty": 1.3},
    ),
    "bin-only": Family(config="LlamaConfig", template=CHATML, **IM),
    "t5": Family(config="T5Config", template=PLAIN, eos="</s>", pad="<pad>"),
}
