"""What a registered adapter's card and manifest say of it is so."""

import json
from pathlib import Path

import pytest
from adapter_parts import facts, write_known_adapter
from huggingface_hub import ModelCard
from tiny import LESSONS

from app.cli import main
from finetune.registry.fingerprint import sha256_of
from finetune.registry.manifest import Manifest, Start, read_manifest
from finetune.registry.store import Registry

pytestmark = pytest.mark.usefixtures("one_thread")

SQUAD = facts().data.attribution
QUICK = (
    "--examples rows.jsonl --test test.jsonl --general general.jsonl --mixture.dev 0 "
    "--mixture.rehearsal 0 --no-promote --train.max-length 512 --train.batch 4 --train.rank 4 "
    "--train.dtype float32 --train.track none --train.evaluations 0 --dtype float32 --start"
).split()


@pytest.fixture(autouse=True)
def _tiny(tiny_model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GROUNDTUNE_MODEL", str(tiny_model))
    monkeypatch.setenv("GROUNDTUNE_CACHE", str(tmp_path / "cache"))


def write_chats(file: str, *questions: str, **fields: object) -> None:
    rows = [
        {
            "id": question,
            "messages": [
                {"role": "user", "content": question},
                {"role": "assistant", "content": "Nobody"},
            ],
            **fields,
        }
        for question in questions
    ]
    Path(file).write_text("\n".join(map(json.dumps, rows)))


def registered(start: str = "none", *more: str, **fields: object) -> tuple[Manifest, str]:
    """Train on two rows with these fields; return the manifest and the card."""
    write_chats("rows.jsonl", "Who rings the bell?", "Who plays the lute?", **fields)
    write_chats("test.jsonl", "Who beats the drum?")
    write_chats("general.jsonl", *LESSONS)
    assert main(["finetune", *QUICK, start, *more]) == 0
    (file,) = Path(".groundtune/models/domain").glob("*/manifest.json")
    card = (file.parent / "README.md").read_text(encoding="utf-8")
    return read_manifest(file.parent), card


@pytest.mark.parametrize(
    ("fields", "answers", "sources"),
    [
        ({}, False, ""),
        ({"source": "chats of May"}, False, "Sources: chats of May. "),
        ({"kind": "answer"}, False, ""),
        ({"kind": "answer", "source": "a.md"}, True, "Sources: a.md. "),
    ],
)
def test_a_card_tells_of_documents_where_rows_were_made_of_them(
    fields: dict[str, str], answers: bool, sources: str
) -> None:
    manifest, card = registered(**fields)
    assert manifest.purpose.startswith("Answers questions from numbered passages") is answers
    assert manifest.limits == (
        ("English only", "short answers in the words of the passage") if answers else ()
    )
    assert f"\n\n{sources}Licence: other.\n" in card


@pytest.mark.parametrize(
    ("given", "licence", "attribution"),
    [
        ([], "cc-by-sa-4.0", [SQUAD]),
        (["--licence", "mit"], "mit", [SQUAD]),
        (["--licence", "other", "--attribution", "Chats: Ann."], "other", [SQUAD, "Chats: Ann."]),
        (["--attribution", SQUAD], "cc-by-sa-4.0", [SQUAD]),
    ],
)
def test_an_adapter_tells_what_it_went_on_from_and_owes_what_that_owes(
    tiny_model: Path, tmp_path: Path, given: list[str], licence: str, attribution: list[str]
) -> None:
    adapter = write_known_adapter(tiny_model, tmp_path / "adapter")
    registry = Registry(Path(".groundtune/models"))
    first = registry.register("first", adapter, reports={}, facts=facts())
    manifest, card = registered(f"first@{first.id}", *given)
    weights = sha256_of(adapter / "adapter_model.safetensors")
    assert manifest.start == Start(label=f"first@{first.id}", weights=weights)
    assert manifest.data.licence == ModelCard(card).data.license == licence
    assert manifest.data.attribution == "\n\n".join(attribution)
    assert f"Went on from the adapter first@{first.id} (weights `{weights[:12]}`)." in card
    assert f"Licence: {licence}.\n\n{manifest.data.attribution}\n\n" in card


def test_an_adapter_that_is_in_no_registry_is_named_as_a_start(
    tiny_model: Path, tmp_path: Path
) -> None:
    adapter = write_known_adapter(tiny_model, tmp_path / "first")
    manifest, card = registered(str(adapter))
    assert manifest.start is not None
    assert manifest.start.label == "first"
    assert (manifest.data.licence, manifest.data.attribution) == ("other", "")
    assert "Went on from the adapter first (" in card


def test_a_manifest_that_tells_no_start_is_read() -> None:
    manifest, card = registered()
    assert manifest.start is None
    assert "Went on" not in card
    (file,) = Path(".groundtune/models/domain").glob("*/manifest.json")
    told = json.loads(file.read_text())
    del told["start"]
    file.write_text(json.dumps(told))
    assert read_manifest(file.parent) == manifest
