"""Write trees of objects and lists as records that can be read alone; knows no file format."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import Any

from app.ingest.encoded import without_encoded
from app.ingest.extracted import TextBuilder, UnreadableFile, clean, clean_line
from app.ingest.formats.marked_values import shown
from app.ingest.formats.named_rows import name_rows
from graphs.stops import ENDS

_MAX_DEPTH = 100  # levels; well below where Python gives up, which depends on the caller
_LONGEST_ROW = 250  # characters; a longer item of a list takes a line for each of its values
_SENTENCE = 3  # words; a shorter value with a full stop is a name: "Orbel Inc."
_LINE_ENDS = re.compile(r"\s*\n\s*")  # a blank line in a value would end the record's paragraph


class Groups(list[dict[str, Any]]):
    """Parts of one object in their order, where its keys come again."""


def add_tree(tree: Any, builder: TextBuilder, path: str = "") -> None:
    """Add each record as "path.to.key: value": an object in lines, an item of a list in one."""
    for record in _records(tree, path):
        _add_record(record, builder)


def add_item(item: Any, builder: TextBuilder) -> None:
    """Add a tree as one record."""
    _add_record(_row(_lines(item, "")), builder)


def repeated(keys: Iterable[str]) -> list[str]:
    """Return the keys that come more than once."""
    return [key for key, count in Counter(keys).items() if count > 1]


def check_depth(depth: int) -> None:
    """Raise UnreadableFile where a tree is too deep to be walked."""
    if depth > _MAX_DEPTH:
        raise UnreadableFile("is nested too deep")


def _records(value: Any, path: str, depth: int = 0) -> Iterator[Iterator[str]]:
    """Find the records of a tree: the items of a list, and the bare values of each object."""
    check_depth(depth)
    value = name_rows(value)
    if isinstance(value, Groups):
        for group in value:
            yield from _records(group, path, depth + 1)
    elif isinstance(value, list) and (not path or is_branch(value)):
        for item in value:
            yield _row(_lines(item, path))
    elif isinstance(value, dict):
        yield _lines({key: item for key, item in value.items() if not is_branch(item)}, path)
        for key, item in value.items():
            if is_branch(item):
                yield from _records(name_rows(item, value), _join(path, key), depth + 1)
    else:
        yield _lines(value, path)


def _add_record(lines: Iterator[str], builder: TextBuilder) -> None:
    for index, line in enumerate(lines):
        builder.add(without_encoded(line, builder), tight=index > 0)


def _row(lines: Iterator[str]) -> Iterator[str]:
    """Put an item of a list in one line, which can be quoted alone, unless it is a long one."""
    row: list[str] = []
    for line in lines:
        row.append(line)
        if "\n" in line or sum(map(len, row)) > _LONGEST_ROW:
            yield from row
            yield from lines
            return
    if row:
        yield "; ".join(row)


def _lines(value: Any, path: str, depth: int = 0) -> Iterator[str]:
    check_depth(depth)
    value = name_rows(value)
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _lines(name_rows(item, value), _join(path, key), depth + 1)
    elif isinstance(value, Groups):
        for group in value:
            yield from _lines(group, path, depth + 1)
    elif isinstance(value, list) and is_branch(value):
        for index, item in enumerate(value):
            yield from _row(_lines(item, f"{path}[{index}]", depth + 1))
    else:
        yield from _leaf(value, path)


def _leaf(value: Any, path: str) -> Iterator[str]:
    text = _listed(list(map(_scalar, value))) if isinstance(value, list) else _scalar(value)
    text = _LINE_ENDS.sub("\n", clean(text)).strip()
    if text:
        yield f"{clean_line(path)}: {text}" if path else text


def _listed(texts: Sequence[str]) -> str:
    """Put a comma between values, but not behind the end of a sentence."""
    gaps = (" " if _is_sentence(text) else ", " for text in texts[:-1])
    return "".join(chain.from_iterable(zip_longest(texts, gaps, fillvalue="")))


def _is_sentence(text: str) -> bool:
    return text.rstrip().endswith(tuple(ENDS)) and len(text.split()) >= _SENTENCE


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return shown(value)
    return value.isoformat() if hasattr(value, "isoformat") else json.dumps(value)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def is_branch(value: Any) -> bool:
    """Tell values that need lines of their own from those that fit on one."""
    if isinstance(value, list):
        return any(isinstance(item, dict | list) for item in value)
    return isinstance(value, dict)
