"""HTML pages come out as a browser shows them: merged cells, numbers and headings included."""

from pathlib import Path

import pytest
from reading_parts import holds_together, read

PRICES = (
    "<table><tr><th>Boat</th><th>Length</th><th>Fee</th></tr>"
    "<tr><td rowspan=2>Cutter</td><td>6 m</td><td>40 euro</td></tr>"
    "<tr><td>9 m</td><td>55 euro</td></tr><tr><td>Punt</td><td colspan=2>free</td></tr></table>"
)


def text_of(folder: Path, body: str) -> str:
    return read(folder, "a.html", f"<body>{body}</body>").text


@pytest.mark.parametrize(
    "wanted",
    [
        ("Boat: Cutter", "Length: 9 m", "Fee: 55 euro"),
        ("Boat: Punt", "Length: free", "Fee: free"),
    ],
)
def test_merged_cells_are_repeated(tmp_path: Path, wanted: tuple[str, ...]) -> None:
    assert holds_together(read(tmp_path, "a.html", PRICES), *wanted)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('<ol start="7"><li>a<li>b</ol>', ["7. a", "8. b"]),
        ('<ol><li>a<li value="5">b<li>c</ol>', ["1. a", "5. b", "6. c"]),
        ('<ol><li value="4">a<li>b<li value="x">c</ol>', ["4. a", "5. b", "6. c"]),
        ('<ol reversed><li>a<li value="9">b<li>c</ol>', ["3. a", "9. b", "8. c"]),
        ('<ol type="A"><li value="3">a<li>b</ol>', ["C. a", "D. b"]),
        ('<ul><li value="3">a<li>b</ul>', ["- a", "- b"]),
        ('<ol type="A"><li>a<li>b</ol>', ["A. a", "B. b"]),
        ('<ol type="i" start="4"><li>a</ol>', ["iv. a"]),
        ('<ol style="list-style-type: lower-alpha"><li>a<li>b</ol>', ["a. a", "b. b"]),
        (
            '<ol style="color:red;list-style:inside UPPER-ROMAN!important"><li>a<li>b</ol>',
            ["I. a", "II. b"],
        ),
        ('<ol style="list-style: lower-roman outside"><li>a<li>b</ol>', ["i. a", "ii. b"]),
        ('<ol><li>a<li style="list-style-type:upper-latin; color:red">b</ol>', ["1. a", "B. b"]),
        ('<ol type="a" style="list-style-type:decimal"><li>a</ol>', ["1. a"]),
        ('<ol type="a" style="list-style-type:armenian"><li>a</ol>', ["a. a"]),
        ('<ul style="list-style-type:lower-alpha"><li>a</ul>', ["- a"]),
        ("<ol reversed><li>a<li>b</ol>", ["2. a", "1. b"]),
        ("<ol><li>a<ul><li>x</ul><li>b</ol>", ["1. a", "- x", "2. b"]),
        ("<ul><li>a<li></ul>b", ["- a", "", "b"]),
    ],
)
def test_lists_have_their_numbers(tmp_path: Path, source: str, lines: list[str]) -> None:
    assert text_of(tmp_path, source).split("\n") == lines


@pytest.mark.parametrize("tag", ["center", "hgroup", "search", "legend", "pre"])
def test_what_stands_in_lines_of_its_own_is_no_part_of_the_word_behind_it(
    tmp_path: Path, tag: str
) -> None:
    said = f"<{tag}>Berth 4</{tag}>5 euro"
    text = text_of(tmp_path, f"<fieldset>{said}</fieldset><table><tr><td>Fee<td>{said}</table>")
    assert text == "Berth 4\n\n5 euro\n\nFee: Berth 4 5 euro"


@pytest.mark.parametrize(
    "source",
    [
        "<div><button>How long is a lease?</button><div>Three years.</div></div>",
        "<details><summary>How long is a lease?</summary>Three years.</details>",
        '<p>x</p><button aria-expanded="false">How long is a lease?</button><p>Three years.</p>',
        "<h2><button>How long is a lease?</button></h2><p>Three years.</p>",
    ],
)
def test_what_opens_a_part_is_its_heading(tmp_path: Path, source: str) -> None:
    extracted = read(tmp_path, "a.html", source)
    assert [heading.title for heading in extracted.headings] == ["How long is a lease?"]
    assert holds_together(extracted, "How long is a lease?", "Three years.")


@pytest.mark.parametrize(
    "source",
    [
        "<button>Copy</button><pre>code</pre>",
        "<form><button>Send</button><p>code</p></form>",
        "<p>code</p><button>Buy</button>",
    ],
)
def test_other_buttons_are_left_out(tmp_path: Path, source: str) -> None:
    assert text_of(tmp_path, source) == "code"


