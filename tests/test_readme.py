"""What the README says exists, and its figures are those of the committed result files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app import cli
from app.cli import COMMANDS
from app.compare.comparison import TAUGHT, UNTAUGHT
from app.serving.settings import ServerSettings

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text()
MAKEFILE = (REPOSITORY / "Makefile").read_text()


def figures(name: str) -> dict:
    return json.loads((REPOSITORY / "tests" / "results" / f"{name}.json").read_text())["figures"]


def test_every_command_and_make_target_named_exists() -> None:
    verbs = set(re.findall(r"groundtune (\w+) [\"'~/\w]", README)) - {"groundtune"}
    assert len(verbs) >= 3
    assert verbs <= set(COMMANDS)
    listed = set(re.findall(r"^\| `(\w+)", README, re.MULTILINE))
    assert listed == set(COMMANDS)
    targets = set(re.findall(r"make (demo|compare|serve|test|check|benchmark)\b", README))
    assert len(targets) == 6
    assert all(f"\n{target}:" in MAKEFILE for target in targets)


def test_every_linked_file_and_listed_folder_exists() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert len(links) >= 3
    for link in [*links, "app/sample", "graphs", "finetune", "tests"]:
        assert (REPOSITORY / link).exists(), link


def test_every_variable_named_is_a_setting() -> None:
    names = set(re.findall(r"GROUNDTUNE_([A-Z_]+[A-Z])", README))
    assert len(names) >= 3
    assert {name.lower() for name in names} - {"debug"} <= set(ServerSettings.model_fields)
    assert cli.DEBUG in README


def test_the_adapters_table_repeats_its_manifest() -> None:
    (manifest,) = (REPOSITORY / "finetune" / "adapters" / "grounded").glob("*/manifest.json")
    metrics = json.loads(manifest.read_text())["metrics"]
    named = {
        "token F1, answerable": "f1",
        "exact match": "exact_match",
        "first citation right": "citation",
        "answerable refused": "over_refusal",
        "unanswerable refused": "refusal_recall",
        "grading accuracy": "grading_accuracy",
    }
    for words, metric in named.items():
        figures = [
            metrics[model][metric]["value"] for model in ("adapter", "base", "few-shot base")
        ]
        assert f"| {words} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |" in README
    assert f"changed by {100 * metrics['forgetting']['change']:+.1f} %" in README


def test_the_fine_tuning_table_repeats_its_result_files() -> None:
    handbook, records = figures("handbook"), figures("records")
    assert handbook["promoted"]
    assert f"in {handbook['minutes']:.1f} minutes" in README
    told = [(handbook, metric) for metric in ("f1", "citation", "refusal_recall", "over_refusal")]
    for found, metric in (*told, (records, "valid_records"), (records, "right_fields")):
        cells = [
            f"{of['value']:.2f} ({of['low']:.2f}–{of['high']:.2f})"
            for of in (found["adapter"][metric], found["base"][metric])
        ]
        assert f" | {cells[0]} | {cells[1]} |" in README, metric
    lost = [f"{100 * of['forgetting']['lost']:+.1f} %" for of in (handbook, records)]
    assert f"changed by {lost[0]} and {lost[1]}" in README


@pytest.mark.parametrize("file", sorted((REPOSITORY / "tests" / "results").iterdir()))
def test_results_name_no_place_of_the_machine_that_made_them(file: Path) -> None:
    assert not re.search(r"(?<![\w.])/(tmp|home|root|var|Users)/", file.read_text())


def test_the_measured_tables_repeat_the_result_files() -> None:
    answers = figures("answers")
    rows = re.findall(r"^\| ([\w-]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", README, re.MULTILINE)
    assert {row[0] for row in rows} == set(answers)
    for kind, *told in rows:
        keys = ("n", "correct", "quote_holds_answer", "abstained")
        assert [int(figure) for figure in told] == [answers[kind][key] for key in keys]
    for told in (
        f"{figures('retrieval')['all']['hit@5']:.3f}",
        f"{figures('redis')['hit@5']:.3f}",
        f"{figures('overhead')['added_to_model_time_median']:.1%}",
    ):
        assert told in README, told


def test_the_servers_waits_repeat_their_result() -> None:
    found = figures("serving")
    for way, words in {"python": "started already", "page": "page", "langgraph": "stream`"}.items():
        of = found[way]
        told = f"{words} | {of['first_token_ms_median']} | {of['answer_ms_median']} |"
        assert told in README


def test_the_table_of_techniques_repeats_its_result() -> None:
    found = figures("techniques")
    for name, arm in found["arms"].items():
        by_kind, scores = arm["right_by_kind"], arm["scores"]
        told = [by_kind[TAUGHT], by_kind[UNTAUGHT], scores["format_valid"]]
        told.append(scores.get("cited_gold"))  # which an arm that refuses everything has not
        cells = [
            f"{of['value']:.2f} ({of['low']:.2f}–{of['high']:.2f})" if of else "–" for of in told
        ]
        row = [f"**{name}**", *cells, f"{arm['cost']['p50_ms'] / 1000:.1f}"]
        assert f"| {' | '.join(row)} |" in README
    assert found["verdict"]["arm"] == "tuned"
    (hybrid,) = (of for of in found["verdict"]["level"] if of["right"] == "hybrid")
    assert f"{hybrid['more']} more questions" in " ".join(README.split())
    assert f"{100 * found['retrieval']['hit@6']['value']:.0f} %" in README


def test_the_comparison_repeats_its_result() -> None:
    found = figures("compare")
    for name, arm in found["arms"].items():
        right, wait = arm["scores"]["right"], arm["cost"]["p50_ms"] / 1000
        start = f"| **{name}** | {right['value']:.2f} ({right['low']:.2f}–{right['high']:.2f}) |"
        (row,) = (line for line in README.splitlines() if line.startswith(start))
        told = found["staleness"].get(name)
        assert not told or f"| {told['new']}, {told['old']} |" in row
        assert f"| {wait:.1f} |" in row
    for claim in found["claims"]:
        assert f"| {claim['says']} | {claim['found']} |" in README
