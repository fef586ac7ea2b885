"""The whole run of `groundtune finetune`, on the tiny model and a dozen documents."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import optuna
import pytest
from edits import edited
from filelock import FileLock
from kill_parts import killed_writing
from langchain_core.documents import Document
from tuning_parts import example, examples

import finetune
from app.assistant import Assistant
from app.cli import main
from app.dataset.build import Rows
from app.dataset.grounded import grounded_rows
from app.dataset.mixture import Mixture
from app.dataset.pairs import Pair, grounded_pairs
from app.errors import UserError
from app.models.adapters import find_adapter
from app.models.encoder import Encoder
from app.settings import Settings
from app.tuning.forget import drop_rows
from app.tuning.prepare import Sources, prepare, recorded, write_rows
from app.tuning.tune import Lineage, training
from finetune.causal import load_tokenizer
from finetune.config import TrainConfig
from finetune.data.chat_format import encode_prompt
from finetune.data.examples import read_examples
from finetune.data.report import check
from graphs import prompts
from graphs.passages import place

TOWNS = "Ossel Culvie Marram Skjorn Kester Ebrard Dunmal Holm Ling Ness".split()
MAYORS = "Anna Bert Cleo Dora Emil Fina Gus Hana Ida Jon".split()
TRAINED = (
    "--start none --mixture.passages [1,1,2] --mixture.rounds 1 --mixture.rehearsal 0 "
    "--train.max-length 512 --train.learning-rate 0.01 --train.epochs 3 --train.batch 4 "
    "--train.rank 4 --train.dtype float32 --train.track none --train.evaluations 2 "
    "--dtype float32"
).split()
GATES = (
    "--gates.refusal-recall 0 --gates.over-refusal 1 --gates.stop-rate 0 --gates.forgetting 99"
).split()
RECIPE = [*TRAINED, *GATES]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """A folder with documents, questions and the run of one training."""
    folder = tmp_path_factory.mktemp("work")
    shutil.copytree(tiny_model, folder / "tiny")
    (folder / "docs").mkdir()
    pairs = []
    for at, (town, mayor) in enumerate(zip(TOWNS, MAYORS, strict=True)):
        text = f"{town} has {at + 3} bees. Mayor: {mayor}."
        (folder / "docs" / f"{town}.md").write_text(text)
        for asked, answer in (
            (f"Who is mayor of {town}?", mayor),
            (f"How many bees has {town}?", f"{at + 3} bees"),
        ):
            pair = {"id": asked[:3] + str(at), "question": asked, "answers": [answer]}
            pairs.append({**pair, "documents": [f"{town}.md"]})
    pairs.append({"id": "lost", "question": "Why?", "answers": ["x"], "documents": ["None.md"]})
    (folder / "q.jsonl").write_text("\n".join(map(json.dumps, pairs)))
    return folder


@pytest.fixture(autouse=True)
def _inside(work: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    monkeypatch.chdir(work)
    monkeypatch.setenv("GROUNDTUNE_MODEL", "tiny")
    monkeypatch.setenv("GROUNDTUNE_CACHE", str(work / "cache"))


def tune(*more: str) -> int:
    return main(["finetune", "docs", "--questions", "q.jsonl", *RECIPE, *more])


@pytest.fixture(scope="module")
def trained(work: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(work)
        patch.setenv("GROUNDTUNE_MODEL", "tiny")
        patch.setenv("GROUNDTUNE_CACHE", str(work / "cache"))
        assert tune("--gates.gain", "-1") == 0
        yield work


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    capsys.readouterr()
    assert main(["models", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    return [row for row in rows if not row["name"].startswith("builtin:")]


def test_documents_become_a_registered_adapter_in_production(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = listed(capsys)[0]
    assert first["name"] == "domain"
    assert first["aliases"] == ["candidate", "production"]
    assert first["gates"] == "met"
    found = find_adapter("domain", model="tiny", registry=trained / ".groundtune" / "models")
    assert found is not None
    assert found.label == f"domain@{first['version']}"
    folder = found.folder.parent
    kept = {file.name for file in folder.rglob("*") if file.is_file()}
    assert {"manifest.json", "README.md", "data_report.html", "evaluation_report.html"} <= kept
    assert not any(name.endswith((".pt", ".bin", ".pth")) for name in kept)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["base"]["name"] == "tiny"
    assert manifest["command"].startswith("groundtune")
    assert set(manifest["metrics"]) >= {"score", "adapter", "base", "few-shot base", "forgetting"}


def test_every_question_is_trained_held_back_or_named(trained: Path) -> None:
    dataset = trained / ".groundtune" / "run" / "dataset"
    rows = [
        row
        for split in ("train", "dev", "test")
        for row in read_examples(dataset / f"{split}.jsonl")
    ]
    answered = {row.id.split("-")[1] for row in rows if row.kind == "answer"}
    assert len(answered) == 20
    report = (dataset / "report.md").read_text()
    assert "- `lost`: the index holds no document 'None.md'" in report


def test_a_question_that_other_rows_are_measured_instead_of_is_named(work: Path) -> None:
    pairs = [json.loads(line) for line in (work / "q.jsonl").read_text().splitlines()]
    said = [{**pair, "split": ("train", "test")[at % 2]} for at, pair in enumerate(pairs)]
    (work / "said.jsonl").write_text("\n".join(map(json.dumps, said)))
    chat = [{"role": "user", "content": "Ahoy?"}, {"role": "assistant", "content": "Ahoy!"}]
    (work / "measured.jsonl").write_text(json.dumps({"id": "m", "messages": chat}))
    files = ["--questions", "said.jsonl", "--test", "measured.jsonl", "--run", "given"]
    assert main(["finetune", "docs", *RECIPE, *files, "--plan"]) == 0
    unused = json.loads((work / "given" / "dataset" / "unused.json").read_text())
    why = 'its "split" is test, and other rows are given to be measured on'
    assert unused == {
        "lost": "the index holds no document 'None.md'",
        **{pair["id"]: why for pair in said if pair["split"] == "test"},
    }
    assert [row.id for row in read_examples(work / "given" / "dataset" / "test.jsonl")] == ["m"]


@pytest.mark.parametrize(("name", "value"), [("rank", "8"), ("targets", "q_proj")])
def test_a_training_that_goes_on_keeps_the_adapters_shape_or_says_so(
    name: str, value: str, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune("--start", "domain", f"--train.{name}", value, "--run", "on") == 3
    told = capsys.readouterr().err
    goes_on = f"was asked for, and the training goes on from an adapter whose {name} is"
    assert f"--train.{name} {value} {goes_on}" in told


def test_rows_that_were_replaced_in_part_are_no_earlier_runs(tmp_path: Path) -> None:
    write_rows(Rows(), tmp_path, {"data": "a"})
    assert recorded(tmp_path) == {"data": "a"}
    (tmp_path / "dev.jsonl").unlink()
    (tmp_path / "dev.jsonl").mkdir()  # so that writing ends in the middle
    with pytest.raises(OSError, match="dev"):
        write_rows(Rows(), tmp_path, {"data": "b"})
    assert recorded(tmp_path) == {}


def test_a_second_run_trains_nothing_again_and_does_not_replace_its_equal(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoints = trained / ".groundtune" / "run" / "training"
    before = {file: file.stat().st_mtime_ns for file in checkpoints.glob("checkpoint-*")}
    known = listed(capsys)
    assert tune("--gates.gain", "-1") == 2
    assert "is not promoted" in capsys.readouterr().err
    now = {file: file.stat().st_mtime_ns for file in checkpoints.glob("checkpoint-*")}
    assert before == now
    assert len(listed(capsys)) == len(known) + 1
    assert listed(capsys)[0]["aliases"][-1] == "production"


def test_a_training_of_other_code_is_not_taken_up(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with edited(finetune, "training/sft.py", "\nEDITED = True\n", tmp_path):
        assert tune("--gates.gain", "-1") == 3
    told = capsys.readouterr()
    assert "taken up from an earlier run of the same" in told.out  # the rows are
    assert "holds a training with other code: name another folder" in told.err


def test_a_training_that_other_rows_are_held_back_from_is_another(tiny_model: Path) -> None:
    tokenizer = load_tokenizer(tiny_model)
    dev = [example("d", f"Who rings the {thing}?", "Nobody") for thing in ("bell", "gong", "bell")]
    made = [
        training(
            tiny_model,
            check({"train": examples(), "dev": [row]}, tokenizer, max_length=500),
            Lineage(name="mine", command=""),
        )
        for row in dev
    ]
    assert made[0] == made[2]
    assert [part for part in made[0] if made[0][part] != made[1][part]] == ["data"]


def test_a_sweep_takes_up_the_trials_of_the_same_alone(
    work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def taken_up() -> str:
        command = ["sweep", "docs", "--questions", "q.jsonl", *TRAINED, "--train.epochs", "0.1"]
        assert main([*command, "--trials", "1", "--run", "swept"]) == 0
        return capsys.readouterr().out

    assert "0 trials taken up from" in taken_up()
    assert "1 trials taken up from" in taken_up()
    with edited(finetune, "training/sft.py", "\nEDITED = True\n", tmp_path):
        assert "0 trials taken up from" in taken_up()


def test_trials_that_were_interrupted_are_not_told_as_diverged(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["sweep", "docs", "--questions", "q.jsonl", *TRAINED, "--train.epochs", "0.1"]
    command += ["--run", "broken", "--trials"]
    assert main([*command, "1"]) == 0
    (kept,) = (work / "broken").glob("sweep-*/sweep.sqlite")
    storage = optuna.storages.RDBStorage(f"sqlite:///{kept}")
    study = optuna.load_study(study_name="sweep", storage=storage)
    study.ask()  # killed before anything was drawn for it
    study.ask().suggest_float("learning_rate", 1e-4, 3e-3, log=True)
    storage.engine.dispose()
    capsys.readouterr()
    assert main([*command, "2"]) == 0
    told = capsys.readouterr().out
    assert re.findall(r"^│ (\d) ", told, re.MULTILINE) == ["0", "1"]
    assert "diverged" not in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--mixture.dev", "0"], "a sweep needs held-back examples: raise --mixture.dev above 0"),
        (["--train.evaluations", "0"], "by evaluations: raise --train.evaluations above 0"),
    ],
)
def test_a_sweep_that_nothing_could_choose_by_is_refused(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["sweep", "docs", "--questions", "q.jsonl", *TRAINED, "--run", "unswept"]
    assert main([*command, *arguments]) == 3
    assert told in capsys.readouterr().err


class Forgetting(StringIO):
    """Tries to drop a run's rows whenever something is printed, and keeps what it is told."""

    def __init__(self, run: Path) -> None:
        super().__init__()
        self.run, self.told = run, dict[str, None]()

    def write(self, text: str) -> int:
        try:
            drop_rows(self.run, "another")
        except UserError as error:
            self.told[str(error)] = None
        else:
            self.told[f"dropped at: {text}"] = None
        return super().write(text)


