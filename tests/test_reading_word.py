"""Word documents come out with what they show, and without what they hide."""

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from file_parts import word_bytes, zipped
from reading_parts import read
from word_parts import MC, W, cell, paragraph, run, style, table, text_of

VML = "urn:schemas-microsoft-com:vml"
ENTRIES = (
    '<w:ddList><w:result w:val="1"/><w:listEntry w:val="public"/><w:listEntry w:val="internal"/>'
    "</w:ddList>"
)
VOID = '<w:pStyle w:val="Void"/>'


@pytest.mark.parametrize("kind", ["document.macroEnabled", "template.macroEnabledTemplate"])
def test_documents_with_macros_are_read(tmp_path: Path, kind: str) -> None:
    content = word_bytes(lambda document: document.add_paragraph("Fee: 450 euro"))
    types = "[Content_Types].xml"
    with ZipFile(BytesIO(content)) as package:
        members = {name: package.read(name) for name in package.namelist()}
    macros = f"application/vnd.ms-word.{kind}.main+xml".encode()
    members[types] = members[types].replace(CONTENT_TYPE.WML_DOCUMENT_MAIN.encode(), macros)
    assert read(tmp_path, "a.docm", zipped(members)).text == "Fee: 450 euro"


@pytest.mark.parametrize("mark", ["strike", "dstrike", "vanish"])
def test_what_a_style_strikes_or_hides_is_left_out(tmp_path: Path, mark: str) -> None:
    styles = style("Old", "character", f"<w:rPr><w:{mark}/></w:rPr>")
    styles += style("Older", "character", '<w:basedOn w:val="Old"/>')
    styles += style("Void", "paragraph", f"<w:rPr><w:{mark}/></w:rPr>")
    old, older = (run("500 ", f'<w:rStyle w:val="{key}"/>') for key in ("Old", "Older"))
    kept = run(" still", f'<w:rStyle w:val="Old"/><w:{mark} w:val="0"/>')
    void = paragraph(run("No dogs.") + run("Dogs.", f'<w:{mark} w:val="0"/>'), VOID)
    text = text_of(tmp_path, paragraph(old + older + run("650") + kept), void, styles=styles)
    assert text == "650 still\n\nDogs."


@pytest.mark.parametrize(("copies", "notes"), [(0, ()), (1, ("3 embedded objects",))])
def test_embedded_objects_are_named_where_they_are_seen(
    tmp_path: Path, copies: int, notes: tuple[str, ...]
) -> None:
    ole = '<o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" ProgID="Excel.Sheet.12"/>'
    ole = f"<w:r><w:object>{ole * copies}</w:object></w:r>"
    gone = f"<w:del>{ole}</w:del>{ole.replace('<w:r>', '<w:r><w:rPr><w:vanish/></w:rPr>')}"

    filled = f"<w:tc><w:tcPr/>{paragraph(run('b') + ole)}</w:tc>"
    blocks = [paragraph(run("Fees") + ole + gone), table(cell("a") + filled)]

    def fill(document: Any) -> None:
        document.element.body[:0] = map(parse_xml, blocks)
        document.sections[0].footer._element.append(parse_xml(paragraph(ole)))

    extracted = read(tmp_path, "a.docx", word_bytes(fill))
    assert (extracted.text, extracted.notes) == ("Fees\n\na: b", notes)


def test_controls_that_run_programs_are_named(tmp_path: Path) -> None:
    control = '<w:r><w:object><w:control w:name="CheckBox1"/></w:object></w:r>'
    blocks = [paragraph(run("Member") + control), paragraph(f"<w:del>{control}</w:del>")]

    def fill(document: Any) -> None:
        document.element.body[:0] = map(parse_xml, blocks)

    extracted = read(tmp_path, "a.docx", word_bytes(fill))
    assert (extracted.text, extracted.notes) == ("Member", ("1 embedded object",))


@pytest.mark.parametrize("mark", ["w:del", "w:hidden"])
def test_deleted_and_hidden_rows_and_cells_are_left_out(tmp_path: Path, mark: str) -> None:
    gone = f"<w:trPr><{mark}/></w:trPr>" + cell("Oar") + cell("1 euro") + cell("each")
    bolt = cell("Bolt") + cell("3 euro", "<w:cellDel/>") + cell("5 euro") + cell("each")
    head = cell("Item") + cell("Price") + cell("Unit")
    text = text_of(tmp_path, table(head, bolt, gone))
    assert text == "| Item | Price | Unit |\n| Bolt | 5 euro | each |"


