"""Tell the stores of an index apart by their URLs; opens none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.plugins import Port

if TYPE_CHECKING:  # settings are read long before a store is opened
    from app.index.records.tables import Database


@dataclass(frozen=True)
class Kind:
    """A store of indexes that a URL can name."""

    name: str
    extra: str
    """The extra that installs its client; empty for a store that a package adds."""
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
    _of_records("Milvus", "milvus"),
    Kind(
        "Pinecone",
        "pinecone",
        ("pinecone+https://:KEY@HOST",),
        ("pinecone+http", "pinecone+https"),
    ),
    Kind(
        "Weaviate",
        "weaviate",
        ("weaviate+http://HOST:PORT",),
        ("weaviate+http", "weaviate+https"),
    ),
)
STORES: Port[Callable[[str], Database]] = Port(
    "groundtune.stores",
    "a function that returns the app.index.records.tables.Database of a URL",
    builtin=frozenset(name for kind in KINDS for name in (*kind.servers, kind.folders) if name),
)
"""Packages add a store of records here, under the scheme of its URLs."""


def kind_of(url: str) -> Kind:
    """Return the store that a URL names; raises ValueError where it names none."""
    parts = urlsplit(url)
    for kind in KINDS:
        if parts.scheme and parts.scheme == kind.folders and parts.path > "/" and not parts.netloc:
            return kind
        named = parts.netloc or kind.extra == "postgresql"  # whose client knows a usual host
        if parts.scheme in kind.servers and "://" in url and named:
            return kind
    added = [_added(scheme) for scheme in STORES.names()]
    for kind in added:
        if parts.scheme in kind.servers and "://" in url:
            return kind
    forms = ", ".join(form for kind in (*KINDS, *added) for form in kind.forms)
    raise ValueError(f"expected one of {forms}, or nothing for the folder of GROUNDTUNE_INDEX")


def _added(scheme: str) -> Kind:
    """Return a store that a package adds, which alone knows how the rest of its URLs looks."""
    return Kind(scheme, "", (f"{scheme}://...",), (scheme,))
