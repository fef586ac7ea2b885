"""Check a data set before it is trained on, and report on it: every row is trained or named."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from finetune.duplicates import Duplicate, Overlap, contamination, remove_duplicates
from finetune.encoding import Encoded, encode_example
from finetune.errors import DataError
from finetune.examples import Example, Kind, dataset_version
from finetune.personal import Personal, personal_data
from finetune.report import render

SHOWN = 3  # rows rendered with their trained part marked
NAMED = 5  # ids in an error's one line


@dataclass(frozen=True)
class Lengths:
    """Tokens of the rows of one kind."""

    kind: str
    rows: int
    prompt: int
    """Median."""
    completion: int
    """Median."""
    longest: int
    """Prompt and completion of the longest row."""


@dataclass(frozen=True)
class Shown:
    """A row as the model sees it."""

    id: str
    kind: str
    prompt: str
    trained: str


@dataclass(frozen=True)
class DataReport:
    """What a data set is made of, and what was left out of it."""

    version: str
    """SHA-256 of the canonical training rows."""
    test_version: str
    splits: dict[str, dict[str, int]]
    """Rows by kind, by split."""
    rows_in: int
    duplicates: tuple[Duplicate, ...]
    overlong: dict[str, int]
    """Tokens of the rows that were dropped for their length, by id."""
    overlaps: tuple[Overlap, ...]
    """Training rows whose words stand in a held-back row; they were left out of training."""
    unused: dict[str, str]
    """What no row could be made of, and why."""
    lengths: tuple[Lengths, ...]
    personal: tuple[Personal, ...]
    shown: tuple[Shown, ...]

    @property
    def rows_kept(self) -> int:
        """Rows that are trained or held back."""
        return sum(sum(kinds.values()) for kinds in self.splits.values())

    def to_markdown(self) -> str:
        """Write the report as Markdown."""
        return render("data.md", report=self)

    def to_html(self) -> str:
        """Write the report as one self-contained page."""
        return render("data.html", report=self)


@dataclass(frozen=True)
class Checked:
    """A data set that may be trained on."""

    train: tuple[Encoded, ...]
    splits: dict[str, tuple[Example, ...]]
    report: DataReport


def check(
    splits: Mapping[str, Sequence[Example]],
    tokenizer: Any,
    *,
    max_length: int,
    on_overlong: Literal["error", "drop"] = "error",
    unused: Mapping[str, str] | None = None,
) -> Checked:
    """Leave out duplicates, over-long rows and training rows that stand in a held-back split.

    `splits` has "train" and any of "dev" and "test". Raises DataError for over-long rows unless
    they may be dropped, and when nothing is left to train on.
    """
    unique, duplicates = remove_duplicates(
        [example for name in ("test", "dev", "train") for example in splits.get(name, ())]
    )
    encoded = {example.id: encode_example(tokenizer, example) for example in unique}
    overlong = {key: len(row.ids) for key, row in encoded.items() if len(row.ids) > max_length}
    _refuse_overlong(overlong, max_length, on_overlong)
    kept = {example.id for example in unique if example.id not in overlong}
    held = [e for name in ("dev", "test") for e in splits.get(name, ()) if e.id in kept]
    train = [example for example in splits["train"] if example.id in kept]
    overlaps = contamination(held, train)  # the other way round: training rows are left out
    leaked = {overlap.test for overlap in overlaps}
    final = {
        name: tuple(e for e in rows if e.id in kept and e.id not in leaked)
        for name, rows in splits.items()
    }
    if not final["train"]:
        raise DataError("no row is left to train on: give more documents or questions")
    report = DataReport(
        version=dataset_version(final["train"]),
        test_version=dataset_version(final.get("test", ())),
        splits={name: _kinds(rows) for name, rows in final.items()},
        rows_in=sum(len(rows) for rows in splits.values()),
        duplicates=tuple(duplicates),
        overlong=overlong,
        overlaps=tuple(Overlap(o.train, o.test, o.words) for o in overlaps),
        unused=dict(unused or {}),
        lengths=_lengths(final["train"], encoded),
        personal=tuple(personal_data(final["train"])),
        shown=_shown(final["train"], encoded, tokenizer),
    )
    return Checked(tuple(encoded[e.id] for e in final["train"]), final, report)


def _refuse_overlong(overlong: Mapping[str, int], limit: int, on_overlong: str) -> None:
    if not overlong or on_overlong == "drop":
        return
    named = ", ".join(f"{key} ({tokens})" for key, tokens in list(overlong.items())[:NAMED])
    raise DataError(
        f"{len(overlong)} rows are longer than {limit} tokens, among them {named}: raise "
        "max_length, or set on_overlong to drop"
    )


def _kinds(rows: Sequence[Example]) -> dict[str, int]:
    return dict(sorted(Counter(str(example.kind) for example in rows).items()))


def _lengths(rows: Sequence[Example], encoded: Mapping[str, Encoded]) -> tuple[Lengths, ...]:
    found = []
    for kind in Kind:
        of_kind = [encoded[example.id] for example in rows if example.kind is kind]
        if of_kind:
            found.append(
                Lengths(
                    kind=str(kind),
                    rows=len(of_kind),
                    prompt=round(statistics.median(row.prompt_length for row in of_kind)),
                    completion=round(statistics.median(len(r.completion_ids) for r in of_kind)),
                    longest=max(len(row.ids) for row in of_kind),
                )
            )
    return tuple(found)


def _shown(
    rows: Sequence[Example], encoded: Mapping[str, Encoded], tokenizer: Any
) -> tuple[Shown, ...]:
    """Decode the first row of each of the first kinds: what is marked is what is trained."""
    first: dict[Kind, Example] = {}
    for example in rows:
        first.setdefault(example.kind, example)
    return tuple(
        Shown(
            id=example.id,
            kind=str(example.kind),
            prompt=tokenizer.decode(encoded[example.id].ids[: encoded[example.id].prompt_length]),
            trained=tokenizer.decode(encoded[example.id].completion_ids),
        )
        for example in list(first.values())[:SHOWN]
    )
