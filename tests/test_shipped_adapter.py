"""The adapter in the repository is whole, small, attributed, and trained on today's prompts."""

from pathlib import Path

import pytest

from app.models.adapters import SHIPPED, find_adapter
from app.models.grader import BASE_CALIBRATION
from app.models.names import BUILTIN_CHAT
from app.models.wheels import CHAT_WHEEL
from app.tuning.registration import prompts_sha256
from finetune.registry.fingerprint import check_base
from finetune.registry.store import Registry, Version


@pytest.fixture(scope="module")
def shipped() -> Version:
    return Registry(SHIPPED).version("grounded", "production")


def test_it_is_what_every_default_uses(tmp_path: Path, shipped: Version) -> None:
    found = find_adapter("auto", model=BUILTIN_CHAT, registry=tmp_path)
    assert found is not None
    assert found.folder == shipped.adapter
    assert found.label == f"grounded@{shipped.id}"
    assert found.calibration != BASE_CALIBRATION


def test_its_files_are_as_registered_and_at_most_12_megabytes(shipped: Version) -> None:
    assert Registry(SHIPPED).verify("grounded", "production") == []
    files = [file for file in shipped.folder.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 12_000_000
    assert {file.suffix for file in files} <= {".safetensors", ".json", ".md", ".html"}


def test_it_was_trained_on_the_prompts_that_are_served(shipped: Version) -> None:
    assert shipped.manifest.prompt_sha256 == prompts_sha256()


def test_it_passes_every_gate_and_was_not_forced(shipped: Version) -> None:
    gates = shipped.manifest.gates
    assert {"gain", "refusal_recall", "over_refusal", "stop_rate", "forgetting"} == set(gates)
    assert all(gate.passed for gate in gates.values())
    history = (SHIPPED / "grounded" / "aliases.json").read_text()
    assert '"forced": null' in history
    assert "is above" not in history


def test_it_names_what_it_owes(shipped: Version) -> None:
    assert shipped.manifest.data.licence == "cc-by-sa-4.0"
    card = (shipped.folder / "README.md").read_text()
    for owed in ("SQuAD", "CC BY-SA 4.0", "MTRAG", "CLINC150"):
        assert owed in card


@pytest.mark.model
def test_it_belongs_to_the_built_in_model(shipped: Version, base_folder: Path) -> None:
    check_base(shipped.adapter, base_folder)
    assert shipped.manifest.base.name == f"smollm2-135m-instruct-{CHAT_WHEEL.sha256[:12]}"


def test_the_default_adapter_belongs_to_the_built_in_model_alone(tmp_path: Path) -> None:
    assert find_adapter("auto", model="tiny", registry=tmp_path) is None
    assert find_adapter("none", model=BUILTIN_CHAT, registry=tmp_path) is None
