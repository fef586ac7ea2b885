"""XML keeps its text whole and in order, whatever marks, remarks and references stand in it."""

from pathlib import Path

import pytest
from reading_parts import read

from app.ingest.readers import UnreadableFile


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("<price>120<!-- net --> euro</price>", "price: 120 euro"),
        ("<price>120<?page 3?> euro</price>", "price: 120 euro"),
        ("<p>H<sub>2</sub>O is <b>non</b>-potable; see <i>Art</i>. 5</p>", "p: H2O is non-potable; see Art. 5"),
        ("<p>It ran 10<sup>6</sup> times.</p>", "p: It ran 10⁶ times."),
        ("<p>The fee is <del>40</del> 45 euro.</p>", "p: The fee is 45 euro."),
        ("<p>Fee<sum>45</sum><unit>euro</unit></p>", "p: Fee 45 euro"),
        ("<p>It lifts 12<footnote><para>Since 2020.</para></footnote> tons.</p>", "p: It lifts 12 [footnote: Since 2020.] tons."),
        ("<p>Two boats.<note place='foot'>Kite and Swan.</note> One dock.</p>", "p: Two boats. [note: Kite and Swan.] One dock."),
        ("<p>The pump<indexterm><primary>pumps</primary></indexterm> runs.</p>", "p: The pump runs."),
        ("<p>The fee is 45 euro.</p><p>Pay now.</p>", "p: The fee is 45 euro. Pay now."),
        ("<p>The fee is 45 euro.</p><p>Pay it soon.</p><p>Or later</p>", "p: The fee is 45 euro. Pay it soon. Or later"),
        ("<by>Orbel Inc.</by><by>Swan Ltd.</by>", "by: Orbel Inc., Swan Ltd."),
        ("<p>Mind the <b>ice</b><i>thin</i> and<br/>wind.</p>", "p: Mind the ice thin and wind."),
        ("<h>Term</h><p>Five years.</p><h>Rent</h><p>450 euro.</p>", "h: Rent\np: 450 euro."),
        ("<step>Open.</step><hot>Pipe.</hot><step>Drain.</step>", "step: Open.\nhot: Pipe."),
        ('<boat id="7"/><dock>D</dock><boat id="8"><n>Kite</n></boat>', "boat.id: 8; boat.n: Kite"),
    ],
)  # fmt: skip
def test_text_is_whole_and_in_its_order(tmp_path: Path, inner: str, text: str) -> None:
    records = read(tmp_path, "a.xml", f"<a>{inner}</a>").text.replace("a.", "")
    assert text in records.split("\n\n")


ENTITIES = '<!DOCTYPE a [<!ENTITY firm "Orbel Ltd"><!ENTITY other SYSTEM "{}">]>'


def test_an_attribute_named_text_does_not_hide_the_text(tmp_path: Path) -> None:
    source = "<list><item text='A7'>bolt</item><item text='B2'>nut</item></list>"
    assert "A7" in read(tmp_path, "a.xml", source).text.partition("bolt")[0]


XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('<clause number="4.2">The tenant pays <b>monthly</b>.</clause>', "clause.number: 4.2\nclause.text: The tenant pays monthly."),
        ('<law><art no="1">Pay <b>now</b>.</art><art no="2">Pay <b>all</b>.</art></law>', "law.art.no: 1; law.art.text: Pay now.\n\nlaw.art.no: 2; law.art.text: Pay all."),
        (f'<cost {XSI} type="net" xsi:type="decimal">450</cost>', "cost.type: net, decimal\ncost.text: 450"),
        (f'<map {XLINK} title="Harbour" xlink:title="Plan of 2024">See <b>here</b>.</map>', "map.title: Harbour, Plan of 2024\nmap.text: See here."),
        ('<berth id="A7" xml:id="b7"><fee>450</fee></berth>', "berth.id: A7, b7\nberth.fee: 450"),
    ],
)  # fmt: skip
def test_no_attribute_is_lost(tmp_path: Path, source: str, text: str) -> None:
    assert read(tmp_path, "a.xml", source).text == text


def test_what_the_file_defines_stands_where_it_is_called(tmp_path: Path) -> None:
    assert read(tmp_path, "a.xml", f"{ENTITIES}<a>&firm; pays.</a>").text == "a: Orbel Ltd pays."


def test_what_other_files_define_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("a secret")
    source = ENTITIES.format(tmp_path / "other.txt") + "<a>The fee is &other; euro.</a>"
    extracted = read(tmp_path, "a.xml", source)
    assert extracted.text == "a: The fee is &other; euro."
    assert extracted.notes == ("the entity &other;, which stands as it is written",)


def test_entities_do_not_unfold_without_end(tmp_path: Path) -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    source = f'<!DOCTYPE a [<!ENTITY e0 "{"x" * 99}">{bomb}]><a>The fee &e11; is 45.</a>'
    with pytest.raises(UnreadableFile, match="is not valid XML: Maximum entity amplification"):
        read(tmp_path, "a.xml", source)


