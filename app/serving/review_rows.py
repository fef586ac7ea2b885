"""Turn what people decided about answers into rows to train on, and into a log of drift."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from langgraph.store.postgres import PostgresStore
from langgraph.store.sqlite import SqliteStore

from app.errors import UserError
from app.serving.persistence import check_database, store_file
from app.serving.reviews import FEEDBACK, REVIEWED
from app.serving.settings import ServerSettings
from finetune.data.examples import Example, Kind, Message
from graphs import prompts

PAGE = 500  # items read at once


def read_reviewed(settings: ServerSettings) -> list[dict[str, Any]]:
    """Return every decided review that a server with these settings kept, oldest first."""
    return sorted(_items(settings, REVIEWED), key=lambda item: str(item["reviewed"]))


def read_feedback(settings: ServerSettings) -> list[dict[str, Any]]:
    """Return every thumb that it kept, oldest first."""
    return sorted(_items(settings, FEEDBACK), key=lambda item: str(item["at"]))


def to_example(review: Mapping[str, Any]) -> Example:
    """Write a review as the row that teaches its verdict.

    The prompt is the one that was served. Markers count in the answer's citations; in the row
    they count in the prompt's passages, as the model writes them.
    """
    passages: Sequence[Mapping[str, str]] = review["passages"]
    cited: Sequence[Mapping[str, Any]] = review["citations"]
    rejected = review["decision"] == "reject"
    text = review["text"] if review["decision"] == "edit" else review["answer"]
    numbers = [
        1 + [passage["chunk"] for passage in passages].index(citation["chunk"])
        for citation in cited
    ]
    completion = prompts.REFUSAL if rejected else _renumbered(text, numbers)
    prompt = prompts.generate(review["question"], [passage["text"] for passage in passages])
    return Example(
        id=f"review-{review['thread']}-{review['since']}",
        messages=(
            *(Message(role="user", content=message.text) for message in prompt),
            Message(role="assistant", content=completion),
        ),
        kind=Kind.REFUSAL if rejected else Kind.ANSWER,
        citation=None if rejected or not numbers else numbers[0],
        source=cited[0]["document"] if cited else "",
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


def _renumbered(text: str, numbers: Sequence[int]) -> str:
    def number(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        return f"[{numbers[at]}]" if at < len(numbers) else ""

    return re.sub(r"\[(\d+)\]", number, text).strip()


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
