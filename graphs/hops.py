"""Search again by the names that passages put for what a question describes.

"Who is the harbour master where the Tansy is laid up?" finds that the Tansy lies at Dunmallet; the
second search is for the harbour master and Dunmallet. Deterministic: no model is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.documents import Document

from graphs.text import content, named, words
from graphs.units import units

READ = 3  # passages, the best graded; further ones name other subjects more often


def second_hop(question: str, passages: Sequence[Document]) -> list[str]:
    """Return a search for each of the best passages that names something new.

    It joins the names of the unit that holds most of the question to the words that it lacks.
    """
    searches = [_joined(question, passage) for passage in passages[:READ]]
    return list(dict.fromkeys(query for query in searches if query))


def _joined(question: str, passage: Document) -> str:
    asked = set(content(question))
    cut = units(passage.page_content, passage.metadata.get("header", ""))
    held, best = max(
        ((set(content(unit.shown)), unit) for unit in cut),
        key=lambda pair: len(asked & pair[0]),
        default=(set[str](), None),
    )
    if best is None:
        return ""
    new = [word for word in named(best.text) if not set(content(word)) <= asked]
    missing = [word for word in words(question) if set(content(word)) - held]
    return " ".join([*dict.fromkeys(new), *missing]) if new and missing else ""
