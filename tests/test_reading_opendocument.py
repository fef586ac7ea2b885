"""OpenDocument files come out as their styles show them: what is seen, numbered and raised."""

from pathlib import Path

import pytest
from file_parts import cells, odf_bytes
from reading_parts import holds_together, read

from app.ingest.extracted import ExtractedDocument

STRUCK = '<style:text-properties style:text-line-through-style="solid"/>'
UNSTRUCK = '<style:text-properties style:text-line-through-style="none"/>'
HIDDEN = '<style:text-properties text:display="none"/>'
OLD, NEW = "500 euro", "650 euro"


def odf(
    folder: Path, suffix: str, body: str, styles: str = "", shared: str = ""
) -> ExtractedDocument:
    return read(folder, f"a.{suffix}", odf_bytes(suffix, body, styles, shared))


def style(name: str, family: str, content: str = "", more: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:family="{family}" {more}>{content}</style:style>'
    )


def p(text: str, name: str = "") -> str:
    return f'<text:p text:style-name="{name}">{text}</text:p>'


def span(text: str, name: str = "T1") -> str:
    return f'<text:span text:style-name="{name}">{text}</text:span>'


def items(*said: str, more: str = 'text:style-name="L1"') -> str:
    return f"<text:list {more}>{''.join(map(item, said))}</text:list>"


def item(said: str) -> str:
    content = said if said.startswith("<text:") else p(said)
    return f"<text:list-item>{content}</text:list-item>"


def h(text: str, level: int = 1, more: str = "") -> str:
    return f'<text:h text:outline-level="{level}" {more}>{text}</text:h>'


def levels(kind: str, *shapes: str) -> str:
    return "".join(
        f'<text:{kind} text:level="{level}" {shape}/>' for level, shape in enumerate(shapes, 1)
    )


def listing(*shapes: str) -> str:
    made = levels("list-level-style-number", *shapes)
    return f'<text:list-style style:name="L1">{made}</text:list-style>'


INHERITED = style("Old", "text", STRUCK) + style("T1", "text", more='style:parent-style-name="Old"')


