"""Tell how a file of separated values is separated and quoted; knows nothing of its columns."""

import csv
import re
from collections import Counter
from io import StringIO
from itertools import islice

csv.field_size_limit(2**31 - 1)  # a file's size is limited elsewhere, and long cells are cut

_DELIMITERS = ",;\t|"
_SNIFFED_ROWS = 20
_ESCAPED = re.compile(r'(?<!\\)((?:\\\\)*)\\"')  # as databases write a quotation mark
_LONE = re.compile(r'(?<!")"(?!")')


def delimiter_of(text: str) -> str:
    """Take the delimiter that cuts most of the first rows into equally many cells.

    `csv.Sniffer` guesses letters and quoting rules on small or quoted files.
    """
    head = "".join(islice(StringIO(text, newline=""), _SNIFFED_ROWS))
    return max(_DELIMITERS, key=lambda delimiter: _fit(head, delimiter))


def _fit(head: str, delimiter: str) -> tuple[float, int]:
    rows = csv.reader(StringIO(head, newline=""), delimiter=delimiter)
    try:
        widths = [len(row) for row in rows if row]
    except csv.Error:
        return 0, 0
    usual, count = max(
        Counter(width for width in widths if width > 1).items(),
        key=lambda counted: (counted[1], counted[0]),
        default=(0, 0),
    )
    below_titles = len(widths) - widths.index(usual) if count else 0
    if 2 * count <= below_titles:  # a mark of its text, not between its columns
        return 0, 0
    return count / len(widths), usual


def with_sound_quotes(text: str, delimiter: str) -> tuple[str, list[int]]:
    """Return the text with its quotation marks doubled where they are text.

    The second value tells the lines with a quotation mark that is never closed.
    """
    if _is_sound(text, delimiter):
        return text, []
    doubled = _ESCAPED.sub(r'\1""', text)
    return (doubled, []) if _is_sound(doubled, delimiter) else _mended(text, delimiter)


def _is_sound(text: str, delimiter: str) -> bool:
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for _ in rows:
            pass
    except csv.Error:
        return False
    return True


def _mended(text: str, delimiter: str) -> tuple[str, list[int]]:
    cells, parts = _cells(re.escape(delimiter)), list[str]()
    line, at, unclosed = 1, 0, list[int]()
    for cell in cells.finditer(text):
        said, stray = cell["said"], cell["stray"]
        if said is None and stray is None:
            continue
        line += text.count("\n", at, cell.start())
        if stray is not None and stray.count('"') % 2 == 0:
            unclosed.append(line)
        written = _LONE.sub('""', said) if stray is None else stray.replace('"', '""')
        parts += [text[at : cell.start()], f'"{written}"' if stray is None else f'"""{written}"']
        at = cell.end()
    return "".join(parts) + text[at:], unclosed


def _cells(delimiter: str) -> re.Pattern[str]:
    """Match cells that begin with a quotation mark: quoted, quoted with others inside, not quoted.

    Only the first may hold line ends.
    """
    ends = rf"(?=[{delimiter}\r\n]|\Z)"
    quoted = rf'"(?:[^"]|"")*+"{ends}'
    loose = rf'"(?P<said>(?:(?!{delimiter}")[^\r\n])*?)"{ends}'
    stray = rf'"(?P<stray>[^{delimiter}\r\n]*)'
    return re.compile(rf"(?<![^{delimiter}\r\n])(?:{quoted}|{loose}|{stray})")
