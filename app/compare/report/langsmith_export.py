"""Send a comparison to LangSmith: its questions as a dataset, each arm as an experiment on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from langsmith import Client
from langsmith.utils import LangSmithError, get_env_var
from tqdm import tqdm

from app.errors import UserError

AT_ONCE = 8  # requests on their way, of which each takes a tenth of a second or more
Row = Mapping[str, Any]
"""As `rows.jsonl` has it."""


def check_key() -> None:
    """Raise UserError, before anything is asked, where there is no key."""
    if not get_env_var("API_KEY"):
        raise UserError("--langsmith needs a key: set LANGSMITH_API_KEY, or leave the flag out")


def export(rows: Sequence[Row], dataset: str, arms: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Send the answers of the main part to the dataset of this name; returns the experiments.

    `arms` are the facts about each arm that its experiment shows. A dataset that exists gets the
    questions that it lacks. Passages stay here. Raises UserError where the service fails.
    """
    main = [row for row in rows if row["part"] == "main"]
    # Without batches in the background a request that fails raises instead of logging a line.
    client = Client(auto_batch_tracing=False, tracing_sampling_rate=1.0)
    with _telling(dataset):
        found = _Dataset.made(client, dataset, main)
        return [
            found.experiment(arm, [row for row in main if row["arm"] == arm], facts)
            for arm, facts in tqdm(arms.items(), desc="sending to LangSmith", disable=None)
        ]


@dataclass(frozen=True)
class _Dataset:
    client: Client
    id: UUID

    @classmethod
    def made(cls, client: Client, name: str, rows: Sequence[Row]) -> _Dataset:
        """Return the dataset of this name, which holds these questions."""
        if client.has_dataset(dataset_name=name):
            id_ = client.read_dataset(dataset_name=name).id
        else:
            id_ = client.create_dataset(name, description="Questions of groundtune compare").id
        dataset = cls(client, id_)
        known = {example.id for example in client.list_examples(dataset_id=id_)}
        examples = {dataset.example_of(row): row for row in rows}
        missing = [_example(at, row) for at, row in examples.items() if at not in known]
        if missing:
            client.create_examples(dataset_id=id_, examples=missing)
        return dataset

    def example_of(self, row: Row) -> UUID:
        """Name a question so that the same one is the same example in every run."""
        return uuid5(self.id, "\n".join([row["id"], row["question"], *row["accepted"]]))

    def experiment(self, arm: str, rows: Sequence[Row], facts: Mapping[str, str]) -> str:
        """Send one arm's answers with their scores; returns the experiment's name."""
        name = f"{arm}-{uuid4().hex[:8]}"
        project = self.client.create_project(
            name, reference_dataset_id=self.id, metadata=dict(facts), num_examples=len(rows)
        )
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(lambda row: self._send(name, project.id, row), rows):
                pass  # what a thread raises is raised here
        self.client.update_project(project.id, end_time=datetime.now(UTC))
        return name

    def _send(self, experiment: str, project: UUID, row: Row) -> None:
        run, end = uuid4(), datetime.now(UTC)
        self.client.create_run(
            row["arm"],
            {"question": row["question"]},
            "chain",
            project_name=experiment,
            id=run,
            outputs={name: row[name] for name in ("answer", "abstained", "cited")},
            start_time=end - timedelta(milliseconds=row["ms"]),
            end_time=end,
            reference_example_id=self.example_of(row),
            extra={"metadata": {"kind": row["kind"], "route": row["route"], **row["tokens"]}},
        )
        for score, value in row["scores"].items():
            self.client.create_feedback(run, score, score=value, session_id=project)


def _example(id_: UUID, row: Row) -> dict[str, Any]:
    return {
        "id": id_,
        "inputs": {"question": row["question"]},
        "reference_outputs": {"answer": "\n".join(row["accepted"])},
        "metadata": {"id": row["id"], "kind": row["kind"]},
    }


@contextmanager
def _telling(dataset: str) -> Iterator[None]:
    """Say in a line what the service refused; the comparison itself is written by then."""
    try:
        yield
    except LangSmithError as error:
        reason = str(error).partition("\n")[0]
        raise UserError(
            f"the report is written, but LangSmith did not take {dataset!r}: {reason}; check "
            "LANGSMITH_API_KEY and LANGSMITH_ENDPOINT, and run the same command again"
        ) from error
