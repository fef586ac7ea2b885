"""Fit what tells small talk from questions: `python tests/talk_recipes.py DATA OUT`.

Fitted on utterances of CLINC150 and questions of SQuAD train, and on the examples that ship, each
as if it were not one of them. Prints how much small talk is found and how many questions are taken
for it: of the same utterances by cross-validation, each intent being judged by what was fitted on
others, of SQuAD's dev articles, of lines that nothing was fitted on, and of the sample.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import talk_lines
from benchmark import sample_questions
from recipe_parts import kept_rows, places, rows
from recipes import unseen_pairs
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from app.models.base import resolve_embedding_model
from app.models.embeddings import load_embeddings
from app.models.gate import TalkWeights, talk_values, vectors_of
from app.models.names import BUILTIN_EMBEDDINGS
from app.models.talk_examples import QUESTIONS, SMALL_TALK

SEED = 13
ABOUT_ITSELF = {"what_can_i_ask_you", "who_do_you_work_for"}  # small talk for us, too
ARGUABLE = {
    "calculator", "change_ai_name", "change_user_name", "definition", "flip_coin", "roll_dice",
    "spelling", "translate", "user_name",
}  # fmt: skip  # an answer to these needs no document, yet is no talk
SQUAD = 2_000
EXAMPLE_WEIGHT = 10  # of one utterance
TAKEN = 0.001  # of other utterances, at most
FOLDS = 8

Row = dict[str, Any]


def lines(data: Path) -> Iterator[Row]:
    """Yield texts with what they are, and by what they are kept together."""
    for row in rows(data / "general" / "utterances.jsonl.gz"):
        if row["intent"] not in ARGUABLE:
            talk = row["small_talk"] or row["intent"] in ABOUT_ITSELF
            yield _line("CLINC150", row["text"], talk, row["intent"])
    draw = random.Random(SEED)
    for split in ("train", "dev"):
        for pair in draw.sample(unseen_pairs(data, split), SQUAD):
            yield _line(f"SQuAD {split}", pair.question, talk=False, group=pair.source)
    for text in (*talk_lines.SMALL_TALK, *talk_lines.QUESTIONS):
        yield _line("lines", text, talk=text in talk_lines.SMALL_TALK)
    for question in sample_questions():
        if not question.get("history"):
            yield _line("sample", question["question"], talk=question["kind"] == "small-talk")


def _line(source: str, text: str, talk: bool, group: str = "") -> Row:
    return {"source": source, "text": text, "talk": talk, "group": group}


def measured(found: Sequence[Row]) -> list[Row]:
    """Add the values of all lines; those of the examples are taken beside the other examples."""
    encoder = load_embeddings(resolve_embedding_model(BUILTIN_EMBEDDINGS))
    examples = vectors_of(encoder, SMALL_TALK + QUESTIONS)
    to_examples = vectors_of(encoder, [row["text"] for row in found]) @ examples.T
    beside = examples @ examples.T - 2 * np.eye(len(examples), dtype=np.float32)
    own = [_line("examples", text, talk=text in SMALL_TALK) for text in SMALL_TALK + QUESTIONS]
    cut = len(SMALL_TALK)
    return [
        {**row, "values": talk_values(row["text"], cosines[:cut], cosines[cut:])}
        for row, cosines in zip([*found, *own], np.concatenate([to_examples, beside]), strict=True)
    ]


def fit(found: Sequence[Row]) -> TalkWeights:
    """Fit weights so that no example of a question, and hardly another, passes for small talk."""
    weight = [EXAMPLE_WEIGHT if row["source"] == "examples" else 1 for row in found]
    model = LogisticRegression().fit(
        [row["values"] for row in found], [row["talk"] for row in found], sample_weight=weight
    )
    made = TalkWeights(
        weights=tuple(model.coef_[0].round(4)), intercept=round(model.intercept_[0], 4), sure=1
    )
    asked = [row for row in found if not row["talk"]]
    shown = max(made.probability(r["values"]) for r in asked if r["source"] == "examples")
    others = [made.probability(r["values"]) for r in asked if r["source"] != "examples"]
    sure = max(shown, float(np.quantile(others, 1 - TAKEN))) + 0.001
    return made.model_copy(update={"sure": round(sure, 3)})


def crossed(found: Sequence[Row]) -> Iterator[tuple[Row, bool]]:
    """Judge each row by what was fitted on other groups and on the examples."""
    examples = [row for row in found if row["source"] == "examples"]
    kept = [row for row in found if row["source"] != "examples"]
    parts = GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for fitted, held in parts.split(kept, groups=[row["group"] for row in kept]):
        weights = fit([*examples, *(kept[at] for at in fitted)])
        yield from ((kept[at], passes(weights, kept[at])) for at in held)


def passes(weights: TalkWeights, row: Row) -> bool:
    return weights.probability(row["values"]) >= weights.sure


def figures(judged: Sequence[tuple[Row, bool]]) -> Iterator[str]:
    """Tell of each source how much of its talk is found, and how many questions pass for it."""
    for source in dict.fromkeys(row["source"] for row, _ in judged):
        of_source = [(row["talk"], let) for row, let in judged if row["source"] == source]
        talk, asked = ([let for is_talk, let in of_source if is_talk == side] for side in (1, 0))
        found = f"small talk found: {sum(talk)} of {len(talk)}; " if talk else ""
        yield f"{source}: {found}questions taken for it: {sum(asked)} of {len(asked)}"


def main() -> None:
    data, out = places(__doc__, "data", "out")
    kept = kept_rows(out / "lines.jsonl", lambda: measured(list(lines(data))))
    fitted = [row for row in kept if row["source"] in ("CLINC150", "SQuAD train", "examples")]
    weights = fit(fitted)
    (out / "small_talk.json").write_text(weights.model_dump_json() + "\n", encoding="utf-8")
    unseen = [row for row in kept if row["source"] in ("SQuAD dev", "lines", "sample")]
    for line in figures([*crossed(fitted), *((row, passes(weights, row)) for row in unseen)]):
        print(line)


if __name__ == "__main__":
    main()
