"""Work through a file of questions, resumed where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

from app.batch_origin import Origin
from app.batch_rows import Asked
from app.errors import UserError
from app.held import held
from app.models.ports import Together
from finetune.whole_files import write_whole


def output_of(batch: Path, output: Path | None, *, told: str) -> Path:
    """Return where a batch writes what it is told; raises UserError where it cannot be there."""
    if output is None:
        raise UserError(f"--batch needs --output FILE.jsonl for the {told}")
    if output.exists() and not output.is_file():
        raise UserError(f"--output {output} is no plain file: name a new .jsonl file")
    if output.exists() and output.samefile(batch):
        raise UserError(f"--output {output} is the file that --batch reads: name another one")
    return output.resolve() if output.is_symlink() else output  # a file is written by replacing it


def run_batch(
    questions: Sequence[Asked],
    output: Path,
    answer: Callable[[Asked], Mapping[str, Any]],
    *,
    same_run: Mapping[str, Any] | None,
    made: Mapping[str, Any] | None = None,
    key: str = "answer",
    together: int = 1,
    cohort: Callable[[int], Together] | None = None,
    heard: Callable[[Mapping[str, Any]], None] | None = None,
) -> int:
    """Append one JSON object for each question not answered in `output` yet, in their order.

    Asks `together` questions at a time, linked by a `cohort`, and none of the next before all are
    answered: resumed or not, the same questions share the model's batches. `heard` is told each
    record, those of former runs first, and stands in for the progress bar.

    Returns how many ended in an error; those are asked again by the next run. Raises UserError
    when `output` holds answers whose `same_run` values (model, adapter, index) differ, for a
    mixture would measure nothing. The same holds for what `made` tells, see `app.provenance`, and
    for what was given with each question; both are noted beside `output`. `same_run` None starts
    anew instead of resuming: the first new record replaces all former ones. They must hold a `key`,
    as what is no record of such a run does not. Raises it as well while another run writes there,
    and where a `same_run` value changes on the way, before anything that was made with the other is
    written.
    """
    with _written_by_one(output):
        former = _former_records(output, key)
        groups = [questions[at : at + together] for at in range(0, len(questions), together)]
        known = [] if same_run is None else _answered(former, output, questions, same_run)
        known = _of_whole_groups(known, groups)
        done = {record["id"]: record for record in known}
        if made is not None:
            Origin.of(made, questions).go_on(output, done)
        if same_run is not None:
            _replace(output, known)
        failed = 0
        with tqdm(
            total=len(questions), initial=len(done), unit="question", disable=bool(heard) or None
        ) as bar:
            _tell(known, heard)
            for at, group in enumerate(group for group in groups if group[0].id not in done):
                results = _ask(group, answer, cohort)
                _check_unchanged(results, output, same_run or {})
                write = _replace if same_run is None and at == 0 else _append
                write(output, results)
                _tell(results, heard)
                bar.update(len(group))
                failed += sum("error" in result for result in results)
        return failed


@contextmanager
def _written_by_one(output: Path) -> Iterator[None]:
    """Keep other runs from writing to a file; raises UserError while one does."""
    output.parent.mkdir(parents=True, exist_ok=True)
    lock = output.with_name(f".{output.name}.lock")
    told = f"another run writes to {output}: wait until it is done, or name another --output"
    with held(lock, told):
        try:
            yield
        finally:
            with suppress(OSError):  # open files stay on Windows; elsewhere late comers start over
                lock.unlink()


def _tell(
    records: Sequence[Mapping[str, Any]], heard: Callable[[Mapping[str, Any]], None] | None
) -> None:
    if heard:
        for record in records:
            heard(record)


def _ask(
    group: Sequence[Asked],
    answer: Callable[[Asked], Mapping[str, Any]],
    cohort: Callable[[int], Together] | None,
) -> list[Mapping[str, Any]]:
    if len(group) == 1 or cohort is None:
        return [answer(question) for question in group]
    linked = cohort(len(group))

    def ask(number: int) -> Mapping[str, Any]:
        with linked.member(number):
            return answer(group[number])

    with ThreadPoolExecutor(len(group)) as pool:
        return list(pool.map(ask, range(len(group))))


def _of_whole_groups(
    records: Sequence[dict[str, Any]], groups: Sequence[Sequence[Asked]]
) -> list[dict[str, Any]]:
    by_id = {record["id"]: record for record in records}
    whole = [group for group in groups if all(question.id in by_id for question in group)]
    return [by_id[question.id] for group in whole for question in group]


def _former_records(output: Path, key: str) -> list[dict[str, Any]]:
    """Read what a former run wrote; a line cut by a kill is left out."""
    data = output.read_bytes() if output.exists() else b""
    # Split at \n alone: an answer may hold other characters that end lines.
    lines = data[: data.rfind(b"\n") + 1].split(b"\n")[:-1]
    return [_record(line, key, f"{output}:{at}") for at, line in enumerate(lines, start=1)]


def _answered(
    records: Sequence[dict[str, Any]],
    output: Path,
    questions: Sequence[Asked],
    same_run: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Return the answers that need not be asked again; errors are."""
    questions_by_id = {question.id: question.question for question in questions}
    for at, record in enumerate(records, start=1):
        _check_same(record, f"{output}:{at}", questions_by_id, same_run)
    return [record for record in records if "error" not in record]


def _check_same(
    record: Mapping[str, Any], place: str, asked: Mapping[str, str], same_run: Mapping[str, Any]
) -> None:
    if key := _other(record, same_run):
        raise UserError(
            f"{place} was made with {key} {record.get(key)!r}, this run uses {same_run[key]!r}: "
            "name another --output, or delete that file"
        )
    if asked.get(record["id"]) != record["question"]:
        raise UserError(
            f"{place} answers another question than the file asks as {record['id']!r}: name "
            "another --output, or delete that file"
        )


def _check_unchanged(
    records: Sequence[Mapping[str, Any]], output: Path, same_run: Mapping[str, Any]
) -> None:
    """Raise UserError where what was just made was made otherwise than what was made before."""
    for record in records:
        if "error" not in record and (key := _other(record, same_run)):
            raise UserError(
                f"{key} changed from {same_run[key]!r} to {record.get(key)!r} while {output} was "
                "written: name another --output, or delete that file"
            )


def _other(record: Mapping[str, Any], same_run: Mapping[str, Any]) -> str | None:
    """Return what is different in a record; one that searched nothing fits every index."""
    for key, value in same_run.items():
        unsearched = key == "index" and record.get(key) is None
        if record.get(key) != value and not unsearched:
            return key
    return None


def _record(line: bytes, key: str, place: str) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(line)
        if not {"id", "question", key} <= record.keys():
            raise KeyError(key)
    except (ValueError, KeyError, AttributeError) as error:
        raise UserError(f"{place} is no answer of a former run: name another --output") from error
    return record


def _replace(output: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write the file anew in one step, so that a kill loses no answer."""
    write_whole(output, "".join(map(_line, records)))


def _append(output: Path, records: Sequence[Mapping[str, Any]]) -> None:
    with output.open("a", encoding="utf-8") as file:
        file.write("".join(map(_line, records)))


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
