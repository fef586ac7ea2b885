"""Check a data set before it is trained on, and report on it: every row is trained or named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from finetune.data.checks import Dropped, Lengths, check_lengths, lengths
from finetune.data.contamination import Overlap, contamination, shared_sources
from finetune.data.duplicates import Removed, remove_duplicates
from finetune.data.encoding import Encoded, encode_example
from finetune.data.examples import Example, Kind, dataset_version
from finetune.data.personal import Personal, personal_data
from finetune.errors import DataError
from finetune.report import render

TRAIN = "train"
HELD_BACK = ("test", "dev")  # of a row that is in both, the test's is kept
REASONS = 3  # named where nothing is left
SHOWN = 3  # rows rendered with their trained part marked


@dataclass(frozen=True)
class Shown:
    """A row as the model sees it, decoded from its token ids."""

    id: str
    kind: str
    prompt: str
    trained: str
    """What loss is computed on."""


@dataclass(frozen=True)
class DataReport:
    """What a data set is made of, and what was left out of it."""

    version: str
    """SHA-256 of the canonical training rows."""
    test_version: str
    splits: dict[str, dict[str, int]]
    """Rows by kind, by split."""
    rows_in: int
    duplicates: tuple[Removed, ...]
    overlong: tuple[Dropped, ...]
    overlaps: tuple[Overlap, ...]
    """Training rows whose words stand in a held-back row; they were left out of training."""
    shared_sources: dict[str, tuple[str, ...]]
    """Splits that rows of one source are in, by source; a fair test has none."""
    unused: dict[str, str]
    """What no row could be made of, and why."""
    lengths: tuple[Lengths, ...]
    """Of the rows that are trained or held back."""
    personal: tuple[Personal, ...]
    shown: tuple[Shown, ...]

    @property
    def trained(self) -> int:
        """Rows that are trained."""
        return sum(self.splits[TRAIN].values())

    @property
    def held_back(self) -> int:
        """Rows that the model is measured on."""
        return self.rows_kept - self.trained

    @property
    def rows_kept(self) -> int:
        """Rows that are trained or held back."""
        return sum(sum(kinds.values()) for kinds in self.splits.values())

    @property
    def rows_named(self) -> int:
        """Rows that were left out; with those kept, all that came in."""
        return len(self.duplicates) + len(self.overlong) + len(self.overlaps)

    @property
    def refusals(self) -> float:
        """Share of the training rows that teach to refuse."""
        return self.splits[TRAIN].get(Kind.REFUSAL, 0) / self.trained

    def without_texts(self) -> DataReport:
        """Leave out what rows and documents say; their ids and all counts stay."""
        return replace(
            self,
            overlaps=tuple(replace(overlap, ngram="") for overlap in self.overlaps),
            unused=dict.fromkeys(self.unused, ""),
            personal=tuple(replace(found, masked=()) for found in self.personal),
            shown=(),
        )

    def to_markdown(self) -> str:
        """Write the report as Markdown."""
        return render("data.md", report=self)

    def to_html(self) -> str:
        """Write the report as one self-contained page."""
        return render("data.html", report=self)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON takes it."""
        computed = ("trained", "held_back", "rows_named", "refusals")
        return asdict(self) | {name: getattr(self, name) for name in computed}


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

    `splits` has "train" and any of "dev" and "test". Of duplicates, the held-back one is kept.
    Raises DataError for over-long rows unless they may be dropped, for an id that occurs twice, and
    when nothing is left to train on.
    """
    rows = [row for name in (*HELD_BACK, TRAIN) for row in splits.get(name, ())]
    _check_unique(rows)
    unique, removed = remove_duplicates(rows)
    encoded = {row.id: encode_example(tokenizer, row) for row in unique}
    fitting, dropped = check_lengths(list(encoded.values()), max_length, on_overlong)
    left = _only(splits, set(fitting))
    overlaps = _first_of_each(left)
    final = _only(left, set(fitting) - {overlap.train_id for overlap in overlaps})
    if not final[TRAIN]:
        lost = {"duplicates": len(removed), "rows that are too long": len(dropped)}
        lost["rows that stand in a held-back split too"] = len(overlaps)
        raise DataError(_nothing_left(unused or {}, lost))
    report = DataReport(
        version=dataset_version(final[TRAIN]),
        test_version=dataset_version(final.get("test", ())),
        splits={name: _kinds(of_split) for name, of_split in final.items()},
        rows_in=len(rows),
        duplicates=tuple(removed),
        overlong=tuple(dropped),
        overlaps=tuple(overlaps),
        shared_sources=shared_sources(final),
        unused=dict(unused or {}),
        lengths=_lengths(final, encoded),
        personal=tuple(personal_data(final[TRAIN])),
        shown=_shown(final[TRAIN], encoded, tokenizer),
    )
    return Checked(tuple(encoded[row.id] for row in final[TRAIN]), final, report)


def _nothing_left(unused: Mapping[str, str], lost: Mapping[str, int]) -> str:
    """Say why no row is left: what became of the questions, and of the rows."""
    reasons = Counter(unused.values()).most_common(REASONS)
    causes = [f"{reason} (questions: {count})" for reason, count in reasons]
    causes += [f"{why}: {count}" for why, count in lost.items() if count]
    because = "; ".join(causes) or "nothing could be made of the documents"
    return f"no row is left to train on: {because}; give more documents or questions"


def _check_unique(rows: Sequence[Example]) -> None:
    counts = Counter(row.id for row in rows)
    twice = next((key for key, count in counts.items() if count > 1), None)
    if twice is not None:
        raise DataError(
            f"the id {twice!r} occurs twice: ids must be unique over all splits, so that each row "
            "can be named"
        )


def _only(splits: Mapping[str, Sequence[Example]], ids: set[str]) -> dict[str, tuple[Example, ...]]:
    return {name: tuple(row for row in rows if row.id in ids) for name, rows in splits.items()}


def _first_of_each(splits: Mapping[str, Sequence[Example]]) -> list[Overlap]:
    """Return one overlap of each training row that has any."""
    held = [row for name in HELD_BACK for row in splits.get(name, ())]
    first: dict[str, Overlap] = {}
    for overlap in contamination(splits[TRAIN], held):
        first.setdefault(overlap.train_id, overlap)
    return list(first.values())


def _kinds(rows: Sequence[Example]) -> dict[str, int]:
    return dict(sorted(Counter(str(row.kind) for row in rows).items()))


def _lengths(
    splits: Mapping[str, Sequence[Example]], encoded: Mapping[str, Encoded]
) -> tuple[Lengths, ...]:
    kinds = {row.id: row.kind for rows in splits.values() for row in rows}
    return lengths([encoded[key] for key in kinds], kinds)


def _shown(
    rows: Sequence[Example], encoded: Mapping[str, Encoded], tokenizer: Any
) -> tuple[Shown, ...]:
    """Decode the first row of each kind, then further ones if there are too few kinds."""
    first: dict[Kind, str] = {}
    for row in rows:
        first.setdefault(row.kind, row.id)
    kinds = {row.id: str(row.kind) for row in rows}
    chosen = list(dict.fromkeys([*first.values(), *kinds]))
    return tuple(
        Shown(
            id=key,
            kind=kinds[key],
            prompt=tokenizer.decode(encoded[key].ids[: encoded[key].prompt_length]),
            trained=tokenizer.decode(encoded[key].completion_ids),
        )
        for key in chosen[:SHOWN]
    )
