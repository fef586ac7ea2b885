"""Turn XML into the tree that JSON would hold of it; knows no schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from html import unescape
from typing import Any

from lxml import etree

from app.ingest.extracted import UnreadableFile, clean_line
from app.ingest.formats.trees import Groups, check_depth, repeated
from app.ingest.formats.xml_tables import Table, table_of
from app.ingest.raised import raised

_STRUCK = {"del", "strike"}
_RAISED = {"sup", "superscript"}
_LOWERED = {"sub", "subscript"}
_BREAKS = {"br", "lb"}
_NOTES = {"fn": "footnote", "footnote": "footnote", "endnote": "endnote", "note": "note"}
_UNSHOWN = {"indexterm", "index-term"}


def parsed(data: bytes) -> Any:
    """Return the root of a document; what other files define stays a reference."""
    with suppress(etree.XMLSyntaxError, ValueError):  # as of references to other files
        return _root(data, resolve="internal")
    try:
        return _root(data, resolve=False)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFile(f"is not valid XML: {error}") from error


def _root(data: bytes, *, resolve: Any) -> Any:
    parser = etree.XMLParser(
        resolve_entities=resolve, no_network=True, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(data, parser)


def unresolved(root: Any) -> list[str]:
    """Name the entities that stay references, because nothing in the file says what they are."""
    names = (entity.text for entity in root.iter(etree.Entity))
    return list(dict.fromkeys(name for name in names if unescape(name) == name))


def local(element: Any) -> str:
    """Return an element's name without its namespace."""
    return _local_name(str(element.tag))


def _local_name(name: str) -> str:
    return name.rpartition("}")[2]


def tree_of(element: Any, depth: int = 0) -> Any:
    """Return text with marks in it whole, other elements by the names of their children."""
    check_depth(depth)
    children = [child for child in element if isinstance(child.tag, str)]
    if children and _has_text(element):
        return _with_text(_collapsed(_attributes(element), set()), clean_line(_said(element)))
    if table := table_of(element, lambda cell: clean_line(_said(cell))):
        return _with_rows(table, element, depth)
    text = "" if children else _said(element).strip()
    groups = list(_groups(element, children, depth))
    if len(groups) > 1:
        return Groups(groups)
    return _with_text(groups[0], text)


def _with_rows(table: Table, element: Any, depth: int) -> Any:
    """Return the rows of a table, behind its title and attributes if it has any."""
    rows, beside = table
    above = _attributes(element)
    for child in beside:
        above.setdefault(local(child), []).append(tree_of(child, depth + 1))
    if not above:
        return rows
    above["row"] = [*rows, *above.get("row", [])]  # what is no row of the table may be named so
    return _collapsed(above, {"row"})


def _with_text(group: dict[str, Any], text: str) -> Any:
    if not group:
        return text
    name = "text" if "text" not in group else ""
    return group | ({name: text} if text else {})


def _attributes(element: Any) -> dict[str, list[Any]]:
    """Gather attributes by name, for those of several namespaces may have the same."""
    gathered: dict[str, list[Any]] = {}
    for name, value in element.attrib.items():
        gathered.setdefault(_local_name(name), []).append(value)
    return gathered


def _groups(element: Any, children: Sequence[Any], depth: int) -> Iterator[dict[str, Any]]:
    """Gather children by name, anew where a name comes again after others: they have an order."""
    group = _attributes(element)
    seen: set[str] = set()
    last = ""
    often = set(repeated(map(local, children)))
    for child in children:
        name = local(child)
        if name in seen and name != last:
            yield _collapsed(group, often)
            group, seen = {}, set()
        seen.add(name)
        last = name
        group.setdefault(name, []).append(tree_of(child, depth + 1))
    yield _collapsed(group, often)


def _collapsed(group: dict[str, list[Any]], often: set[str]) -> dict[str, Any]:
    """Leave out lists of one value, but not where an element is one record of several."""
    return {
        name: values if values[1:] or (name in often and isinstance(values[0], dict)) else values[0]
        for name, values in group.items()
    }


def _has_text(element: Any) -> bool:
    texts = [element.text, *(child.tail for child in element)]
    return any(text and text.strip() for text in texts)


def _said(element: Any, depth: int = 0) -> str:
    """Return the text of an element and of the marks in it.

    Marks stand in words, but where no text is between or behind them, they may be values.
    """
    check_depth(depth)
    flows = any(child.tail and child.tail.strip() for child in element)
    parts, beside = [element.text or ""], False
    for child in element:
        parts += [_marked(child, " " if beside or not flows else "", depth), child.tail or ""]
        beside = not child.tail
    return "".join(parts)


def _marked(child: Any, gap: str, depth: int) -> str:
    if not isinstance(child.tag, str):  # a reference
        return unescape(child.text or "")
    name, text = local(child).lower(), _said(child, depth + 1)
    if name in _STRUCK | _BREAKS:
        return " "
    if name in _UNSHOWN:
        return ""
    if name in _NOTES:
        return f" [{_NOTES[name]}: {text.strip()}]"
    if name in _RAISED | _LOWERED:
        return raised(text) if name in _RAISED else text
    return f"{gap}{text}"
