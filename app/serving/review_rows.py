"""Turn what people decided about answers into rows to train on, and into a log of drift."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from langgraph.store.postgres import PostgresStore
from langgraph.store.sqlite import SqliteStore
from pydantic import ValidationError

from app.errors import UserError
from app.serving.persistence import check_database, store_file
from app.serving.reviews import FEEDBACK, REVIEWED
from app.serving.settings import ServerSettings
from finetune.data.examples import Example, Kind, Message
from finetune.errors import first_fault
from finetune.evaluation.scores import CITATION, cited_numbers
from graphs import prompts

PAGE = 500  # items read at once


def read_reviewed(settings: ServerSettings) -> list[dict[str, Any]]:
    """Return every decided review that a server with these settings kept, oldest first."""
    return sorted(_items(settings, REVIEWED), key=lambda item: str(item["reviewed"]))


def read_feedback(settings: ServerSettings) -> list[dict[str, Any]]:
    """Return every thumb that it kept, oldest first."""
    return sorted(_items(settings, FEEDBACK), key=lambda item: str(item["at"]))


def to_examples(reviews: Iterable[Mapping[str, Any]]) -> tuple[list[Example], list[str]]:
    """Write reviews as rows; of those that make none, tell which they are and why."""
    examples: list[Example] = []
    left_out: list[str] = []
    for review in reviews:
        try:
            examples.append(to_example(review))
        except (KeyError, ValidationError) as error:
            told = (
                first_fault(error) if isinstance(error, ValidationError) else f"it holds no {error}"
            )
            left_out.append(
                f"the review of thread {review['thread']}, {review['reviewed']}: {told}"
            )
    return examples, left_out


def to_example(review: Mapping[str, Any]) -> Example:
    """Write a review as the row that teaches its verdict.

    The prompt is the one that was served. Markers count in the answer's citations; in the row
    they count in the prompt's passages, as the model writes them. An answer may cite what the
    prompt does not hold: what told the name of a thing that was only described.
    """
    passages: Sequence[Mapping[str, str]] = review["passages"]
    chunks = [passage["chunk"] for passage in passages]
    every = enumerate(review["citations"], start=1)
    cited = {at: citation for at, citation in every if citation["chunk"] in chunks}
    rejected = review["decision"] == "reject"
    text = review["text"] if review["decision"] == "edit" else review["answer"]
    numbers = {at: 1 + chunks.index(citation["chunk"]) for at, citation in cited.items()}
    sources = [citation["document"] for citation in cited.values()]
    completion = prompts.REFUSAL if rejected else _renumbered(text, numbers)
    prompt = prompts.generate(review["question"], [passage["text"] for passage in passages])
    return Example(
        id=f"review-{review['thread']}-{review['since']}",
        messages=(
            *(Message(role="user", content=message.text) for message in prompt),
            Message(role="assistant", content=completion),
        ),
        kind=Kind.REFUSAL if rejected else Kind.ANSWER,
        citation=next(iter(cited_numbers(completion)), None),
        source=next(iter(sources), ""),
    )


def to_log_line(feedback: Mapping[str, Any]) -> str:
    """Write a thumb as a line of the log that `drift` reads."""
    row = {
        "question": feedback["question"],
        "answer": feedback["answer"],
        "correct": feedback["score"] > 0,
        "comment": feedback["comment"],
    }
    return json.dumps(row, ensure_ascii=False)


def _renumbered(text: str, numbers: Mapping[int, int]) -> str:
    def renumbered(markers: re.Match[str]) -> str:
        return "".join(f"[{numbers[at]}]" for at in cited_numbers(markers[0]) if at in numbers)

    return CITATION.sub(renumbered, text).strip()


def _store(settings: ServerSettings) -> AbstractContextManager[SqliteStore | PostgresStore]:
    if url := settings.database_url():
        check_database(settings)
        return PostgresStore.from_conn_string(url)
    file = store_file(settings.state)
    if not file.exists():
        raise UserError(
            f"no server kept anything in {settings.state}: name its folder with --state"
        )
    return SqliteStore.from_conn_string(str(file))


def _items(settings: ServerSettings, place: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    with _store(settings) as store:
        store.setup()
        at = 0
        while page := store.search(place, limit=PAGE, offset=at):
            yield from (item.value for item in page)
            at += len(page)