SPANNED = """<thead><tr><th rowspan="2">Berth</th><th colspan="2">Summer</th></tr><tr><th>Open</th><th>Fee</th></tr></thead>
<tbody><tr><td>A1</td><td>8-20</td><td>40</td></tr><tr><td rowspan="2">A2</td><td>9-20</td><td>55</td></tr><tr><td>10</td><td>56</td></tr></tbody>"""
CALS = """<tgroup><colspec colname="c1"/><colspec colname="c2"/><colspec colname="c3"/>
<thead><row><entry/><entry namest="c2" nameend="c3">Load</entry></row><row><entry>Crane</entry><entry>min</entry><entry>max</entry></row></thead>
<tbody><row><entry morerows="1">K1</entry><entry>1</entry><entry>2</entry></row><row><entry colname="c3">4</entry></row></tbody></tgroup>"""


@pytest.mark.parametrize(
    ("source", "record"),
    [
        ("<table><tr><th>Berth</th><th>Fee</th></tr><tr><td>A1</td><td>40 <b>euro</b></td></tr></table>", "a.table.Berth: A1; a.table.Fee: 40 euro"),
        (f"<table>{SPANNED}</table>", "a.table.Berth: A2; a.table.Summer Open: 10; a.table.Summer Fee: 56"),
        (CALS, "a.tgroup.Crane: K1; a.tgroup.Load min: 1; a.tgroup.Load max: 2\n\na.tgroup.Crane: K1; a.tgroup.Load max: 4"),
        ('<table><colspec align="left"/><colspec colname="fee"/><colspec/><thead><row><entry>Berth</entry><entry>Fee</entry><entry>By</entry></row></thead><tbody><row><entry>A1</entry><entry colname="fee">40</entry><entry colname="">Ada</entry></row></tbody></table>', "a.table.Berth: A1; a.table.Fee: 40; a.table.By: Ada"),
        ("<simpletable><sthead><stentry>Key</stentry><stentry>Use</stentry></sthead><strow><stentry>F1</stentry><stentry>help</stentry></strow></simpletable>", "a.simpletable.Key: F1; a.simpletable.Use: help"),
        ("<table><head>Fees</head><row role='label'><cell>Berth</cell><cell>Fee</cell></row><row><cell>A1</cell><cell>40</cell></row></table>", "a.table.head: Fees\n\na.table.row.Berth: A1; a.table.row.Fee: 40"),
        ("<table><tr><th>Berth</th><th/><th/></tr><tr><td>A1</td><td>x</td><td>y</td></tr></table>", "a.table.Berth: A1; a.table.column 2: x; a.table.column 3: y"),
        ("<row><entry>x</entry><entry>y</entry></row><row><entry>z</entry><entry>w</entry></row>", "a.row.entry: x, y\n\na.row.entry: z, w"),
    ],
)  # fmt: skip
def test_rows_of_tables_stand_behind_the_names_of_their_columns(
    tmp_path: Path, source: str, record: str
) -> None:
    assert record in read(tmp_path, "a.xml", f"<a>{source}</a>").text


HEADS = "<row role='label'><cell>Berth</cell><cell>Fee</cell></row>"
A1 = "<row><cell>A1</cell><cell>40</cell></row>"
NESTED = "<thead><row><entry>Berth</entry><entry>Fee</entry></row></thead><tbody><row><entry>A1</entry><entry>40</entry></row>{}</tbody>"


@pytest.mark.parametrize(
    ("source", "records"),
    [
        (
            f"<tgroup>{NESTED.format('<row><entry>A2</entry><entrytbl><tbody><row><entry>55</entry></row></tbody></entrytbl></row>')}</tgroup>",
            [
                "a.tgroup.thead.row.entry: Berth, Fee",
                "a.tgroup.tbody.row.entry: A1, 40",
                "a.tgroup.tbody.row.entry: A2; a.tgroup.tbody.row.entrytbl.tbody.row.entry: 55",
            ],
        ),
        (f"<tgroup>{NESTED.format('<row><title>From May</title></row>')}</tgroup>", ["a.tgroup.thead.row.entry: Berth, Fee", "a.tgroup.tbody.row.entry: A1, 40", "a.tgroup.tbody.row.title: From May"]),
        (f"<tgroup>{NESTED.format('<row>From <entry>May</entry></row>')}</tgroup>", ["a.tgroup.thead.row.entry: Berth, Fee", "a.tgroup.tbody.row.entry: A1, 40", "a.tgroup.tbody.row: From May"]),
        (f"<tgroup>{NESTED.format('<row><entry/><x/></row>')}</tgroup>", ["a.tgroup.Berth: A1; a.tgroup.Fee: 40"]),
        (
            f"<table>{HEADS}{A1}<row><cell>A2</cell><table><row><cell>55</cell></row></table></row></table>",
            ["a.table.row.Berth: A1; a.table.row.Fee: 40", "a.table.row.cell: A2; a.table.row.table.row.cell: 55"],
        ),
        (f"<table row='9'>{HEADS}{A1}</table>", ["a.table.row.Berth: A1; a.table.row.Fee: 40", "a.table.row: 9"]),
    ],
)  # fmt: skip
def test_no_row_of_a_table_is_lost(tmp_path: Path, source: str, records: list[str]) -> None:
    assert read(tmp_path, "a.xml", f"<a>{source}</a>").text.split("\n\n") == records


def test_tables_that_span_endless_cells_are_refused(tmp_path: Path) -> None:
    rows = '<tr><td colspan="1000" rowspan="1000">x</td></tr>' * 9_000
    with pytest.raises(UnreadableFile, match="has a sheet of more than 5,000,000 cells"):
        read(tmp_path, "a.xml", f"<table><tr><th>n</th></tr>{rows}</table>")
