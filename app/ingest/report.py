"""What an ingestion tells of what it did."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class IngestReport:
    """What an ingestion did, by document name."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    """New name by the old one, of documents that are the same otherwise."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Name and reason of each file that could not be read."""
    partly: dict[str, list[str]] = field(default_factory=dict)
    """What was left out of each file that was read in this run, if anything was."""
    recognised: dict[str, int] = field(default_factory=dict)
    """How many pages OCR read of each file that was read in this run, if it read any."""
    forgotten: list[str] = field(default_factory=list)
    """Files that were left out because they, or their bytes, were forgotten."""
    shown: list[str] = field(default_factory=list)
    """Documents of the index that others may see than before."""
    unused: list[str] = field(default_factory=list)
    """Patterns of the file of access that fit no document of the index."""
    left_out: dict[str, int] = field(default_factory=dict)
    """How many files of each type that is not read, links and hidden entries there are."""
    embedded: int = 0
    """Chunks whose vectors were computed in this run."""
    chunks: int = 0
    """Chunks in the index afterwards."""
    index: str = ""
    """Version of the index afterwards."""

    @property
    def nothing_read(self) -> bool:
        """Whether files could not be read, and nothing else was done."""
        done = [*self.added, *self.changed, *self.unchanged, *self.removed]
        return bool(self.skipped) and not [*done, *self.renamed, *self.forgotten]

    def skip(self, name: str, error: Exception | str, *, kept: bool) -> None:
        """Note why a file could not be read, and whether the index keeps a former version."""
        stays = "; its last readable version stays in the index" if kept else ""
        reason = f"cannot be read ({error.strerror})" if isinstance(error, OSError) else error
        self.skipped[name] = f"{reason}{stays}"
