"""Read what a browser would show of an HTML page; knows nothing of links, styles or scripts."""

import re
import warnings
from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from app.ingest.extracted import TextBuilder, one_line
from app.ingest.formats.plain import decode

_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_CHARSET_WITHIN = 1024  # bytes: where the HTML standard tells browsers to look
_INVISIBLE = {"head", "script", "style", "template", "noscript", "svg", "iframe", "object"}
_INVISIBLE |= {"nav", "footer", "aside", "button", "select", "textarea"}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_LISTS = {"ul", "ol", "menu"}
_BLOCKS = {"p", "div", "section", "article", "main", "header", "blockquote", "address", "form"}
_BLOCKS |= {"fieldset", "details", "summary", "figure", "figcaption", "hr", "dl", "dt", "dd", "li"}
_BLOCKS |= {"table", "caption", "tbody", "thead", "tfoot", "tr", "td", "th", "body", "html"}
_BLOCKS |= _LISTS


def read_html(data: bytes, builder: TextBuilder) -> None:
    """Add the visible text: paragraphs, list items and table rows, with headings marked."""
    declared = _CHARSET.search(data[:_CHARSET_WITHIN])
    source = decode(data, declared=declared[1].decode("ascii") if declared else "")
    with warnings.catch_warnings(action="ignore"):  # about XHTML, and pages without a tag
        soup = BeautifulSoup(source, "lxml")
    if soup.title and not soup.h1:
        builder.heading(1, soup.title.get_text())
    _Page(builder, _layout_tables(soup)).walk(soup)


class _Page:
    """Gathers inline text until a block begins or ends, then adds it as a block."""

    def __init__(self, builder: TextBuilder, layout: set[int]) -> None:
        self.builder = builder
        self.layout = layout
        self.inline: list[str] = []
        self.bullet = False
        self.lists = 0
        self.listed = False

    def walk(self, root: Tag) -> None:
        """Visit the tree, but not what `open` says to leave out."""
        left_out: Tag | None = None
        for node, ends in _visits(root):
            if left_out is not None:
                left_out = None if node is left_out else left_out
            elif isinstance(node, Tag):
                if ends:
                    self.close(node)
                elif not self.open(node):
                    left_out = node
            elif type(node) is NavigableString:  # its subclasses are comments, scripts and such
                self.inline.append(re.sub(r"\s+", " ", node))

    def open(self, tag: Tag) -> bool:
        """Say whether to descend; headings, tables and code are added whole."""
        if _is_invisible(tag) or _is_masthead(tag):
            return False
        if tag.name == "br":
            self.inline.append("\n")
        if tag.name in _BLOCKS:
            self.begin(tag)
        return not self.add_whole(tag)

    def begin(self, tag: Tag) -> None:
        """Begin a block."""
        self.flush()
        self.bullet = self.bullet or tag.name == "li"
        if tag.name in _LISTS:
            self.listed = self.listed and self.lists > 0
            self.lists += 1

    def close(self, tag: Tag) -> None:
        """End a block."""
        if tag.name in _BLOCKS or tag.parent is None:
            self.flush()
        self.lists -= tag.name in _LISTS

    def add_whole(self, tag: Tag) -> bool:
        """Add an element whose inside needs no visit, and say whether it was one."""
        if tag.name in _HEADINGS:
            self.flush()
            self.builder.heading(int(tag.name[1]), _text(tag).rstrip(" ¶"))
        elif tag.name == "pre":
            self.flush()
            self.builder.add(tag.get_text())
        elif tag.name == "table" and id(tag) not in self.layout:
            self.builder.add_lines(list(_rows(tag)))
        else:
            return False
        return True

    def flush(self) -> None:
        """Add the inline text gathered so far."""
        lines = [" ".join(line.split(" ")).strip() for line in "".join(self.inline).split("\n")]
        self.inline.clear()
        text = re.sub(r" {2,}", " ", "\n".join(line for line in lines if line))
        if text:
            self.builder.add("- " * self.bullet + text, tight=self.lists > 0 and self.listed)
            self.listed = self.lists > 0
            self.bullet = False


def _visits(root: Tag) -> Iterator[tuple[PageElement, bool]]:
    """Yield each node, and each tag again with True where it ends.

    There is no recursion, because pages that never close a tag nest thousands deep.
    """
    stack = [(root, iter(root.contents))]
    while stack:
        tag, children = stack[-1]
        node = next(children, None)
        if node is None:
            stack.pop()
            yield tag, True
        else:
            yield node, False
            if isinstance(node, Tag):
                stack.append((node, iter(node.contents)))


def _layout_tables(root: Tag) -> set[int]:
    """Find by identity the tables around a heading or another table: they only lay out a page.

    One pass finds them all; searching inside each is quadratic where they nest.
    """
    layout: set[int] = set()
    around: list[int] = []
    for node, ends in _visits(root):
        name = node.name if isinstance(node, Tag) else ""
        if name == "table" and ends:
            around.pop()
        elif not ends and (name == "table" or name in _HEADINGS):
            layout.update(around[-1:])
            around += [id(node)] * (name == "table")
    return layout


def _is_masthead(tag: Tag) -> bool:
    """Tell a page's header with a menu from one that carries the title."""
    on_top = tag.name == "header" and tag.parent is not None and tag.parent.name == "body"
    return on_top and tag.find("nav") is not None and tag.find(_HEADINGS) is None


def _is_invisible(tag: Tag) -> bool:
    style = str(tag.get("style", ""))
    return tag.name in _INVISIBLE or tag.has_attr("hidden") or bool(_HIDING.search(style))


def _rows(table: Tag) -> Iterator[str]:
    if table.caption:
        yield _text(table.caption)
    for row in table.find_all("tr"):
        cells = [_text(cell) for cell in row.find_all(["td", "th"], recursive=False)]
        if any(cells):
            yield " | ".join(cells)


def _text(tag: Tag) -> str:
    parts = []
    for node in tag.descendants:
        if isinstance(node, Tag):
            parts.append(" " if node.name == "br" or node.name in _BLOCKS else "")
        elif type(node) is NavigableString:
            parts.append(node)
    return one_line("".join(parts))
