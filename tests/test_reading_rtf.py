"""RTF says what a text processor shows: neither struck nor hidden text, and notes in their place."""

from pathlib import Path

import pytest
from reading_parts import holds_together, read

ROW = r"\trowd\cellx1000\cellx2000\intbl "


FONTS = r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}}"


def text_of(folder: Path, source: str) -> str:
    return read(folder, "a.rtf", rf"{{\rtf1\ansi{FONTS} {source}\par}}").text


@pytest.mark.parametrize("how", ["strike", "striked1", "deleted", "v"])
def test_struck_deleted_and_hidden_text_is_left_out(tmp_path: Path, how: str) -> None:
    off = how.rstrip("1") + "0"
    source = rf"The fee is {{\{how} 40 \u8364?}} \{how}\b 41 \'80\{off} 45\{how} 46\plain  euro."
    assert text_of(tmp_path, source) == "The fee is 45 euro."


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"450{\super 1} euro, 20 m\super 2\nosupersub  2", "450¹ euro, 20 m² 2"),
        (
            r"450 euro{\footnote\pard\plain Without\par heating.\par} a month",
            "450 euro [footnote: Without heating.] a month",
        ),
        (
            r"A{\footnote\pard\plain \f1\'cd\'e5 \'ec\'ee\'e9 \par} {\footnote \u1053\'cd\u1077\'e5  \u1084\'ec\b0\par}",
            "A [footnote: Не мой] [footnote: Не м]",
        ),
        (
            r"A{\footnote 5 \'80 \par}{\footnote a \{b \}}{\footnote c \emdash \b0  \par}{\footnote d {\super 2} \par}",
            "A [footnote: 5 €] [footnote: a {b }] [footnote: c —] [footnote: d ²]",
        ),
        (r"{\pntext 1.\tab}Open.\par{\pntext 2.\tab}Close.", "1.\tOpen.\n\n2.\tClose."),
        (r"\b\strike 40\strike0 45", "45"),
        (r"{\pard\dropcapli3\dropcapt1 T\par}\pard he mast.\par Next.", "The mast.\n\nNext."),
        (r"\pard\dropcapli3\dropcapt1 T\par\pard he mast.\par Next.", "The mast.\n\nNext."),
    ],
)
def test_notes_numbers_and_raised_digits_are_read(tmp_path: Path, source: str, text: str) -> None:
    assert text_of(tmp_path, source) == text


def boxed(text: str) -> str:
    """Write a text box as Word does, in a new form and an old one."""
    old = rf"{{\*\do\dobxpage\dptxbx{{\dptxbxtext\pard\plain {text}\par}}\dpx0}}"
    kind = r"\shpleft0{\sp{\sn shapeType}{\sv 202}}"
    new = rf"{{\*\shpinst{kind}{{\shptxt \pard\plain {text}\par}}}}"
    return rf"{{\shp{new}{{\shprslt{old}}}}}"


TERMS = r"Deposit 900\par Due in May"
COMMENT = r"{\*\annotation{\*\atndate 12}\pard\plain{\chatn }{Ask \b first.}{\par }}"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (rf"Rent {boxed(TERMS)}450.\par Next.", "Rent 450.\n\nDeposit 900\n\nDue in May\n\nNext."),
        (rf"Rent 450.{boxed('Deposit 900')}", "Rent 450.\n\nDeposit 900"),
        (r"Rent {\*\do\dptxbx{\dptxbxtext\pard Deposit 900\par}\dpx0}450.", "Rent 450.\n\nDeposit 900"),
        (f"Rent {boxed('Deposit' + boxed('6') + ' 900')}450.", "Rent 450.\n\n6\n\nDeposit 900"),
        (rf"{{\header {boxed('Orbel Ltd')}\par}}Rent 450.\sect {{\header {boxed('Orbel Ltd')}\par}}Next.", "Orbel Ltd\n\nRent 450.\n\nNext."),
        (rf"Rent{{\footnote\pard Cold{boxed('900')}.\par}} 450.", "Rent [footnote: Cold 900 .] 450."),
        (rf"{ROW}Rent{boxed('Deposit')}\cell 450\cell\row", "Rent Deposit: 450"),
        (rf"450{{\*\atnid AL}}{{\*\atnauthor Ada}}\chatn{COMMENT} euro", "450 [comment: Ask first.] euro"),
        (rf"450{{\v\fs16{{\atnid AL}}\chatn{COMMENT}}} euro", "450 [comment: Ask first.] euro"),
        (rf"450{{\deleted 1{COMMENT}{boxed('900')}}} euro", "450 euro"),
    ],
)  # fmt: skip
def test_text_boxes_and_comments_are_read(tmp_path: Path, source: str, text: str) -> None:
    assert text_of(tmp_path, source) == text


