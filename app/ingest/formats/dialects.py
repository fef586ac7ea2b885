"""Tell how a file of separated values is separated and quoted; knows nothing of its columns."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from itertools import chain, islice
from typing import NamedTuple

csv.field_size_limit(2**31 - 1)  # a file's size is limited elsewhere, and long cells are cut

_COMMA = ","  # the one mark that also stands in numbers and names
_OTHERS = ";\t|"
_COMMA_OF_TEXT = re.compile(r"(?<!\d),|,(?!\d)")
_CLOSE_COMMA = re.compile(r",(?! )")
_SNIFFED_ROWS = 20
_ESCAPED = re.compile(r'(?<!\\)((?:\\\\)*)\\"')  # as databases write a quotation mark
_LONE = re.compile(r'(?<!")"(?!")')


class Dialect(NamedTuple):
    """What parts the cells of a file, and whether blanks before a quoted cell are no text."""

    delimiter: str
    skips_blanks: bool = False

    def rows(self, text: str, *, strict: bool = False) -> Iterator[list[str]]:
        """Yield the cells of each row."""
        return csv.reader(
            StringIO(text, newline=""),
            delimiter=self.delimiter,
            skipinitialspace=self.skips_blanks,
            strict=strict,
        )


def dialect_of(text: str, delimiter: str | None = None, usual: str = "") -> Dialect:
    """Take the dialect that cuts most of the first rows into equally many cells.

    The mark that is `usual` for a type of files is taken where no other cuts more rows.
    `csv.Sniffer` guesses letters and quoting rules on small or quoted files.
    """
    head = "".join(islice(StringIO(text, newline=""), _SNIFFED_ROWS))
    return max(
        (_with_blanks(head, mark) for mark in delimiter or _delimiters(head, usual)),
        key=lambda dialect: _fit(head, dialect),
    )


def _delimiters(head: str, usual: str) -> str:
    """Return the marks that may part columns; of those that fit equally the first is taken.

    A comma that stands in numbers only is left out if another mark cuts as many rows. One that
    stands before blanks only, as in "Holm, Ada", comes last.
    """
    shares = {mark: _fit(head, _with_blanks(head, mark))[0] for mark in _COMMA + _OTHERS}
    if usual and 0 < shares[usual] == max(shares.values()):
        return usual
    others = max(shares[mark] for mark in _OTHERS)
    if not _COMMA_OF_TEXT.search(head) and 0 < shares[_COMMA] <= others:
        return _OTHERS
    is_of_text = others > 0 and not _CLOSE_COMMA.search(head)
    return _OTHERS + _COMMA if is_of_text else _COMMA + _OTHERS


def _with_blanks(head: str, delimiter: str) -> Dialect:
    """Skip blanks before quotation marks where a quoted cell is torn else, and no row is."""
    plain, skipping = Dialect(delimiter), Dialect(delimiter, skips_blanks=True)
    torn = any(map(_is_torn, chain.from_iterable(_read(head, plain))))
    return skipping if torn and _fit(head, skipping)[0] >= _fit(head, plain)[0] else plain


def _is_torn(cell: str) -> bool:
    """Tell the beginning of a quoted cell that is cut at a delimiter inside it."""
    return cell.startswith(" ") and cell.lstrip(" ").startswith('"') and cell.count('"') % 2 == 1


def _read(head: str, dialect: Dialect) -> list[list[str]]:
    try:
        return [row for row in dialect.rows(head) if row]
    except csv.Error:
        return []


def _fit(head: str, dialect: Dialect) -> tuple[float, int]:
    widths = [len(row) for row in _read(head, dialect)]
    usual, count = max(
        Counter(width for width in widths if width > 1).items(),
        key=lambda counted: (counted[1], counted[0]),
        default=(0, 0),
    )
    below_titles = len(widths) - widths.index(usual) if count else 0
    if 2 * count <= below_titles:  # a mark of its text, not between its columns
        return 0, 0
    return count / len(widths), usual


def with_sound_quotes(text: str, dialect: Dialect) -> tuple[str, list[int]]:
    """Return the text with its quotation marks doubled where they are text.

    The second value tells the lines with a quotation mark that is never closed.
    """
    if _is_sound(text, dialect):
        return text, []
    doubled = _ESCAPED.sub(r'\1""', text)
    return (doubled, []) if _is_sound(doubled, dialect) else _mended(text, dialect)


def _is_sound(text: str, dialect: Dialect) -> bool:
    try:
        for _ in dialect.rows(text, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _mended(text: str, dialect: Dialect) -> tuple[str, list[int]]:
    cells, parts = _cells(dialect), list[str]()
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


def _cells(dialect: Dialect) -> re.Pattern[str]:
    """Match cells that begin with a quotation mark: quoted, quoted with others inside, not quoted.

    Only the first may hold line ends.
    """
    delimiter = re.escape(dialect.delimiter)
    blanks = " *" if dialect.skips_blanks else ""
    ends = rf"(?={blanks}(?:[{delimiter}\r\n]|\Z))"
    quoted = rf'"(?:[^"]|"")*+"{ends}'
    loose = rf'"(?P<said>(?:(?!{delimiter}{blanks}")[^\r\n])*?)"{ends}'
    stray = rf'"(?P<stray>[^{delimiter}\r\n]*)'
    return re.compile(rf"(?<![^{delimiter}\r\n]){blanks}(?:{quoted}|{loose}|{stray})")
