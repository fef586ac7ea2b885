"""Files of separated values part at the right marks, however they are quoted and titled."""

from pathlib import Path

import pytest
from reading_parts import read


@pytest.mark.parametrize(
    ("source", "record"),
    [
        ("Prices of 2026\n\nItem;Price;Unit\nBolt;1,20;each\nNut;0,80;each\n", "Item: Bolt; Price: 1,20; Unit: each"),
        ("Prices, from 1 May, net\nItem;Price;Unit\nBolt;1.20;each\nNut;0.80;each\n", "Item: Nut; Price: 0.80; Unit: each"),
        ("Costs in euro\nItem;2024;2025\nFuel;10;12\nCrew;20;22\n", "Item: Crew; 2024: 20; 2025: 22"),
        ("note\nbring ropes; oars\nnothing else\nno dogs\n", "note: bring ropes; oars"),
    ],
)  # fmt: skip
def test_titles_do_not_tell_what_parts_columns(tmp_path: Path, source: str, record: str) -> None:
    assert record in read(tmp_path, "a.csv", source).text.split("\n\n")


@pytest.mark.parametrize("rows", [2, 17, 60])
def test_a_quotation_mark_that_is_never_closed_hides_nothing(tmp_path: Path, rows: int) -> None:
    listed = "".join(f'{n},"item, {n}"\n' for n in range(rows))
    extracted = read(tmp_path, "a.csv", f'n,note\n7,"broken\n{listed}')
    assert extracted.text.split("\n\n") == [
        'n: 7; note: "broken',
        *(f"n: {n}; note: item, {n}" for n in range(rows)),
    ]
    assert extracted.notes == ("line 2: a quotation mark is never closed, so it is taken for text",)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (r'"He said \"stop, now\" twice"', 'He said "stop, now" twice'),
        ('"He said "stop, now" twice"', 'He said "stop, now" twice'),
        ('"5"" steel"', '5" steel'),
        ('"5" steel', '"5" steel'),
        ('6" steel', '6" steel'),
        ('"two\nlines"', "two lines"),
        ('"C:\\boats\\"', "C:\\boats\\"),
    ],
)
def test_quotation_marks_inside_a_cell_shift_no_other(tmp_path: Path, cell: str, text: str) -> None:
    source = f"id,note,by\n1,{cell},Ada\n2,fine,Bo\n"
    assert read(tmp_path, "a.csv", source).text == (
        f"id: 1; note: {text}; by: Ada\n\nid: 2; note: fine; by: Bo"
    )


QUOTED_WITH_BLANKS = [
    "id: 1; name: Smith, John; city: Oslo",
    "id: 2; name: Doe, Jane; city: Bergen",
]
BARE = ["column 1: 1; column 2: Smith, John", "column 1: 2; column 2: Doe, Jane"]


@pytest.mark.parametrize(
    ("source", "records"),
    [
        ('id, name, city\n1, "Smith, John", Oslo\n2, "Doe, Jane", Bergen\n', QUOTED_WITH_BLANKS),
        ('id, name, city\n1,   "Smith, John"  , Oslo\n2,"Doe, Jane", Bergen\n', QUOTED_WITH_BLANKS),
        ('id; name\n1; "Smith"\n2; Doe\n', ['id: 1; name: "Smith"', "id: 2; name: Doe"]),
        ('1, "Smith, John"\n2, "Doe, Jane"\n', BARE),
        ('sep=;\nid; name\n1; "a; b"\n2; c\n', ["id: 1; name: a; b", "id: 2; name: c"]),
        ('id, note\n1, "two\nlines, long"\n2, b\n', ["id: 1; note: two lines, long", "id: 2; note: b"]),
        ('id, note\n1, "He "really, truly" left"\n2, "b, c"\n', ['id: 1; note: He "really, truly" left', "id: 2; note: b, c"]),
        ('id, note, by\n1, "broken, Ada\n2, b, Bo\n3, c, Cy\n', ['id: 1; note: "broken; by: Ada', "id: 2; note: b; by: Bo", "id: 3; note: c; by: Cy"]),
    ],
)  # fmt: skip
def test_a_quoted_cell_behind_blanks_is_whole(
    tmp_path: Path, source: str, records: list[str]
) -> None:
    assert read(tmp_path, "a.csv", source).text.split("\n\n") == records


