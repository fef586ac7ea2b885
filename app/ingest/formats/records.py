"""Read tables and trees as self-contained records, one a paragraph."""

import json
import re
import tomllib
from collections.abc import Sequence
from functools import partial
from typing import Any

from app.ingest.extracted import TextBuilder, UnreadableFile, clean_line
from app.ingest.formats.dialects import dialect_of, with_sound_quotes
from app.ingest.formats.elements import local, parsed, tree_of, unresolved
from app.ingest.formats.excel_xml import add_workbook, is_workbook
from app.ingest.formats.plain import decode
from app.ingest.formats.trees import add_item, add_tree, repeated
from app.ingest.formats.yaml_keys import load_documents
from app.ingest.tables.sheets import add_sheet

_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # as Excel writes it
_TOLD = 5  # bad lines that are named one by one
_TOLD_KEY = 80  # characters


def read_csv(data: bytes, builder: TextBuilder, *, usual: str = "") -> None:
    """Add each row as one line "column: value; column: value", which can be quoted alone.

    `usual` is the mark that parts the columns of most files of the type.
    """
    # langchain-community's CSVLoader wants the delimiter and the encoding told, and breaks rows
    # into a line per column.
    builder.records = True
    text = decode(data).removeprefix("\ufeff")
    match = _SEPARATOR.match(text)
    text = text[match.end() :] if match else text
    dialect = dialect_of(text, match[1] if match else None, usual)
    text, unclosed = with_sound_quotes(text, dialect)
    told = "a quotation mark is never closed, so it is taken for text"
    _note_some([f"line {line}: {told}" for line in unclosed], f"lines where {told}", builder)
    add_sheet(dialect.rows(text), builder)


def read_json(data: bytes, builder: TextBuilder) -> None:
    """Add each record as "path.to.key: value": an object in lines, an item of a list in one."""
    builder.records = True
    doubled: list[str] = []
    add_tree(_parse(decode(data).removeprefix("\ufeff"), doubled), builder)
    _note_doubled(doubled, builder)


def read_jsonl(data: bytes, builder: TextBuilder) -> None:
    """Add each line's value as one record."""
    builder.records = True
    # Not splitlines: JSON strings may hold the separators that it also splits at.
    read = 0
    wrong: list[UnreadableFile] = []
    doubled: list[str] = []
    for number, line in enumerate(decode(data).removeprefix("\ufeff").split("\n"), start=1):
        if line.strip():
            try:
                value = _parse(line, doubled, first_line=number)
            except UnreadableFile as error:
                wrong.append(error)
            else:
                add_item(value, builder)
                read += 1
    if wrong and not read:
        raise wrong[0]
    places = [bad.reason.removeprefix("is not valid JSON: ") for bad in wrong]
    told = [f"{place}, which is not valid JSON" for place in places]
    _note_some(told, "lines that are not valid JSON", builder)
    _note_doubled(doubled, builder)


def _note_doubled(keys: Sequence[str], builder: TextBuilder) -> None:
    told = [
        f"the first value of {clean_line(key)[:_TOLD_KEY]}, which is given again" for key in keys
    ]
    _note_some(told, "first values of keys that are given again", builder)


def _note_some(notes: Sequence[str], kind: str, builder: TextBuilder) -> None:
    for note in notes[:_TOLD]:
        builder.note(note)
    if notes[_TOLD:]:
        builder.note(f"{len(notes) - _TOLD} more {kind}")


def read_yaml(data: bytes, builder: TextBuilder) -> None:
    """Add each document's records, every value as it is written."""
    builder.records = True
    documents, doubled = load_documents(decode(data))
    _note_doubled(doubled, builder)
    for document in documents:
        add_tree(document, builder)


def read_toml(data: bytes, builder: TextBuilder) -> None:
    """Add each table as a record."""
    builder.records = True
    try:
        tree = tomllib.loads(decode(data), parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(f"is not valid TOML: {error}") from error
    add_tree(tree, builder)


def read_xml(data: bytes, builder: TextBuilder) -> None:
    """Add each element that is repeated as a record; text with marks in it stays whole."""
    builder.records = True
    root = parsed(data)
    if is_workbook(root):
        add_workbook(root, builder)
        return
    left = [f"the entity {name}, which stands as it is written" for name in unresolved(root)]
    _note_some(left, "entities that stand as they are written", builder)
    add_tree(tree_of(root), builder, local(root))


def _parse(text: str, doubled: list[str], *, first_line: int = 1) -> Any:
    """Return what JSON holds, numbers as they are written: 1.10 must not be quoted as 1.1."""

    def keep(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        tree = dict(pairs)
        if len(tree) < len(pairs):
            doubled.extend(repeated(key for key, _ in pairs))
        return tree

    load = partial(json.loads, parse_int=str, parse_float=str, parse_constant=str)
    try:
        return load(text, strict=False, object_pairs_hook=keep)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        place = f"line {line} column {error.colno}"
        raise UnreadableFile(f"is not valid JSON: {place}") from error
