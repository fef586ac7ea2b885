"""Read questions of other tools: LangSmith's data sets, promptfoo's tests, RAGAS's samples."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from app.dataset.pairs import Pair
from app.errors import UserError, one_line

QUESTION = ("question", "user_input", "query", "input")
TRUTH = ("reference", "ground_truth", "ground_truths")
"""RAGAS's names of what is right; beside one of them an answer is what a system replied."""
ANSWER = ("answer", "answers", *TRUTH, "expected", "output")
DOCUMENT = ("documents", "document", "source")
"""What the tools and their users call these; the first that a row has counts."""
SAME = ("equals", "contains", "icontains")
ANY = ("contains-any", "icontains-any")
REFUSED = "is-refusal"
"""promptfoo's checks that say what is right."""
EXPECTED = "__expected"  # promptfoo's column of a check, as "contains: 18:30"
_TYPED = re.compile(r"(?P<type>[a-z]+(?:-[a-z]+)*)(?:\([\d.]+\))?:(?!//)(?P<value>.*)", re.DOTALL)
"""A check as a table has it, as "similar(0.8): open"; an address is none."""
_FILLED = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_TEMPLATE = re.compile(r"\{[{%]")  # what promptfoo computes
_FILE = "file://"
LONG = 12  # words; a longer answer seldom stands in another one word for word


class _AsWritten(yaml.SafeLoader):  # type: ignore[misc]  # has no stubs
    """Keep 18:30, yes and 2024-05-05 as texts: YAML 1.1 makes other values of them."""

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, form) for tag, form in known if tag.endswith((":null", ":merge"))]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class Unusable(ValueError):
    """Report in a few words why a row is no question with a right answer."""


@dataclass(frozen=True)
class Imported:
    """What was read, and what of each other row there is to say."""

    pairs: tuple[Pair, ...]
    left_out: tuple[str, ...]

    @property
    def notes(self) -> list[str]:
        """Say what a comparison will lack."""
        long = sum(len(pair.answers[0].split()) > LONG for pair in self.pairs if pair.answers)
        nowhere = sum(bool(pair.answers and not pair.documents) for pair in self.pairs)
        counts = {
            f"{long} accepted answers are longer than {LONG} words: an answer counts as right if "
            "it contains an accepted one, so cut them to the words that matter": long,
            f'{nowhere} questions name no documents: add "documents" to score search and '
            "citations, and for the arms that are given the right passages": nowhere,
        }
        return [note for note, count in counts.items() if count]


def read_foreign(path: Path) -> Imported:
    """Read a file of .jsonl, .json, .yaml or .csv; raises UserError where it holds no question."""
    pairs: dict[str, Pair] = {}
    left_out: list[str] = []
    for number, row in enumerate(_rows(path), start=1):
        try:
            pair = _pair(row, number)
            if pair.id in pairs:
                raise Unusable(f"the id {pair.id!r} occurs twice: ids must be unique")
            pairs[pair.id] = pair
        except Unusable as error:
            left_out.append(f"row {number}: {error}")
    if not pairs:
        why = f" ({left_out[0]})" if left_out else ""
        raise UserError(
            f"{path} holds no question with a right answer{why}: expected LangSmith's "
            '{"inputs", "outputs"}, promptfoo\'s "tests" of {"vars", "assert"}, or RAGAS\'s '
            '{"user_input", "reference"}'
        )
    return Imported(tuple(pairs.values()), tuple(left_out))


def _rows(path: Path) -> list[Any]:
    try:
        return _listed(_parsed(path), path)
    except (OSError, ValueError, RecursionError, yaml.YAMLError, csv.Error) as error:
        reason = one_line(error)
        raise UserError(f"cannot read {path} ({reason}): name a file of questions") from error


def _parsed(path: Path) -> Any:
    text = path.read_text(encoding="utf-8-sig")
    match path.suffix.lower():
        case ".jsonl":
            lines = enumerate(text.split("\n"), start=1)
            return [_json(line, f"line {number}: ") for number, line in lines if line.strip()]
        case ".json":
            return _json(text)
        case ".yaml" | ".yml":
            return yaml.load(text, _AsWritten)
        case ".csv":
            return list(csv.DictReader(text.splitlines(keepends=True)))
    raise ValueError("it ends with none of .jsonl, .json, .yaml, .csv")


def _json(text: str, place: str = "") -> Any:
    """Parse JSON; NaN, which Python's tools write for what is missing, is nothing."""
    try:
        return json.loads(text, parse_constant=lambda name: None)
    except json.JSONDecodeError as error:
        raise ValueError(f"{place}{error}") from error


def _listed(parsed: Any, path: Path) -> list[Any]:
    """Return the rows in what was parsed; promptfoo may keep its tests in a file of their own."""
    if isinstance(parsed, dict):
        parsed = next((parsed[name] for name in ("tests", "examples") if name in parsed), None)
    if isinstance(parsed, str):
        return _rows(path.parent / parsed.removeprefix(_FILE))
    if not isinstance(parsed, list):
        raise ValueError("it holds no list of rows")
    return parsed


