"""Make the rows that teach to answer from passages in the JSON object that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.documents import Document

from app.compare.plan.harder_questions import formatted
from app.dataset.grounded import Search, grounded_rows
from app.dataset.mixture import Mixture
from app.dataset.pairs import Pair, grounded_pairs, spread
from finetune.config import TrainConfig
from finetune.data.examples import Example

MOST = 150  # questions; a format is learned from fewer rows than facts are
MIXTURE = Mixture(passages=(1, 2, 3), rounds=1, withheld=0.2, graded=0)
IN_JSON = TrainConfig(
    epochs=2, batch=16, max_length=1024, evaluations=0, track="none", on_overlong="drop"
)
"""A skill and not facts: the usual rate, and few passes."""


def json_rows(
    pairs: Sequence[Pair], chunks: Sequence[Document], search: Search, *, seed: int
) -> list[Example]:
    """Ask pairs about passages as the search finds them, each answered by an object or refused.

    Pairs whose answer stands in no chunk are left out, for a reader could not know it.
    """
    asked = formatted(grounded_pairs(spread(pairs, MOST), chunks), each=MOST, seed=seed)
    contexts = grounded_rows(grounded_pairs(asked, chunks), search, MIXTURE, seed=seed)
    return [row for context in contexts for row in context]
