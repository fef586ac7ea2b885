"""What a registered adapter's card and manifest say of it is so."""

import json
from pathlib import Path

import pytest
from adapter_parts import write_known_adapter
from tiny import LESSONS

from app.cli import main
from finetune.registry.manifest import Manifest, read_manifest

pytestmark = pytest.mark.usefixtures("one_thread")

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
