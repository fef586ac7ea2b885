"""Of the fields of a Word document comes out what a reader sees: their result or what they draw."""

from pathlib import Path
from typing import Any

import pytest
from docx.oxml import parse_xml
from file_parts import word_bytes
from reading_parts import read
from word_parts import paragraph, run, text_of


def mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def field(code: str, result: str) -> str:
    return f"{mark('begin')}{code}{mark('separate')}{result}{mark('end')}"


NET = field("<w:r><w:instrText>REF Net</w:instrText></w:r>", run("400"))
PLUS = "<w:r><w:instrText> + 50</w:instrText></w:r>"


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (run("Due: ") + field(NET + PLUS, run("450")) + run(" euro"), "Due: 450 euro"),
        (field(run("IF a = b ") + field(NET + PLUS, run("450")), NET + run(" euro")), "400 euro"),
        (run("Due: ") + NET, "Due: 400"),
        (field(NET, "") + run("Free"), "Free"),
        (mark("begin") + NET + run(" euro"), "400 euro"),
        (mark("begin") + run("Ada") + mark("end"), "Ada"),
        (mark("separate") + mark("end") + NET + mark("end"), "400"),
    ],
)
def test_fields_show_their_result_alone(tmp_path: Path, content: str, shown: str) -> None:
    assert text_of(tmp_path, paragraph(content)) == shown


def coded(code: str, result: str = "") -> str:
    return f"{mark('begin')}<w:r><w:instrText>{code}</w:instrText></w:r>{result}{mark('end')}"


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (r"EQ \f(1,2)", "3 1/2 m"),
        (r"EQ \f(1,5;2)", "3(1,5)/2 m"),
        (r"eq \r(3,\f(x+1,2)) ", "3root(3, (x+1)/2) m"),
        (r"EQ \r(9)", "3sqrt(9) m"),
        (r"EQ \s\up8(2)", "3² m"),
        (r"EQ x\s\do4(max)", "3x_max m"),
        (r'EQ \* jc2 \* "Font:MS Mincho" \* hps10 \o\ad(\s\up 9(とうきょう),東京)', "3東京(とうきょう) m"),
        (r"EQ \o\ac(○,1)", "3○1 m"),
        (r"EQ \b\bc\{(\a\al\co1(a,b))", "3(a; b) m"),
        (r"EQ \i(0,1,x)(2)", "3∫_0^1 x(2) m"),
        (r"EQ a\,b\d\fo10()c", "3a,bc m"),
        (r"EQ \f(1", "3 1/ m"),
        ("SYMBOL 254 \\f Wingdings \\s 12", "3☑ m"),
        ('SYMBOL 0x6D \\f "Symbol"', "3μ m"),
        ("SYMBOL none", "3 m"),
        ("PAGE", "3 m"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("result", ["", mark("separate")])
def test_fields_that_show_their_code_are_read(
    tmp_path: Path, code: str, shown: str, result: str
) -> None:
    assert text_of(tmp_path, paragraph(run("3") + coded(code, result) + run(" m"))) == shown


def test_fields_with_a_result_do_not_show_their_code(tmp_path: Path) -> None:
    known = coded(r"EQ \f(1,2)", mark("separate") + run("0.5"))
    assert text_of(tmp_path, paragraph(known + run(" m"))) == "0.5 m"


def test_footers_and_notes_show_the_results_of_fields_alone(tmp_path: Path) -> None:
    def fill(document: Any) -> None:
        document.add_comment(document.add_paragraph().add_run("Rent"), text="Due", author="Eli")
        comments = document.part._comments_part.element
        comments[0].append(parse_xml(paragraph(field(NET + PLUS, run("450")))))
        document.sections[0].footer._element.append(parse_xml(paragraph(field(NET, run("7")))))
        document.add_section().different_first_page_header_footer = True

    assert read(tmp_path, "a.docx", word_bytes(fill)).text == "Rent [comment: Due 450]\n\n7"
