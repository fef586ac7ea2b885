"""Read tables and trees as self-contained records, one a paragraph; knows no schema."""

import csv
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

import yaml
from docx.oxml import parse_xml
from lxml import etree

from app.ingest.extracted import TextBuilder, UnreadableFile, clean, one_line
from app.ingest.formats.dialects import delimiter_of, with_sound_quotes
from app.ingest.formats.excel_xml import add_workbook, is_workbook
from app.ingest.formats.plain import decode
from app.ingest.sheets import add_rows

_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # as Excel writes it
_TOLD = 5  # bad lines that are named one by one
_MAX_DEPTH = 100  # levels; well below where Python gives up, which depends on the caller
_LONGEST_ROW = 250  # characters; a longer item of a list takes a line for each of its values
_LINE_ENDS = re.compile(r"\s*\n\s*")  # a blank line in a value would end the record's paragraph


def read_csv(data: bytes, builder: TextBuilder) -> None:
    """Add each row as one line "column: value; column: value", which can be quoted alone."""
    # langchain-community's CSVLoader wants the delimiter and the encoding told, and breaks rows
    # into a line per column.
    builder.records = True
    text = decode(data).removeprefix("\ufeff")
    match = _SEPARATOR.match(text)
    text = text[match.end() :] if match else text
    delimiter = match[1] if match else delimiter_of(text)
    text, unclosed = with_sound_quotes(text, delimiter)
    told = "a quotation mark is never closed, so it is taken for text"
    _note_some([f"line {line}: {told}" for line in unclosed], f"lines where {told}", builder)
    file = StringIO(text, newline="")
    add_rows(csv.reader(file, delimiter=delimiter), builder)


def read_json(data: bytes, builder: TextBuilder) -> None:
    """Add each record as "path.to.key: value": an object in lines, an item of a list in one."""
    builder.records = True
    for record in _records(_parse(decode(data).removeprefix("\ufeff")), ""):
        _add_record(record, builder)


def read_jsonl(data: bytes, builder: TextBuilder) -> None:
    """Add each line's value as one record."""
    builder.records = True
    # Not splitlines: JSON strings may hold the separators that it also splits at.
    read = 0
    wrong: list[UnreadableFile] = []
    for number, line in enumerate(decode(data).removeprefix("\ufeff").split("\n"), start=1):
        if line.strip():
            try:
                value = _parse(line, first_line=number)
            except UnreadableFile as error:
                wrong.append(error)
            else:
                _add_record(_row(_lines(value, "")), builder)
                read += 1
    if wrong and not read:
        raise wrong[0]
    places = [bad.reason.removeprefix("is not valid JSON: ") for bad in wrong]
    told = [f"{place}, which is not valid JSON" for place in places]
    _note_some(told, "lines that are not valid JSON", builder)


def _note_some(notes: Sequence[str], kind: str, builder: TextBuilder) -> None:
    for note in notes[:_TOLD]:
        builder.note(note)
    if notes[_TOLD:]:
        builder.note(f"{len(notes) - _TOLD} more {kind}")


def read_yaml(data: bytes, builder: TextBuilder) -> None:
    """Add each document's records, every value as it is written."""
    builder.records = True
    try:
        documents = list(yaml.load_all(decode(data), Loader=yaml.BaseLoader))
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f": line {place.line + 1}" if place else ""
        raise UnreadableFile(f"is not valid YAML{line}") from error
    for document in documents:
        for record in _records(document, ""):
            _add_record(record, builder)


def read_toml(data: bytes, builder: TextBuilder) -> None:
    """Add each table as a record."""
    builder.records = True
    try:
        tree = tomllib.loads(decode(data), parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(f"is not valid TOML: {error}") from error
    for record in _records(tree, ""):
        _add_record(record, builder)


def read_xml(data: bytes, builder: TextBuilder) -> None:
    """Add each element that is repeated as a record; text with marks in it stays whole."""
    builder.records = True
    try:
        root = parse_xml(data)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFile(f"is not valid XML: {error}") from error
    if is_workbook(root):
        add_workbook(root, builder)
        return
    for record in _records(_tree(root), _local(root)):
        _add_record(record, builder)


def _tree(element: Any, depth: int = 0) -> Any:
    """Turn an element into what JSON would hold of it."""
    _check_depth(depth)
    children = [child for child in element if isinstance(child.tag, str)]
    said = [element.text, *(child.tail for child in children)]
    if children and any(text and text.strip() for text in said):  # text with marks in it
        return one_line(" ".join(element.itertext()))
    tree: dict[str, Any] = {_local_name(name): value for name, value in element.attrib.items()}
    for child in children:
        name, value = _local(child), _tree(child, depth + 1)
        old = tree.get(name)
        tree[name] = (
            value if old is None else [*old, value] if isinstance(old, list) else [old, value]
        )
    text = (element.text or "").strip()
    if not tree:
        return text
    return tree | ({"text": text} if text else {})


def _local(element: Any) -> str:
    return _local_name(str(element.tag))


def _local_name(name: str) -> str:
    return name.rpartition("}")[2]


def _parse(text: str, *, first_line: int = 1) -> Any:
    try:
        # Numbers stay as they are written: 1.10 must not be quoted as 1.1.
        return json.loads(text, strict=False, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        place = f"line {line} column {error.colno}"
        raise UnreadableFile(f"is not valid JSON: {place}") from error


def _records(value: Any, path: str, depth: int = 0) -> Iterator[Iterator[str]]:
    """Find the records of a tree: the items of a list, and the bare values of each object."""
    _check_depth(depth)
    if isinstance(value, list) and (not path or _is_branch(value)):
        for item in value:
            yield _row(_lines(item, path))
    elif isinstance(value, dict):
        yield _lines({key: item for key, item in value.items() if not _is_branch(item)}, path)
        for key, item in value.items():
            if _is_branch(item):
                yield from _records(item, _join(path, key), depth + 1)
    else:
        yield _lines(value, path)


def _add_record(lines: Iterator[str], builder: TextBuilder) -> None:
    for index, line in enumerate(lines):
        builder.add(line, tight=index > 0)


def _row(lines: Iterator[str]) -> Iterator[str]:
    """Put an item of a list in one line, which can be quoted alone, unless it is a long one."""
    row: list[str] = []
    for line in lines:
        row.append(line)
        if "\n" in line or sum(map(len, row)) > _LONGEST_ROW:
            yield from row
            yield from lines
            return
    yield "; ".join(row)


def _lines(value: Any, path: str, depth: int = 0) -> Iterator[str]:
    _check_depth(depth)
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _lines(item, _join(path, key), depth + 1)
    elif isinstance(value, list) and _is_branch(value):
        for index, item in enumerate(value):
            yield from _lines(item, f"{path}[{index}]", depth + 1)
    else:
        yield from _leaf(value, path)


def _check_depth(depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise UnreadableFile("is nested too deep")


def _leaf(value: Any, path: str) -> Iterator[str]:
    text = ", ".join(map(_scalar, value)) if isinstance(value, list) else _scalar(value)
    text = _LINE_ENDS.sub("\n", clean(text)).strip()
    if text:
        yield f"{one_line(path)}: {text}" if path else text


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else json.dumps(value)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _is_branch(value: Any) -> bool:
    """Tell values that need lines of their own from those that fit on one."""
    if isinstance(value, list):
        return any(isinstance(item, dict | list) for item in value)
    return isinstance(value, dict)
