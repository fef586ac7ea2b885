"""Write a version's manifest as the model card that the Hugging Face hub shows.

Knows the manifest; measures nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from huggingface_hub import ModelCard, ModelCardData

from finetune.data.examples import Kind
from finetune.markdown import as_table
from finetune.registry.manifest import DataFacts, Gate, Manifest, number

TEACHES = {
    Kind.ANSWER: "answers from the passages of its prompt, with the number of the passage",
    Kind.REFUSAL: "says so when the passages hold no answer",
    Kind.GRADE: "says whether a passage answers a question",
    Kind.REWRITE: "makes a follow-up question stand alone",
    Kind.DIRECT: "replies without documents",
    Kind.RECORD: "replies with a JSON record",
}
CardKind = Literal["adapter", "merged", "gguf"]
"""What the card lies beside: the adapter, the model it was merged into, or that as a GGUF file."""
MERGED_USE = """\
A plain model folder, for example for vLLM:

```bash
vllm serve MODEL_FOLDER
```
"""
GGUF_USE = """\
A file for llama.cpp, whose chat template is in it:

```bash
llama-server --model MODEL_FILE.gguf --temp 0
```
"""
ADAPTER_USE = """\
ADAPTER_FOLDER is the folder with `adapter_config.json`. With Groundtune:

```bash
groundtune ask --adapter ADAPTER_FOLDER "When does the ferry leave?"
```

With peft alone, where prompts must read as they did in training:

```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("{base}")
model = AutoModelForCausalLM.from_pretrained("{base}")
model = PeftModel.from_pretrained(model, "ADAPTER_FOLDER")
```
"""
LIBRARIES: dict[CardKind, str] = {"adapter": "peft", "merged": "transformers", "gguf": "gguf"}
TAGS: dict[CardKind, list[str]] = {"adapter": ["lora", "peft"], "merged": [], "gguf": ["llama.cpp"]}


def model_card(manifest: Manifest, kind: CardKind = "adapter") -> str:
    """Return the card of what an adapter was written as, in Markdown."""
    sections = {
        "What it does": _purpose(manifest),
        "How to use it": _use(manifest, kind),
        "Training data": _data(manifest),
        "Recipe": _recipe(manifest),
        "Results": _results(manifest),
        "Gates": _gates(manifest.gates),
        "Limits": _bullets([*manifest.limits, _base_limit(manifest)]),
        "Reproduce": f"```bash\n{manifest.command}\n```\n\nSeed {manifest.seed}.",
    }
    body = "\n\n".join(f"## {title}\n\n{text.strip()}" for title, text in sections.items())
    header = _header(manifest, kind).to_yaml()
    return str(ModelCard(f"---\n{header}\n---\n\n# {manifest.name}\n\n{body}\n"))


def _header(manifest: Manifest, kind: CardKind) -> ModelCardData:
    return ModelCardData(
        license=manifest.data.licence,
        base_model=_base_name(manifest),
        library_name=LIBRARIES[kind],
        pipeline_tag="text-generation",
        tags=[*TAGS[kind], "groundtune"],
        datasets=list(manifest.data.datasets) or None,
    )


def _base_name(manifest: Manifest) -> str:
    return manifest.base_hub_id or manifest.base.name


def _purpose(manifest: Manifest) -> str:
    taught = [line for kind, line in TEACHES.items() if manifest.data.rows.get(kind)]
    opening = manifest.purpose or f"A LoRA adapter for {_base_name(manifest)}."
    return f"{opening}\n\n{_bullets(taught)}" if taught else opening


def _use(manifest: Manifest, kind: CardKind) -> str:
    text = {"adapter": ADAPTER_USE, "merged": MERGED_USE, "gguf": GGUF_USE}[kind]
    return text.replace("{base}", _base_name(manifest))


def _data(manifest: Manifest) -> str:
    data = manifest.data
    rows = [[kind, f"{count:,}"] for kind, count in data.rows.items()]
    return "\n\n".join(
        [
            _table(["kind of row", "rows"], rows),
            f"{_sources(data)}Licence: {data.licence}.",
            *([data.attribution] if data.attribution else []),
            f"Version of the data set (SHA-256): `{data.sha256}`.",
        ]
    )


def _sources(data: DataFacts) -> str:
    return f"Sources: {', '.join(data.sources)}. " if data.sources else ""


def _recipe(manifest: Manifest) -> str:
    settings = [[key, _cell(value)] for key, value in manifest.config.items()]
    versions = ", ".join(f"{name} {version}" for name, version in manifest.packages.items())
    return f"{_table(['setting', 'value'], settings)}\n\n{_start(manifest)}Made with {versions}."


def _start(manifest: Manifest) -> str:
    if manifest.start is None:
        return ""
    known = f"weights `{manifest.start.weights[:12]}`"
    return f"Went on from the adapter {manifest.start.label} ({known}).\n\n"


def _results(manifest: Manifest) -> str:
    """Set groups of metrics side by side, and numbers that belong to no group before them."""
    groups = {name: dict(_leaves(group)) for name, group in manifest.metrics.items()}
    alone = {name: group[""] for name, group in groups.items() if "" in group}
    side_by_side = {name: group for name, group in groups.items() if group and name not in alone}
    tables = [_columns({"value": alone})] if alone else []
    tables += [_columns(side_by_side)] if side_by_side else []
    tables.append(
        "In brackets: 95 % confidence intervals. Measured on test data "
        f"`{manifest.test_sha256[:12]}`."
    )
    return "\n\n".join(tables)


def _leaves(metrics: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Walk nested metrics down to numbers; a number of its own has an empty path."""
    if number(metrics) is not None:
        yield path, _measured(metrics)
    elif isinstance(metrics, dict):
        for name, inner in metrics.items():
            yield from _leaves(inner, f"{path} {name}".strip())


def _measured(leaf: Any) -> str:
    value = f"{number(leaf):.3f}"
    low, high = (number(leaf.get(end)) if isinstance(leaf, dict) else None for end in BOUNDS)
    return value if low is None or high is None else f"{value} ({low:.3f}–{high:.3f})"


BOUNDS = ("low", "high")


def _columns(groups: Mapping[str, Mapping[str, str]]) -> str:
    measures = dict.fromkeys(measure for group in groups.values() for measure in group)
    rows = [[name, *(group.get(name, "") for group in groups.values())] for name in measures]
    return _table(["measure", *groups], rows)


def _gates(gates: Mapping[str, Gate]) -> str:
    rows = [
        [name, f"{gate.value:.4g}", _bounds(gate), "passed" if gate.passed else "**failed**"]
        for name, gate in gates.items()
    ]
    return _table(["gate", "value", "wanted", ""], rows) if rows else "None were set."


def _bounds(gate: Gate) -> str:
    bounds = {"at least": gate.floor, "at most": gate.ceiling}
    return ", ".join(f"{word} {bound:.4g}" for word, bound in bounds.items() if bound is not None)


def _base_limit(manifest: Manifest) -> str:
    return (
        f"It fits {manifest.base.name} alone: weights `{manifest.base.weights[:12]}`, tokenizer "
        f"`{manifest.base.tokenizer[:12]}`, chat template `{manifest.base.template[:12]}`."
    )


def _bullets(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _table(head: list[str], rows: list[list[str]]) -> str:
    return as_table([_tame(cell) for cell in head], [[_tame(cell) for cell in row] for row in rows])


def _tame(cell: str) -> str:
    """Keep a cell in its place: a bar or a line's end would start another."""
    return " ".join(cell.replace("|", "/").split())
