"""Read what is said in subtitles, SubRip (.srt) and WebVTT, sentence by sentence."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import accumulate, pairwise
from typing import NamedTuple

from app.ingest.extracted import TextBuilder, clean, clean_line
from app.ingest.formats.plain import decode
from app.ingest.hyphens import are_unspaced
from graphs.text import sentences

_TIME = r"((?:\d+:)?\d\d:\d\d)[.,]\d{1,3}"
_CUE = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}.*\n?", re.MULTILINE)
_BLOCK = re.compile(r"\n[ \t]*\n\s*")
_REMARK = re.compile(r"(?:NOTE|STYLE|REGION)\b")
_NEXT_NAME = re.compile(r"(?:(?:\A|\n[ \t]*)\n[^\n]+|(?:\A|\n)\d+[ \t]*)\n\Z")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*+)?\s++([^<>]*+)>")
_MARKS = re.compile(r"</?[a-z\d][^<>\n]*>|\{\\[^{}\n]*\}", re.IGNORECASE)
_TURN = re.compile(  # not "-5 degrees"
    r"^(?:[-\u2013\u2014]++(?:[ \t]++(?=\S)|(?=[^\s\d.,]))|>>++[ \t]*+(?=\S))", re.MULTILINE
)
_LABEL = re.compile(r"(\w[^:.!?,;]{0,50}): (?=\S)")
_NEARLY_ALL = 0.9
_LONGEST = 250  # characters; speech without full stops is cut where a subtitle ends


class Said(NamedTuple):
    """What one subtitle shows of one speaker."""

    time: str
    speaker: str
    text: str
    is_turn: bool
    """Whether it is marked to be said by another than before."""


def read_subtitles(data: bytes, builder: TextBuilder) -> None:
    """Add each sentence as a record behind the time when it begins and who says it."""
    builder.records = True
    for run in _runs(_named(list(_said(clean(decode(data)))))):
        speaker = f"{run[0].speaker}: " if run[0].speaker else ""
        for time, sentence in _sentences(run):
            builder.add(f"{time} {speaker}{sentence}")


def _said(text: str) -> Iterator[Said]:
    before: list[str] = []
    for time, shown in _cues(text):
        lines = [line for line in map(str.strip, shown.split("\n")) if line]
        # Who is named says it anew: what rolls up the screen names nobody.
        fresh = lines if _VOICE.search(shown) else lines[_repeated(before, lines) :]
        before = lines
        yield from _parted(time, "\n".join(fresh))


def _cues(text: str) -> Iterator[tuple[str, str]]:
    """Yield when each subtitle is shown, and its text; remarks stand between subtitles."""
    found = list(_CUE.finditer(text))
    ends = [*(cue.start() for cue in found), len(text)][1:]
    for cue, end in zip(found, ends, strict=True):
        shown = text[cue.end() : end]
        named = _NEXT_NAME.search(shown) if end < len(text) else None
        first, *others = _BLOCK.split(shown[: named.start()] if named else shown)
        yield cue[1], "\n".join([first, *(part for part in others if not _REMARK.match(part))])


def _repeated(before: Sequence[str], lines: Sequence[str]) -> int:
    """Count the first lines that the subtitle before ended with: they roll up the screen."""
    told, again = [[_MARKS.sub("", line) for line in part] for part in (before, lines)]
    most = min(len(told), len(again))
    return next((n for n in range(most, 0, -1) if told[-n:] == again[:n]), 0)


def _parted(time: str, shown: str) -> Iterator[Said]:
    """Part a subtitle where another speaks."""
    unnamed, *named = _VOICE.split(shown)
    for speaker, part in [("", unnamed), *zip(named[::2], named[1::2], strict=True)]:
        plain = _MARKS.sub("", part).strip()
        turns = [0, *(turn.start() for turn in _TURN.finditer(plain) if turn.start()), len(plain)]
        for start, end in pairwise(turns):
            said = plain[start:end]
            text = "".join(_flowing(unescape(_TURN.sub("", said)).split("\n")))
            if text:
                yield Said(time, clean_line(unescape(speaker)), text, bool(_TURN.match(said)))


def _named(parts: Sequence[Said]) -> Sequence[Said]:
    """Take the names that nearly all begin with for those of the speakers, as in minutes."""
    labels = [None if part.speaker else _LABEL.match(part.text) for part in parts]
    if not any(labels) or sum(map(bool, labels)) < _NEARLY_ALL * len(parts):
        return parts
    return [
        part._replace(speaker=label[1], text=part.text[label.end() :]) if label else part
        for part, label in zip(parts, labels, strict=True)
    ]


def _runs(parts: Sequence[Said]) -> Iterator[list[Said]]:
    """Gather what one speaker says without a break."""
    run: list[Said] = []
    for part in parts:
        if run and (part.is_turn or part.speaker != run[-1].speaker):
            yield run
            run = []
        run.append(part)
    if run:
        yield run


def _sentences(run: Sequence[Said]) -> Iterator[tuple[str, str]]:
    """Yield each sentence with the time of the subtitle in which it begins."""
    flowing = _flowing([part.text for part in run])
    text, starts = "".join(flowing), [0, *accumulate(map(len, flowing[:-1]))]
    for start, end in sentences(text):
        for left, right in _short(start, end, starts):
            yield run[bisect_right(starts, left) - 1].time, text[left:right].strip()


def _flowing(lines: Sequence[str]) -> list[str]:
    """Put a blank before each line that is parted from the one above."""
    plain = [line for line in map(clean_line, lines) if line]
    gaps = ("" if are_unspaced(above, below) else " " for above, below in pairwise(plain))
    return [*plain[:1], *(f"{gap}{line}" for gap, line in zip(gaps, plain[1:], strict=True))]


def _short(start: int, end: int, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    inside = starts[bisect_right(starts, start) : bisect_left(starts, end)]
    for at, following in pairwise([*inside, end]):
        if following - start > _LONGEST:
            yield start, at
            start = at
    yield start, end
