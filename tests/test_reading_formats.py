"""Books, mails, sources, trees and marked-up texts come out by their structure."""

import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from file_parts import epub, zipped
from reading_parts import drawn, holds_together, read

from app.ingest.readers import UnreadableFile

RECIPIENT_TYPE = bytes.fromhex("0300150c06000000")  # a number that can be read and written


def titles(extracted: object) -> list[str]:
    return [heading.title for heading in extracted.headings]  # type: ignore[attr-defined]


def test_epub_chapters_come_in_the_order_of_the_spine(tmp_path: Path) -> None:
    extracted = read(tmp_path, "a.epub", epub(["<h1>Two</h1><p>b", "<h1>One</h1><p>a"]))
    assert extracted.text == "One\n\na\n\nTwo\n\nb"
    assert (titles(extracted), len(extracted.pages)) == (["One", "Two"], 2)


def test_a_book_that_lacks_a_chapter_is_read_but_for_that_one(tmp_path: Path) -> None:
    source = epub(["<aside>Without heating.</aside>", "<p>Lost.</p>"]).replace(b"c 1", b"c 9")
    extracted = read(tmp_path, "a.epub", source)
    assert extracted.text == "Without heating."
    assert extracted.notes == ("chapter text/c 1.xhtml, which is missing or damaged",)


def test_rtf_keeps_paragraphs_and_rows(tmp_path: Path) -> None:
    source = (
        r"{\rtf1\ansi Berths of the club.\par "
        r"\trowd\cellx1000\cellx2000\intbl Berth\cell Fee\cell\row "
        r"\trowd\cellx1000\cellx2000\intbl D1\cell 40 euro\cell\row "
        r"\pard Dues fall in M\'e4rz.\par}"
    )
    extracted = read(tmp_path, "a.rtf", source)
    assert "Dues fall in März." in extracted.text
    assert holds_together(extracted, "D1", "40 euro")


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "ada@club.example",
        "bo@club.example",
        "Mast",
    )
    message.set_content("The mast is cracked.\n\nPlease look.")
    return message


def test_mails_have_headers_text_and_attachments(tmp_path: Path) -> None:
    message = mail()
    message.add_attachment("Crane: 12 tons", filename="crane.txt")
    pdf = drawn([(72, 100, "Quote 4711 for a mast")])
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename="quote.pdf")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="mast.png")
    extracted = read(tmp_path, "a.eml", message.as_bytes())
    assert "From: ada@club.example\nTo: bo@club.example\nSubject: Mast" in extracted.text
    assert holds_together(extracted, "Attachment crane.txt", "Crane: 12 tons")
    assert holds_together(extracted, "Attachment quote.pdf", "Quote 4711 for a mast")
    assert extracted.notes == ("attachment mast.png, which has a type that is not supported: .png",)


def test_mails_in_html_and_mails_inside_mails_are_read(tmp_path: Path) -> None:
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "cy@club.example", "Fwd"
    outer.set_content("<table><tr><td>Berth:<td>D9</table>", subtype="html")
    outer.add_attachment(mail())
    extracted = read(tmp_path, "a.eml", outer.as_bytes())
    assert "Berth: D9" in extracted.text
    assert "The mast is cracked." in extracted.text


def test_outlook_messages_are_read_with_what_is_attached(tmp_path: Path) -> None:
    content = (Path(__file__).parent / "reading/mail/msg_with_attachment.msg").read_bytes()
    extracted = read(tmp_path, "a.msg", content)
    assert "Subject: Email with Attachment" in extracted.text
    assert holds_together(extracted, "Attachment test.txt", "some dummy content")
    assert extracted.notes == ("attachment report.pdf, which is not a readable PDF",)


@pytest.mark.parametrize(("kind", "field"), [(1, "To"), (2, "Cc"), (3, "Bcc"), (7, "To")])
def test_recipients_of_outlook_messages_stand_in_their_own_fields(
    tmp_path: Path, kind: int, field: str
) -> None:
    content = (Path(__file__).parent / "reading/mail/msg_with_attachment.msg").read_bytes()
    head, tail = content.split(RECIPIENT_TYPE)
    own = head + RECIPIENT_TYPE + bytes([kind]) + tail[1:]
    lines = read(tmp_path, "a.msg", own).text.split("\n\n")[0].split("\n")
    assert lines[3:] == [f"{field}: Bob Example <bob@example.com>"]


def test_a_damaged_outlook_message_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="is not a readable Outlook message"):
        read(tmp_path, "a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 900)


def test_notebooks_have_cells_with_their_output(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Tides\n", "Heights in metres."]},
        {"cell_type": "code", "source": "peak(7)", "outputs": [{"text": ["4.2 m"]}]},
        {"cell_type": "code", "source": "plot()", "outputs": [{"data": {"image/png": "x" * 9000}}]},
    ]
    book = {"cells": cells, "metadata": {"kernelspec": {"language": "python"}}}
    extracted = read(tmp_path, "a.ipynb", json.dumps(book))
    assert titles(extracted) == ["Tides"]
    assert holds_together(extracted, "python: peak(7)", "Output: 4.2 m")


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ({"output_type": "error", "ename": "KeyError", "evalue": "D7"}, "Error: KeyError: D7"),
        ({"data": {"text/markdown": ["**Total** 99"], "text/plain": "<M object>"}}, "**Total** 99"),
        ({"data": {"text/html": "<p>Sum: 123", "text/plain": "<a.HTML object>"}}, "Sum: 123"),
        ({"data": {"text/html": "<p>Sum: 123"}}, "Sum: 123"),
        ({"data": {"text/html": "<div>m()?", "text/plain": "m()"}}, "Output: m()"),
        ({"data": {"text/latex": "$E=mc^2$"}}, "Output: $E=mc^2$"),
    ],
)
def test_an_output_is_read_in_the_form_that_says_something(
    tmp_path: Path, output: dict[str, object], text: str
) -> None:
    book = {"cells": [{"cell_type": "code", "source": "f()", "outputs": [output]}]}
    assert read(tmp_path, "a.ipynb", json.dumps(book)).text == f"f()\n\n{text}"