@pytest.mark.parametrize("place", ["header", "footer"])
@pytest.mark.parametrize(("first", "even"), [(False, False), (True, False), (False, True)])
def test_only_headers_and_footers_that_are_shown_are_read(
    tmp_path: Path, place: str, first: bool, even: bool
) -> None:
    def fill(document: Any) -> None:
        section = document.sections[0]
        for kind in ("first_page_", "", "even_page_"):
            part = getattr(section, kind + place)
            part.is_linked_to_previous = False
            part.paragraphs[0].text = f"of {kind}pages"
        document.add_section().different_first_page_header_footer = first
        document.settings.odd_and_even_pages_header_footer = even

    shown = ["of pages"] + ["of first_page_pages"] * first + ["of even_page_pages"] * even
    assert read(tmp_path, "a.docx", word_bytes(fill)).text.split("\n\n") == shown


def test_readings_of_characters_stand_behind_them(tmp_path: Path) -> None:
    ruby = "<w:r><w:ruby><w:rubyPr/><w:rt>{}</w:rt><w:rubyBase>{}</w:rubyBase></w:ruby></w:r>"
    content = ruby.format(run("とうきょう"), run("東京")) + run("と") + ruby.format("", run("京都"))
    assert text_of(tmp_path, paragraph(content)) == "東京(とうきょう)と京都"


def test_raised_digits_do_not_run_into_numbers(tmp_path: Path) -> None:
    styles = style("Note", "character", '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>')
    own, named = '<w:vertAlign w:val="superscript"/>', '<w:rStyle w:val="Note"/>'
    content = run("450") + run("1", named) + run(" euro, factor 10") + run("6", own)
    content += (
        run(", H") + run("2", '<w:vertAlign w:val="subscript"/>') + run("O, 1") + run("st", own)
    )
    text = text_of(tmp_path, paragraph(content), styles=styles)
    assert text == "450¹ euro, factor 10⁶, H2O, 1st"


def glyph(font: str, code: str) -> str:
    return f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>'


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (glyph("Wingdings", "F0FE") + run(" yes ") + glyph("Wingdings", "F0A8"), "☑ yes ☐"),
        (glyph("Wingdings 2", "0053") + run(" no ") + glyph("Wingdings 2", "F0A3"), "☒ no ☐"),
        (run("5 ") + glyph("Symbol", "F06D") + run("m ") + glyph("Symbol", "F0B3"), "5 μm ≥"),
        (run("5 \uf06dm", '<w:rFonts w:ascii="Symbol"/>'), "5 μm"),
        (glyph("MS Gothic", "2612") + glyph("Webdings", "F0FF") + run(" no"), "☒ no"),
        (run("Confidential") + "<w:r><w:ptab/></w:r>" + run("HX-7"), "Confidential\tHX-7"),
        (f'<w:r><v:textpath xmlns:v="{VML}" string="DRAFT"/></w:r>', "DRAFT"),
        (f"<w:fldChar><w:ffData>{ENTRIES}</w:ffData></w:fldChar>", "internal"),
    ],
)
def test_signs_tabs_watermarks_and_choices_are_text(
    tmp_path: Path, content: str, shown: str
) -> None:
    assert text_of(tmp_path, paragraph(content)) == shown


def test_moved_paragraphs_and_those_in_two_forms_are_read(tmp_path: Path) -> None:
    moved = f"<w:moveTo {W}>{paragraph(run('Moved.'))}</w:moveTo>"
    forms = (
        f'<mc:AlternateContent xmlns:mc="{MC}"><mc:Choice>{paragraph(run("New."))}</mc:Choice>'
        f"<mc:Fallback>{paragraph(run('Old.'))}</mc:Fallback></mc:AlternateContent>"
    )
    assert text_of(tmp_path, moved, forms) == "Moved.\n\nNew."


