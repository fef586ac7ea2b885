"""What is compared with whom, on which work, and how quality is told."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch

from app.dataset.pairs import Pair, contains, read_pairs
from app.models.base import resolve_chat_model, resolve_embedding_model
from app.models.names import BUILTIN_CHAT, BUILTIN_EMBEDDINGS
from app.models.wheels import CHAT_WHEEL
from app.settings import Settings
from bench.results import Table
from bench.rounds import ROOT, Figures, Peer, Run, module
from finetune.causal import load_tokenizer
from finetune.data.chat_format import encode_prompt
from finetune.data.examples import read_examples, write_examples

SAMPLE = ROOT / "app" / "sample"
TOKENS = 64
SEED = 13
QUESTIONS = 10  # a reply of 512 tokens, as the tutorial allows, takes half a minute
HELD = 60  # rows by which both trainings are rated
NODE_MODULES = ROOT / ".venv" / "javascript" / "node_modules"


def answers(run: Run) -> Table:
    """Whole answers to questions about the sample's Markdown files, all of one index."""
    documents, questions = _markdown(run.scratch)
    chosen = random.Random(SEED).sample(questions, QUESTIONS)
    figures = run.alternate(
        [
            Peer("Groundtune", module("groundtune_answers")),
            Peer("LangChain's RAG", module("langchain_answers")),
        ],
        {**_models(), "documents": str(documents), "questions": [pair.question for pair in chosen]},
    )
    return Table(
        {
            name: {
                "s an answer": round(found.median("seconds") / QUESTIONS, 3),
                "right": round(_right(found.rounds[-1]["answers"], chosen), 3),
            }
            for name, found in figures.items()
        },
        compared="s an answer",
    )


def decoding(run: Run) -> Table:
    """The base model's reply to one long prompt, its weights as each peer holds them."""
    passages = "\n\n".join(
        file.read_text(encoding="utf-8") for file in sorted((SAMPLE / "handbook").rglob("*.md"))
    )
    prompt = f"{passages[:2400]}\n\nDescribe all of this in your own words, at length."
    models = _models()
    tokenizer = load_tokenizer(models["model"])
    messages = [{"role": "user", "content": prompt}]
    ids = encode_prompt(tokenizer, messages)
    rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    work = {
        **models,
        "prompt": prompt,
        "rendered": rendered,
        "tokens": TOKENS,
        "threads": torch.get_num_threads(),
        "gguf": str(CHAT_WHEEL.path()),
    }
    figures = run.alternate(
        [
            Peer("Groundtune", module("groundtune_model")),
            Peer("transformers", module("transformers_model")),
            Peer("llama.cpp", ("node", str(_beside_its_packages()))),
        ],
        work,
    )
    return Table(
        {name: _paces(found, len(ids)) for name, found in figures.items()}, compared="tokens/s"
    )


def indexing(run: Run) -> Table:
    """A folder of texts into an empty index, and questions whose document must be found."""
    documents, questions = (run.path, []) if run.path else _markdown(run.scratch)
    figures = run.alternate(
        [
            Peer("Groundtune", module("groundtune_index")),
            Peer("LangChain", module("langchain_index")),
        ],
        {
            **_models(),
            "documents": str(documents),
            "questions": [pair.question for pair in questions],
        },
    )
    size = sum(file.stat().st_size for file in Path(documents).rglob("*") if file.is_file())
    return Table(
        {
            name: {
                "chunks": found.rounds[-1]["chunks"],
                "chunks/s": round(found.rounds[-1]["chunks"] / found.median("indexing_s"), 1),
                "kB/s": round(size / 1000 / found.median("indexing_s"), 2),
                "document in five": round(_found(found.rounds[-1]["documents"], questions), 3),
            }
            for name, found in figures.items()
        },
        compared="kB/s",
    )


def training(run: Run) -> Table:
    """One epoch over rows of `finetune`, the last of which are held out."""
    assert run.path is not None  # the command line refuses to train without a file
    rows = read_examples(run.path)
    files = {"examples": rows[:-HELD], "held": rows[-HELD:]}
    for name, part in files.items():
        write_examples(run.scratch / f"{name}.jsonl", part)
    figures = run.alternate(
        [
            Peer("Groundtune", module("groundtune_training")),
            Peer("TRL", module("trl_training")),
        ],
        {**_models(), **{name: str(run.scratch / f"{name}.jsonl") for name in files}},
    )
    return Table(
        {
            name: {
                "tokens/s": round(found.rounds[-1]["tokens"] / found.median("training_s"), 1),
                "perplexity": found.rounds[-1]["perplexity"],
            }
            for name, found in figures.items()
        },
        compared="tokens/s",
    )


def _models() -> dict[str, str]:
    model = resolve_chat_model(BUILTIN_CHAT, cache_dir=Settings().cache)
    return {"model": str(model), "embeddings": str(resolve_embedding_model(BUILTIN_EMBEDDINGS))}


def _markdown(scratch: Path) -> tuple[Path, list[Pair]]:
    """Copy the sample's Markdown files; return them with the questions that they answer."""
    folder = scratch / "documents"
    handbook = SAMPLE / "handbook"
    names = {str(file.relative_to(handbook)) for file in handbook.rglob("*.md")}
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(handbook / name, folder / name)
    pairs = read_pairs(SAMPLE / "questions.jsonl")
    return folder, [p for p in pairs if p.kind == "answerable" and names >= set(p.documents)]


def _right(said: Sequence[str], questions: Sequence[Pair]) -> float:
    held = [
        any(contains(text, gold) for gold in pair.answers)
        for text, pair in zip(said, questions, strict=True)
    ]
    return sum(held) / len(held)


def _found(documents: Sequence[Sequence[str]], questions: Sequence[Pair]) -> float:
    held = [
        bool(set(found) & set(pair.documents))
        for found, pair in zip(documents, questions, strict=True)
    ]
    return sum(held) / max(1, len(held))


def _paces(found: Figures, prompt: int) -> dict[str, float]:
    return {
        "prompt tokens/s": round(prompt / found.median("first_token_s"), 1),
        "tokens/s": round(found.median("further_tokens") / found.median("further_tokens_s"), 1),
    }


def _beside_its_packages() -> Path:
    """Copy the peer to where Node finds its packages, which are looked for beside a module."""
    copy = NODE_MODULES.parent / "llama_cpp.mjs"
    shutil.copy(ROOT / "bench" / "peers" / "llama_cpp.mjs", copy)
    return copy
