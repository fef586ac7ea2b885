"""Tell the stores of an index apart by their URLs; opens none of them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Kind:
    """A store of indexes that a URL can name."""

    name: str
    extra: str
    """The extra that installs its client."""
    forms: tuple[str, ...]
    """How its URLs look."""
    servers: tuple[str, ...]
    """Schemes of URLs that name a server."""
    folders: str = ""
    """Scheme of URLs that name a folder, which the store runs on inside this process."""


def _of_records(name: str, scheme: str) -> Kind:
    forms = (f"{scheme}:///FOLDER", f"{scheme}+http://HOST:PORT")
    return Kind(name, scheme, forms, (f"{scheme}+http", f"{scheme}+https"), scheme)


KINDS = (
    Kind(
        "PostgreSQL",
        "postgresql",
        ("postgresql://USER@HOST/DATABASE",),
        ("postgresql", "postgres"),
    ),
    _of_records("Qdrant", "qdrant"),
    _of_records("Chroma", "chroma"),
)
FORMS = ", ".join(form for kind in KINDS for form in kind.forms)


def kind_of(url: str) -> Kind:
    """Return the store that a URL names; raises ValueError where it names none."""
    parts = urlsplit(url)
    for kind in KINDS:
        if parts.scheme and parts.scheme == kind.folders and parts.path > "/" and not parts.netloc:
            return kind
        named = parts.netloc or kind.extra == "postgresql"  # whose client knows a usual host
        if parts.scheme in kind.servers and "://" in url and named:
            return kind
    raise ValueError(f"expected one of {FORMS}, or nothing for the folder of GROUNDTUNE_INDEX")
