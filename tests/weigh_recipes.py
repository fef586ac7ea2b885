"""Fit the weights of the check: `python tests/weigh_recipes.py DATA OUT ANSWERS DEV`.

Reads labelled claims of DATA, and what the shipped adapter answered (ANSWERS, of train sources, and
DEV, of held-out ones: see answer_recipes.py), with OUT/reader, and writes OUT/reader/weights.json
and manifest.json.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from claim_recipes import claims
from langchain_core.documents import Document
from reader_rows import SEED
from recipe_parts import places
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from tqdm import tqdm

from app.ingest.splitter import ChunkSplitter
from app.models.claim_features import FEATURES
from app.models.line_reader import LineReader
from app.models.trees import LEAF, Node, Trees
from app.models.verifier import SupportWeights, judge
from app.tuning.calibrate import calibration_error
from finetune.registry.fingerprint import sha256_of
from finetune.verification.examples import split_of
from graphs.citations import read_draft
from graphs.passages import given_documents
from graphs.protocols import Claim

FITTED, MEASURED = 8_000, 2_000  # labelled claims
KEPT = 0.94  # of the right claims of train sources; of held-out ones it keeps some fewer
OWN = 3.0  # weight of what a model really answered, beside claims made by code
BOOSTING: dict[str, Any] = {
    "max_iter": 200,
    "learning_rate": 0.06,
    "max_leaf_nodes": 12,
    "l2_regularization": 5.0,
    "random_state": SEED,
}


@dataclass(frozen=True)
class Labelled:
    """A claim in reply to a question, what it is checked against, and whether it is right."""

    kind: str
    question: str
    claim: Claim
    passages: list[Document]
    right: bool


def made(data: Path) -> dict[str, list[Labelled]]:
    """Draw claims made by code, by split."""
    draw, every = random.Random(SEED), claims(data)
    return {
        name: [
            Labelled(
                claim.kind,
                claim.question,
                Claim(claim.claim),
                [Document(claim.passage, id="passage", metadata={"document": "passage"})],
                claim.right,
            )
            for claim in draw.sample([c for c in every if split_of(c.source) == name], count)
        ]
        for name, count in (("train", FITTED), ("held", MEASURED))
    }


def answered(file: Path) -> Iterator[Labelled]:
    """Read what a model answered: each claim of a right answer is right, of a wrong one wrong."""
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        passages = given_documents(row["documents"], ChunkSplitter(800, 100))
        for claim in read_draft(row["answer"], row["question"]).claims:
            yield Labelled(f"own {row['kind']}", row["question"], claim, passages, row["right"])


def weigh(data: Path, out: Path, answers: Path, dev: Path) -> None:
    """Fit the weights on claims of train sources, and measure on sources that nothing saw."""
    split = {**made(data), "own": list(answered(answers)), "own dev": list(answered(dev))}
    reader = LineReader(out / "reader")
    kept = out / "values.npz"  # takes twenty minutes
    if not kept.exists():
        np.savez(kept, **{name: claim_values(reader, of) for name, of in split.items()})  # type: ignore[arg-type]
    values = np.load(kept)
    right = {name: np.array([c.right for c in of]) for name, of in split.items()}
    fitted = np.concatenate([values["train"], values["own"]])
    label = np.concatenate([right["train"], right["own"]])
    weight = np.concatenate([np.ones(len(right["train"])), np.full(len(right["own"]), OWN)])
    model = HistGradientBoostingClassifier(**BOOSTING)
    guessed = cross_val_predict(
        model, fitted, label, cv=5, method="predict_proba", params={"sample_weight": weight}
    )[:, 1]
    threshold = float(np.quantile(guessed[label], 1 - KEPT))
    model.fit(fitted, label, sample_weight=weight)
    told = {name: model.predict_proba(values[name])[:, 1] for name in ("held", "own dev")}
    found, own = (
        guard_figures(told[name], right[name], [c.kind for c in split[name]], threshold)
        for name in told
    )
    weights = exported(model, threshold, found)
    check = [weights.model.probability(row) for row in values["held"]]
    assert np.allclose(check, told["held"], atol=1e-6)
    (out / "reader" / "weights.json").write_text(
        weights.model_dump_json(exclude_defaults=True), encoding="utf-8"
    )
    facts = {
        "fitted_on": {"claims made by code": FITTED, "claims of a model": len(right["own"])},
        "measured_on": MEASURED,
        "features": FEATURES,
        "reader_sha256": sha256_of(out / "reader" / "reader.safetensors"),
        "command": "python tests/weigh_recipes.py DATA OUT ANSWERS DEV",
        "figures": found,
        "figures on a model's own answers": own,
    }
    (out / "reader" / "manifest.json").write_text(json.dumps(facts, indent=1))
    print(json.dumps({"made": found, "own": own}, indent=1))


def claim_values(reader: LineReader, of: Sequence[Labelled]) -> np.ndarray:
    """Return the features of claims, each beside the lines that fit it best."""
    return np.array(
        [next(judge(reader, one.question, [one.claim], one.passages)).values for one in tqdm(of)]
    )


def exported(
    model: HistGradientBoostingClassifier, threshold: float, found: dict[str, Any]
) -> SupportWeights:
    """Write the fitted trees as plain numbers."""
    trees = tuple(
        tuple(
            Node(feature=LEAF, value=node["value"])
            if node["is_leaf"]
            else Node(
                feature=node["feature_idx"],
                at=node["num_threshold"],
                left=node["left"],
                right=node["right"],
            )
            for node in stage[0].nodes
        )
        for stage in model._predictors
    )
    return SupportWeights(
        model=Trees(baseline=float(model._baseline_prediction.item()), trees=trees),
        threshold=threshold,
        rejects=round(1 - found["right kept"], 4),
        accepts=found["wrong let out"],
    )


def guard_figures(
    told: np.ndarray, right: np.ndarray, kinds: Sequence[str], threshold: float
) -> dict[str, Any]:
    kept, kind_of = told >= threshold, np.array(kinds)
    figures: dict[str, Any] = {
        "auc": roc_auc_score(right, told),
        "right kept": kept[right].mean(),
        "wrong let out": kept[~right].mean(),
        "expected calibration error": calibration_error(told, right),
    }
    rounded: dict[str, Any] = {name: round(float(value), 4) for name, value in figures.items()}
    for kind in sorted(set(kinds)):
        mine = kind_of == kind
        rounded[kind] = {
            "claims": int(mine.sum()),
            "right kept": round(float(kept[mine & right].mean()), 3),
            "wrong let out": round(float(kept[mine & ~right].mean()), 3),
        }
    return rounded


def main() -> None:
    weigh(*places(__doc__, "data", "out", "answers", "dev"))


if __name__ == "__main__":
    main()
