"""Chat examples for the tiny model, of which several share a prompt's beginning."""

from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from finetune.data.encoding import Encoded, encode_example
from finetune.data.examples import Example

PASSAGES = {
    "mill": "The old mill stands by the river. It sells bread and honey from nine to noon.",
    "ferry": "The ferry leaves at nine, at noon and at six. A bicycle costs 2 euros.",
    "bees": "Anna keeps the bees behind the chapel. The honey is taken off in August.",
}
QUESTIONS = (
    ("Who keeps the bees?", "Anna"),
    ("Where is the mill?", "by the river"),
    ("When is honey taken off?", "in August"),
    ("What does a bicycle cost?", "2 euros"),
)


def example(
    id_: str, question: str, answer: str, *, passage: str = "mill", **fields: Any
) -> Example:
    """Make a row whose prompt begins with a passage."""
    prompt = f"Read: {PASSAGES[passage]}\n\nQuestion: {question}"
    messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    return Example.model_validate({"id": id_, "messages": messages, **fields})


def examples() -> list[Example]:
    """Make twelve rows: four questions about each of three passages."""
    return [
        example(f"{passage}-{at}", question, answer, passage=passage, source=passage)
        for passage in PASSAGES
        for at, (question, answer) in enumerate(QUESTIONS)
    ]


def encoded(model: Path, rows: list[Example] | None = None) -> list[Encoded]:
    """Encode rows with the model's tokenizer."""
    tokenizer = AutoTokenizer.from_pretrained(model)
    return [encode_example(tokenizer, row) for row in rows or examples()]
