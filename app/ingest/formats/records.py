"""Read tables and trees as self-contained records, one a paragraph."""

import re
import tomllib
from collections.abc import Sequence

from app.ingest.encoded import without_encoded
from app.ingest.extracted import TextBuilder, UnreadableFile, clean_line
from app.ingest.formats.dialects import dialect_of, with_sound_quotes
from app.ingest.formats.elements import local, parsed, tree_of, unresolved
from app.ingest.formats.excel_xml import add_workbook, is_workbook
from app.ingest.formats.json_values import Values, values_of
from app.ingest.formats.marked_values import shown
from app.ingest.formats.named_rows import name_rows
from app.ingest.formats.plain import decode
from app.ingest.formats.remarks import with_remarks_apart, without_remarks
from app.ingest.formats.shapes import without_shapes
from app.ingest.formats.trees import add_item, add_tree, is_branch
from app.ingest.formats.wikis import add_wiki, is_wiki
from app.ingest.formats.yaml_keys import load_documents
from app.ingest.tables.sheets import add_sheet

_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # as Excel writes it
_TEXT_FORMULA = re.compile(  # keeps Excel from taking a text for a number; of a link its name
    r"""=\s*+(?:(?:T|HYPERLINK)\(\s*+)?(?:"(?:[^"]|"")*+"\s*+[,;]\s*+)?"((?:[^"]|"")*+)"\s*+\)?""",
    re.IGNORECASE,
)
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
    dialect = dialect_of(without_remarks(text), match[1] if match else None, usual)
    text, unclosed = with_sound_quotes(text, dialect)
    told = "a quotation mark is never closed, so it is taken for text"
    note_some([f"line {line}: {told}" for line in unclosed], f"lines where {told}", builder)
    rows = [[_cell(cell, builder) for cell in row] for row in dialect.rows(text)]
    add_sheet(with_remarks_apart(rows, dialect.delimiter), builder)


def _cell(cell: str, builder: TextBuilder) -> str:
    formula = _TEXT_FORMULA.fullmatch(cell)
    text = formula[1].replace('""', '"') if formula else cell
    return shown(without_encoded(text, builder))


def read_json(data: bytes, builder: TextBuilder) -> None:
    """Add each record as "path.to.key: value": an object in lines, an item of a list in one."""
    builder.records = True
    text = decode(data)
    try:
        found, doubled = values_of(text)
    except UnreadableFile:
        if not _is_value(text.lstrip().partition("\n")[0]):
            raise
        _add_items(_values_of_lines(text, builder), builder)
        return
    add_tree(without_shapes(found if found[1:] else found[0], builder), builder)
    note_doubled(doubled, builder)


def read_jsonl(data: bytes, builder: TextBuilder) -> None:
    """Add each value as one record: those of lines, of several lines, or of one long list."""
    builder.records = True
    text = decode(data)
    try:
        values = values_of(text)
    except UnreadableFile:
        values = _values_of_lines(text, builder)
    _add_items(values, builder)


def _add_items(values: Values, builder: TextBuilder) -> None:
    found, doubled = values
    listed = name_rows(found[0] if len(found) == 1 else found)
    for value in listed if isinstance(listed, list) and is_branch(listed) else found:
        add_item(without_shapes(value, builder), builder)
    note_doubled(doubled, builder)


def _is_value(line: str) -> bool:
    """Tell a line that holds an object or a list by itself."""
    try:
        return isinstance(values_of(line).found[0], dict | list)
    except UnreadableFile:
        return False


def _values_of_lines(text: str, builder: TextBuilder) -> Values:
    """Return the values of all lines but the bad ones, which are told."""
    all_lines = Values([], [])
    wrong: list[UnreadableFile] = []
    # Not splitlines: JSON strings may hold the separators that it also splits at.
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if line.strip():
            try:
                found, doubled = values_of(line, first_line=number)
            except UnreadableFile as error:
                wrong.append(error)
            else:
                all_lines.found.extend(found)
                all_lines.doubled.extend(doubled)
    if not all_lines.found:
        raise wrong[0]
    places = [bad.reason.removeprefix("is not valid JSON: ") for bad in wrong]
    told = [f"{place}, which is not valid JSON" for place in places]
    note_some(told, "lines that are not valid JSON", builder)
    return all_lines


def note_doubled(keys: Sequence[str], builder: TextBuilder) -> None:
    """Tell of which keys another value is read."""
    told = [
        f"the first value of {clean_line(key)[:_TOLD_KEY]}, which is given again" for key in keys
    ]
    note_some(told, "first values of keys that are given again", builder)


def note_some(notes: Sequence[str], kind: str, builder: TextBuilder) -> None:
    """Tell the first notes one by one, and of which kind the others are."""
    for note in notes[:_TOLD]:
        builder.note(note)
    if notes[_TOLD:]:
        builder.note(f"{len(notes) - _TOLD} more {kind}")


def read_yaml(data: bytes, builder: TextBuilder) -> None:
    """Add each document's records, every value as it is written."""
    builder.records = True
    loaded = load_documents(decode(data))
    note_doubled(loaded.repeated, builder)
    told = [f"the document with {place}, which is not valid YAML" for place in loaded.wrong]
    note_some(told, "documents that are not valid YAML", builder)
    for document in loaded.documents:
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
    root = parsed(data)
    if is_wiki(root, builder):
        add_wiki(root, builder)
        return
    builder.records = True
    if is_workbook(root):
        add_workbook(root, builder)
        return
    left = [f"the entity {name}, which stands as it is written" for name in unresolved(root)]
    note_some(left, "entities that stand as they are written", builder)
    add_tree(tree_of(root), builder, local(root))