def _pair(row: Any, number: int) -> Pair:
    _check_whole(row)
    match row:
        case {"inputs": dict(inputs)}:
            outputs, about = _part(row, "outputs"), _part(row, "metadata")
            fields = {**about, **outputs, **inputs}
            asked, right = _alone(inputs, QUESTION), _alone(outputs, ANSWER)
            return _made(row, number, _question(asked), _texts(right, ANSWER), fields)
        case {"vars": dict(variables)}:
            checks = [check for check in row.get("assert") or [] if isinstance(check, dict)]
            return _checked(row, number, variables, checks)
        case dict() if any(str(name).startswith(EXPECTED) for name in row):
            return _checked(row, number, row, _columns(row))
        case dict():
            names = TRUTH if any(name in row for name in TRUTH) else ANSWER
            return _made(row, number, _question(row), _texts(row, names), row)
    raise Unusable("it is no object")


def _checked(
    row: Mapping[str, Any],
    number: int,
    fields: Mapping[str, Any],
    checks: Sequence[dict[str, Any]],
) -> Pair:
    """Make a pair of what promptfoo checks."""
    about = {**fields, **_part(row, "metadata")}
    variables = {k: v for k, v in fields.items() if not str(k).startswith("__")}
    question = _filled(_question(_alone(variables, QUESTION)), variables)
    if any(check.get("type") == REFUSED for check in checks):
        return _made(row, number, question, [], about, kind="unanswerable")
    whole = {_filled(c.get("value"), variables) for c in checks if c.get("type") in SAME}
    some = [_several(c.get("value"), variables) for c in checks if c.get("type") in ANY]
    if len(whole) + len(some) > 1:
        raise Unusable("it wants several texts at once, and one that is accepted is enough here")
    if not (whole or some):
        types = ", ".join(sorted({str(check.get("type")) for check in checks})) or "none"
        raise Unusable(f"its checks ({types}) name no text that an answer must hold")
    return _made(row, number, question, [*whole, *(some[0] if some else [])], about)


def _check_whole(row: Any) -> None:
    """Raise Unusable for a row of a table whose texts were cut at their commas."""
    if isinstance(row, dict) and any(row.get(None) or ()):
        raise Unusable("it has more cells than the table has columns: quote a text with commas")


def _part(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the fields that a row keeps together under a name; empty where there are none."""
    part = row.get(name)
    if part and not isinstance(part, dict):
        raise Unusable(f"its {name} is no object")
    return part or {}


def _columns(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Read checks out of a table's columns."""
    cells = [str(cell) for name, cell in row.items() if str(name).startswith(EXPECTED) and cell]
    return [_check(cell.strip()) for cell in cells]


def _check(cell: str) -> dict[str, Any]:
    """Read one check; a text without a type must be equalled."""
    if found := _TYPED.fullmatch(cell):
        return {"type": found["type"], "value": found["value"].strip()}
    return {"type": REFUSED if cell == REFUSED else SAME[0], "value": cell}


def _several(value: Any, variables: Mapping[str, Any]) -> list[str]:
    if isinstance(value, list):
        return [_filled(text, variables).strip() for text in value]
    return [text.strip() for text in _filled(value, variables).split(",")]


def _filled(value: Any, variables: Mapping[str, Any]) -> str:
    """Return the text that promptfoo makes of one: `{{name}}` is the variable of that name."""
    text = _FILLED.sub(lambda name: _written(variables.get(name[1], name[0])), _written(value))
    if text.startswith(_FILE) or _TEMPLATE.search(text):
        raise Unusable(f"{one_line(text)!r} is filled in by promptfoo, and not known here")
    return text


def _written(value: Any) -> str:
    if not isinstance(value, str | int | float):
        raise Unusable("a value of its checks or variables is no text")
    return str(value)


def _alone(fields: Mapping[str, Any], names: Sequence[str]) -> Mapping[str, Any]:
    """Call the only field that there is as most tools do; several fields keep their names."""
    if len(fields) != 1:
        return fields
    (value,) = fields.values()
    return {names[0]: value}


def _question(fields: Mapping[str, Any]) -> str:
    """Return what is called a question; a conversation is none, nor are several questions."""
    found = next((fields[name] for name in QUESTION if fields.get(name) is not None), "")
    if not isinstance(found, str):
        raise Unusable("its question is no text")
    if not found.strip():
        raise Unusable(f"none of its texts is called {' or '.join(QUESTION)}")
    return found.strip()


def _texts(fields: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Return the texts under the first of these names."""
    given = (fields[name] for name in names if fields.get(name) not in (None, "", []))
    value = next(given, None)
    values = value if isinstance(value, list) else [value]
    return [str(text).strip() for text in values if isinstance(text, str | int | float)]


def _made(
    row: Mapping[str, Any],
    number: int,
    question: str,
    answers: Sequence[str],
    fields: Mapping[str, Any],
    kind: str = "answerable",
) -> Pair:
    if not any(answers) and kind == "answerable":
        raise Unusable("it has no right answer")
    try:
        "".join([question, *answers]).encode()
    except UnicodeEncodeError as error:
        raise Unusable("it holds half a character: another tool cut its text") from error
    return Pair.model_validate(
        {
            "id": str(row.get("id") or f"row-{number}"),
            "question": question,
            "answers": [answer for answer in answers if answer],
            "documents": _texts(fields, DOCUMENT),
            "kind": kind,
        }
    )
