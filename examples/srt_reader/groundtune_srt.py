"""Read SubRip subtitles (.srt): what is said, under the minute at which it is said."""

from __future__ import annotations

import re
from itertools import groupby

from app.ingest.extracted import TextBuilder, UnreadableFile

CUE = re.compile(r"(\d+):(\d\d):\d\d[,.]\d+ *-->.*\n((?:.+\n?)*)")
TAGS = re.compile(r"</?[ibu]>|\{\\.*?\}|</?font[^>]*>")


def read_srt(data: bytes, builder: TextBuilder) -> None:
    """Add the text of each minute as one paragraph below a heading with the time."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise UnreadableFile("is not UTF-8: save it as UTF-8") from error
    cues = [(f"{int(hours)}:{minutes}", said) for hours, minutes, said in CUE.findall(text)]
    for minute, spoken in groupby(cues, key=lambda cue: cue[0]):
        builder.heading(1, minute)
        builder.add(" ".join(TAGS.sub("", " ".join(said.split())) for _, said in spoken))
    if silent := sum(not said.strip() for _, said in cues):
        builder.note(f"has {silent} cues without text")
