"""reStructuredText keeps what docutils cannot render: its content where that can be told, else the source."""

from pathlib import Path

import pytest
from reading_parts import read

UNKNOWN = "directives that are not known, of which the text is read: "
WRONG = " where the markup is wrong, so the source is read"
CROOKED = """\
+------+------+
| Name | Room |
+======+======+
| Ada  | C4    |
+------+------+"""
RUN_OVER = """\
==== ====
Name Room
==== ====
Adalind C4
==== ===="""
CODE = ".. code-block:: python\n   :emphasize-lines: 2\n\n   x = 1"


@pytest.mark.parametrize(
    ("source", "text", "names"),
    [
        (".. seealso:: The *manual*.", "seealso: The manual.", "seealso"),
        (".. versionchanged:: 2.1\n   The *limit*\n   is 5.", "versionchanged: 2.1 The limit is 5.", "versionchanged"),
        (".. py:function:: f(*args, **kwargs)\n\n   Return *x*.\n\n   - a\n   - b", "py:function: f(*args, **kwargs)\n\nReturn x.\n\n- a\n- b", "py:function"),
        (".. tabs::\n\n   .. tab:: Linux\n\n      Run apt.\n\n   .. tab:: Windows\n\n      Run winget.", "tab: Linux\n\nRun apt.\n\ntab: Windows\n\nRun winget.", "tabs, tab"),
        (".. need:: Float\n   :status: open\n\n   Boats float.", "need: Float\n\nstatus: open\n\nBoats float.", "need"),
        ("- a\n\n  .. card:: b\n\n     c\n- d", "- a\ncard: b\nc\n- d", "card"),
        ("A |v| b.\n\n.. |v| q:: z", "A |v| b.\n\nq: z", "q"),
        ("".join(f".. d{n}:: a\n\n" for n in range(7)), "\n\n".join(f"d{n}: a" for n in range(7)), "d0, d1, d2, d3, d4, …"),
    ],
)  # fmt: skip
def test_unknown_directives_are_read_as_text(
    tmp_path: Path, source: str, text: str, names: str
) -> None:
    extracted = read(tmp_path, "a.rst", f"{source}\n\nEnd.\n")
    assert (extracted.text, extracted.notes) == (f"{text}\n\nEnd.", (f"{UNKNOWN}{names}",))


@pytest.mark.parametrize(
    ("source", "line"), [(CROOKED, 6), (RUN_OVER, 6), (CODE, 3), (".. figure::\n   :width: 5", 3)]
)
def test_wrong_markup_stays_as_it_is_written(tmp_path: Path, source: str, line: int) -> None:
    extracted = read(tmp_path, "a.rst", f"Begin.\n\n{source}\n\nEnd.\n")
    assert extracted.text == f"Begin.\n\n{source}\n\nEnd."
    assert extracted.notes == (f"line {line}{WRONG}",)


@pytest.mark.parametrize(
    ("source", "titles", "notes"),
    [
        ("A\n=\n\nB\n-\n\nC\n=\n\nD\n~\n\nText.", "ABCD", (f"line 10{WRONG}",)),
        ("A\n=\n\n.. box:: n\n\n   B\n   -\n\n   Text.", "AB", (f"{UNKNOWN}box", f"line 7{WRONG}")),
        ("=====\nA\n====\n\nText.", "A", (f"line 1{WRONG}",)),
        ("Text.\n\n=====\nA", "A", (f"line 3{WRONG}",)),
        ("A bit\n=\n\nText.", [], ()),
        (".. note::\n\nText.", [], (f"line 1{WRONG}",)),
        ("A long one\n====\n\nText.", ["A long one"], ()),
    ],
)
def test_wrong_titles_are_titles(
    tmp_path: Path, source: str, titles: list[str], notes: tuple[str, ...]
) -> None:
    extracted = read(tmp_path, "a.rst", source)
    assert [heading.title for heading in extracted.headings] == list(titles)
    assert extracted.notes == notes


def test_the_next_document_is_read_anew(tmp_path: Path) -> None:
    for name in ("first", "second"):
        extracted = read(tmp_path, "a.rst", f".. {name}:: a\n\n   * b\n")
        assert extracted.notes == (f"{UNKNOWN}{name}",)