@pytest.mark.parametrize(
    ("body", "styles"),
    [
        (p(f"Deposit {OLD}", "P1") + p(NEW), style("P1", "paragraph", STRUCK)),
        (p(f"{span(OLD)} {NEW}"), style("T1", "text", STRUCK)),
        (p(f"{span(OLD)} {NEW}"), INHERITED),
        (p(f"{span(OLD)} {NEW}"), style("T1", "text", HIDDEN)),
        (
            p(f"{OLD} {span(NEW)}", "P1"),
            style("P1", "paragraph", STRUCK) + style("T1", "text", UNSTRUCK),
        ),
        (h(OLD, more='text:style-name="P1"') + p(NEW), style("P1", "paragraph", STRUCK)),
        (p(f'<text:hidden-text text:is-hidden="true">{OLD}</text:hidden-text>{NEW}'), ""),
        (p(f'<text:hidden-paragraph text:is-hidden="true"/>{OLD}') + p(NEW), ""),
        (
            f"<table:table>{cells('Item', 'Fee')}<table:table-row><table:table-cell>{p(OLD, 'P1')}"
            f"</table:table-cell><table:table-cell>{p(NEW)}</table:table-cell></table:table-row>"
            "</table:table>",
            style("P1", "paragraph", STRUCK),
        ),
    ],
    ids=[
        "paragraph", "run", "inherited", "hidden", "but for a run", "heading", "condition",
        "hidden paragraph", "cell",
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_shared", [False, True])
def test_struck_and_hidden_text_is_left_out(
    tmp_path: Path, body: str, styles: str, is_shared: bool
) -> None:
    extracted = odf(tmp_path, "odt", body, *(["", styles] if is_shared else [styles]))
    assert NEW in extracted.text
    assert OLD not in extracted.text


def test_hidden_sections_are_named_and_others_read(tmp_path: Path) -> None:
    section = '<text:section text:name="{}" text:display="{}" {}>{}</text:section>'
    body = section.format("Draft", "none", "", p(OLD))
    body += section.format("Now", "condition", 'text:is-hidden="false"', p(NEW))
    extracted = odf(tmp_path, "odt", body)
    assert (extracted.text, extracted.notes) == (NEW, ("hidden section 'Draft'",))


DECIMAL = 'style:num-format="1" style:num-suffix="."'
BELOW = f'{DECIMAL} text:display-levels="2"'
OUTLINE = levels("outline-level-style", DECIMAL, 'style:num-format="1" text:display-levels="2"')
SHARED = f'<text:outline-style style:name="Outline">{OUTLINE}</text:outline-style>'
UPPER = 'style:num-format="A" style:num-prefix="(" style:num-suffix=")"'
GOES_ON = 'text:style-name="L1" text:continue-numbering="true"'
FIRST = 'text:style-name="L1" xml:id="first"'
AFTER_FIRST = 'text:style-name="L1" text:continue-list="first"'


@pytest.mark.parametrize(
    ("body", "styles", "lines"),
    [
        (items("cash", "card"), listing(UPPER), ["(A) cash", "(B) card"]),
        (
            items("Scope", p("Fees") + items("Dues", "Late", more="")),
            listing(DECIMAL, BELOW),
            ["1. Scope", "2. Fees", "2.1. Dues", "2.2. Late"],
        ),
        (
            items("Loosen") + p("Mind.") + items("Lash", more=GOES_ON) + items("New"),
            listing(DECIMAL),
            ["1. Loosen", "Mind.", "2. Lash", "1. New"],
        ),
        (
            items("Loosen", more=FIRST) + items("Other") + items("Lash", more=AFTER_FIRST),
            listing(DECIMAL),
            ["1. Loosen", "1. Other", "2. Lash"],
        ),
        (
            items(p("Fees") + items("Dues", more=""), more=FIRST)
            + p("Mind.")
            + items(items("Late", more=""), "End", more=AFTER_FIRST),
            listing(DECIMAL, BELOW),
            ["1. Fees", "1.1. Dues", "Mind.", "1.2. Late", "2. End"],
        ),
        (
            items("Press", "Pull").replace("item>", 'item text:start-value="5">', 1),
            listing(DECIMAL),
            ["5. Press", "6. Pull"],
        ),
        (
            items(p("cash", "P5"), p("card", "P5"), more=""),
            listing(DECIMAL) + style("P5", "paragraph", more='style:list-style-name="L1"'),
            ["1. cash", "2. card"],
        ),
        (
            items(p("gone", "P1"), "stays"),
            listing(DECIMAL) + style("P1", "paragraph", STRUCK),
            ["2. stays"],
        ),
        (
            items(h("Scope")) + p("All.") + items(h("Fees"), more=GOES_ON),
            listing(DECIMAL),
            ["1. Scope", "All.", "2. Fees"],
        ),
        (
            h("Preface", more='text:is-list-header="true"') + h("Scope") + h("Fees")
            + h("Paid", 2) + h("Annex", more='text:style-name="P1"'),
            style("P1", "paragraph", more='style:list-style-name=""'),
            ["Preface", "1. Scope", "2. Fees", "2.1 Paid", "Annex"],
        ),
    ],
    ids=[
        "letters", "levels", "goes on", "goes on with a list", "goes on below", "start",
        "style of paragraph", "struck item", "headings in lists", "outline",
    ],
)  # fmt: skip
def test_lists_and_headings_have_the_numbers_that_are_shown(
    tmp_path: Path, body: str, styles: str, lines: list[str]
) -> None:
    extracted = odf(tmp_path, "odt", body, styles, SHARED if "<text:h" in body else "")
    assert extracted.text.split() == " ".join(lines).split()
    headings = [heading.title for heading in extracted.headings]
    assert headings == [line for line in lines if "<text:h" in body and line != "All."]


TABLE = f"<table:table>{cells('Lamp', 'Bearing', 'Range')}{cells('red', '040', '5 mi')}"
TABLE += f"{cells('white', '220', '9 mi')}</table:table>"
BOX = "<draw:frame><draw:text-box>{}</draw:text-box></draw:frame>"


@pytest.mark.parametrize("body", [p(f"Lights{BOX.format(TABLE)}."), items(p("Lights.") + TABLE)])
def test_tables_in_boxes_and_in_lists_keep_their_rows(tmp_path: Path, body: str) -> None:
    extracted = odf(tmp_path, "odt", body, listing(DECIMAL))
    assert holds_together(extracted, "Lamp: white", "Range: 9 mi")
    assert "Lights." in extracted.text


def test_boxes_follow_the_paragraph_that_they_are_anchored_in(tmp_path: Path) -> None:
    body = p(f"The valve {BOX.format(p('Warning: 400 V') + p('Keep away'))}is red.")
    assert odf(tmp_path, "odt", body).text.split("\n\n") == [
        "The valve is red.", "Warning: 400 V", "Keep away",
    ]  # fmt: skip


def test_blanks_between_runs_part_words(tmp_path: Path) -> None:
    assert odf(tmp_path, "odt", p(f"{span('Deposit')} {span('500')}")).text == "Deposit 500"


@pytest.mark.parametrize(
    ("position", "written"),
    [("super 58%", "450¹"), ("33% 58%", "450¹"), ("sub 58%", "4501"), ("0% 100%", "4501")],
)
def test_raised_digits_stand_apart_from_the_number_before(
    tmp_path: Path, position: str, written: str
) -> None:
    raised = style("T1", "text", f'<style:text-properties style:text-position="{position}"/>')
    assert odf(tmp_path, "odt", p(f"450{span('1')} euro"), raised).text == f"{written} euro"


def test_headers_and_footers_are_read_once_around_the_text(tmp_path: Path) -> None:
    page = (
        '<style:master-page style:name="{0}"><style:header>{1}</style:header>'
        '<style:footer>{2}</style:footer><style:header-left style:display="false">{3}'
        "</style:header-left></style:master-page>"
    )
    said = p("Contract HX-7731"), p("Valid until May"), p("unused")
    shared = page.format("Standard", *said) + page.format("Other", *said)
    assert odf(tmp_path, "odt", p("The mast."), shared=shared).text.split("\n\n") == [
        "Contract HX-7731", "The mast.", "Valid until May",
    ]  # fmt: skip


def test_objects_are_named(tmp_path: Path) -> None:
    body = p(
        "Hello.<draw:frame><draw:object xmlns:xlink='http://www.w3.org/1999/xlink' xlink:href='./Object 1'/></draw:frame>"
    )
    assert odf(tmp_path, "odt", body).notes == ("1 chart, formula or other object",)


def test_hidden_slides_are_named_and_keep_their_number(tmp_path: Path) -> None:
    visibility = '<style:drawing-page-properties presentation:visibility="hidden"/>'
    page = "<draw:page draw:style-name='{}'>{}</draw:page>"
    body = page.format("", p("one")) + page.format("dp2", p(OLD)) + page.format("", p("three"))
    extracted = odf(tmp_path, "odp", body, style("dp2", "drawing-page", visibility))
    assert (extracted.text, len(extracted.pages)) == ("one\n\nthree", 3)
    assert extracted.notes == ("hidden slide 2",)


def test_readings_of_characters_stand_behind_them(tmp_path: Path) -> None:
    ruby = "<text:ruby><text:ruby-base>{}</text:ruby-base><text:ruby-text>{}</text:ruby-text></text:ruby>"
    body = p(f"{ruby.format(span('東京'), 'とうきょう')}と{ruby.format('京都', '')}")
    assert odf(tmp_path, "odt", body).text == "東京(とうきょう)と京都"


def test_descriptions_of_images_stand_apart_from_the_words_around_them(tmp_path: Path) -> None:
    space = 'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
    said = f"<svg:title {space}>Plan</svg:title><svg:desc {space}>of the pier</svg:desc>"
    body = p(
        f"See<draw:frame><draw:image/>{said}</draw:frame>below, <text:title>Tides</text:title>."
    )
    assert odf(tmp_path, "odt", body).text == "See Plan of the pier below, Tides."