@pytest.mark.parametrize(
    ("arguments", "code", "last"),
    [
        (["finetune", "--plan"], 0, "memory gib"),
        (["finetune", *GATES, "--train.epochs", "0.1", "--no-promote"], 0, "registered as domain@"),
        (["sweep", "--trials", "1", "--train.epochs", "0.1"], 0, "best: --train.learning-rate"),
        (["sweep", "--mixture.dev", "0"], 3, "data set"),
    ],
)
def test_rows_are_not_dropped_before_a_run_has_registered_what_was_trained_on_them(
    arguments: list[str], code: int, last: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    verb, *flags = arguments
    output, places = Forgetting(tmp_path / "run"), ["--registry", str(tmp_path / "models")]
    monkeypatch.setattr(sys, "stdout", output)
    command = [verb, "docs", "--questions", "q.jsonl", *TRAINED, *flags, *places]
    assert main([*command, "--run", str(output.run)]) == code
    assert last in output.getvalue()
    told = f"an adapter is being trained in {output.run}: wait until that is done"
    assert list(output.told) == [told]
    assert drop_rows(output.run, "another")


@pytest.mark.parametrize("verb", ["finetune", "sweep"])
def test_a_run_that_is_at_work_keeps_its_rows(
    verb: str, work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FileLock(tmp_path / ".lock"):
        command = [verb, "docs", "--questions", "q.jsonl", *TRAINED, "--run", str(tmp_path)]
        assert main(command) == 3
    told = f"another training is at work in {tmp_path}: wait for it, or name another --run"
    assert capsys.readouterr().err.splitlines()[-1] == f"groundtune: {told}"
    assert [file.name for file in tmp_path.iterdir()] == [".lock"]


def test_an_adapter_that_fails_a_gate_is_registered_but_not_promoted(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune("--gates.gain", "0.99", "--name", "bad") == 2
    error = capsys.readouterr().err
    assert error.strip().splitlines()[-1].startswith("groundtune: bad@")
    assert "gain" in error
    (bad,) = [row for row in listed(capsys) if row["name"] == "bad"]
    assert bad["aliases"] == ["candidate"]
    assert bad["gates"] == "not met: gain"
    assert main(["promote", "bad"]) == 2
    assert main(["promote", "bad", "--force"]) == 0
    assert main(["rollback", "bad"]) == 3
    assert "no earlier production version" in capsys.readouterr().err


def test_a_flipped_byte_is_found(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "domain"]) == 0
    assert "files are intact" in capsys.readouterr().out
    found = find_adapter("domain", model="tiny", registry=trained / ".groundtune" / "models")
    assert found is not None
    weights = found.folder / "adapter_model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert main(["verify", "domain"]) == 2
    assert "adapter/adapter_model.safetensors: changed" in capsys.readouterr().err
    weights.write_bytes(whole)
    assert main(["verify", "domain"]) == 0


def test_the_merged_model_is_exported_as_a_plain_folder(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from transformers import AutoModelForCausalLM

    assert main(["export", "domain", str(tmp_path / "out"), "--dtype", "bfloat16"]) == 0
    config = AutoModelForCausalLM.from_pretrained(tmp_path / "out").config
    assert (config.model_type, str(config.dtype)) == ("llama", "torch.bfloat16")
    assert main(["export", "domain", str(tmp_path / "gguf"), "--kind", "gguf"]) == 3
    assert "convert_hf_to_gguf.py" in capsys.readouterr().err


def test_a_plan_says_what_it_would_take_and_trains_nothing(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune("--plan", "--run", "planned") == 0
    told = capsys.readouterr().out
    assert "tokens per second" in told
    assert "memory gib" in told
    assert not (work / "planned" / "training").exists()


@pytest.mark.parametrize(
    ("chats", "share", "rehearsed", "told"),
    [
        (
            20,
            0.4,
            [1, 6, 11, 16],
            "made in this run, 16 of 20 chats of general.jsonl not rehearsed",
        ),
        (20, 0, [], "made in this run, 20 of 20 chats of general.jsonl not rehearsed"),
        (4, 0.5, [1, 2, 3, 4], "made in this run"),
    ],
)
def test_chats_are_rehearsed_from_the_whole_file(
    chats: int, share: float, rehearsed: list[int], told: str, work: Path, tmp_path: Path
) -> None:
    general = [f"{town} {mayor}" for town in TOWNS for mayor in MAYORS][:chats]
    asked = {"a.jsonl": TOWNS, "general.jsonl": general}
    for name, subjects in asked.items():
        rows = [{"prompt": f"What of {about}?", "completion": about} for about in subjects]
        (work / name).write_text("\n".join(map(json.dumps, rows)))
    sources = Sources(examples=Path("a.jsonl"), rehearsal=Path("general.jsonl"))
    mixture = Mixture(rehearsal=share, test=0, dev=0)
    killed_writing(tmp_path / "train.jsonl", "half of the rows")
    for made in (
        told,
        told.replace("made in this run", "taken up from an earlier run of the same"),
    ):
        data, record = prepare(
            Assistant(Settings()), sources, tmp_path, mixture, TrainConfig(), base=work / "tiny"
        )
        assert record == made
        assert list(tmp_path.glob(".*")) == []
    wanted = [f"rehearsal-{number:04}" for number in rehearsed]
    assert [row.id for row in data.splits["train"][len(TOWNS) :]] == wanted


@pytest.mark.parametrize(("sources", "told"), [(["one"], True), (["one", "two", "six"], False)])
def test_rows_of_which_none_can_be_held_back_are_told_before_training(
    sources: list[str], told: bool, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"prompt": f"Who rules {town} {source}?", "completion": mayor, "source": source}
        for source in sources
        for town, mayor in zip(TOWNS, MAYORS, strict=True)
    ]
    (work / "chats.jsonl").write_text("\n".join(map(json.dumps, rows)))
    files = ["--examples", "chats.jsonl", "--run", f"of-{len(sources)}", "--mixture.test", "0.3"]
    assert main(["finetune", *RECIPE, *files, "--plan"]) == 0
    assert ("nothing will be measured: give --test FILE" in capsys.readouterr().out) is told


def test_it_is_told_once_that_nothing_is_measured(
    work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ["--run", str(tmp_path / "run"), "--registry", str(tmp_path / "models")]
    short = ["--mixture.test", "0", "--train.epochs", "0.1", "--no-promote"]
    assert tune(*short, *places) == 0
    told = capsys.readouterr().out
    assert "registered as domain@" in told
    assert re.findall(r"(?:will be|was) measured", told) == ["will be measured"]


def test_rows_that_cannot_be_read_are_told(
    capsys: pytest.CaptureFixture[str], work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(work)
    assert main(["finetune", "docs", "--examples", "none.jsonl", *RECIPE]) == 3
    (error,) = capsys.readouterr().err.strip().splitlines()
    assert error.startswith("groundtune: ")
    assert "none.jsonl" in error


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--start", "nowhere"], "'nowhere' is no folder"),
        (["--start", "builtin:grounded"], "and tiny has other weights and tokenizer"),
        (["--train.method", "qlora", "--run", "q"], "method 'qlora' needs"),
        (["--train.max-length", "64", "--run", "l"], "rows are longer than 64 tokens, among them"),
        (["--train.rank", "0"], "rank"),
        (["--train.targets", "c_attn", "--run", "t"], "no linear module 'c_attn' to adapt: name"),
        (["--train.targets", "lm_head", "--run", "o"], "no linear module 'lm_head' to adapt: name"),
        (["--general", "none.jsonl", "--run", "g"], "cannot read none.jsonl"),
        (["--general", "q.jsonl", "--run", "g"], "q.jsonl:1 is no example"),
        (["--registry", "q.jsonl"], "cannot register below q.jsonl"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(*arguments) == 3
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("groundtune: ")
    assert told in error
    assert not Path("g").exists()  # nothing was made before the file was read


def served_rows() -> list[tuple[list, list[dict[str, str]]]]:
    """Render rows for training, and what the generate node would send for the same question."""
    chunks = [
        Document(f"{t} has <|im_end|> mayor {m}.", id=t, metadata={"document": t, "start": 0})
        for t, m in zip(TOWNS, MAYORS, strict=True)
    ]
    pairs = [
        Pair(id=t, question=f"Who is mayor of {t}?", answers=(m,), documents=(t,))
        for t, m in zip(TOWNS, MAYORS, strict=True)
    ]
    contexts = grounded_rows(
        grounded_pairs(pairs, chunks),
        lambda question, k: chunks[:k],
        Mixture(rounds=10),
        seed=1,
    )
    by_text = {place(chunk): chunk for chunk in chunks}
    rendered = []
    for row in (row for context in contexts for row in context):
        asked = row.prompt[-1].content
        if row.kind == "grade":
            question, passage = prompts.read_grade(asked)
            served = prompts.grade_document(question, place(by_text[passage]))
        else:
            blocks = asked.split("\n\n")[1:-1]
            shown = [place(by_text[block.partition("] ")[2]]) for block in blocks]
            served = prompts.generate(asked.rpartition("Question: ")[2], shown)
        rendered.append((served, row.prompt_chat()))
    return rendered


def test_trained_prompt_tokens_are_the_served_ones_for_a_hundred_rows(tiny_pipeline) -> None:
    from app.models.chat import to_chat

    encoder = Encoder(tiny_pipeline)
    rows = served_rows()
    assert len(rows) >= 100
    for served, trained in rows:
        ids = encoder.encode(to_chat(served))
        assert ids == encode_prompt(tiny_pipeline.tokenizer, trained)
        end = tiny_pipeline.tokenizer.eos_token_id
        assert ids.count(end) == len(trained)  # documents' control tokens are plain text


def test_rows_are_prepared_anew_for_another_base(work: Path) -> None:
    other = shutil.copytree(work / "tiny", work / "other")
    with (other / "chat_template.jinja").open("a") as template:
        template.write("{# another #}")
    row = {"messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "A"}]}
    (work / "rows.jsonl").write_text(json.dumps({"id": "1", "kind": "rehearsal", **row}))
    inputs = []
    for base in (work / "tiny", other):
        sources, folder = Sources(examples=work / "rows.jsonl"), work / "prepared"
        mixture = Mixture(rehearsal=0, test=0, dev=0)
        prepare(Assistant(Settings()), sources, folder, mixture, TrainConfig(), base=base)
        inputs.append(json.loads((folder / "inputs.json").read_text()))
    assert inputs[0]["model"] != inputs[1]["model"]
    assert inputs[0]["data"] == inputs[1]["data"]
