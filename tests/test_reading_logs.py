"""Logs are read entry by entry, without what only a terminal needs."""

import json
from pathlib import Path

import pytest
from reading_parts import read


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("\x1b[31m10:00 ERROR\x1b[0m boom", "10:00 ERROR boom"),
        ("\x1b[1;38;5;208m10:00\x1b[m \x1b[Kwarn", "10:00 warn"),
        ("10:00 \x1b]0;title\x07up \x1b]8;;https://a.example\x1b\\link\x1b]8;;\x1b\\", "10:00 up link"),
        ("\x1b(B10:00 [31m] and \x1b7[2] stay", "10:00 [31m] and [2] stay"),
    ],
)  # fmt: skip
def test_a_log_is_read_without_its_colours(tmp_path: Path, line: str, text: str) -> None:
    assert read(tmp_path, "a.log", f"{line}\n10:01 next\n").text == f"{text}\n\n10:01 next"


def test_outputs_of_a_notebook_are_read_without_their_colours(tmp_path: Path) -> None:
    output = {"output_type": "stream", "text": ["\x1b[32mfive eels\x1b[0m\n"]}
    cell = {"cell_type": "code", "source": "count()", "outputs": [output]}
    source = json.dumps({"cells": [cell]})
    assert read(tmp_path, "a.ipynb", source).text == "count()\n\nOutput: five eels"


PYTHON = """\
2026-01-02 10:00:01 ERROR boom
Traceback (most recent call last):
  File "a.py", line 3, in <module>
    f()
KeyError: 'a'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 5, in <module>
ValueError: bad value"""
JAVA = """\
2026-01-02 10:00:01,123 ERROR [main] x.Y - failed
java.lang.IllegalStateException: pump 2 is dry
\tat a.b(C.java:3)
Caused by: java.io.IOException: no water
\tat a.d(D.java:4)
\t... 3 more"""
TWO_LINES = "Jan  2 10:00:01 host x: failed\norg.a.B: ERROR\n  Detail: none\n    at line 5"


@pytest.mark.parametrize("entry", [PYTHON, JAVA, TWO_LINES, "10:00 INFO one\n  two"])
@pytest.mark.parametrize("head", ["", "ready\nsteady\n", "2026-01-02 09:59:00 INFO up\nplain\n"])
@pytest.mark.parametrize("foot", ["", "2026-01-02 10:00:02 INFO go on\nplain\nplainer\n"])
def test_an_exception_belongs_to_the_entry_that_tells_of_it(
    tmp_path: Path, entry: str, head: str, foot: str
) -> None:
    whole = "\n".join(line for line in entry.split("\n") if line)
    text = read(tmp_path, "a.log", f"{head}{entry}\n{foot}").text
    assert text.split("\n\n") == [*head.splitlines(), whole, *foot.splitlines()]


def test_lines_without_a_moment_stay_entries(tmp_path: Path) -> None:
    source = "10:00 up\none\ntwo\nthree\nfour:\n  five\nsix\n"
    records = read(tmp_path, "a.log", source).text.split("\n\n")
    assert records == ["10:00 up", "one", "two", "three", "four:\n  five", "six"]
