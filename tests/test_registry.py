"""A version stays what it was, and only one that passes and is better goes into production."""

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from adapter_parts import HASH, facts, write_adapter, write_known_adapter

from finetune.aliases import read_aliases
from finetune.manifest import MANIFEST, Gate, RegistryError
from finetune.registry import GateFailed, Registry, Version

pytestmark = pytest.mark.usefixtures("one_thread")

REPORTS = {"evaluation.md": "# Evaluation\n", "loss.svg": "<svg/>"}


@pytest.fixture(scope="module")
def adapter(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_known_adapter(tiny_model, tmp_path_factory.mktemp("made") / "adapter")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry")


@pytest.fixture
def register(registry: Registry, adapter: Path) -> Callable[..., Version]:
    def register(score: float = 0.7, **others: object) -> Version:
        return registry.register("qa", adapter, reports=REPORTS, facts=facts(score, **others))

    return register


def everything(root: Path) -> set[Path]:
    return set(root.rglob("*"))


def test_registered_version_holds_adapter_card_reports_and_their_hashes(
    registry: Registry, register: Callable[..., Version], adapter: Path
) -> None:
    version = register()
    files = {str(p.relative_to(version.folder)) for p in everything(version.folder) if p.is_file()}
    assert files == {
        "manifest.json", "README.md", "evaluation.md", "loss.svg", "adapter/base.json",
        "adapter/adapter_config.json", "adapter/adapter_model.safetensors",
    }  # fmt: skip
    assert set(version.manifest.files) == files - {"manifest.json"}
    weights = "adapter_model.safetensors"
    assert (version.adapter / weights).read_bytes() == (adapter / weights).read_bytes()
    assert version.id.startswith("20261122T100005Z-")
    assert len(version.id) == len("20261122T100005Z-") + 12
    assert version.manifest.base.name == "tiny"
    assert {"python", "torch", "transformers", "peft", "trl"} <= set(version.manifest.packages)
    assert registry.version("qa", version.id) == version
    assert registry.verify("qa", version.id) == []
    assert [path.name for path in (registry.root / "qa").iterdir()] == [version.id]


def test_report_may_be_a_file(registry: Registry, adapter: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}\n")
    reports = {"golden.jsonl": tmp_path / "rows.jsonl"}
    version = registry.register("qa", adapter, reports=reports, facts=facts())
    assert (version.folder / "golden.jsonl").read_text() == "{}\n"


def test_what_a_trainer_leaves_beside_the_adapter_stays_out(
    registry: Registry, adapter: Path, tmp_path: Path
) -> None:
    left = shutil.copytree(adapter, tmp_path / "left")
    for name in ("training_args.bin", "optimizer.pt", "tokenizer.json"):
        (left / name).write_bytes(b"pickle")
    version = registry.register("qa", left, reports={}, facts=facts())
    assert {path.name for path in version.adapter.iterdir()} == {
        "base.json", "adapter_config.json", "adapter_model.safetensors",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        ("model.pkl", r"model\.pkl is not kept"),
        ("run.py", r"run\.py is not kept"),
        ("../away.md", "plain file name"),
        ("manifest.json", "plain file name"),
        ("README.md", "plain file name"),
    ],
)
def test_report_that_cannot_be_kept_is_named(
    registry: Registry, adapter: Path, report: str, reason: str
) -> None:
    with pytest.raises(RegistryError, match=reason):
        registry.register("qa", adapter, reports={report: "text"}, facts=facts())
    assert not registry.root.exists()


def test_adapter_that_does_not_know_its_base_is_refused(
    registry: Registry, tiny_model: Path, tmp_path: Path
) -> None:
    adapter = write_adapter(tiny_model, tmp_path / "stray")
    with pytest.raises(RegistryError, match=r"has no base\.json"):
        registry.register("qa", adapter, reports={}, facts=facts())


def test_failed_registration_leaves_nothing(
    registry: Registry, adapter: Path, tmp_path: Path
) -> None:
    with pytest.raises(RegistryError, match="cannot register"):
        registry.register("qa", adapter, reports={"a.md": tmp_path / "none.md"}, facts=facts())
    assert list((registry.root / "qa").iterdir()) == []
    assert registry.versions("qa") == []


