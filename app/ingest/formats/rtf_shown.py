"""Rewrite RTF so that it says what a text processor shows; knows nothing of paragraphs."""

from __future__ import annotations

import re
from itertools import chain
from typing import NamedTuple

from striprtf.striprtf import remove_pict_groups, specialchars

from app.ingest.formats.rtf_rows import Shape
from app.ingest.raised import raised

_TOKEN = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\'[0-9a-f]{2}|\\[^a-z]|[{}]|[\r\n]+|[^\\{}\r\n]+",
    re.IGNORECASE,
)
_SIGNS = "|".join(
    word for word, sign in specialchars.items() if word.isalpha() and sign.strip() not in ("", "|")
)
_SILENT = re.compile(rf"[{{}}]|\\\*|\\(?!(?:u-?\d+|{_SIGNS}) )[a-z]+(?:-?\d+)? ", re.IGNORECASE)
"""What is added and shows no sign: a control word, or where a group begins or ends."""
_HIDING = {"strike", "striked", "deleted", "v"}
_BREAKS = {"par", "line"}
_ENDS = {"par", "sect", "page"}  # of a paragraph
_NOTES = {"footnote": "footnote", "annotation": "comment"}
_SHAPES, _BOXES = {"shp", "do"}, {"shptxt", "dptxbxtext"}
_OLD_FORM = "shprslt"  # the shape again, for old programs
_PAGE_PARTS = {f"{kind}{pages}" for kind in ("header", "footer") for pages in ("", "f", "l", "r")}


class _State(NamedTuple):
    """What holds in a group, and in those inside it."""

    hidden: frozenset[str] = frozenset()
    raised: bool = False
    cell: bool = False
    row: Shape = Shape()
    initial: bool = False
    """Whether this paragraph is an initial of the next one, which hangs over several lines."""
    note: bool = False
    shape: bool = False
    old_form: bool = False
    begun: str = ""
    """The note, shape, text box or part of the page that this group is."""
    start: int = 0
    """Where what the group shows begins."""


def shown_rtf(source: str) -> str:
    """Leave out struck, deleted and hidden text, and put notes where they are called.

    Text boxes come after their paragraph. Cells are kept in one line, headers and footers once,
    and the numbers of old lists.
    """
    rewriting = _Rewriting()
    for token in _TOKEN.finditer(remove_pict_groups(source)):
        rewriting.take(token)
    rewriting.add_boxes()
    return "".join(chain(*rewriting.around_boxes, rewriting.out))


