"""Boxes of a PDF's form stand beside their labels, or in their columns, ticked or not."""

from io import BytesIO
from pathlib import Path

import pytest
from reading_parts import read
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # has no stubs

Part = tuple[float, str | bool]


def form(rows: list[list[Part]], kind: str = "checkbox") -> bytes:
    """Draw rows of texts and boxes, each at its place from the left, and "|" as an upright line."""
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842), invariant=True)
    for y, row in zip(range(742, 0, -20), rows, strict=False):
        for x, what in row:
            if isinstance(what, bool):
                radio = {"name": f"{y}", "value": f"{x}", "selected": what}
                keys = radio if kind == "radio" else {"checked": what}
                getattr(canvas.acroForm, kind)(x=x, y=y - 3, size=14, **keys)
            elif what == "|":
                canvas.line(x, y - 6, x, y + 14)
            else:
                canvas.drawString(x, y, what)
    canvas.save()
    return file.getvalue()


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([[(72, True), (92, "By post")], [(72, False), (92, "By mail")]], ["☒ By post", "☐ By mail"]),
        ([[(72, "Lit"), (300, True)], [(72, "Fenced"), (300, False)]], ["Lit ☒", "Fenced ☐"]),
        ([[(72, "Insured"), (150, False), (170, "Yes"), (220, True), (240, "No")]], ["Insured ☐ Yes ☒ No"]),
        ([[(72, "Lit"), (150, True), (180, "Fenced"), (250, False)], [(72, "Paved"), (150, False), (180, "Open"), (250, True)]], ["Lit ☒: Fenced ☐", "Paved ☐: Open ☒"]),
        ([[(72, "Pier"), (200, "Yes"), (250, "No")], [(72, "Lit"), (202, True), (252, False)], [(72, "Open"), (202, False), (252, True)]], ["| Pier | Yes | No |", "| Lit | ☒ | ☐ |", "| Open | ☐ | ☒ |"]),
        ([[(72, "Pier"), (195, "|"), (200, "Done"), (245, "|"), (250, "By")], [(72, "Lit"), (195, "|"), (202, True), (245, "|"), (250, "Ada")], [(72, "Swept"), (195, "|"), (202, False), (245, "|"), (250, "Bo")]], ["| Pier | Done | By |", "| Lit | ☒ | Ada |", "| Swept | ☐ | Bo |"]),
    ],
)  # fmt: skip
def test_boxes_stand_beside_their_labels_or_in_their_columns(
    tmp_path: Path, rows: list[list[Part]], lines: list[str]
) -> None:
    text = read(tmp_path, "a.pdf", form(rows)).text
    assert list(filter(None, text.split("\n"))) == lines


def test_of_boxes_that_exclude_each_other_the_chosen_one_is_ticked(tmp_path: Path) -> None:
    rows: list[list[Part]] = [[(72, False), (92, "By post"), (200, True), (220, "By mail")]]
    assert read(tmp_path, "a.pdf", form(rows, "radio")).text == "☐ By post ☒ By mail"
