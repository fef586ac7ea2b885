"""Write every answer of every arm as a row, for whatever reads CSV or JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.answers import Answer
from app.compare.judge.comparison import Comparison
from app.compare.judge.scores import Scores
from app.compare.run.exchanges import exchanges_of
from app.dataset.pairs import Pair

FILES = ("rows.jsonl", "rows.csv")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets compute instead of showing


def rows(parts: Mapping[str, Comparison]) -> Iterator[dict[str, Any]]:
    """Yield a row for each part of a comparison, arm and question."""
    for part, compared in parts.items():
        for arm in compared.arms:
            answers = zip(compared.pairs, compared.answers[arm.name], strict=True)
            for pair, answer in answers:
                scores = compared.scores[arm.name][pair.id]
                yield {"part": part, "arm": arm.name, **_row(pair, answer, scores)}


def write_rows(folder: Path, written: Sequence[Mapping[str, Any]]) -> None:
    """Write rows in both forms; the table joins lists by lines, without passages and prompts.

    In the table a text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    lines, table = (folder / name for name in FILES)
    with lines.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in written)
    flat = [{name: _cell(value) for name, value in _flat(row).items()} for row in written]
    names = list(dict.fromkeys(name for row in flat for name in row))
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(flat)


def _row(pair: Pair, answer: Answer, scores: Scores) -> dict[str, Any]:
    return {
        **{"id": pair.id, "kind": pair.kind, "question": pair.question},
        "accepted": list(pair.answers),
        **{name: answer[name] for name in ("answer", "abstained", "origin", "route")},
        "cited": sorted({citation["document"] for citation in answer["citations"]}),
        "scores": dict(scores),
        "ms": round(sum(answer["timings_ms"].values()), 1),
        "tokens": dict(answer["tokens"]),
        **{name: answer[name] for name in ("model", "adapter", "index")},
        "borrowed": list(answer.get("borrowed", [])),
        "passages": list(answer["documents"]),
        "exchanges": exchanges_of(answer),
    }


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Lay out what is nested, and leave out what is long."""
    long = ("passages", "exchanges")
    plain = {n: value for n, value in row.items() if not isinstance(value, dict) and n not in long}
    tokens = {f"{name}_tokens": count for name, count in row["tokens"].items()}
    return {**plain, **tokens, **row["scores"]}


def _cell(value: object) -> object:
    text = "\n".join(map(str, value)) if isinstance(value, list) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA) else text
