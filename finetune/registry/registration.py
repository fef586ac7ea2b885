"""Fill a version's folder: the adapter, its reports, its card, its manifest.

Knows which files are kept; knows nothing of aliases or of other versions.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from finetune.registry.card import model_card
from finetune.registry.fingerprint import ADAPTER_FILES, BaseFingerprint, read_base
from finetune.registry.manifest import (
    ADAPTER,
    CARD,
    MANIFEST,
    Manifest,
    ManifestFacts,
    RegistryError,
    file_hashes,
)

# Nothing that runs when it is read: no pickle ever enters.
ALLOWED = {".safetensors", ".json", ".jsonl", ".md", ".jinja", ".txt", ".html", ".svg"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def check_name(name: str) -> None:
    """Raise RegistryError for what could lead out of the registry's folder."""
    if not NAME.fullmatch(name):
        raise RegistryError(
            f"{name!r} cannot be a name here: use letters, digits, dot, hyphen and underscore"
        )


def check_adapter(adapter: Path) -> BaseFingerprint:
    """Return the base that an adapter remembers; raises RegistryError for anything else."""
    missing = [file for file in ADAPTER_FILES if not (adapter / file).is_file()]
    base = read_base(adapter)
    if missing or base is None:
        raise RegistryError(
            f"{adapter} has no {' and no '.join(missing)}: register a LoRA adapter in PEFT's "
            "format that knows its base (finetune.registry.fingerprint.write_base)"
        )
    return base


def check_reports(reports: Mapping[str, Path | str]) -> None:
    """Raise RegistryError for a report that cannot be kept."""
    for report in reports:
        if not NAME.fullmatch(report) or report in (MANIFEST, CARD, ADAPTER):
            raise RegistryError(f"{report!r} cannot be a report's name: give a plain file name")
        if Path(report).suffix not in ALLOWED:
            raise RegistryError(
                f"{report} is not kept in a registry: only {' '.join(sorted(ALLOWED))} are"
            )


def copy_files(adapter: Path, reports: Mapping[str, Path | str], folder: Path) -> None:
    """Make the folder and put in the adapter's own files and the reports."""
    (folder / ADAPTER).mkdir(parents=True)
    for file in ADAPTER_FILES:
        shutil.copyfile(adapter / file, folder / ADAPTER / file)
    for report, content in reports.items():
        if isinstance(content, Path):
            shutil.copyfile(content, folder / report)
        else:
            (folder / report).write_text(content, encoding="utf-8")


def describe(folder: Path, name: str, base: BaseFingerprint, facts: ManifestFacts) -> Manifest:
    """Write card and manifest; the manifest last, for it lists the rest."""
    known = {**dict(facts), "name": name, "base": base}
    (folder / CARD).write_text(model_card(Manifest(**known, files={})), encoding="utf-8")
    manifest = Manifest(**known, files=file_hashes(folder))
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
    return manifest


@contextmanager
def whole_or_not(home: Path) -> Iterator[Path]:
    """Give a folder to fill beside the versions; what is not moved out of it is removed.

    Raises RegistryError where nothing can be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".") as scratch:
            yield Path(scratch) / "version"
    except OSError as error:
        raise RegistryError(f"cannot register below {home} ({error})") from error