@pytest.mark.parametrize(
    ("source", "records"),
    [
        ("12;1,41\n13;2,38\n14;2,40\n", ["column 1: 12; column 2: 1,41", "column 1: 13; column 2: 2,38", "column 1: 14; column 2: 2,40"]),
        ("52,52;13,40\n53,52;14,40\n", ["column 1: 52,52; column 2: 13,40", "column 1: 53,52; column 2: 14,40"]),
        ("52,52\t13,40\n53,52\t14,40\n", ["column 1: 52,52; column 2: 13,40", "column 1: 53,52; column 2: 14,40"]),
        ("Taken in May\n12;1,41\n13;2,38\n", ["Taken in May", "column 1: 12; column 2: 1,41", "column 1: 13; column 2: 2,38"]),
        ("1,2\n3,4\n", ["column 1: 1; column 2: 2", "column 1: 3; column 2: 4"]),
        ("1,2,a;b\n3,4,c;d\n", ["column 1: 1; column 2: 2; column 3: a;b", "column 1: 3; column 2: 4; column 3: c;d"]),
    ],
)  # fmt: skip
def test_a_comma_of_numbers_alone_parts_no_columns(
    tmp_path: Path, source: str, records: list[str]
) -> None:
    assert read(tmp_path, "a.csv", source).text.split("\n\n") == records


@pytest.mark.parametrize(
    ("name", "source", "records"),
    [
        ("a.csv", "Name, Vorname;Telefon\nHolm, Ada;4711\nLind, Bo;4712\n", ["Name, Vorname: Holm, Ada; Telefon: 4711", "Name, Vorname: Lind, Bo; Telefon: 4712"]),
        ("a.csv", "City, State\tPeople\nAustin, TX\t900\nErie, PA\t90\n", ["City, State: Austin, TX; People: 900", "City, State: Erie, PA; People: 90"]),
        ("a.csv", "Holm, Ada | 4711\nLind, Bo | 4712\n", ["column 1: Holm, Ada; column 2: 4711", "column 1: Lind, Bo; column 2: 4712"]),
        ("a.csv", "Name, Vorname;Preis\nHolm, Ada;1,50\nLind, Bo;2,50\n", ["Name, Vorname: Holm, Ada; Preis: 1,50", "Name, Vorname: Lind, Bo; Preis: 2,50"]),
        ("a.csv", "name, city\nAda, Oslo\nBo, Bergen; Norway\n", ["name: Ada; city: Oslo", "name: Bo; city: Bergen; Norway"]),
        ("a.csv", "name,note\nAda,one;two\nBo,three;four\n", ["name: Ada; note: one;two", "name: Bo; note: three;four"]),
        ("a.tsv", "City,State\tPeople\nAustin,TX\t900\nErie,PA\t90\n", ["City,State: Austin,TX; People: 900", "City,State: Erie,PA; People: 90"]),
        ("a.tsv", "A,B,C\tD\n1a,2b,3c\t4\n5d,6e,7f\t8\n", ["A,B,C: 1a,2b,3c; D: 4", "A,B,C: 5d,6e,7f; D: 8"]),
        ("a.tsv", "name,city\nAda,Oslo\nBo,Bergen\n", ["name: Ada; city: Oslo", "name: Bo; city: Bergen"]),
        ("a.tsv", "sep=;\na\tb;c\n1\t2;3\n", ["a b: 1 2; c: 3"]),
    ],
)  # fmt: skip
def test_a_comma_inside_each_cell_parts_no_columns(
    tmp_path: Path, name: str, source: str, records: list[str]
) -> None:
    assert read(tmp_path, name, source).text.split("\n\n") == records


