"""Compare a real OpenAI-compatible server of the shipped model with the local pipeline.

    vllm serve FOLDER --served-model-name grounded --dtype float32 --port 8000
    python tests/server_recipe.py http://127.0.0.1:8000/v1#grounded [QUESTIONS]

    transformers serve FOLDER --dtype float32 --port 8000
    python tests/server_recipe.py http://127.0.0.1:8000/v1#FOLDER [QUESTIONS]

FOLDER is what `groundtune export builtin:grounded FOLDER` writes. Both are asked the same questions
of the sample with the same passages; where their answers part, the local model tells how near it
was to the server's word. Too slow for the suite.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from langchain_core.messages import BaseMessage

from app.assistant import Assistant
from app.models.chat import to_chat
from app.models.grader import LABELS
from app.settings import Settings
from graphs import prompts

SAMPLE = Path(__file__).parents[1] / "app" / "sample"
SHOWN = 4  # passages in each prompt
TIE = 0.05  # nats between two tokens, which rounding may decide


def main(model: str, count: int) -> None:
    """Ask both and print what is equal."""
    index = Path(tempfile.mkdtemp(prefix="groundtune-server-")) / "index"
    local = Assistant(Settings(index=index, dtype="float32"))
    local.ingest([SAMPLE / "handbook"])
    remote = Assistant(Settings(index=index, model=model))
    lines = (SAMPLE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines if '"answerable"' in line][:count]
    equal, ties, verdicts = 0, 0, []
    for question in asked:
        texts = [row["text"] for row in local.search(question, SHOWN)["results"]]
        prompt = prompts.generate(question, texts)
        here = local.chat_model.invoke(prompt).text.strip()
        there = remote.chat_model.invoke(prompt).text.strip()
        equal += here == there
        if here != there:
            margin = parting(local, prompt, here, there)
            ties += margin < TIE
            print(f"{margin:.3f} nats: {here!r} | {there!r}", flush=True)
        grading = [prompts.grade_document(question, texts[0])]
        odds = [verdict(assistant, grading) for assistant in (local, remote)]
        verdicts.append(abs(odds[0] - odds[1]))
    verdicts.sort()
    print(
        f"{len(asked)} asked: {equal} equal, {ties} part at a tie of less than {TIE} nats, "
        f"{len(asked) - equal - ties} otherwise; log-odds of yes differ by {verdicts[-1]:.4f} at "
        f"most, {verdicts[len(verdicts) // 2]:.4f} in the median"
    )
    local.close()


def verdict(assistant: Assistant, grading: list[list[BaseMessage]]) -> float:
    """Return the log-odds of yes."""
    yes, no = assistant.runtime.scorer.score(grading, labels=LABELS)[0].labels
    return yes - no


def parting(local: Assistant, prompt: list[BaseMessage], here: str, there: str) -> float:
    """Return by how much the local model prefers its own token to the other's where they part."""
    worker: Any = local.runtime.worker  # type: ignore[attr-defined]  # it is the local runtime
    ids = worker.encoder.encode(to_chat(prompt))
    ours, theirs = (worker.encoder.encode_text(text) for text in (here, there))
    ends = worker.pipeline.tokenizer.eos_token_id
    ours, theirs = [*ours, ends], [*theirs, ends]
    at = next(n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b)
    with torch.inference_mode():
        logits = worker.pipeline.model(torch.tensor([[*ids, *ours[:at]]])).logits[0, -1]
    return float((logits[ours[at]] - logits[theirs[at]]).abs())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50)
