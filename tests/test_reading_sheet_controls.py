"""Boxes, lists and labels of old forms on Excel sheets are read with the cells that they lie upon."""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from file_parts import xlsx_bytes
from reading_parts import read

from app.ingest.extracted import ExtractedDocument

SPACES = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"'
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/vmlDrawing"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{RELATED}" Target="/xl/drawings/vmlDrawing1.vml"/>'
    "</Relationships>"
)


def control(kind: str, anchor: str, label: str = "", more: str = "", look: str = "") -> str:
    """Write a control as Excel does, with line breaks in its text that are not closed."""
    return (
        f"<v:shape style='position:absolute;{look}'><v:textbox><div>{label}<br></div></v:textbox>"
        f'<x:ClientData ObjectType="{kind}"><x:Anchor>\n    {anchor}</x:Anchor>{more}'
        "</x:ClientData></v:shape>"
    )


def checks(book: Any) -> None:
    for row in (["Check", "Done", "By"], ["Brakes", None, "Ada"], ["Lights", None, "Eli"]):
        book.active.append(row)
    lists = book.create_sheet("Data lists")
    for row in (["Bonn"], ["Oslo"], ["Rome"]):
        lists.append(row)
    lists.sheet_state = "hidden"


def with_controls(folder: Path, *controls: str) -> ExtractedDocument:
    file = BytesIO(xlsx_bytes(checks))
    with zipfile.ZipFile(file, "a") as package:
        drawing = f"<xml {SPACES}>{''.join(controls)}</xml>"
        package.writestr("xl/drawings/vmlDrawing1.vml", drawing)
        package.writestr("xl/worksheets/_rels/sheet1.xml.rels", RELATIONS)
    return read(folder, "a.xlsx", file.getvalue())


ON = "<x:Checked>1</x:Checked>"
IN_B2, IN_B3 = "1, 5, 1, 2, 1, 40, 1, 18", "1, 5, 2, 2, 1, 40, 2, 18"
CITIES = "<x:FmlaRange>'Data lists'!$A$1:$A$3</x:FmlaRange>"


def sel(number: int, cities: str = CITIES) -> str:
    return f"{cities}<x:Sel>{number}</x:Sel>"


@pytest.mark.parametrize(
    ("controls", "done"),
    [
        ([control("Checkbox", IN_B2, more=ON), control("Checkbox", IN_B3)], ["☒", "☐"]),
        ([control("Radio", IN_B2, "yes", ON), control("Radio", IN_B2, "no")], ["☒ yes ☐ no", ""]),
        # begins at the lower edge of row 1, and in row 2 near that of row 3
        ([control("Checkbox", "1, 5, 0, 17, 2, 4, 1, 19")], ["☐", ""]),
        ([control("Checkbox", "1, 5, 1, 15, 2, 4, 2, 15")], ["", "☐"]),
        ([control("Drop", IN_B2, more=sel(2)), control("List", IN_B3, more=sel(3))], ["Oslo", "Rome"]),
        ([control("Drop", IN_B2, more=sel(0)), control("Drop", IN_B3, more=sel(4))], ["", ""]),
        ([control("Drop", IN_B2, more=sel(1, "<x:FmlaRange>Cities</x:FmlaRange>"))], ["", ""]),
        ([control("Drop", IN_B2, more=sel(3, "<x:FmlaRange>$A$1:$A$3</x:FmlaRange>"))], ["Lights", ""]),
        ([control("Label", IN_B2, "by night"), control("Button", IN_B3, "Reset")], ["by night", ""]),
        ([control("Spin", IN_B2), control("Note", IN_B3, "Secret")], ["", ""]),
        ([control("Checkbox", IN_B2, look="visibility : hidden")], ["", ""]),
        ([control("Checkbox", "1, 5"), control("Checkbox", "")], ["", ""]),
    ],
)  # fmt: skip
def test_controls_are_read_with_the_cells_that_they_lie_upon(
    tmp_path: Path, controls: list[str], done: list[str]
) -> None:
    rows = zip(["Brakes", "Lights"], done, ["Ada", "Eli"], strict=True)
    shown = [
        "; ".join(
            f"{name}: {value}"
            for name, value in zip(["Check", "Done", "By"], row, strict=True)
            if value
        )
        for row in rows
    ]
    extracted = with_controls(tmp_path, *controls)
    assert extracted.text.split("\n\n") == shown
    assert extracted.notes == ("hidden sheet 'Data lists'",)


def test_controls_below_all_rows_are_read_behind_them(tmp_path: Path) -> None:
    extracted = with_controls(tmp_path, control("Checkbox", "0, 5, 7, 2, 3, 0, 7, 18", "Paid", ON))
    assert extracted.text.split("\n\n")[-1] == "☒ Paid"