RST = """
Moorings
========

.. include:: /etc/passwd

Winter
------

+-------+------+
| Berth | Ice  |
+=======+======+
| D1    | thin |
+-------+------+

3. Ease the lines.
4. Check the fenders.
"""


def test_rst_is_read_as_it_is_rendered(tmp_path: Path) -> None:
    extracted = read(tmp_path, "a.rst", RST)
    assert titles(extracted) == ["Moorings", "Winter"]
    assert holds_together(extracted, "Moorings > Winter", "| D1 | thin |")
    assert "4. Check the fenders." in extracted.text
    assert "root:" not in extracted.text


ADOC = """= Moorings
:author: Ada

== Winter

// a remark
Ease the lines +
before frost.

[cols="1,1"]
|===
|Berth |Ice

|D1 |thin
|D2 |thick
|===
"""


def test_adoc_has_headings_and_rows(tmp_path: Path) -> None:
    extracted = read(tmp_path, "a.adoc", ADOC)
    assert titles(extracted) == ["Moorings", "Winter"]
    assert holds_together(extracted, "Moorings > Winter", "| D2 | thick |")
    assert "a remark" not in extracted.text


@pytest.mark.parametrize(
    ("name", "source", "record"),
    [
        ("a.xml", "<fleet><boat><name>Kite</name><t>4</t></boat><boat><name>Swan</name><t>9</t></boat></fleet>", "fleet.boat.name: Swan; fleet.boat.t: 9"),
        ("a.xml", '<fleet><boat id="7"><name>Kite</name></boat><boat id="8"/></fleet>', "fleet.boat.id: 7; fleet.boat.name: Kite"),
        ("a.xml", "<note><p>Keep <b>off</b> the ice.</p></note>", "note.p: Keep off the ice."),
        ("a.yaml", "boats:\n  - name: Kite\n    draught: 1.10\n  - name: Swan\n", "boats.name: Kite; boats.draught: 1.10"),
        ("a.yml", "harbour: Kestering\n---\nharbour: Skjorn\n", "harbour: Skjorn"),
        ("a.toml", '[crane]\nload = 1.50\nsince = 2027-05-03\n', "crane.load: 1.50\ncrane.since: 2027-05-03"),
        ("a.log", "12:01 start\n  at step 1\n12:02 stop\n", "12:01 start\n  at step 1"),
    ],
)  # fmt: skip
def test_trees_and_logs_are_records(tmp_path: Path, name: str, source: str, record: str) -> None:
    assert record in read(tmp_path, name, source).text.split("\n\n")


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("a.xml", "<a><b></a>", "is not valid XML"),
        ("a.yaml", "a: [1,\nb", "is not valid YAML: line 2"),
        ("a.toml", "a = = 1", "is not valid TOML"),
        ("a.ipynb", "[]", "is not a readable notebook"),
        ("a.epub", "PK", "is not a readable EPUB book"),
        (
            "b.epub",
            zipped({"META-INF/container.xml": "<container/>"}),
            "is not a readable EPUB book",
        ),
        ("a.rtf", "plain", "is not a readable RTF document"),
        ("a.odt", "plain", "is not a readable OpenDocument file"),
        ("a.xlsx", "plain", "is not a readable .xlsx file"),
    ],
)
def test_damaged_files_say_why(tmp_path: Path, name: str, source: str | bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, name, source)
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("a.py", "class Crane:\n    def lift(self):\n        return load(1)\n\ndef load(n):\n    pass\n", ["Crane", "lift", "load"]),
        ("a.js", "function moor(boat) {\n  tie(boat);\n}\n", ["moor"]),
        ("a.go", "package quay\n\nfunc Moor(b Boat) error {\n\treturn nil\n}\n", ["Moor"]),
    ],
)  # fmt: skip
def test_sources_have_a_section_for_each_definition(
    tmp_path: Path, name: str, source: str, found: list[str]
) -> None:
    extracted = read(tmp_path, name, source)
    assert extracted.text == source
    assert titles(extracted) == found


@pytest.mark.parametrize(
    ("name", "source", "begin"),
    [
        ("a.py", "x = 1\n@app.get(\n    '/x',\n)\n# Fees.\n@cached\ndef fees():\n    pass\n", "@app.get("),
        ("A.java", "/** Fees,\n * all. */\npublic class Fees {\n  int x;\n}\n", "/** Fees,"),
        ("A.java", "class A {\n  int x;\n\n  @Override\n  Map<B, C> all() {\n  }\n}\n", "  @Override"),
        ("a.rs", "use x;\n#[derive(D)]\n/// Fees.\nfn fees() {}\n", "#[derive(D)]"),
        ("a.sql", "-- Berths.\nCREATE TABLE berth (\n  fee NUMERIC(6,2)\n);\n", "-- Berths."),
    ],
)  # fmt: skip
def test_a_definition_begins_with_what_stands_right_above_it(
    tmp_path: Path, name: str, source: str, begin: str
) -> None:
    heading = read(tmp_path, name, source).headings[-1]
    assert source[heading.start :].startswith(begin)
    assert heading.title in ("fees", "Fees", "all", "berth")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_text(tmp_path: Path, encoding: str) -> None:
    text = "The crane lifts twelve tons. " * 5
    assert read(tmp_path, "a.txt", text.encode(encoding)).text == text
