"""Word documents come out with their numbers, notes, merged cells and equations."""

import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from file_parts import Fill, word_bytes
from reading_parts import holds_together, read

from app.ingest.extracted import ExtractedDocument

W = nsdecls("w")
M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def word(folder: Path, fill: Fill) -> ExtractedDocument:
    return read(folder, "a.docx", word_bytes(fill))


def add(document: Any, xml: str) -> None:
    document.element.body.insert(-1, parse_xml(xml))


def text_of(folder: Path, body: str) -> str:
    return word(folder, lambda document: add(document, f"<w:p {W} {M}>{body}</w:p>")).text


def table(document: Any, rows: list[list[str]]) -> Any:
    made = document.add_table(len(rows), len(rows[0]))
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            made.cell(y, x).text = cell
    return made


def test_clauses_have_their_numbers_at_every_level(tmp_path: Path) -> None:
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{style}"/>'
        f'<w:lvlText w:val="{shape}"/></w:lvl>'
        for at, (start, style, shape) in enumerate(
            [(4, "decimal", "%1."), (1, "decimal", "%1.%2"), (1, "lowerRoman", "(%3)")]
        )
    )

    def fill(document: Any) -> None:
        root = document.part.numbering_part.element
        root.insert(
            0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="77">{levels}</w:abstractNum>')
        )
        root.append(parse_xml(f'<w:num {W} w:numId="78"><w:abstractNumId w:val="77"/></w:num>'))
        for level, said in [
            (0, "Scope"),
            (1, "Dredging"),
            (1, "Pilotage"),
            (2, "by night"),
            (2, "by day"),
            (0, "Fees"),
            (1, "Dues"),
        ]:
            add(
                document,
                f'<w:p {W}><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="78"/></w:numPr>'
                f"</w:pPr><w:r><w:t>{said}</w:t></w:r></w:p>",
            )

    lines = word(tmp_path, fill).text.split("\n")
    assert lines == [
        "4. Scope",
        "4.1 Dredging",
        "4.2 Pilotage",
        "(i) by night",
        "(ii) by day",
        "5. Fees",
        "5.1 Dues",
    ]


def test_lists_by_style_are_counted_and_bulleted(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        for said in ("Loosen the stay", "Lower the mast"):
            document.add_paragraph(said, style="List Number")
        document.add_paragraph("gloves", style="List Bullet")

    assert word(tmp_path, fill).text == "1. Loosen the stay\n2. Lower the mast\n- gloves"


def test_headers_and_footers_come_once(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        for _ in range(2):
            section = document.add_section()
            section.header.is_linked_to_previous = False
            section.header.paragraphs[0].text = "Order KV-118"
            section.footer.is_linked_to_previous = False
            section.footer.paragraphs[0].text = "Approved by the board"
        document.add_paragraph("Two masts are ordered.")

    text = word(tmp_path, fill).text
    assert text == "Order KV-118\n\nTwo masts are ordered.\n\nApproved by the board"


@pytest.mark.parametrize("kind", ["footnote", "endnote"])
def test_notes_stand_where_they_are_called(tmp_path: Path, kind: str) -> None:
    def fill(document: Any) -> None:
        said = "<w:p><w:r><w:t>Except on Fridays.</w:t></w:r></w:p>"
        xml = f'<w:{kind}s {W}><w:{kind} w:id="4">{said}</w:{kind}></w:{kind}s>'
        name = PackURI(f"/word/{kind}s.xml")
        type_ = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}s+xml"
        part = Part(name, type_, xml.encode(), document.part.package)
        document.part.relate_to(part, getattr(RELATIONSHIP_TYPE, f"{kind.upper()}S"))
        add(
            document,
            f"<w:p {W}><w:r><w:t>The ferry runs daily</w:t></w:r><w:r><w:{kind}Reference "
            f'w:id="4"/></w:r><w:r><w:t>, also in winter.</w:t></w:r></w:p>',
        )

    extracted = word(tmp_path, fill)
    assert extracted.text == f"The ferry runs daily [{kind}: Except on Fridays.], also in winter."


def test_comments_are_marked_as_such(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        run = document.add_paragraph().add_run("The mast is of spruce.")
        document.add_comment(run, text="Changed to larch in June", author="Eli")

    text = word(tmp_path, fill).text
    assert text == "The mast is of spruce. [comment: Changed to larch in June]"


def styled(mark: str, text: str) -> str:
    return f"<w:r><w:rPr><w:{mark}/></w:rPr><w:t>{text}</w:t></w:r>"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (f"{styled('strike', '80 euro')}{styled('b', ' 95 euro')}", "95 euro"),
        (f"{styled('dstrike', 'May')}{styled('b', 'June')}", "June"),
        (styled('strike w:val="0"', "kept"), "kept"),
        (f"{styled('vanish', 'secret')}{styled('b', 'open')}", "open"),
        (
            "<w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
            f"<w:ins>{styled('b', 'new')}</w:ins>",
            "new",
        ),
        (f"<w:moveFrom>{styled('b', 'here')}</w:moveFrom>{styled('b', 'there')}", "there"),
    ],
)
def test_struck_hidden_and_deleted_text_is_left_out(tmp_path: Path, body: str, shown: str) -> None:
    assert text_of(tmp_path, body) == shown


