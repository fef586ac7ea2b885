"""Tell how probable it is that words which a reader found answer a question.

A reader asked for something that its lines do not speak of takes what looks alike: a number of
seats for litres of fuel. So its own probability is weighed beside the share of the question's words
and names that the passage has. `tests/extract_recipes.py` fits the weights.
"""

from __future__ import annotations

from app.models.log_odds import log_odds
from app.models.logistic_model import LogisticModel
from graphs.evidence import Source, share
from graphs.text import content, sure_names

CLOSEST = 0.001  # to 0 and 1


class ExtractWeights(LogisticModel):
    """Tells from `extract_values` whether words answer.

    Words that are `sure` may be quoted where nothing of a model's answer is left.
    """

    features = ("found", "words_in_passage", "names_in_passage")


def extract_values(question: str, source: Source, found: float) -> list[float]:
    """Return the values of the features for words that a reader gives the probability `found`.

    `source` is the passage that they stand in, which also has the words of its document's name and
    of its section.
    """
    names = sure_names(question, [passage.page_content for passage in source.passages])
    return [
        log_odds(found, CLOSEST),
        share(frozenset(content(question)), source.stems),
        share(frozenset(names), source.stems) if names else 1.0,
    ]