def test_same_version_is_never_written_twice(
    registry: Registry, register: Callable[..., Version]
) -> None:
    version = register()
    written = (version.folder / MANIFEST).stat().st_mtime_ns
    with pytest.raises(RegistryError, match="cannot register"):
        register()
    assert (version.folder / MANIFEST).stat().st_mtime_ns == written
    assert [path.name for path in (registry.root / "qa").iterdir()] == [version.id]


def test_versions_are_listed_by_age(registry: Registry, register: Callable[..., Version]) -> None:
    late, early = register(minute=30), register(minute=2)
    assert registry.versions("qa") == [early, late]


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (lambda f: flip(f / "adapter/adapter_model.safetensors"),
         ["adapter/adapter_model.safetensors: changed"]),
        (lambda f: flip(f / "README.md"), ["README.md: changed"]),
        (lambda f: flip(f / "manifest.json"), ["manifest.json: changed"]),
        (lambda f: (f / "adapter/more.json").write_text("{}"), ["adapter/more.json: added"]),
        (lambda f: (f / "loss.svg").unlink(), ["loss.svg: missing"]),
        (lambda f: (f / "loss.svg").rename(f / "lost.svg"),
         ["loss.svg: missing", "lost.svg: added"]),
    ],
)  # fmt: skip
def test_every_change_is_found_and_not_promoted(
    registry: Registry,
    register: Callable[..., Version],
    harm: Callable[[Path], object],
    found: list[str],
) -> None:
    version = register()
    harm(version.folder)
    assert registry.verify("qa", version.id) == found
    with pytest.raises(RegistryError, match="is not what was registered"):
        registry.promote("qa", version.id, force=True)
    assert registry.aliases("qa") == {}


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_planted_bad_adapter_is_not_promoted(
    registry: Registry, register: Callable[..., Version]
) -> None:
    good = registry.promote("qa", register(0.7).id)
    ungated = register(0.9, recall=0.79, minute=1)
    with pytest.raises(GateFailed, match=r"gate refusal_recall 0\.79 is below 0\.8$") as error:
        registry.promote("qa", ungated.id)
    assert "\n" not in str(error.value)
    worse = register(0.65, minute=2)
    with pytest.raises(GateFailed, match=rf"0\.65 does not beat 0\.7 of {good.id}$"):
        registry.promote("qa", worse.id)
    equal = register(0.7, minute=3)
    with pytest.raises(GateFailed, match="does not beat"):
        registry.promote("qa", equal.id)
    assert registry.aliases("qa") == {"production": good.id}
    better = register(0.71, minute=4)
    assert registry.promote("qa", better.id) == registry.version("qa", "production") == better


def test_first_version_needs_only_its_gates(
    registry: Registry, register: Callable[..., Version]
) -> None:
    bad = register(recall=0.1)
    with pytest.raises(GateFailed):
        registry.promote("qa", bad.id)
    good = register(0.1, minute=1)
    assert registry.promote("qa", good.id) == registry.version("qa", "production")


def test_ceiling_is_a_gate_too(registry: Registry, register: Callable[..., Version]) -> None:
    gates = {"over_refusal": Gate(value=0.16, ceiling=0.15)}
    with pytest.raises(GateFailed, match=r"over_refusal 0\.16 is above 0\.15"):
        registry.promote("qa", register(gates=gates).id)
    with pytest.raises(GateFailed, match="held to no gate"):
        registry.promote("qa", register(gates={}).id)


def test_passed_is_computed_and_never_believed(register: Callable[..., Version]) -> None:
    gate = Gate.model_validate({"value": 0.1, "floor": 0.8, "passed": True})
    assert not gate.passed
    manifest = json.loads((register().folder / MANIFEST).read_text())
    assert manifest["gates"] == {
        "refusal_recall": {"value": 0.9, "floor": 0.8, "ceiling": None, "passed": True}
    }


@pytest.mark.parametrize(
    "others", [{"test_sha256": HASH["d"]}, {"metrics": {"f1": 0.9}}], ids=["data", "no score"]
)
def test_scores_on_other_data_are_not_compared(
    registry: Registry, register: Callable[..., Version], others: dict[str, object]
) -> None:
    good = registry.promote("qa", register(0.7).id)
    other = register(0.9, minute=1, **others)
    with pytest.raises(GateFailed, match="cannot be compared"):
        registry.promote("qa", other.id)
    registry.promote("qa", other.id, force=True)
    history = read_aliases(registry.root / "qa").history
    assert [(switch.version, bool(switch.forced)) for switch in history] == [
        (good.id, False),
        (other.id, True),
    ]
    assert "cannot be compared" in str(history[1].forced)


