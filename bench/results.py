"""Keep what peers took and reached, with what is needed to repeat it, and write it as a table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from app.provenance import published
from finetune.markdown import as_table

RESULTS = Path(__file__).parents[1] / "tests" / "results"
OURS = ("app.assistant", "finetune.training.sft")  # what Groundtune's side of any table runs
PACKAGES = ("torch", "transformers", "langchain", "langchain-huggingface", "trl", "faiss-cpu")


@dataclass(frozen=True)
class Table:
    """Figures by peer, Groundtune first; ratios are to it."""

    rows: dict[str, dict[str, float]]
    compared: str
    """The figure whose ratios count."""

    def text(self) -> str:
        """Write the table as Markdown."""
        names = list(next(iter(self.rows.values())))
        compared, base = self.compared, next(iter(self.rows.values()))[self.compared]
        head = ["", *names, f"{compared}, to Groundtune's"]
        rows = [
            [peer, *(f"{figures[name]:g}" for name in names), f"{figures[compared] / base:.2f}"]
            for peer, figures in self.rows.items()
        ]
        return f"{as_table(head, rows)}\n"


def keep(name: str, table: Table, rounds: int, data: Path) -> str:
    """Write the figures to tests/results/speed-NAME.json and return the table."""
    record: dict[str, Any] = {
        "command": f"python -m bench {name} --rounds {rounds}",
        "figures": table.rows,
        "compared": table.compared,
        "threads": torch.get_num_threads(),
        **published(*OURS, data=[data], packages=PACKAGES),
    }
    written = json.dumps(record, indent=2)
    (RESULTS / f"speed-{name}.json").write_text(f"{written}\n", encoding="utf-8")
    return table.text()