@pytest.mark.parametrize(
    ("source", "records"),
    [
        ("Region,City,Sales\nNorth,Oslo,100\n,Bergen,80\nNorth total,,180\nSouth,Rome,90\n,Bari,40\n", ["Region: North; City: Bergen; Sales: 80", "Region: North total; Sales: 180", "Region: South; City: Bari; Sales: 40"]),
        ("Region,Country,City\nNorth,Norway,Oslo\n,,Bergen\n,Sweden,Malmo\n,,Lund\nSouth,Italy,Rome\n,,Bari\n", ["Region: North; Country: Sweden; City: Lund", "Region: South; Country: Italy; City: Bari"]),
        ("Date;Account;Debit;Credit\n2026-01-03;Cash;100;\n;Sales;;100\n2026-01-05;Rent;50;\n;Bank;;50\n", ["Date: 2026-01-03; Account: Sales; Credit: 100", "Date: 2026-01-05; Account: Bank; Credit: 50"]),
        ("Order,Item,Qty\n1001,Bolt,5\n,Nut,6\n\n1002,Saw,1\n,Oil,2\n\nPrinted 2026\n", ["Order: 1001; Item: Nut; Qty: 6", "Order: 1002; Item: Oil; Qty: 2", "Printed 2026"]),
    ],
)  # fmt: skip
def test_rows_of_an_outline_say_what_they_stand_under(
    tmp_path: Path, source: str, records: list[str]
) -> None:
    found = read(tmp_path, "a.csv", source).text.split("\n\n")
    assert [record for record in records if record not in found] == []


@pytest.mark.parametrize(
    ("source", "record"),
    [
        ("Title,First,Last\nDr.,Ana,Ruiz\n,Bo,Lind\nDr.,Cy,Tan\n,Di,Orsk\n", "First: Bo; Last: Lind"),
        ("Flag,Note,Name\nX,,Ana\n,b,Bo\n,,Cy\nY,c,Di\n,,Ed\n", "Note: b; Name: Bo"),
        ("Dept,Name,Role\nYard,Ana,welder\nOffice,Bo,clerk\n,Cy,cook\n", "Name: Cy; Role: cook"),
        ("Dock,Boat,Tons\n,Kite,1\nA,Swan,2\n,Tern,3\nB,Gull,4\n,Rook,5\n", "Boat: Tern; Tons: 3"),
        ("Dock,Boat,Tons\nA,Kite,1\n,Swan,2\nA total,,3\n,Tern,3\nB,Gull,4\n,Rook,5\n", "Boat: Swan; Tons: 2"),
    ],
)  # fmt: skip
def test_blank_cells_that_make_no_outline_stay_blank(
    tmp_path: Path, source: str, record: str
) -> None:
    assert record in read(tmp_path, "a.csv", source).text.split("\n\n")


STATIONS = ["name: Ada; city: Oslo; amount: 12", "name: Bo; city: Rome; amount: 13"]


