"""Load YAML with its values as they are written, and its merged keys where they count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.ingest.extracted import UnreadableFile
from app.ingest.formats.trees import repeated

_START = re.compile(r"^(?=---\s)|^\.\.\.(?=\s).*\n", re.MULTILINE)  # or the end of another
_ABOVE = re.compile(r"(?:[%#].*\n|\s)*+")  # directives and remarks are no document
_MOST_PARTS = 10_000_000  # small files can repeat a part endlessly often
_MOST_MERGED = 1_000_000  # keys; small files can merge endlessly many


class Loaded(NamedTuple):
    """The documents of a file, the keys whose value is given again, and what is no YAML."""

    documents: list[Any]
    repeated: list[str]
    wrong: list[str]
    """The place of the first mistake of each document that cannot be read."""


def load_documents(text: str) -> Loaded:
    """Return the documents of a file; if some cannot be read, the others."""
    try:
        loaded = _loaded(text)
    except yaml.YAMLError as error:
        loaded = _one_by_one(text)
        if not loaded.documents:
            raise UnreadableFile(f"is not valid YAML: line {_line(error, text)}") from error
    if _parts(loaded.documents, {}) > _MOST_PARTS:
        raise UnreadableFile(f"repeats its parts to more than {_MOST_PARTS:,} values")
    return loaded


def _loaded(text: str) -> Loaded:
    loader = _Loader(text)
    documents = []
    while loader.check_data():
        documents.append(loader.get_data())
    return Loaded(documents, loader.repeated, [])


def _one_by_one(text: str) -> Loaded:
    """Return the documents that can be read, where there are several."""
    all_read = Loaded([], [], [])
    starts = _starts(text)
    for start, end in pairwise([*starts, len(text)] if starts[1:] else []):
        try:
            loaded = _loaded(text[start:end])
        except yaml.YAMLError as error:
            all_read.wrong.append(f"line {_line(error, text, start)}")
        else:
            all_read.documents.extend(loaded.documents)
            all_read.repeated.extend(loaded.repeated)
    return all_read


def _starts(text: str) -> list[int]:
    """Return where the documents begin, each with the directives that hold for it."""
    starts = [0]
    for mark in _START.finditer(text):
        if not _ABOVE.fullmatch(text, starts[-1], mark.end()):
            starts.append(mark.end())
    return starts


def _line(error: yaml.YAMLError, text: str, start: int = 0) -> int:
    """Return in which line the mistake is of a document that begins at `start`."""
    place = getattr(error, "problem_mark", None)
    at = getattr(error, "position", 0)  # of a sign that YAML does not allow
    return text.count("\n", 0, start + at) + int(place.line if place else 0) + 1


def _parts(value: Any, known: dict[int, int]) -> int:
    """Count the values of a tree, one that is pointed at as often as it is."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = 0  # while it is counted: a tree that holds itself is refused elsewhere
        inner = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_parts(item, known) for item in inner)
    return known[id(value)]


class _Loader(yaml.BaseLoader):  # type: ignore[misc]  # has no stubs
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.repeated: list[str] = []
        self._merged = 0

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Let a mapping's own keys override those that it takes over from others."""
        own = [pair for pair in node.value if not _merges(*pair)]
        self.repeated += repeated(key.value for key, _ in own if isinstance(key, ScalarNode))
        bare = MappingNode(node.tag, own, node.start_mark, node.end_mark)
        parents = [parent for pair in node.value if _merges(*pair) for parent in _listed(pair[1])]
        merged: dict[Any, Any] = {}
        for parent in reversed(list({id(parent): parent for parent in parents}.values())):
            merged |= self._parent(parent)
        merged |= super().construct_mapping(bare, deep=deep)
        return merged

    def _parent(self, node: Node) -> dict[Any, Any]:
        parent: dict[Any, Any] = self.construct_object(node, deep=True)
        self._merged += len(parent)
        if self._merged > _MOST_MERGED:
            raise UnreadableFile(f"merges more than {_MOST_MERGED:,} keys")
        return parent


def _merges(key: Node, value: Node) -> bool:
    """Tell the key `<<`, which takes over the keys of other mappings."""
    called = isinstance(key, ScalarNode) and key.value == "<<" and not key.style
    return called and all(isinstance(node, MappingNode) for node in _listed(value))


def _listed(value: Node) -> Iterator[Node]:
    yield from value.value if isinstance(value, SequenceNode) else [value]
