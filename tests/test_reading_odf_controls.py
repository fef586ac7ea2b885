"""What is filled in, ticked and chosen in the forms of OpenDocument files is read in its place."""

from pathlib import Path

import pytest
from file_parts import odf_bytes
from reading_parts import read

FORM = 'xmlns:form="urn:oasis:names:tc:opendocument:xmlns:form:1.0"'
FIELD = 'xmlns:field="urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0"'
CONTROL = '<draw:control draw:control="c1"/>'


def text_of(folder: Path, suffix: str, field: str, body: str) -> str:
    forms = f"<office:forms {FORM}><form:form>{field}</form:form></office:forms>"
    return read(folder, f"a.{suffix}", odf_bytes(suffix, forms + body)).text


def p(content: str) -> str:
    return f"<text:p>{content}</text:p>"


def option(label: str, more: str = "") -> str:
    return f'<form:option form:label="{label}" {more}/>'


NOW, ONCE = 'form:current-selected="true"', 'form:selected="true"'


@pytest.mark.parametrize(
    ("kind", "attributes", "content", "shown"),
    [
        ("text", 'form:value="Eve" form:current-value="Ada"', "", "Ada"),
        ("text", 'form:value="Eve" form:current-value=""', "", ""),
        ("textarea", 'form:current-value="Two&#10;lines"', "", "Two lines"),
        ("date", 'form:value="2026-05-03"', "", "2026-05-03"),
        ("combobox", 'form:current-value="Oslo"', option("Bonn"), "Oslo"),
        ("listbox", "", option("Bonn") + option("Oslo", NOW) + option("Rome", NOW), "Oslo / Rome"),
        ("listbox", "", option("Bonn", ONCE) + option("Oslo", NOW), "Oslo"),
        ("checkbox", 'form:label="Member" form:current-state="checked"', "", "☒ Member"),
        ("checkbox", 'form:label="Member" form:state="checked"', "", "☐ Member"),
        ("radio", f'form:label="Cash" {NOW}', "", "☒ Cash"),
        ("radio", f'form:label="Card" {ONCE}', "", "☐ Card"),
        ("fixed-text", 'form:label="in capitals"', "", "in capitals"),
        ("password", 'form:current-value="secret"', "", ""),
        ("hidden", 'form:value="secret"', "", ""),
        ("button", 'form:label="Send"', "", ""),
    ],
)  # fmt: skip
def test_fields_show_what_is_filled_in_where_they_stand(
    tmp_path: Path, kind: str, attributes: str, content: str, shown: str
) -> None:
    field = f'<form:{kind} form:id="c1" {attributes}>{content}</form:{kind}>'
    body = p(f"Name:{CONTROL}.")
    assert text_of(tmp_path, "odt", field, body) == f"Name: {shown} .".replace("  ", " ")


MEMBER = '<form:checkbox form:id="c1" form:label="Member" form:current-state="checked"/>'
ROW = "<table:table-cell>{}</table:table-cell><table:table-cell>{}</table:table-cell>"


@pytest.mark.parametrize(
    ("suffix", "body", "shown"),
    [
        ("odt", CONTROL + p("Next."), "☒ Member\n\nNext."),
        ("odp", f"<draw:page>{CONTROL}</draw:page>", "☒ Member"),
        (
            "ods",
            f'<table:table table:name="A"><table:table-row>{ROW.format(p("Ada"), CONTROL)}'
            "</table:table-row></table:table>",
            "A\n\ncolumn 1: Ada; column 2: ☒ Member",
        ),
        ("odt", p('<draw:control draw:control="lost"/>Next.'), "Next."),
    ],
)
def test_fields_are_read_wherever_they_are_drawn(
    tmp_path: Path, suffix: str, body: str, shown: str
) -> None:
    assert text_of(tmp_path, suffix, MEMBER, body) == shown


def old(kind: str, *said: tuple[str, str]) -> str:
    made = "".join(f'<field:param field:name="{n}" field:value="{v}"/>' for n, v in said)
    return f'<field:fieldmark {FIELD} field:type="vnd.oasis.opendocument.field.{kind}">{made}</field:fieldmark>'


CITIES = [("Dropdown_ListEntry", "Bonn"), ("Dropdown_ListEntry", "Oslo")]


@pytest.mark.parametrize(
    ("mark", "shown"),
    [
        (old("FORMCHECKBOX", ("Checkbox_Checked", "true")), "☒"),
        (old("FORMCHECKBOX", ("Checkbox_Checked", "false")), "☐"),
        (old("FORMCHECKBOX"), "☐"),
        (old("FORMDROPDOWN", *CITIES, ("Dropdown_Selected", "1")), "Oslo"),
        (old("FORMDROPDOWN", *CITIES), ""),
    ],
)
def test_fields_of_old_word_forms_are_read(tmp_path: Path, mark: str, shown: str) -> None:
    assert text_of(tmp_path, "odt", "", p(f"A {mark} b")) == f"A {shown} b".replace("  ", " ")
