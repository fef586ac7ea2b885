"""What packages add is found and used, and a mistake of theirs is told in one line."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from plugin_parts import installed, package
from reading_parts import read

from app import plugins
from app.doctor import added_parts
from app.errors import UserError
from app.ingest.readers import READERS
from app.plugins import Port
from app.provenance import modules_behind
from app.readiness import look_round
from app.settings import Settings

PORT: Port[object] = Port("groundtune.things", "a function", builtin=frozenset({"own"}))
READER = """
def read_knot(data, builder):
    builder.heading(1, 'Knot')
    builder.add(data.decode().upper())
"""


def test_nothing_is_added_where_no_package_does() -> None:
    assert (PORT.names(), PORT.group in plugins.added()) == ([], False)
    with pytest.raises(KeyError):
        PORT.load("thing")


def test_a_reader_of_a_package_reads_and_goes_before_a_built_in_one(tmp_path: Path) -> None:
    package(tmp_path, "knots", READER, readers=".KNOT = read_knot\n.txt = read_knot")
    with installed(tmp_path):
        assert READERS.names() == [".knot", ".txt"]
        for name in ("a.knot", "a.txt"):
            assert read(tmp_path, name, "bowline").text == "Knot\n\nBOWLINE"
        assert "readers: .KNOT (knots 1.0), .txt (knots 1.0)" in plugins.describe_added()
    assert read(tmp_path, "a.txt", "bowline").text == "bowline"


def test_what_a_package_imports_of_itself_counts_as_its_code(tmp_path: Path) -> None:
    package(tmp_path, "cords", "", things="a = make")
    (tmp_path / "cords.py").unlink()
    code = {"__init__": "from .ropes import make\nfrom . import knots", "ropes": "", "knots": ""}
    (tmp_path / "cords").mkdir()
    for name, text in code.items():
        (tmp_path / "cords" / f"{name}.py").write_text(text)
    with installed(tmp_path):
        behind = modules_behind(PORT.module("a"))
    assert behind.keys() == {"cords", "cords.ropes", "cords.knots"}


@pytest.mark.parametrize(
    ("code", "points", "told"),
    [
        ("import nowhere", "thing = make", r"but bad:make cannot be loaded (ModuleNotFoundError: "),
        ("", "thing = make", "but bad:make cannot be loaded (AttributeError: "),
        ("raise ValueError", "thing = make", "but bad:make cannot be loaded (ValueError): mend it"),
        ("make = 3", "thing = make", "but bad:make is of type int, not a function"),
        ("make = str", "own = make", "which is built in: choose another name"),
        ("make = str", "thing = make\nThing = make", "and so does bad 1.0: uninstall all but one"),
    ],
)
def test_a_mistake_of_a_package_is_told_with_its_name(
    code: str, points: str, told: str, tmp_path: Path
) -> None:
    package(tmp_path, "bad", code, things=points)
    with installed(tmp_path), pytest.raises(UserError) as error:
        PORT.load(*PORT.names())
    assert str(error.value).startswith("bad 1.0 adds '")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_broken_reader_stops_the_reading_of_its_files(tmp_path: Path) -> None:
    package(tmp_path, "knots", "import nowhere", readers=".knot = read_knot")
    mail = EmailMessage()
    mail.set_content("Look.")
    mail.add_attachment("bowline", filename="a.knot")
    with installed(tmp_path):
        for name, content in (("a.knot", "bowline"), ("a.eml", mail.as_bytes())):
            with pytest.raises(UserError, match=r"knots 1\.0 adds '\.knot' to groundtune\.readers"):
                read(tmp_path, name, content)


def test_the_doctor_lists_what_is_added_and_tells_what_is_broken(
    added: None, tmp_path: Path
) -> None:
    listed = {check.name: check.found for check in look_round(Settings())}["plugins"]
    assert listed == added_parts() == plugins.describe_added()
    for each in ("stores: sqlite", "metrics: rouge-l", "arms: hybrid-short", "models: pipe"):
        assert f"{each} (groundtune-own 1.0)" in listed
    package(tmp_path, "bad", "make = 3", metrics="odd = make")
    with installed(tmp_path), pytest.raises(UserError, match="bad:make is of type int"):
        added_parts()
    package(tmp_path / "more", "typo", "make = str", metric="odd = make")
    with installed(tmp_path / "more"), pytest.raises(UserError, match=r"groundtune\.metric, which"):
        added_parts()
