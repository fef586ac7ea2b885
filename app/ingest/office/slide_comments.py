"""Read the comments on a slide."""

from __future__ import annotations

from typing import Any

from pptx.oxml import parse_xml

from app.ingest.extracted import clean_line

_OLD_TEXT = "{http://schemas.openxmlformats.org/presentationml/2006/main}text"
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_NEW_BODY = "{*}txBody"  # of a comment or a reply; its namespace changes with the program


def comments(part: Any) -> list[str]:
    """Return the comments of a slide's part and the replies to them, in order."""
    kept = [one for one in part.rels.values() if one.reltype.endswith("/comments")]
    roots = [parse_xml(one.target_part.blob) for one in kept if not one.is_external]
    said = (one for root in roots for one in root.iter(_OLD_TEXT, _NEW_BODY))
    return [text for one in said if (text := clean_line("".join(one.itertext(_OLD_TEXT, _TEXT))))]
