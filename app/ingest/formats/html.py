"""Read what a browser would show of an HTML page; knows nothing of links, styles or scripts."""

from __future__ import annotations

import re
import warnings

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from app.ingest.extracted import TextBuilder
from app.ingest.formats.plain import decode
from app.ingest.markup.shown import Origin, leave_shown, opens
from app.ingest.markup.tables import (
    BLOCKS,
    HEADINGS,
    LISTS,
    grid_of,
    has_heads,
    is_plain,
    is_title_row,
    layout_tables,
    pairs_of,
    rows_of,
    text_of,
    visits,
    whole,
)
from app.ingest.office.numbering import letter, roman
from app.ingest.tables.grid import add_table

_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_CHARSET_WITHIN = 1024  # bytes: where the HTML standard tells browsers to look
_QUOTES = 20  # of mails in one another that are marked, so that no mail is nested too deep
_TITLES = {"summary", "button"}  # headings of what they open
_KINDS = {  # of numbers, by the names that styles have for them
    "decimal": "1", "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A",
    "upper-latin": "A", "lower-roman": "i", "upper-roman": "I",
}  # fmt: skip
_LIST_STYLE = re.compile(
    rf"list-style(?:-type)?\s*:(?:[^;]{{0,60}}\s)?({'|'.join(_KINDS)})(?=[\s;!]|$)", re.IGNORECASE
)
_LANGUAGE = re.compile(r"(?:lang(?:uage)?|highlight(?:-source)?)-([\w+#.-]+)")


def read_html(data: bytes, builder: TextBuilder) -> None:
    """Add the visible text: paragraphs, list items and table rows, with headings marked."""
    declared = _CHARSET.search(data[:_CHARSET_WITHIN])
    add_html(decode(data, declared=declared[1].decode("ascii") if declared else ""), builder)


def add_html(source: str | bytes, builder: TextBuilder, origin: Origin = "site") -> None:
    """Add the visible text of HTML that is decoded, or that declares its encoding."""
    with warnings.catch_warnings(action="ignore"):  # about XHTML, and pages without a tag
        soup = BeautifulSoup(source, "lxml")
    title = soup.title.get_text() if soup.title else ""
    leave_shown(soup, origin)
    if not soup.h1:
        builder.heading(1, title)
    _Page(builder, layout_tables(soup), quotes=_QUOTES if origin == "mail" else 0).walk(soup)