@pytest.mark.parametrize("tag", ["s", "del", "strike"])
def test_struck_text_is_left_out(tmp_path: Path, tag: str) -> None:
    said = f"The fee is <{tag}>40</{tag}> 45 euro."
    table = f"<table><tr><td>Fee<td><{tag}>40</{tag}> 45 euro</table>"
    assert text_of(tmp_path, f"<p>{said}</p>{table}") == "The fee is 45 euro.\n\nFee: 45 euro"
    styled = 'The <span style="text-decoration: line-through">old</span> new rule.'
    assert text_of(tmp_path, styled) == "The new rule."


def test_labels_beside_labels_keep_their_own_values(tmp_path: Path) -> None:
    source = "<tr><th>Name<td>Holm<th>Room<td>C4<tr><th>Phone<td>4711<th>Desk<td>12"
    pairs = ["Name: Holm", "Room: C4", "Phone: 4711", "Desk: 12"]
    assert text_of(tmp_path, f"<table>{source}</table>").split("\n\n") == pairs


@pytest.mark.parametrize("tag", ["aside", "footer"])
def test_notes_and_footers_belong_to_content_or_to_the_page(tmp_path: Path, tag: str) -> None:
    source = f"<{tag}>Imprint</{tag}><main><p>Text.</p><{tag}>Keep off the ice.</{tag}></main>"
    assert text_of(tmp_path, source) == "Text.\n\nKeep off the ice."


@pytest.mark.parametrize("tag", ["aside", "footer"])
def test_a_page_without_landmarks_keeps_notes_that_are_no_menus(tmp_path: Path, tag: str) -> None:
    menus = f"<{tag}><a>Imprint</a></{tag}><{tag}><nav>Menu</nav>2026</{tag}>"
    source = f"<div><h1>Pond</h1><{tag}>Keep off the ice.</{tag}></div>{menus}"
    assert text_of(tmp_path, source) == "Pond\n\nKeep off the ice."


def test_a_heading_inside_a_table_heads_its_rows(tmp_path: Path) -> None:
    source = (
        "<table><tr><td colspan=2><h3>Lock hours</h3></td></tr>"
        "<tr><td>Friday</td><td>6 to 22</td></tr><tr><td>Sunday</td><td>9 to 17</td></tr></table>"
    )
    extracted = read(tmp_path, "a.html", source)
    assert extracted.headings[0].title == "Lock hours"
    assert holds_together(extracted, "Lock hours", "Sunday: 9 to 17")


def test_rows_of_a_table_that_holds_another_stay_whole(tmp_path: Path) -> None:
    source = f"<table><tr><td>Owner:<td>Ada Lind<tr><td>Berth<td>D4<tr><td>{PRICES}</table>"
    assert text_of(tmp_path, source).split("\n\n")[:2] == ["Owner: Ada Lind", "Berth: D4"]


HEADS = "<th>Boat</th><th>Length</th><th>Fee</th>"
CUTTERS = "<tr><td rowspan=2>Cutter<td>6 m<td>40 euro<tr><td>9 m<td>55 euro"
INNER = "<table><tr><td>May </td><td>10 euro</td></tr> <tr><td></td><td>June</td></tr></table>"
ROWS = ["| Boat | Length | Fee |", "| Cutter | 6 m | 40 euro |", "| Cutter | 9 m | 55 euro |"]


@pytest.mark.parametrize(
    ("head", "cell", "lines"),
    [
        (f"<tr>{HEADS}</tr>", f"From {INNER} a month", [*ROWS, "| Punt | 4 m | From May, 10 euro; June a month |"]),
        (f"<tr><th colspan=3>Fees</th></tr><tr>{HEADS}</tr>", INNER, ["Fees", "", *ROWS, "| Punt | 4 m | May, 10 euro; June |"]),
        (f"<thead><tr>{HEADS.replace('th>', 'td>')}</tr></thead>", INNER, [*ROWS, "| Punt | 4 m | May, 10 euro; June |"]),
        (f"<tr>{HEADS}</tr>", "<h4>Flat</h4>10 euro", [*ROWS, "| Punt | 4 m | Flat 10 euro |"]),
        ("<caption>Fees</caption>", INNER, ["Fees", "", "Cutter: 6 m; 40 euro", "", "Cutter: 9 m; 55 euro", "", "Punt: 4 m; May, 10 euro; June"]),
        ("<caption> </caption>", "<h4>Flat</h4>10 euro", ["Cutter: 6 m; 40 euro", "", "9 m: 55 euro", "", "Punt", "", "4 m", "", "Flat", "", "10 euro"]),
    ],
)  # fmt: skip
def test_a_table_or_heading_in_a_cell_is_text_of_a_table_with_heads(
    tmp_path: Path, head: str, cell: str, lines: list[str]
) -> None:
    source = f"<table>{head}{CUTTERS}<tr><td>Punt<td>4 m<td>{cell}</table>"
    assert text_of(tmp_path, source).split("\n") == lines


