"""What is kept is taken up only while everything that made it is the same."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from edits import edited, flip_a_bit

import finetune
import graphs
from app.assistant import Assistant
from app.compare.plan.arms import BASE_RAG, Made
from app.compare.run.arm_answers import Asker
from app.compare.run.reuse import Kept, TakenUp, index_of
from app.dataset.mixture import Mixture
from app.dataset.pairs import Pair
from app.models.calibrations import write_calibration
from app.models.grader import BASE_CALIBRATION
from app.provenance import made_by, modules_behind, published
from app.settings import Settings
from app.tuning.prepare import Sources, prepare
from finetune.config import TrainConfig
from graphs import prompts

PAIRS = [Pair(id=str(at), question=f"How many bees has Holm {at}?") for at in range(2)]
EDIT = "\nEDITED = True\n"


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("work")
    shutil.copytree(tiny_model, folder / "tiny")
    (folder / "Holm.md").write_text("Holm has 3 bees.")
    Assistant(settings(folder)).ingest([folder / "Holm.md"])
    assert asked(folder, settings(folder)) == TakenUp(0, 2)
    return folder


def settings(work: Path, **others: object) -> Settings:
    usual = {
        **{"model": str(work / "tiny"), "cache": work / "cache", "index": work / "index"},
        **{"adapter": "none", "dtype": "float32", "max_tokens": 4, "max_rewrites": 0},
    }
    return Settings(**{**usual, **others})  # type: ignore[arg-type]


def asked(work: Path, told: Settings, pairs: list[Pair] = PAIRS) -> TakenUp:
    kept = Kept(work / "answers")
    Asker(kept, pairs, 1, 1).ask(BASE_RAG, BASE_RAG.settings(told, Made()), {}, timed=False)
    return kept.taken_up["answers of base-rag"]


def test_answers_are_taken_up_while_nothing_changed(work: Path, one_thread: None) -> None:
    assert asked(work, settings(work)) == TakenUp(2, 2)
    # What answers do not depend on asks nothing again.
    assert asked(work, settings(work, trace_texts=False, model_timeout=1)) == TakenUp(2, 2)


def _prompt(work: Path, patch: pytest.MonkeyPatch) -> Settings:
    patch.setattr(prompts, "ANSWER", "Answer in verse.")
    return settings(work)


def _other_base(work: Path, patch: pytest.MonkeyPatch) -> Settings:
    other = shutil.copytree(work / "tiny", work / "other" / "tiny")
    flip_a_bit(other / "model.safetensors")
    return settings(work, model=str(other))


def _same_place_other_base(work: Path, patch: pytest.MonkeyPatch) -> Settings:
    patch.chdir(work / "other")
    return settings(work, model="tiny")


def _grades(work: Path, patch: pytest.MonkeyPatch) -> Settings:
    told = settings(work)
    file = Assistant(told).calibration_file
    write_calibration(file, replace(BASE_CALIBRATION, bias=BASE_CALIBRATION.bias + 0.1), {})
    return told


def _index(work: Path, patch: pytest.MonkeyPatch) -> Settings:
    (work / "more").mkdir()
    (work / "more" / "Ness.md").write_text("Ness has 4 bees.")
    told = settings(work, index=work / "index-2")
    Assistant(told).ingest([work / "more"])
    return told


@pytest.mark.parametrize(
    "change",
    [
        _prompt,
        lambda work, patch: settings(work, grade_threshold=0.31),
        lambda work, patch: settings(work, top_k=5),
        lambda work, patch: settings(work, passage_order="best-first"),
        _other_base,
        _same_place_other_base,
        _index,
        _grades,
    ],
    ids=["prompt", "threshold", "k", "order", "base", "name", "index", "grades"],
)
def test_a_change_of_what_answers_depend_on_asks_everything_again(
    change: Callable[[Path, pytest.MonkeyPatch], Settings],
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    one_thread: None,
) -> None:
    told = change(work, monkeypatch)
    assert asked(work, told) == TakenUp(0, 2)
    assert asked(work, told) == TakenUp(2, 2)


def test_a_changed_node_or_question_asks_everything_again(
    work: Path, tmp_path: Path, one_thread: None
) -> None:
    with edited(graphs, "nodes.py", EDIT, tmp_path):
        assert asked(work, settings(work)) == TakenUp(0, 2)
    (pair, other) = PAIRS
    assert asked(work, settings(work), [pair, other.model_copy(update={"question": "Why?"})]) == (
        TakenUp(0, 2)
    )


def test_code_counts_as_far_as_it_is_needed(tmp_path: Path) -> None:
    behind = modules_behind("app.assistant")
    assert {"graphs.nodes", "graphs.prompts", "app.models.grader", "app.index.fusion"} <= {*behind}
    assert "app.ingest.formats.word" in behind, "what is loaded by its name counts too"
    assert not any(name.startswith(("app.compare", "app.serving")) for name in behind)
    with edited(graphs, "nodes.py", "\n# a comment\n", tmp_path / "comment"):
        assert modules_behind("app.assistant") == behind
    with edited(graphs, "nodes.py", EDIT, tmp_path / "node"):
        others = modules_behind("app.assistant")
    assert {name for name in behind if others[name] != behind[name]} == {"graphs.nodes"}


def test_a_published_figure_names_its_data_and_code(tmp_path: Path) -> None:
    def told() -> dict[str, Any]:
        return published("app.errors", data=[tmp_path / "docs"], packages=["torch"])

    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "Holm.md").write_text("Holm has 3 bees.")
    before = told()
    assert before["versions"] == {"torch": version("torch")}
    (tmp_path / "docs" / "Holm.md").write_text("Holm has 4 bees.")
    after = told()
    assert {part for part in before if before[part] != after[part]} == {"data_sha256"}
    with edited(graphs, "errors.py", EDIT, tmp_path / "edit"):
        assert told()["code_sha256"] != after["code_sha256"]


def test_a_merged_model_hangs_on_the_code_that_merges_and_on_no_prompt(tmp_path: Path) -> None:
    merging = "finetune.registry.merge"
    made = made_by(merging)
    assert made["prompts"] is None
    with edited(finetune, "registry/merge.py", EDIT, tmp_path):
        assert made_by(merging)["code"] != made["code"]


def test_rows_are_prepared_anew_and_it_is_said_why(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "A"}]}
    examples = tmp_path / "rows.jsonl"
    examples.write_text(json.dumps({"id": "1", "kind": "rehearsal", **row}))

    def prepared(**others: object) -> str:
        told = settings(work, **others)
        mixture, base = Mixture(rehearsal=0, test=0, dev=0), Path(told.model)
        sources, folder = Sources(examples=examples), tmp_path / "rows"
        _, said = prepare(Assistant(told), sources, folder, mixture, TrainConfig(), base=base)
        return said

    assert prepared() == "made in this run"
    assert prepared() == "taken up from an earlier run of the same"
    assert prepared(grade_threshold=0.2) == "made anew, for these differ: settings"
    with edited(graphs, "passages.py", EDIT, tmp_path):
        assert prepared(grade_threshold=0.2) == "made anew, for these differ: code"
    other = shutil.copytree(work / "tiny", tmp_path / "tiny")
    flip_a_bit(other / "model.safetensors")
    prepared()
    assert "model" in prepared(model=str(other))
    prepared()
    monkeypatch.setattr(prompts, "ANSWER", "Answer in verse.")
    assert prepared() == "made anew, for these differ: prompts"


def test_the_index_of_revised_documents_belongs_to_their_folder(work: Path, tmp_path: Path) -> None:
    found = []
    for season, price in (("spring", 10), ("autumn", 12), ("autumn", 13)):
        (tmp_path / season).mkdir(exist_ok=True)
        (tmp_path / season / "fees.md").write_text(f"The fee is £{price}.")
        told = settings(work)
        index = index_of([tmp_path / season], told, tmp_path / "revised-index")
        assistant = Assistant(told.model_copy(update={"index": index}))
        assistant.ingest([tmp_path / season])
        found.append((index, assistant.text_of("fees.md").strip()))
    assert [text for _, text in found] == ["The fee is £10.", "The fee is £12.", "The fee is £13."]
    assert found[0][0] != found[1][0] == found[2][0]
    cut = settings(work, chunk_size=200)
    assert index_of([tmp_path / "autumn"], cut, tmp_path / "revised-index") != found[2][0]
