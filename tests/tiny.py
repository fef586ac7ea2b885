"""A real language model of two layers that learned a few sentences, made in about a second."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CONTEXT = 512
STEPS = 200  # enough to recite every lesson

# BOS stands here and in the tokenizer's post-processor: whoever renders a text and encodes it
# again gets two.
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

# Long answers, so that there is time to stop them; some characters take several tokens.
LESSONS = {
    "Where is the mill?": (
        "The old mill stands by the river, and the café beside it sells bread, honey and 日本 tea "
        "to all who walk along the water from the village to the sea on a summer day."
    ),
    "When does the ferry leave?": (
        "The ferry leaves at nine in the morning, at noon and at six in the evening; in winter "
        "the last crossing is at four, and it costs 3 € for a person and 2 € for a bicycle."
    ),
    "Who keeps the bees?": "Anna keeps the bees 🐝.",
}


def write_tiny_model(folder: Path, *, hidden: int = 32) -> Path:
    """Train tokenizer and weights and save both; the same seed every time."""
    tokenizer = _tokenizer()
    tokenizer.save_pretrained(folder)  # now, before training leaves its padding in it
    model = _model(tokenizer, hidden)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sharing such small sums costs minutes when the cores are busy
    _teach(model, tokenizer)
    torch.set_num_threads(threads)
    model.save_pretrained(folder)
    return folder


def _tokenizer() -> PreTrainedTokenizerFast:
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<pad>", "<s>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    # Few multi-byte characters are learned whole, so that most arrive in pieces.
    bpe.train_from_iterator([*LESSONS, *LESSONS.values(), "system user assistant yes no"], trainer)
    bpe.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", bpe.token_to_id("<s>"))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<s>",
        eos_token="<|im_end|>",
        pad_token="<pad>",
        additional_special_tokens=["<|im_start|>"],
        chat_template=CHAT_TEMPLATE,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )


def _model(tokenizer: PreTrainedTokenizerFast, hidden: int) -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return LlamaForCausalLM(config)


def _teach(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    chats = [
        [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        for question, answer in LESSONS.items()
    ]
    batch = tokenizer.apply_chat_template(
        chats, padding=True, return_dict=True, return_tensors="pt"
    )
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = model(**batch, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.eval()