@pytest.mark.parametrize("place", ["body", "header"])
@pytest.mark.parametrize(
    ("text", "shown"), [("Choose one.", "Class:"), ("Secret", "Class: Secret")]
)
def test_prompts_of_fields_that_are_not_filled_in_are_left_out(
    tmp_path: Path, place: str, text: str, shown: str
) -> None:
    entry = (
        f"<w:glossaryDocument {W}><w:docParts><w:docPart><w:docPartPr><w:name w:val='One'/>"
        f"</w:docPartPr><w:docPartBody>{paragraph(run('Choose one.'))}</w:docPartBody>"
        "</w:docPart></w:docParts></w:glossaryDocument>"
    )
    field = (
        '<w:sdt><w:sdtPr><w:placeholder><w:docPart w:val="One"/></w:placeholder>'
        f"<w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run(text)}</w:sdtContent></w:sdt>"
    )

    def fill(document: Any) -> None:
        name = PackURI("/word/glossary/document.xml")
        part = Part(name, "application/xml", entry.encode(), document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.GLOSSARY_DOCUMENT)
        document.sections[0].header.is_linked_to_previous = False
        header = document.sections[0].header._element
        parent = header if place == "header" else document.element.body
        parent.insert(0, parse_xml(paragraph(run("Class: ") + field)))

    assert read(tmp_path, "a.docx", word_bytes(fill)).text == shown


def ended(mark: str) -> str:
    return f'<w:rPr><w:{mark} w:id="1"/></w:rPr>'


def gone(text: str, wrapper: str = "del") -> str:
    return f"<w:{wrapper}>{run(text)}</w:{wrapper}>"


TERM = paragraph(run("within 30 days."))
REST = paragraph(run("he mast."))
START = f'<w:bookmarkStart {W} w:id="2" w:name="Term"/>'
ROWS = table(cell("Fee") + cell("9"))
HEAD = '<w:pStyle w:val="Heading1"/>'


@pytest.mark.parametrize(
    ("blocks", "shown"),
    [
        ([paragraph(run("Pay "), ended("del")), TERM], "Pay within 30 days."),
        ([paragraph(run("Pay "), ended("del")), START, TERM], "Pay within 30 days."),
        (
            [
                paragraph(run("Pay "), ended("del")),
                paragraph(gone("soon, or "), ended("del")),
                TERM,
            ],
            "Pay within 30 days.",
        ),
        ([paragraph(gone("Old."), ended("del")), TERM], "within 30 days."),
        ([paragraph(gone("Old.", "moveFrom"), ended("moveFrom")), TERM], "within 30 days."),
        ([paragraph(run("Pay "), ended("ins")), TERM], "Pay\n\nwithin 30 days."),
        ([paragraph(run("Pay"), ended("del")), ROWS, TERM], "Pay\n\nFee: 9\n\nwithin 30 days."),
        ([paragraph(run("Pay"), ended("del"))], "Pay"),
        ([paragraph(run("T"), '<w:framePr w:dropCap="drop" w:lines="3"/>'), REST], "The mast."),
        ([paragraph(run("T"), '<w:framePr w:dropCap="none"/>'), REST], "T\n\nhe mast."),
        ([paragraph(run("Fees"), HEAD + ended("del")), TERM], "Feeswithin 30 days."),
    ],
)
def test_initials_and_paragraphs_whose_end_is_deleted_go_on_in_the_next_one(
    tmp_path: Path, blocks: list[str], shown: str
) -> None:
    assert text_of(tmp_path, *blocks) == shown


def test_cells_and_notes_are_joined_at_deleted_ends_too(tmp_path: Path) -> None:
    joined = paragraph(run("3 to"), ended("del")) + paragraph(run("ns"))

    def fill(document: Any) -> None:
        document.add_comment(document.add_paragraph().add_run("Load"), text="Max", author="Eli")
        document.part._comments_part.element[0].extend(list(parse_xml(f"<w:a {W}>{joined}</w:a>")))
        row = cell("Crane") + f"<w:tc>{joined}</w:tc>"
        document.element.body.insert(-1, parse_xml(table(row)))

    text = read(tmp_path, "a.docx", word_bytes(fill)).text
    assert text == "Load [comment: Max 3 tons]\n\nCrane: 3 tons"
