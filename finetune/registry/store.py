"""Keep adapters as immutable versions, and let only measured, better ones into production.

A folder of plain files: `<root>/<name>/<version>/` and `<root>/<name>/aliases.json`. Knows what
versions measured; knows nothing of how.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from finetune.registry import aliases as alias_file
from finetune.registry.aliases import CANDIDATE, PRODUCTION, AliasRecord, Switch
from finetune.registry.manifest import (
    ADAPTER,
    MANIFEST,
    Manifest,
    ManifestFacts,
    RegistryError,
    findings,
    read_manifest,
    version_id,
)
from finetune.registry.promotion import refusal
from finetune.registry.registration import (
    NAME,
    check_adapter,
    check_name,
    check_reports,
    copy_files,
    describe,
    whole_or_not,
)


class GateFailed(RegistryError):
    """Report a version that did not measure well enough for the alias."""

    exit_code = 2


@dataclass(frozen=True)
class Version:
    """One registered adapter."""

    name: str
    id: str
    folder: Path
    manifest: Manifest

    @property
    def adapter(self) -> Path:
        """Folder in PEFT's format."""
        return self.folder / ADAPTER


class Registry:
    """Adapters below one folder, which may be read-only for those who only read."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def check_writable(self, name: str) -> None:
        """Raise RegistryError where a version of this name could not be kept."""
        check_name(name)
        with whole_or_not(self.root / name):
            pass

    def register(
        self,
        name: str,
        adapter: Path,
        *,
        reports: Mapping[str, Path | str],
        facts: ManifestFacts,
    ) -> Version:
        """Keep an adapter for good, with its card and reports given as files or as their text.

        Of the adapter's folder only the adapter is taken, not what a trainer left beside it.
        The version appears whole or not at all. Raises RegistryError for an adapter that does not
        know its base and for reports of a kind that is not kept.
        """
        check_name(name)
        base = check_adapter(adapter)
        check_reports(reports)
        home = self.root / name
        with whole_or_not(home) as folder:
            copy_files(adapter, reports, folder)
            manifest = describe(folder, name, base, facts)
            version = version_id(manifest.created, folder / MANIFEST)
            folder.rename(home / version)  # fails where that version stands already
        return Version(name, version, home / version, manifest)

    def names(self) -> list[str]:
        """Return what the adapters that have a version are called."""
        return sorted({file.parent.parent.name for file in self.root.glob(f"*/*/{MANIFEST}")})

    def version(self, name: str, version: str) -> Version:
        """Find a version by its id or by an alias; raises RegistryError when there is none."""
        folder = self._folder(name, version)
        return Version(name, folder.name, folder, read_manifest(folder))

    def versions(self, name: str) -> list[Version]:
        """Return every version, oldest first."""
        versions = [self.version(name, version) for version in self._ids(name)]
        return sorted(versions, key=lambda version: version.manifest.created)

    def aliases(self, name: str) -> dict[str, str]:
        """Return the version that each alias stands for."""
        check_name(name)
        return alias_file.read_aliases(self.root / name).aliases

    def promote(
        self, name: str, version: str, alias: str = PRODUCTION, *, force: bool = False
    ) -> Version:
        """Let an alias stand for a version.

        Raises GateFailed for a version that fails a gate or does not beat the one the alias
        stands for, or cannot be compared with it, unless forced, which the history keeps;
        `candidate` is what is yet to be judged, so it takes any. Raises RegistryError for a
        version whose files changed.
        """
        check_name(alias)
        chosen = self._intact(name, version)
        with self._switching(name) as record:
            if record.aliases.get(alias) == chosen.id:
                return chosen
            reason = None if alias == CANDIDATE else self._refusal(chosen, record, alias)
            if reason and not force:
                raise GateFailed(f"{name}@{chosen.id} is not promoted: {reason}")
            switch = Switch(alias=alias, version=chosen.id, forced=reason)
            alias_file.write_aliases(self.root / name, record.switched(switch))
        return chosen

    def rollback(self, name: str, alias: str = PRODUCTION) -> Version:
        """Let an alias stand for the version it stood for before.

        Versions that are gone are passed. Raises RegistryError where none is left.
        """
        self._check_known(name)
        with self._switching(name) as record:
            known = self._ids(name)
            previous = next((id_ for id_ in record.earlier(alias) if id_ in known), None)
            if previous is None:
                raise RegistryError(f"{name} has no earlier {alias} version to go back to")
            chosen = self._intact(name, previous)
            switch = Switch(alias=alias, version=previous, rollback=True)
            alias_file.write_aliases(self.root / name, record.switched(switch))
        return chosen

    def verify(self, name: str, version: str) -> list[str]:
        """Hash every file again; returns what was changed, added or removed since."""
        return findings(self._folder(name, version))

    def _ids(self, name: str) -> list[str]:
        return sorted(manifest.parent.name for manifest in (self.root / name).glob(f"*/{MANIFEST}"))

    def _folder(self, name: str, version: str) -> Path:
        aliases = self.aliases(name)
        resolved = aliases.get(version, version)
        folder = self.root / name / resolved
        if not (NAME.fullmatch(resolved) and (folder / MANIFEST).is_file()):
            known = ", ".join([*aliases, *self._ids(name)]) or "nothing"
            raise RegistryError(f"{self.root} has no {name}@{version}: it has {known}")
        return folder

    def _intact(self, name: str, version: str) -> Version:
        if changes := self.verify(name, version):
            raise RegistryError(
                f"{name}@{version} is not what was registered ({', '.join(changes)}): restore it"
            )
        return self.version(name, version)

    def _check_known(self, name: str) -> None:
        check_name(name)
        if not self._ids(name):
            raise RegistryError(f"{self.root} has no version of {name}")

    @contextmanager
    def _switching(self, name: str) -> Iterator[AliasRecord]:
        with alias_file.writing(self.root / name):
            yield alias_file.read_aliases(self.root / name)

    def _refusal(self, version: Version, record: AliasRecord, alias: str) -> str | None:
        standing = record.aliases.get(alias, "")
        try:
            rival = self.version(version.name, standing).manifest if standing else None
        except RegistryError as error:
            incomparable = (
                f"it cannot be compared with {standing} ({error}): restore that, or force this"
            )
            return refusal(version.manifest, None, "") or incomparable
        return refusal(version.manifest, rival, standing)