@pytest.mark.parametrize(
    ("source", "records"),
    [
        ("# exported by X, on 2026-01-02, all boats\nname,city,amount\nAda,Oslo,12\nBo,Rome,13\n", ["# exported by X, on 2026-01-02, all boats", *STATIONS]),
        ("# from, to\n# a, b, c\n#\nname,city,amount\nAda,Oslo,12\nBo,Rome,13\n", ["# from, to", "# a, b, c", "#", *STATIONS]),
        ("name,city,amount\nAda,Oslo,12\nBo,Rome,13\n# end, of file, 2 rows\n", [*STATIONS, "# end, of file, 2 rows"]),
        ("name,city,amount\nAda,Oslo,12\n# estimated, see note, 3\nBo,Rome,13\n", [STATIONS[0], "# estimated, see note, 3", STATIONS[1]]),
        ("# by X; on 2 May; net\nname,city,amount\nAda,Oslo,12\nBo,Rome,13\n", ["# by X; on 2 May; net", *STATIONS]),
        ("# by X, on 2 May, net\n# for Y, in euro, all\nname;city;amount\nAda;Oslo;12\nBo;Rome;13\n", ["# by X, on 2 May, net", "# for Y, in euro, all", *STATIONS]),
        ("name,city,amount\n# text, text, euro\nAda,Oslo,12\nBo,Rome,13\n", ["# text, text, euro", *STATIONS]),
        ("# boats, all\nname,city\nAda,Oslo\nBo,Rome\n", ["# boats, all", "name: Ada; city: Oslo", "name: Bo; city: Rome"]),
        ("# station: 5, height: 3, x\n# time,temp,hum\n1,8.5,12\n2,9.5,13\n", ["# station: 5, height: 3, x", "# time: 1; temp: 8.5; hum: 12", "# time: 2; temp: 9.5; hum: 13"]),
        ("# name,city\nAda,Oslo\nBo,Rome\n", ["# name: Ada; city: Oslo", "# name: Bo; city: Rome"]),
        ("# name, city\nAda, Oslo\nBo, Rome\n", ["# name: Ada; city: Oslo", "# name: Bo; city: Rome"]),
        ("#boats, all\nname,city\nAda,Oslo\nBo,Rome\n", ["#boats, all", "name: Ada; city: Oslo", "name: Bo; city: Rome"]),
        ("#name,city\nAda,Oslo\nBo,Rome\n", ["#name: Ada; city: Oslo", "#name: Bo; city: Rome"]),
        ("#,city,amount\n1,Oslo,12\n2,Rome,13\n", ["#: 1; city: Oslo; amount: 12", "#: 2; city: Rome; amount: 13"]),
        ("id,city\n#12,Oslo\n#13,Rome\n", ["id: #12; city: Oslo", "id: #13; city: Rome"]),
        ("hue,name\nnavy,dark\nteal,deep\n#ff0000,red\n", ["hue: navy; name: dark", "hue: teal; name: deep", "hue: #ff0000; name: red"]),
        ("key,name\n#,hash\n*,star\n!,bang\n", ["key: #; name: hash", "key: *; name: star", "key: !; name: bang"]),
        ("Metric,2023,2024\n# of boats,12,15\nFee,5,6\nCost,3,4\n", ["Metric: # of boats; 2023: 12; 2024: 15", "Metric: Fee; 2023: 5; 2024: 6", "Metric: Cost; 2023: 3; 2024: 4"]),
        ("#,Good,Q1,Q2\n1,Oar,-,-\n2,Sail,4,5\n3,Mast,6,7\n", ["#: 1; Good: Oar; Q1: -; Q2: -", "#: 2; Good: Sail; Q1: 4; Q2: 5", "#: 3; Good: Mast; Q1: 6; Q2: 7"]),
        ("#name,born,died\nAda,1901,1980\nBo,1910,1990\n", ["#name: Ada; born: 1901; died: 1980", "#name: Bo; born: 1910; died: 1990"]),
        (f"name,city,amount\nAda,Oslo,12\n# {'long ' * 120}remark\nBo,Rome,13\n", [STATIONS[0], f"# {'long ' * 120}remark", STATIONS[1]]),
        ("key,name\n#,hash\n*,star\n#,pound\n", ["key: #; name: hash", "key: *; name: star", "key: #; name: pound"]),
        ("#12,Oslo\n#13,Rome\n", ["column 1: #12; column 2: Oslo", "column 1: #13; column 2: Rome"]),
    ],
)  # fmt: skip
def test_a_remark_is_neither_a_header_nor_a_row(
    tmp_path: Path, source: str, records: list[str]
) -> None:
    assert read(tmp_path, "a.csv", source).text.split("\n\n") == records


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="00123"', "00123"),
        ('"=""00123"""', "00123"),
        ('= "1-2"', "1-2"),
        ('=T("x")', "x"),
        ('"=T(""a, b"")"', "a, b"),
        ('"=""5"""" steel"""', '5" steel'),
        ('"=HYPERLINK(""https://a.example/5"",""Ticket 5"")"', "Ticket 5"),
        ('"=hyperlink(""https://a.example/5""; ""Ticket 5"")"', "Ticket 5"),
        ('=HYPERLINK("https://a.example/5")', "https://a.example/5"),
        ("=A1+B1", "=A1+B1"),
        ('"=A1&""x"""', '=A1&"x"'),
        ('"=LEN(""x"")"', '=LEN("x")'),
        ('"=""a""&""b"""', '="a"&"b"'),
    ],
)
def test_a_text_that_a_formula_holds_is_read_as_excel_shows_it(
    tmp_path: Path, cell: str, text: str
) -> None:
    source = f"id,code,by\n1,{cell},Ada\n2,fine,Bo\n"
    assert read(tmp_path, "a.csv", source).text == (
        f"id: 1; code: {text}; by: Ada\n\nid: 2; code: fine; by: Bo"
    )
