"""What the pages say exists, and their figures are those of the committed result files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
import result_tables
from doc_parts import PAGES, REPOSITORY, estimate, figures, page
from result_tables import TABLES, Table

from app import cli
from app.cli import COMMANDS
from app.compare.judge.exclusions import STALE, TRACED
from app.compare.plan.arms import ARMS
from app.compare.plan.needs import Needs
from app.compare.plan.power import smallest_gap
from app.compare.plan.splits import ASKED
from app.dataset.pairs import Pair, PairKind
from app.models.extractor import ReaderExtractor, extract_weights
from app.serving import exchanges
from app.serving.checks import LONGEST_ANSWER, LONGEST_ID, MOST_CLAIMS
from app.serving.documents import MOST_FILES
from app.serving.guards import BODY_BYTES_A_SECOND, BODY_SECONDS, MOST_JSON
from app.serving.library import LONGEST_NAME, MOST_AT_ONCE
from app.serving.mcp_tool import Answered
from app.serving.page_requests import Asked, Feedback, Renamed
from app.serving.settings import ServerSettings
from app.serving.sockets import HEAD_SECONDS, MOST_CONNECTIONS
from graphs.passages import MAX_GIVEN
from graphs.verification import EVEN

MEASURED, TUNING = page("measured"), page("fine-tuning")
ALL = "\n".join(file.read_text() for file in PAGES)


def test_the_page_of_commands_names_every_command() -> None:
    listed = re.findall(r"^\| `(\w+)", page("commands"), re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)
    assert cli.DEBUG in page("commands")


def test_every_make_target_named_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", ALL, re.MULTILINE))
    assert len(targets) >= 5
    for either in targets:
        assert f"\n{''.join(either)}:" in makefile, either


def test_every_variable_named_is_a_setting() -> None:
    names = {name.lower() for name in re.findall(r"GROUNDTUNE_([A-Z_]+[A-Z])", ALL)}
    assert len(names) >= 20
    assert names - {"debug"} <= set(ServerSettings.model_fields)


def test_every_file_named_exists() -> None:
    named = set(re.findall(r"`((?:app|graphs|finetune|tests|examples|\.github)/[\w./-]+)`", ALL))
    assert len(named) >= 20
    for path in named:
        assert (REPOSITORY / path).exists(), path


@pytest.mark.parametrize("file", sorted((REPOSITORY / "tests" / "results").iterdir()))
def test_results_name_no_place_of_the_machine_that_made_them(file: Path) -> None:
    assert not re.search(r"(?<![\w.])/(tmp|home|root|var|Users)/", file.read_text())


def test_the_limits_of_requests_are_those_of_the_code() -> None:
    settings, told = ServerSettings(), page("behind-a-login")
    size = settings.max_file_mb
    named = Asked.model_json_schema()["properties"]["only"]["maxItems"]
    title = Renamed.model_json_schema()["properties"]["title"]["maxLength"]
    comment = Feedback.model_json_schema()["properties"]["comment"]["maxLength"]
    assert f"client_max_body_size {MOST_AT_ONCE * size}m;" in told
    for row in (
        f"| {MOST_JSON:,} bytes | 413 |",
        f"| {MOST_AT_ONCE} times `GROUNDTUNE_MAX_FILE_MB` ({size}), which is "
        f"{MOST_AT_ONCE * size} MB | 413 |",
        f"| files in an upload | {MOST_FILES} |",
        f"| a file's name | {LONGEST_NAME} bytes;",
        f"| {BODY_SECONDS:.0f} s, and 1 s more for each {BODY_BYTES_A_SECOND:,} bytes |",
        f"| {HEAD_SECONDS:.0f} s | closed |",
        f"| connections of a process | {MOST_CONNECTIONS} |",
        f"`GROUNDTUNE_MAX_QUESTION_TOKENS` ({settings.max_question_tokens})",
        f"| documents that a question names | {named:,} |",
        f"| {LONGEST_ANSWER:,} characters and {MOST_CLAIMS} claims, and a question as above |",
        f"| {MAX_GIVEN} passages of `GROUNDTUNE_CHUNK_SIZE`, ids of {LONGEST_ID:,} characters |",
        f"`GROUNDTUNE_MAX_WAITING` ({settings.max_waiting})",
        f"| {title} and {comment:,} characters |",
    ):
        assert row in told, row


def test_the_page_about_clients_says_what_is_known_again() -> None:
    told = " ".join(page("clients").split())
    assert f"remembers the last {exchanges.MOST} answers" in told
    assert f"A request of more than {exchanges.LONGEST:,} characters" in told


def test_the_page_about_clients_names_what_the_tool_answers() -> None:
    told = page("clients").partition("## MCP clients")[2].partition("\n## ")[0]
    assert all(f"`{name}`" in told for name in Answered.model_fields)


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
        cells = [metrics[model][metric]["value"] for model in ("adapter", "base", "few-shot base")]
        assert f"| {words} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |" in TUNING
    assert f"changed by {100 * metrics['forgetting']['change']:+.1f} %" in TUNING


def test_the_fine_tuning_table_repeats_its_result_files() -> None:
    handbook, records = figures("handbook"), figures("records")
    assert handbook["promoted"]
    assert f"after {handbook['minutes']:.1f} minutes" in TUNING
    told = [(handbook, metric) for metric in ("f1", "citation", "refusal_recall", "over_refusal")]
    for found, metric in (*told, (records, "valid_records"), (records, "right_fields")):
        cells = [estimate(of) for of in (found["adapter"][metric], found["base"][metric])]
        assert f" | {cells[0]} | {cells[1]} |" in TUNING, metric
    assert {handbook["adapter"][of]["n"] for of in ("f1", "refusal_recall")} == {13}
    lost = [f"{100 * of['forgetting']['lost']:+.1f} %" for of in (handbook, records)]
    assert f"changed by {lost[0]} and {lost[1]}" in TUNING


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_tables_repeat_their_result_files(table: Table) -> None:
    assert table.text + "\n" in table.path.read_text(encoding="utf-8")


def test_a_table_is_written_where_its_comment_stands(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    table = Table(str(page), "bees", lambda: [["bee", "hive"], ["Ada", "1"]])
    page.write_text("Before.\n\n<!-- table: bees -->\n\n| old |\n|---|\n\nAfter.\n")
    table.write()
    written = "<!-- table: bees -->\n\n| bee | hive |\n|---|---|\n| Ada | 1 |\n"
    assert page.read_text() == f"Before.\n\n{written}\nAfter.\n"
    page.write_text("No table.\n")
    with pytest.raises(SystemExit, match="'bees' 0 times"):
        table.write()


def test_the_samples_figures_repeat_the_result_files() -> None:
    overhead = figures("overhead")
    for told in (
        f"{figures('retrieval')['all']['hit@5']:.3f}",
        f"{figures('redis')['hit@5']:.3f}",
        f"{overhead['added_to_model_time_median']:.1%}",
        f"{overhead['added_to_generation_time_with_grading_median']:.0%}",
    ):
        assert told in MEASURED, told


def test_the_sums_about_scale_begin_with_what_the_model_reads() -> None:
    rate = figures("speed-decoding")["Groundtune"]["prompt tokens/s"]
    told = " ".join(page("scale").split())
    assert f"[{rate:.0f} a second](measured.md#beside-peers)" in told
    seconds = figures("speed-answers")["Groundtune"]["s an answer"]
    assert f"in the {seconds:.2f} s of an answer" in told
    read = round(rate * seconds, -2)
    assert f"at most {read:,.0f} tokens read" in told
    a_second = 0.4 * 989e12 / (16e9 * read)
    assert f"{a_second:.1f} questions a second and GPU" in told
    assert f"so about {1000 / a_second:.0f} GPUs" in told


def test_the_servers_figures_repeat_their_results() -> None:
    serving = page("serving")
    found = figures("serving")
    for way, words in {"python": "models loaded", "page": "page", "langgraph": "stream`"}.items():
        of = found[way]
        told = f"{words} | {of['first_token_ms_median']} | {of['answer_ms_median']} |"
        assert told in serving
    crowd = figures("crowd")
    wait, most = (f"{crowd[f'wait_s_{of}']:.0f} s" for of in ("median", "max"))
    words = " ".join(serving.split())
    assert f"They got {crowd['answers']} answers, after {wait} in the median and {most}" in words
    assert f"{crowd['refused']} requests were refused with a time to try again" in words


def test_the_text_about_techniques_repeats_its_result() -> None:
    found = figures("techniques")
    assert found["verdict"]["arm"] == "tuned"
    (hybrid,) = (of for of in found["verdict"]["level"] if of["right"] == "hybrid")
    assert f"{hybrid['more']} more questions" in " ".join(MEASURED.split())
    assert f"{100 * found['retrieval']['hit@6']['value']:.0f} %" in MEASURED


def test_the_text_about_the_comparison_repeats_its_result() -> None:
    found = figures("compare")
    assert f"took {found['minutes']:.0f} minutes" in MEASURED
    assert f"took {found['again_seconds']:.0f} seconds" in MEASURED
    refused = re.search(r"right on (0\.\d\d) of all", result_tables.asked())
    assert refused
    assert refused[0] in " ".join(MEASURED.split())


def test_the_page_about_comparing_says_what_needs_rule_out() -> None:
    found = re.findall(r"^\| `--needs\.([\w-]+)` \| `?(\w+)`? \| (.*) \|$", page("comparing"), re.M)
    needs = {name.replace("_", "-"): str(value) for name, value in Needs()}
    assert {name: default.capitalize() for name, default, _ in found} == {
        name: value.capitalize() for name, value in needs.items()
    }
    ruled_out = {name: words for name, _, words in found}
    assert f"more than {STALE:.0%}".replace("%", " %") in ruled_out["changes"]
    assert f"less than {TRACED:.0%}".replace("%", " %") in ruled_out["traceable"]


def test_the_page_about_comparing_names_every_kind_and_key_of_a_question_and_every_arm() -> None:
    told, _, keys = page("comparing").partition("### All keys")
    kinds = re.findall(r"^\| `([\w-]+)`(?: \(the default\))? \|", told, re.MULTILINE)
    assert sorted(kinds) == sorted(get_args(PairKind))
    named = re.findall(r"^\| `(\w+)` \|", keys.partition("\n## ")[0], re.MULTILINE)
    assert sorted(named) == sorted(Pair.model_fields)
    arms = re.findall(r"\*\*([\w-]+)\*\*", page("comparing").partition("### ")[0])
    assert sorted(arms) == sorted(ARMS)
    assert f"{ASKED:.0%} are asked".replace("%", " %") in page("comparing")


def test_the_questions_say_how_many_are_needed() -> None:
    gaps = [f"{100 * (smallest_gap(questions) or 0):.0f}" for questions in (50, 200)]
    told = f"50 questions show gaps of {gaps[0]} points between two arms, 200 show {gaps[1]};"
    assert told in " ".join(page("faq").split())


def test_the_page_about_checking_names_the_cut_offs_for_words_of_passages() -> None:
    checking = " ".join(page("checking").split())
    assert f"at least {extract_weights().sure} probable" in checking
    assert f"From {EVEN} on they also replace" in checking
    assert f"at least {ReaderExtractor.doubtful} sure" in checking


def test_the_limits_tell_how_often_the_check_errs() -> None:
    manifest = json.loads((REPOSITORY / "finetune" / "reader" / "manifest.json").read_text())
    kept, out = (manifest["figures"][of] for of in ("right kept", "wrong let out"))
    limits = " ".join(page("limits").split())
    assert f"Of {manifest['measured_on']:,} claims" in limits
    assert f"rejects {100 * (1 - kept):.1f} % of the right ones" in limits
    assert f"passes {100 * out:.1f} % of the wrong ones" in limits
    own = manifest["figures on a model's own answers"]["wrong let out"]
    assert f"really made, {100 * own:.1f} % passed" in limits
    kinds = [of["wrong let out"] for of in manifest["figures"].values() if isinstance(of, dict)]
    assert min(kinds) < 0.05, "of some kinds hardly any passes"
    assert max(kinds) > 0.5, "of others most do"
