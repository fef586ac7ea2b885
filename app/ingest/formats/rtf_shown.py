"""Rewrite RTF so that it says what a text processor shows; knows nothing of paragraphs."""

from __future__ import annotations

import re
from typing import NamedTuple

from striprtf.striprtf import remove_pict_groups

from app.ingest.raised import raised

_TOKEN = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\'[0-9a-f]{2}|\\[^a-z]|[{}]|[\r\n]+|[^\\{}\r\n]+",
    re.IGNORECASE,
)
_HIDING = {"strike", "striked", "deleted", "v"}
_BREAKS = {"par", "line"}
_PAGE_PARTS = {f"{kind}{pages}" for kind in ("header", "footer") for pages in ("", "f", "l", "r")}


class _State(NamedTuple):
    """What holds in a group, and in those inside it."""

    hidden: frozenset[str] = frozenset()
    raised: bool = False
    cell: bool = False
    note: bool = False
    begun: str = ""
    """The note or part of the page that this group is."""
    start: int = 0
    """Where what the group shows begins."""


def shown_rtf(source: str) -> str:
    """Leave out struck, deleted and hidden text, and put notes where they are called.

    Cells are kept in one line, headers and footers once, and the numbers of old lists.
    """
    rewriting = _Rewriting()
    for token in _TOKEN.finditer(remove_pict_groups(source)):
        rewriting.take(token)
    return "".join(rewriting.out)


class _Rewriting:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.state = _State()
        self.around: list[_State] = []
        self.page_parts: set[str] = set()

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
        elif word == "footnote" or word in _PAGE_PARTS:
            self.state = state._replace(begun=word, note=state.note or word == "footnote")
            self.out.append(" [footnote: " if word == "footnote" else r"\par ")
        elif word in _BREAKS and (state.cell or state.note):
            self.out.append(" ")
        elif word != "pntext" and not (word == "u" and state.hidden):
            self.state = _changed(state, word, on)
            self.out.append(f"\\{word}{argument} ")

    def text(self, text: str) -> str:
        """Return text, with raised digits as such, and without the mark between cells."""
        text = text.replace("|", "/") if self.state.cell else text
        written = raised(text) if self.state.raised else text
        if written == text:
            return text
        return "".join(rf"{{\uc1\u{ord(sign)} ?}}" for sign in written)

    def end(self) -> None:
        """End a group; a header or footer that an earlier section has is left out."""
        if self.state.begun == "footnote":
            self.out[-1] = self.out[-1].rstrip(" ")
            self.out.append("]")
        elif self.state.begun:
            self.out.append(r"\par ")
            part = "".join(self.out[self.state.start :])
            if part in self.page_parts:
                del self.out[self.state.start :]
            self.page_parts.add(part)
        self.out.append("}")
        self.state = self.around.pop() if self.around else _State()


def _changed(state: _State, word: str, on: bool) -> _State:
    """Return what holds after a word about the look of text or about its place."""
    if word == "plain":
        return state._replace(hidden=frozenset(), raised=False)
    if word in ("super", "sub", "nosupersub"):
        return state._replace(raised=on and word == "super")
    return state._replace(cell=word == "intbl") if word in ("intbl", "pard") else state
