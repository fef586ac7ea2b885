"""Only a version that passes its gates and is better goes into production, seen whole by all."""

import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from adapter_parts import HASH, registering, write_known_adapter

from finetune.registry.aliases import read_aliases
from finetune.registry.manifest import MANIFEST, Gate, RegistryError
from finetune.registry.store import GateFailed, Registry, Version

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def adapter(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_known_adapter(tiny_model, tmp_path_factory.mktemp("made") / "adapter")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry")


@pytest.fixture
def register(registry: Registry, adapter: Path) -> Callable[..., Version]:
    return registering(registry, adapter)


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
        "refusal_recall": {
            "value": 0.9,
            "floor": 0.8,
            "ceiling": None,
            "best": None,
            "passed": True,
        }
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


@pytest.mark.parametrize("damage", ["gone", "damaged"])
def test_a_version_that_is_gone_or_damaged_can_be_replaced_by_force(
    registry: Registry, register: Callable[..., Version], damage: str
) -> None:
    first, second = register(0.7), register(0.8, minute=1)
    ungated = register(0.9, recall=0.1, minute=2)
    registry.promote("qa", first.id)
    (first.folder / MANIFEST).write_text("{}")
    if damage == "gone":
        shutil.rmtree(first.folder)
    with pytest.raises(GateFailed, match=rf"^qa@{second.id} is not .* compared with {first.id} \("):
        registry.promote("qa", second.id)
    with pytest.raises(GateFailed, match=r"gate refusal_recall 0\.1 is below 0\.8$"):
        registry.promote("qa", ungated.id)
    assert registry.promote("qa", second.id, force=True) == second
    history = read_aliases(registry.root / "qa").history
    assert [switch.version for switch in history] == [first.id, second.id]
    assert "cannot be compared with" in str(history[1].forced)
    assert registry.version("qa", "production") == second


def test_rollback_passes_versions_that_are_gone(
    registry: Registry, register: Callable[..., Version]
) -> None:
    a, b, c, d, e = (register(0.1 * step, minute=step) for step in range(1, 6))
    for version in (a, b, c, d):
        registry.promote("qa", version.id)
    shutil.rmtree(b.folder)
    shutil.rmtree(c.folder)
    assert registry.rollback("qa") == a
    with pytest.raises(RegistryError, match="no earlier production version"):
        registry.rollback("qa")
    registry.promote("qa", e.id)
    registry.promote("qa", d.id, force=True)
    registry.promote("qa", e.id)
    shutil.rmtree(d.folder)
    assert registry.rollback("qa") == registry.version("qa", "production") == a


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
        time.sleep(0.01)  # so that readers come between, however quick the switch is
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
    assert not list((registry.root / "qa").glob("*.tmp"))