def test_candidate_is_yet_to_be_judged(
    registry: Registry, register: Callable[..., Version]
) -> None:
    bad = register(recall=0.0)
    registry.promote("qa", bad.id, "candidate")
    assert registry.version("qa", "candidate") == bad
    with pytest.raises(GateFailed):
        registry.promote("qa", "candidate")


def test_rollback_goes_back_one_step_each_time(
    registry: Registry, register: Callable[..., Version]
) -> None:
    a, b, c, d = (register(0.1 * step, minute=step) for step in range(1, 5))
    for version in (a, b, c):
        registry.promote("qa", version.id)
    assert registry.rollback("qa") == b
    assert registry.promote("qa", b.id) == b  # where it stands already: no step of its own
    assert registry.rollback("qa") == registry.version("qa", "production") == a
    with pytest.raises(RegistryError, match="no earlier production version"):
        registry.rollback("qa")
    registry.promote("qa", d.id)
    assert registry.rollback("qa") == a


def test_reading_leaves_no_trace(registry: Registry, register: Callable[..., Version]) -> None:
    registry.promote("qa", register().id)
    for hidden in (registry.root / "qa").glob(".*"):
        hidden.unlink()
    before = everything(registry.root)
    assert len(before) > 8
    registry.version("qa", "production")
    assert len(registry.versions("qa")) == 1
    assert registry.aliases("qa").keys() == {"production"}
    assert registry.verify("qa", "production") == []
    assert registry.aliases("unknown") == {}
    assert everything(registry.root) == before


def test_what_is_not_there_is_said_with_what_is(
    registry: Registry, register: Callable[..., Version], adapter: Path
) -> None:
    with pytest.raises(RegistryError, match="has no qa@production: it has nothing"):
        registry.version("qa", "production")
    with pytest.raises(RegistryError, match="has no version of qa"):
        registry.rollback("qa")
    version = register()
    with pytest.raises(RegistryError, match=f"it has {version.id}"):
        registry.version("qa", "production")
    for name in ("../qa", "", ".hidden", "a/b"):
        with pytest.raises(RegistryError, match="cannot be a name"):
            registry.register(name, adapter, reports={}, facts=facts())
    with pytest.raises(RegistryError, match="has no"):
        registry.version("qa", f"../qa/{version.id}")
    (registry.root / "qa" / "aliases.json").write_text("{")
    with pytest.raises(RegistryError, match="is damaged"):
        registry.aliases("qa")


def test_registry_that_cannot_be_written_is_said_so(tmp_path: Path, adapter: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryError, match="cannot register"):
        Registry(tmp_path / "file").register("qa", adapter, reports={}, facts=facts())


def test_readers_never_miss_an_alias_while_it_is_switched(
    registry: Registry, register: Callable[..., Version]
) -> None:
    ids = [register(minute=0).id, register(minute=1).id]
    registry.promote("qa", ids[0], "candidate")
    seen: list[str] = []
    errors: list[BaseException] = []
    start, stop = threading.Barrier(101), threading.Event()

    def read() -> None:
        start.wait()
        while not stop.wait(0.02):  # or the writer would hardly get a turn
            try:
                seen.append(registry.aliases("qa")["candidate"])
            except BaseException as error:
                errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(100)]
    for reader in readers:
        reader.start()
    start.wait()
    for turn in range(1, 21):
        registry.promote("qa", ids[turn % 2], "candidate")
    stop.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert set(seen) == set(ids)
    assert len(seen) >= 100


def test_writers_take_turns(registry: Registry, register: Callable[..., Version]) -> None:
    ids = [register(minute=minute).id for minute in range(4)]
    writers = [
        threading.Thread(target=registry.promote, args=("qa", one, f"alias-{one}"))
        for one in ids * 2
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert registry.aliases("qa") == {f"alias-{one}": one for one in ids}
    assert len(read_aliases(registry.root / "qa").history) == 4
    assert not os.path.lexists(registry.root / "qa" / ".aliases.json")
