"""A version stays what it was, and reading leaves a registry as it is."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from adapter_parts import facts, registering, write_adapter, write_known_adapter

from finetune.registry.manifest import MANIFEST, RegistryError
from finetune.registry.store import Registry, Version

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
