"""Subtitles are read as the sentences that are said, with times and speakers."""

import time
from pathlib import Path

import pytest
from reading_parts import read

from app.ingest.extracted import UnreadableFile

SRT = """\
1
00:00:01,000 --> 00:00:03,000
<i>The crane lifts</i> boats

2
00:00:03,500 --> 00:00:05,000 X1:40 X2:600
{\\an8}of 12 tons. It stands

3
00:01:05,000 --> 00:01:07,000
at -5 degrees
-5 of them.
"""
SAID = [
    "00:00:01 The crane lifts boats of 12 tons.",
    "00:00:03 It stands at -5 degrees -5 of them.",
]
VTT = """\
WEBVTT - Harbour

STYLE
::cue { color: lime }

NOTE not said --

first
00:01.000 --> 00:04.000 align:start
<v Ada Lund>The crane &amp; the <c.loud>slip</c>

NOTE
nor this

00:04.000 --> 00:06.000
<v Ada Lund>are closed.</v>
<v.low Bo>Since <00:05.000>when?

01:00:07.000 --> 01:00:09.000
Since May.
"""
ROLLING = """\
WEBVTT

00:00:00.000 --> 00:00:02.000

the crane lifts<00:00:01.000><c> boats</c>

00:00:02.000 --> 00:00:02.010
the crane lifts boats

00:00:02.010 --> 00:00:04.000
the crane lifts boats
of twelve<00:00:03.000><c> tons</c>

00:00:04.000 --> 00:00:04.010
of twelve tons
"""
TURNS = """\
1
00:00:01,000 --> 00:00:03,000
- Who is there
- Bo.
2
00:00:03,000 --> 00:00:05,000
>> Come in, Bo.

3
00:00:05,000 --> 00:00:06,000
1999

4
00:00:06,000 --> 00:00:07,000
was the year.
"""
MEETING = """\
WEBVTT

1
00:00:03.000 --> 00:00:05.000
Ada Lund: The crane is closed,

2
00:00:05.100 --> 00:00:06.000
Ada Lund: and so is the slip. Until May.

3
00:00:06.100 --> 00:00:07.000
Bo Berg: I see: until May.
"""


@pytest.mark.parametrize(
    ("name", "source", "records"),
    [
        ("a.srt", SRT, SAID),
        ("a.srt", SRT.replace("\n", "\r\n"), SAID),
        ("a.vtt", VTT, ["00:01 Ada Lund: The crane & the slip are closed.", "00:04 Bo: Since when?", "01:00:07 Since May."]),
        ("a.vtt", ROLLING, ["00:00:00 the crane lifts boats of twelve tons"]),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada Lund>Yes.</v>\n\n00:02.000 --> 00:03.000\n<v Bo Berg>Yes.</v>\n", ["00:01 Ada Lund: Yes.", "00:02 Bo Berg: Yes."]),
        ("a.srt", TURNS, ["00:00:01 Who is there", "00:00:01 Bo.", "00:00:03 Come in, Bo.", "00:00:05 1999 was the year."]),
        ("a.vtt", MEETING, ["00:00:03 Ada Lund: The crane is closed, and so is the slip.", "00:00:05 Ada Lund: Until May.", "00:00:06 Bo Berg: I see: until May."]),
        ("a.vtt", MEETING.replace("Bo Berg: ", "").replace("Ada Lund: and", "and"), ["00:00:03 Ada Lund: The crane is closed, and so is the slip.", "00:00:05 Until May.", "00:00:06 I see: until May."]),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,500\n橋は\n閉鎖されて\n\n2\n00:00:02,600 --> 00:00:04,000\nいます。次は五月です。\n", ["00:00:01 橋は閉鎖されています。", "00:00:02 次は五月です。"]),
    ],
)  # fmt: skip
def test_what_is_said_is_read_in_whole_sentences(
    tmp_path: Path, name: str, source: str, records: list[str]
) -> None:
    extracted = read(tmp_path, name, source)
    assert extracted.text.split("\n\n") == records
    assert extracted.records == ((0, len(extracted.text)),)


def test_many_subtitles_take_a_moment(tmp_path: Path) -> None:
    cue = "00:00:00,000 --> 00:00:01,000\nWord {}.\n\n"
    start = time.process_time()
    text = read(tmp_path, "a.srt", "".join(map(cue.format, range(20_000)))).text
    assert text.endswith("00:00:00 Word 19999.")
    assert time.process_time() - start < 5


def test_a_file_without_subtitles_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"^has no text$"):
        read(tmp_path, "a.vtt", "WEBVTT\n\nNOTE none\n")


def test_speech_without_full_stops_is_cut_where_a_subtitle_ends(tmp_path: Path) -> None:
    cues = "".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{'word ' * 9}{n}\n\n" for n in range(10, 22)
    )
    said = [record.split(" ", 1) for record in read(tmp_path, "a.srt", cues).text.split("\n\n")]
    assert [begin for begin, _ in said] == ["00:00:10", "00:00:15", "00:00:20"]
    assert " ".join(text for _, text in said).split() == [
        word for n in range(10, 22) for word in [*["word"] * 9, str(n)]
    ]
    assert all(len(text) <= 250 for _, text in said)