class _Page:
    """Gathers inline text until a block begins or ends, then adds it as a block."""

    def __init__(self, builder: TextBuilder, layout: set[int], *, quotes: int = 0) -> None:
        """`quotes` tells how many block quotes, one in another, are others' messages."""
        self.builder = builder
        self.layout = layout
        self.quotes = quotes
        self.inline: list[str] = []
        self.bullet = ""
        self.numbers: list[_Numbers] = []
        self.listed = False
        self.terms: list[str] = []
        self.defined = False
        self.level = 1

    def walk(self, root: Tag) -> None:
        """Visit the tree, but not inside what `open` adds whole."""
        added: Tag | None = None
        for node, ends in visits(root):
            if added is not None:
                added = None if node is added else added
            elif isinstance(node, Tag):
                if ends:
                    self.close(node)
                elif not self.open(node):
                    added = node
            elif type(node) is NavigableString:  # its subclasses are comments, scripts and such
                self.inline.append(re.sub(r"\s+", " ", node))

    def open(self, tag: Tag) -> bool:
        """Say whether to descend; headings, tables and code are added whole."""
        if tag.name == "br":
            self.inline.append("\n")
        if tag.name in BLOCKS:
            self.begin(tag)
        return not self.add_whole(tag)

    def begin(self, tag: Tag) -> None:
        """Begin a block."""
        self.flush()
        if tag.name == "li" and self.numbers:
            self.bullet = self.numbers[-1].label(tag)
        if tag.name == "dl":
            self.end_terms()
        if tag.name in LISTS:
            self.listed = self.listed and bool(self.numbers)
            self.numbers.append(_Numbers(tag))

    def close(self, tag: Tag) -> None:
        """End a block."""
        if tag.name in BLOCKS or tag.parent is None:
            self.flush()
        if tag.name == "li":
            self.bullet = ""  # that of an empty item
        if tag.name in LISTS and self.numbers:
            self.numbers.pop()
        elif tag.name == "dl":
            self.end_terms()

    def add_whole(self, tag: Tag) -> bool:
        """Add an element whose inside needs no visit, and say whether it was one."""
        if tag.name in HEADINGS:
            self.flush()
            self.level = int(tag.name[1])
            self.builder.heading(self.level, text_of(tag).rstrip(" ¶"))
        elif tag.name in _TITLES:
            self.add_title(tag)
        elif tag.name == "pre":
            self.flush()
            self.builder.add(_code(tag))
        elif tag.name == "dt":
            self.add_term(tag)
        elif tag.name == "table" and id(tag) not in self.layout:
            self.add_table(tag)
        elif tag.name == "blockquote" and self.quotes:
            self.add_quote(tag)
        elif tag.name == "tr" and is_plain(tag):  # of a table that lays out the page
            add_table(self.builder, grid_of([tag]), header=False)
        else:
            return False
        return True

    def add_quote(self, tag: Tag) -> None:
        """Add a quoted message with a mark before each line."""
        self.flush()
        quoted = TextBuilder(self.builder.limit)
        _Page(quoted, self.layout, quotes=self.quotes - 1).walk(tag)
        self.builder.add(re.sub(r"(?m)^(?=.)", "> ", quoted.build().text))

    def add_title(self, tag: Tag) -> None:
        """Add a summary, or a button that opens what follows, as its heading."""
        self.flush()
        if tag.name == "summary" or opens(tag):
            self.builder.heading(self.level + 1, text_of(tag))

    def add_table(self, tag: Tag) -> None:
        """Add a table; a heading in its first row begins a section."""
        if tag.caption:
            self.builder.add(text_of(tag.caption))
        rows = list(rows_of(tag))
        while rows and (title := rows[0].find(HEADINGS)) and is_title_row(title):
            self.builder.heading(int(title.name[1]), text_of(title))
            rows.pop(0)
        pairs = pairs_of(rows)
        add_table(self.builder, pairs or grid_of(rows), header=False if pairs else has_heads(rows))

    def add_term(self, tag: Tag) -> None:
        """Keep a term for what defines it; several in a row share that."""
        self.flush()
        if self.defined:
            self.end_terms()
        self.terms += filter(None, [text_of(tag)])

    def end_terms(self) -> None:
        """Add terms that nothing defines."""
        for term in () if self.defined else self.terms:
            self.builder.add(term)
        self.terms, self.defined = [], False

    def flush(self) -> None:
        """Add the inline text gathered so far."""
        lines = [" ".join(line.split(" ")).strip() for line in "".join(self.inline).split("\n")]
        self.inline.clear()
        text = re.sub(r" {2,}", " ", "\n".join(line for line in lines if line))
        if text:
            if self.terms:
                text, self.defined = f"{' / '.join(self.terms).rstrip(':')}: {text}", True
            tight = bool(self.numbers) and self.listed
            self.builder.add(f"{self.bullet} {text}".lstrip(" "), tight=tight)
            self.listed = bool(self.numbers)
            self.bullet = ""


class _Numbers:
    """What stands before each item of a list."""

    def __init__(self, tag: Tag) -> None:
        self.counted = tag.name == "ol"
        self.kind = _KINDS.get(_listed_as(tag), str(tag.get("type", "1")))
        self.step = -1 if tag.has_attr("reversed") else 1
        first = 1 if self.step > 0 else len(tag.find_all("li", recursive=False))
        self.next = whole(tag.get("start"), first)

    def label(self, item: Tag) -> str:
        """Count an item; one that gives itself a number is where the next ones go on."""
        if not self.counted:
            return "-"
        at = whole(item.get("value"), self.next)
        self.next = at + self.step
        kind = _KINDS.get(_listed_as(item), self.kind)
        written = {"a": letter, "i": roman}.get(kind.lower(), str)(at)
        return f"{written.upper() if kind.isupper() else written}."


def _listed_as(tag: Tag) -> str:
    """Return what an element's own style says of the numbers of items."""
    found = _LIST_STYLE.search(str(tag.get("style", "")))
    return found[1].lower() if found else ""


def _code(tag: Tag) -> str:
    """Return code under the name of its language."""
    marked = [tag, *tag.find_all("code", limit=1)]
    classes = " ".join(str(name) for one in marked for name in one.get_attribute_list("class"))
    language = _LANGUAGE.search(classes)
    for break_ in tag.find_all("br"):
        break_.replace_with("\n")
    text = tag.get_text().strip("\n")
    return f"{language[1]}:\n{text}" if language else text