def run(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


HALF = f"<m:f><m:num>{run('1')}</m:num><m:den>{run('2')}</m:den></m:f>"
SQUARED = f"<m:sSup><m:e>{run('x')}</m:e><m:sup>{run('2')}</m:sup></m:sSup>"


@pytest.mark.parametrize(
    ("math", "shown"),
    [
        (run("V = 4.2 + 0.7 d"), "V = 4.2 + 0.7 d"),
        (
            f"{run('p=')}<m:f><m:num>{run('F')}</m:num><m:den>{run('2 A')}</m:den></m:f>",
            "p=F/(2 A)",
        ),
        (f"<m:sSup><m:e>{run('x')}</m:e><m:sup>{run('12')}</m:sup></m:sSup>", "x^12"),
        (f"<m:sSub><m:e>{run('v')}</m:e><m:sub>{run('max')}</m:sub></m:sSub>", "v_max"),
        (f"<m:rad><m:deg/><m:e>{run('2 g h')}</m:e></m:rad>", "sqrt(2 g h)"),
        (f"<m:d><m:e>{run('a+b')}</m:e></m:d>", "(a+b)"),
        (
            f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{run("i=1")}</m:sub>'
            f"<m:sup>{run('n')}</m:sup><m:e>{run('q')}</m:e></m:nary>",
            "∑_(i=1)^n q",
        ),
        (f"{run('3')}{HALF}", "3 1/2"),
        (f"{run('3')}{run(chr(0x2064))}{HALF}", "3 1/2"),
        (f"{run('y=1')}<w:ins>{run('3')}</w:ins><m:box><m:e>{HALF}</m:e></m:box>", "y=13 1/2"),
        (f"{run('x=')}{HALF}{run('+2')}", "x=1/2+2"),
        (f"{HALF}{run('3')}", "1/2 3"),
        (f"{HALF}{HALF}{run('m')}", "1/2 1/2 m"),
        (f"{run('2')}{SQUARED}{run('y')}", "2x^2 y"),
        (f"{run('z=2CO')}{SQUARED}", "z=2COx^2"),
        (f"{run('3')}<m:rad><m:e>{run('1')}{run('0')}</m:e></m:rad>", "3 sqrt(10)"),
        (f"<m:d><m:e>{run('3')}{HALF}</m:e></m:d>", "(3 1/2)"),
        (f"<m:sSup><m:e>{run('3')}{HALF}</m:e><m:sup>{run('2')}</m:sup></m:sSup>", "(3 1/2)^2"),
        (f"{run('0.')}<m:bar><m:e>{run('3')}</m:e></m:bar>", "0.3"),
    ],
)
def test_equations_are_text(tmp_path: Path, math: str, shown: str) -> None:
    body = f"<w:r><w:t>It is </w:t></w:r><m:oMath>{math}</m:oMath><w:r><w:t> here.</w:t></w:r>"
    assert text_of(tmp_path, body) == f"It is {shown} here."


@pytest.mark.parametrize(
    ("before", "shown"),
    [("3", "3 1/2"), ("3 ", "3 1/2"), ("minus", "minus1/2"), ("−", "−1/2"), ("", "1/2")],
)
def test_a_number_before_an_equation_stays_one(tmp_path: Path, before: str, shown: str) -> None:
    text = f'<w:r><w:t xml:space="preserve">{before}</w:t></w:r>'
    body = f"{text}<m:oMath>{HALF}</m:oMath><w:r><w:t> cups</w:t></w:r>"
    assert text_of(tmp_path, body) == f"{shown} cups"


def test_merged_cells_are_repeated_down_and_across(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        made = table(
            document,
            [
                ["Quay", "Tide", "Pilot"],
                ["North", "ebb", "Ada"],
                ["", "flood", "Bo"],
                ["South", "any", ""],
            ],
        )
        made.cell(1, 0).merge(made.cell(2, 0))
        made.cell(3, 1).merge(made.cell(3, 2))

    extracted = word(tmp_path, fill)
    assert holds_together(extracted, "Quay: North", "Tide: flood", "Pilot: Bo")
    assert holds_together(extracted, "Quay: South", "Pilot: any")


def test_rows_that_begin_later_keep_their_columns(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        made = table(document, [["Day", "Early", "Late"], ["Mon", "Ada", "Bo"], ["", "Cy", "Di"]])
        row = made.rows[2]._tr
        row.remove(row.tc_lst[0])
        row.insert(0, parse_xml(f'<w:trPr {W}><w:gridBefore w:val="1"/></w:trPr>'))

    assert holds_together(word(tmp_path, fill), "Early: Cy", "Late: Di")


def test_tables_inside_cells_keep_their_rows_apart(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        made = table(document, [["Boat", "Crew", "Berth"], ["Kite", "", "D3"]])
        inner = made.cell(1, 1).add_table(2, 2)
        for at, said in enumerate(["bow", "Ada", "stern", "Bo"]):
            inner._cells[at].text = said

    assert holds_together(word(tmp_path, fill), "Boat: Kite", "bow, Ada; stern, Bo", "Berth: D3")


@pytest.mark.parametrize(("state", "shown"), [("1", "☒ Insured"), ("0", "☐ Insured")])
def test_checkboxes_tell_their_state(tmp_path: Path, state: str, shown: str) -> None:
    body = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked w:val='
        f'"{state}"/></w:checkBox></w:ffData></w:fldChar></w:r><w:r><w:t>Insured</w:t></w:r>'
    )
    assert text_of(tmp_path, body) == shown


def test_documents_in_the_strict_form_are_read(tmp_path: Path) -> None:
    usual = word_bytes(lambda document: document.add_paragraph("The slip is closed."))
    strict, dated = BytesIO(), re.compile(rb"http://schemas.openxmlformats.org/(\w+)/2006/")

    def named(match: re.Match[bytes]) -> bytes:
        kept = match[1] == b"package"
        return match[0] if kept else b"http://purl.oclc.org/ooxml/" + match[1] + b"/"

    with zipfile.ZipFile(BytesIO(usual)) as old, zipfile.ZipFile(strict, "w") as new:
        for name in old.namelist():
            new.writestr(name, dated.sub(named, old.read(name)))
    assert b"purl.oclc.org" in strict.getvalue()
    assert read(tmp_path, "a.docx", strict.getvalue()).text == "The slip is closed."