def test_definitions_stand_with_their_terms(tmp_path: Path) -> None:
    source = (
        "<dl><dt>Ebb</dt><dd>falling tide</dd><dd>the outward stream</dd>"
        "<dt>Flood:</dt><dd>rising tide</dd><dt>Flow</dt><dt>Run</dt><dd>current</dd>"
        "<dt>Slack<dd><dl><dt>Short<dd>an hour</dl></dl>"
    )
    assert text_of(tmp_path, source).split("\n\n") == [
        "Ebb: falling tide",
        "Ebb: the outward stream",
        "Flood: rising tide",
        "Flow / Run: current",
        "Slack",
        "Short: an hour",
    ]


@pytest.mark.parametrize(
    "source",
    [
        '<pre><code class="language-python">x = 1\n</code></pre>',
        '<pre class="highlight highlight-source-python">x = 1</pre>',
    ],
)
def test_code_has_its_language(tmp_path: Path, source: str) -> None:
    assert text_of(tmp_path, source).split(":")[0].split(".")[-1] == "python"
    assert "x = 1" in text_of(tmp_path, source)


def test_links_right_under_the_title_are_what_a_page_is_about(tmp_path: Path) -> None:
    links = "".join(f"<li><a>Form {n}</a>" for n in range(1, 13))
    text = text_of(tmp_path, f"<h1>Forms</h1><ul>{links}</ul><div><ul>{links}</ul></div>")
    assert text.count("- Form 12") == 1


def test_menus_and_lists_of_languages_are_left_out(tmp_path: Path) -> None:
    links = "".join(f'<li><a href="/{n}">Language {n}</a>' for n in range(12))
    kept = '<ul><li><a href="/1">Tide table</a> of the northern basin for the year</ul>'
    assert text_of(tmp_path, f"<ul>{links}</ul><p>Text.</p>{kept}").startswith("Text.\n\n- Tide")


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        (
            "<div role=table><div role=rowgroup><div role=row><span role=columnheader>Berth</span>"
            "<span role=columnheader>Fee</span></div></div><div role=row><span role=rowheader>B1"
            "</span><span role=cell>40</span></div></div>",
            ["| Berth | Fee |", "| B1 | 40 |"],
        ),
        (
            "<div role=grid><div role=row><div><div role=columnheader>Berth</div></div><div><div role="
            "columnheader>Fee</div></div></div><div role=row><p><span role=gridcell>B1</span><span "
            "role=gridcell>40</span></p></div></div>",
            ["| Berth | Fee |", "| B1 | 40 |"],
        ),
        ("<p role=grid><span role=row>All<b role=cell>B1</b><b role=cell>40</b></span></p>", ["All", "", "B1", "", "40"]),
        ("<div role=list><span role=listitem>Sign.</span><div role=listitem>Pay.</div></div>", ["- Sign.", "- Pay."]),
        ("<p>The fee is <span role=deletion>40</span> <span role=insertion>45</span> euro.</p>", ["The fee is 45 euro."]),
        ("<p>A <span role=term>dock</span> is <span role=definition>a place</span>.</p><p>Pay.</p>", ["A dock is a place.", "", "Pay."]),
        ("<dl><dt role=term>Dock</dt><dd role=definition>A place.</dd></dl><p>Pay.</p>", ["Dock: A place.", "", "Pay."]),
        ("<div role=navigation>Home</div><div role=main>Pay.</div><div role=contentinfo>2026</div>", ["Pay."]),
        ("<div role=grid><div role=row><p>A</p></div></div><table role=list><tr><td>B<td>2</table>", ["A", "", "B: 2"]),
    ],
)  # fmt: skip
def test_elements_are_what_their_roles_say(tmp_path: Path, source: str, lines: list[str]) -> None:
    assert text_of(tmp_path, source).split("\n") == lines


def test_headings_may_be_told_by_their_roles(tmp_path: Path) -> None:
    heads = "<div role=heading aria-level=1>Pier</div><div role=heading>Fees</div>"
    extracted = read(tmp_path, "a.html", f"{heads}<p>It is 45 euro.</p>")
    assert [heading[1:] for heading in extracted.headings] == [(1, "Pier"), (2, "Fees")]
    assert holds_together(extracted, "Pier > Fees", "It is 45 euro.")