class _Rewriting:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.state = _State()
        self.around: list[_State] = []
        self.page_parts: set[str] = set()
        self.boxes: list[str] = []
        """What text boxes say, up to the end of the paragraph that they are anchored in."""
        self.around_boxes: list[list[str]] = []
        self.cells = 0
        """How many cells of a row have ended."""

    def take(self, token: re.Match[str]) -> None:
        """Add what a token leads to."""
        if token[1]:
            self.word(token[1], token[2] or "")
        elif token[0] == "{":
            self.around.append(self.state)
            self.state = self.state._replace(begun="", start=len(self.out) + 1)
            self.out.append("{")
        elif token[0] == "}":
            self.end()
        elif token[0] == r"\*" or not self.state.hidden:
            self.out.append(self.text(token[0]))

    def word(self, word: str, argument: str) -> None:
        """Add a control word, always with its space: what follows must not run into it."""
        state, on = self.state, argument != "0"
        if word in _HIDING:
            self.state = state._replace(hidden=state.hidden - {word} | ({word} if on else set()))
        elif word in _NOTES and not (word == "annotation" and state.hidden - {"v"}):
            self.begin_note(word)
        elif word in _BOXES and not (state.hidden or state.old_form or state.begun):
            self.begin_box()
        elif word in _PAGE_PARTS:
            self.state = state._replace(begun=word)
            self.out.append(r"\par ")
        elif word in _BREAKS and (state.cell or state.note):
            self.out.append(" ")
        elif _is_kept(state, word):
            self.state = _changed(state, word, on)._replace(row=state.row.after(word, argument))
            self.out.append(f"{self.mark(word)}\\{word}{argument} ")
            if word in _ENDS and not state.shape:
                self.add_boxes()

    def mark(self, word: str) -> str:
        """Return what is to be said of a cell before the word that ends it."""
        if word == "row":
            self.cells = 0
        if word != "cell":
            return ""
        self.cells += 1
        return self.state.row.mark(self.cells - 1)

    def begin_note(self, word: str) -> None:
        """Begin a note or comment in the text; the call of a comment may be hidden."""
        if self.out[-1:] == [r"\*"]:  # which says that readers may pass over the group
            self.out.pop()
        hidden = self.state.hidden - ({"v"} if word == "annotation" else set())
        self.state = self.state._replace(begun=word, note=True, hidden=hidden)
        self.out.append(f" [{_NOTES[word]}: ")

    def begin_box(self) -> None:
        """Keep apart what a text box says, for it stands in groups that are passed over."""
        self.around_boxes.append(self.out)
        self.out = []
        note = self.state.cell or self.state.note
        self.state = _State(begun="box", shape=True, note=note)

    def add_boxes(self) -> None:
        """Add the text boxes of a paragraph, or those of a cell or note inside it."""
        inside = self.state.cell or self.state.note
        self.out += [f" {{{box}}} " if inside else rf"\par {{{box}\par }}" for box in self.boxes]
        self.boxes.clear()

    def text(self, text: str) -> str:
        """Return text, with raised digits as such, and without the mark between cells."""
        text = text.replace("|", "/") if self.state.cell else text
        written = raised(text) if self.state.raised else text
        if written == text:
            return text
        return "".join(rf"{{\uc1\u{ord(sign)} ?}}" for sign in written)

    def end(self) -> None:
        """End a group, and what it is."""
        begun = self.state.begun
        if begun in _NOTES:
            self.end_note()
        elif begun in _PAGE_PARTS:
            self.end_page_part()
        elif begun == "box":
            self.boxes.append("".join(self.out))
            self.out = self.around_boxes.pop()
        if len(self.around) == 1:  # the document
            self.add_boxes()
        self.out.append("}")
        self.state = self.around.pop() if self.around else _State()
        if begun == "shape" and (self.state.cell or self.state.note):
            self.add_boxes()

    def end_note(self) -> None:
        """End a note without the blanks that its last paragraph's end has left."""
        for at in range(len(self.out) - 1, self.state.start, -1):
            if _SILENT.fullmatch(self.out[at]):
                continue
            self.out[at] = self.out[at].rstrip(" ")
            if self.out[at]:
                break
        self.out.append("]")

    def end_page_part(self) -> None:
        """End a header or footer; one that an earlier section has is left out."""
        self.out.append(r"\par ")
        self.add_boxes()
        part = "".join(self.out[self.state.start :])
        if part in self.page_parts:
            del self.out[self.state.start :]
        self.page_parts.add(part)


def _is_kept(state: _State, word: str) -> bool:
    """Tell a control word that does not show what is unseen, nor part what is one word."""
    if word == "u":
        return not state.hidden
    return word != "pntext" and not (word == "par" and state.initial)


def _changed(state: _State, word: str, on: bool) -> _State:
    """Return what holds after a word about the look of text or about its place."""
    if word == "plain":
        return state._replace(hidden=frozenset(), raised=False)
    if word in _SHAPES and not state.shape:
        return state._replace(shape=True, begun=state.begun or "shape")
    if word == _OLD_FORM:
        return state._replace(old_form=True)
    if word == "dropcapli":
        return state._replace(initial=True)
    if word == "pard":
        return state._replace(cell=False, initial=False)
    if word in ("super", "sub", "nosupersub"):
        return state._replace(raised=on and word == "super")
    return state._replace(cell=True) if word == "intbl" else state
