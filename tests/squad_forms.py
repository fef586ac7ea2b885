"""Ask what SQuAD says in other forms than its own: as follow-ups, and for yes or no."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from claim_edits import BE, EDITS
from claim_recipes import SENTENCE_END
from recipe_parts import rows
from recipes import document_name

from app.batch_rows import Turn
from app.dataset.pairs import Pair
from graphs.follow_up import points_back

YES_NO = 0.5  # of the paragraphs; more would drown what asks for spans
LONGEST = 160  # characters of a sentence that becomes a question


def followed(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Put the former question about the paragraph before each one that points back."""
    former: dict[str, Pair] = {}
    for pair in pairs:
        before = former.get(pair.source)
        former[pair.source] = pair
        if before is None or not points_back(pair.question):
            yield pair
            continue
        history = (
            Turn(role="user", content=before.question),
            Turn(role="assistant", content=before.answers[0]),
        )
        yield pair.model_copy(update={"kind": "follow-up", "history": history})


def agreed(data: Path, draw: random.Random) -> Iterator[Pair]:
    """Turn sentences into questions, true or with one thing changed, with what is right."""
    for row in rows(data / "squad" / "train.paragraphs.jsonl.gz"):
        made = [pair for pair in agreed_of(row["id"], row["text"], draw) if pair]
        if made and draw.random() < YES_NO:
            yield draw.choice(made)


def agreed_of(id_: str, text: str, draw: random.Random) -> Iterator[Pair | None]:
    """Turn each sentence of a paragraph that allows it into a question for yes or no."""
    for sentence in SENTENCE_END.split(text):
        found = BE.match(sentence) if len(sentence) < LONGEST else None
        if found:
            yield _agreed(id_, found, text, draw)


def _agreed(id_: str, found: re.Match[str], text: str, draw: random.Random) -> Pair | None:
    said = found["rest"]
    changed = EDITS[draw.choice(("number", "entity"))](said, text, draw)
    value = _replaced(said, changed) if changed else ""
    true = draw.random() < 0.5
    subject = re.sub(r"^(?:The|A|An)\b", lambda article: article[0].lower(), found["subject"])
    question = f"{found['aux'].capitalize()} {subject} {said if true else changed}?"
    if not value or points_back(question):
        return None
    return Pair(
        id=f"agreed-{id_}",
        question=question,
        answers=(value,),
        documents=(document_name(id_),),
        reply=f"{'Yes' if true else 'No'}, {value} [1]",
    )


def _replaced(said: str, changed: str) -> str:
    """Return the words of a sentence that an edit replaced."""
    one, other = said.split(), changed.split()
    (_, first, after, *_), *more = [
        block for block in SequenceMatcher(a=one, b=other).get_opcodes() if block[0] != "equal"
    ]
    return "" if more else " ".join(one[first:after]).strip(".,;:()\"'")
