"""Read the file that says which groups of users may see which documents."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter, ValidationError

from app.errors import UserError
from app.index.audience import label_of, private_label
from app.index.port import Index
from app.ingest.identity import origin
from finetune.errors import first_fault

_RULES = TypeAdapter(dict[str, list[str]])
EXPECTED = """expected lines of TOML such as "staff/*" = ["hr", "user:alice"]"""


@dataclass(frozen=True)
class Access:
    """Which groups may see documents, by patterns of their names; the last that fits counts."""

    rules: Mapping[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a TOML file; raises UserError for one that is missing or says something else."""
        try:
            found = tomllib.loads(file.read_text(encoding="utf-8"))
            return cls(_RULES.validate_python(found, strict=True))
        except OSError as error:
            raise UserError(
                f"GROUNDTUNE_ACCESS: {file} cannot be read ({error.strerror})"
            ) from error
        except ValidationError as error:
            place = first_fault(error).place
            raise UserError(f"GROUNDTUNE_ACCESS: {file}: {place}: {EXPECTED}") from error
        except ValueError as error:  # no TOML, or no UTF-8
            raise UserError(f"GROUNDTUNE_ACCESS: {file} ({error}): {EXPECTED}") from error

    def label(self, document: str, origin: str) -> str | None:
        """Return the label of a document; None where everybody may see it.

        A file that lies in a private folder is for its user, whatever patterns fit its name.
        """
        if private := private_label(origin):
            return private
        fitting = [groups for pattern, groups in self.rules.items() if _fits(document, pattern)]
        return label_of(fitting[-1]) if fitting else None

    def changed(
        self, files: Mapping[str, tuple[str, str]], labels: Mapping[str, str]
    ) -> dict[str, str | None]:
        """Return the labels that differ from those in an index, by new name of each document.

        `files` are new names and origins by old names, by which `labels` are known too.
        """
        new = {old: self.label(*file) for old, file in files.items()}
        return {files[old][0]: label for old, label in new.items() if label != labels.get(old)}

    def unused(self, documents: Iterable[str]) -> list[str]:
        """Return the patterns that fit none of these documents."""
        names = list(documents)
        return [
            pattern for pattern in self.rules if not any(_fits(name, pattern) for name in names)
        ]


def access_to(store: Index, file: Path | None, *, rebuild: bool = False) -> Access:
    """Return what a file says of an index.

    Raises UserError where none is named for an index that does not show everything to everybody.
    An index that cannot be read tells nothing of that, and may be built anew.
    """
    if file is not None:
        return Access.read(file)
    if store.exists() and (labels := _labels(store, rebuild=rebuild)):
        raise UserError(
            f"the index holds documents that not everybody may see ({len(labels)}), and "
            "GROUNDTUNE_ACCESS is empty: name the file that says who may, or one without a line"
        )
    return Access()


def _labels(store: Index, *, rebuild: bool) -> dict[str, str]:
    """Return the labels of an index that no private folder explains."""
    try:
        known = store.seen_by()
        roots = store.documents() if known else {}
        files = {name: origin(roots[name][0], name) for name in known}
        return {name: label for name, label in known.items() if label != private_label(files[name])}
    except UserError:
        if rebuild:
            return {}
        raise


def _fits(document: str, pattern: str) -> bool:
    """Compare a name from its beginning or from a slash: a clash of names puts folders before."""
    pattern = pattern.replace("[", "[[]")  # which stands for itself, as all but * and ? do
    return fnmatchcase(document, pattern) or fnmatchcase(document, f"*/{pattern}")