def test_a_cell_of_several_paragraphs_is_one_cell(tmp_path: Path) -> None:
    rows = (
        rf"{ROW}Berth\cell Fee\cell\row{ROW}A1\cell 40\par 45\cell\row{ROW}A2 | A3\cell 55\cell\row"
    )
    extracted = read(tmp_path, "a.rtf", rf"{{\rtf1\ansi {rows}\pard Paid\line monthly.\par}}")
    assert holds_together(extracted, "Berth: A1", "Fee: 40 45")
    assert holds_together(extracted, "Berth: A2 / A3", "Fee: 55")
    assert extracted.text.endswith("Paid\n\nmonthly.")


def test_headers_and_footers_are_read_once(tmp_path: Path) -> None:
    parts = r"{\header Orbel Ltd\par}{\footerf Vat 9988\par}"
    text = text_of(tmp_path, rf"{parts}First.\sect {parts}Second.")
    assert text.split("\n\n") == ["Orbel Ltd", "Vat 9988", "First.", "Second."]


def row(shape: str, *texts: str) -> str:
    """Write a row; its shape tells what a cell goes on (v or h), and where it ends."""
    merged = {"v": r"\clvmrg", "h": r"\clmrg", "f": r"\clvmgf"}
    said = [merged.get(end[0], "") + rf"\cellx{end.strip('vhf')}" for end in shape.split()]
    cells = [rf"{text}\cell " for text in texts]
    return rf"\trowd{''.join(said)}\intbl {''.join(cells)}\row "


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            [("1 2 3", "Site", "Berth", "Fee"), ("f1 2 3", "Pier", "A1", "40"), ("v1 2 3", "", "A2", "55")],
            "| Site | Berth | Fee |\n| Pier | A1 | 40 |\n| Pier | A2 | 55 |",
        ),
        (
            [("1 2 h3", "Berth", "Fee", ""), ("1 2 3", "A1", "40", "45")],
            "| Berth | Fee | Fee |\n| A1 | 40 | 45 |",
        ),
        (
            [("1000 2000 3000", "Berth", "May", "June"), ("1010 2990", "A1", "closed"), ("1000 2000 3000", "A2", "40", "55")],
            "| Berth | May | June |\n| A1 | closed | closed |\n| A2 | 40 | 55 |",
        ),
        (
            [("1000 3000", "Berth", "Fee"), ("1000 2000 3000", "A1", "40", "45"), ("900 2000", "A2", "55")],
            "| Berth | Fee | Fee |\n| A1 | 40 | 45 |\n| A2 | 55 |  |",
        ),
        (
            [("1 2", "Berth", "Fee"), ("300 700", "A1", "40"), ("400 900", "A2", "55")],
            "| Berth | Fee |\n| A1 | 40 |\n| A2 | 55 |",
        ),
    ],
)  # fmt: skip
def test_cells_stand_in_each_row_and_column_that_they_span(
    tmp_path: Path, rows: list[tuple[str, ...]], text: str
) -> None:
    assert text_of(tmp_path, "".join(row(*one) for one in rows)) == text


def test_marks_of_cells_are_never_text(tmp_path: Path) -> None:
    nested = r"{\itap2 x\nestcell {\*\nesttableprops\trowd\clvmrg\cellx9\nestrow}}"
    source = row("1 2", f"{nested} 50", "55") + r"\trowd\cellx1\cellx2 Loose\cell\pard end."
    assert text_of(tmp_path, source) == "x: 50; 55\n\nLoose|end."
