"""Markers are read in whatever form a model cites, and brackets that are data stay."""

import pytest
from graph_parts import make_graph, passage

from graphs.citations import checked, read_draft
from graphs.markers import cited, in_one_form, without_markers
from graphs.protocols import Evidence, Support

POOL = passage("docs/pool.md", "The pool is 50 metres long. It has eight lanes.")
RULES = passage("rules.md", "Dogs are not let in.")
LONG = "The pool is 50 metres long"


def read(answer: str) -> tuple[list[tuple[str, tuple[int, ...]]], str]:
    """Return an answer's claims with what they cite, and what is written of it."""
    draft = read_draft(answer, "How long is the pool?", [POOL, RULES])
    supports = [Support(1.0, (Evidence(0, 0, 27),)) for _ in draft.claims]
    kept = checked(draft, supports, passages=[POOL, RULES], threshold=0.5, unsupported="remove")
    return [(claim.text, claim.cited) for claim in draft.claims], kept.text


@pytest.mark.parametrize(
    ("marked", "numbers"),
    [
        (f"{LONG} [1-2].", (0, 1)),
        (f"{LONG} [1–3].", (0, 1, 2)),
        (f"{LONG}. [1–2][4]", (0, 1, 3)),
        (f"{LONG} [1;2].", (0, 1)),
        (f"{LONG} [1] and [2].", (0, 1)),
        (f"{LONG} [1], [2].", (0, 1)),
        (f"{LONG} ([1][2]).", (0, 1)),
        (f"{LONG}[1].", (0,)),
        (f"[1] {LONG}.", (0,)),
        (f"{LONG} 【1】.", (0,)),
        (f"{LONG}【2†source】.", (1,)),
        (f"{LONG} 【4:0†source】.", (3, -1)),
        (f"{LONG}【1†L3-L5】【2†pool 2024.pdf】.", (0, 1)),
        (f"{LONG} 【1、2】.", (0, 1)),
        (f"{LONG} 【1, 2】.", (0, 1)),
        (f"{LONG} 【1-2】.", (0, 1)),
        (f"{LONG} 【1: pool.md】.", (0,)),
        (f"{LONG} [^1].", (0,)),
        (f"{LONG}.[^2]", (1,)),
        (f"{LONG} [citation:1].", (0,)),
        (f"{LONG} [Document 2].", (1,)),
        (f"{LONG} [1: pool.md].", (0,)),
        (f"{LONG} [rules.md].", (1,)),
        (f"{LONG} (docs/pool.md).", (0,)),
        (f"{LONG} (Source: pool.md).", (0,)),
        (f"{LONG}.¹", (0,)),
        (f"{LONG}¹⁻².", (0, 1)),
        (f"{LONG}.<sup>1,2</sup>", (0, 1)),
        (f"{LONG} <sup>1</sup>.", (0,)),
        (f"{LONG} {{1}}.", (0,)),
        (f"{LONG}{{1}}.", (0,)),
        (f"{LONG}. {{1}}", (0,)),
        (f"{LONG} {{1}}{{2}}.", (0, 1)),
        (f"{LONG} {{1, 2}}.", (0, 1)),
        (f"{LONG} [1, 2].", (0, 1)),
        (f"{LONG} [2,1].", (1, 0)),
        (f"{LONG} [7].", (6,)),
        (f"{LONG} [2-4].", (1, 2, 3)),
        (f"{LONG} [1](https://pool.example/a).", (0,)),
    ],
)
def test_a_marker_is_read_in_any_form_and_written_in_one(
    marked: str, numbers: tuple[int, ...]
) -> None:
    assert read(marked) == ([(f"{LONG}.", numbers)], f"{LONG}. [1]")


@pytest.mark.parametrize(
    "data",
    [
        "Set args[0] and a_list[2] and rows[1].name.",
        "Use `args[1]`.",
        "It lies in [1-2] days.",
        "It opened in [1987].",
        "It covers 1050 m².",
        "It weighs 10⁶ g.",
        "It opened early (1987).",
        "Go to [Room 4] first.",
        "The fee is [USD 500].",
        "The floor has 20 foot².",
        "The area is (a+b)².",
        "Call `f([1])` and `[[1],[2]]` to set it.",
        "In [2021], [2022] and [2023] more came.",
        r"A = \frac{1}{2} b h",
        r"A = \frac {1} {2} b h",
        r"A = \frac{\sqrt{1}}{2}.",
        r"It has \mathbf{x}_{1} and x^{2}.",
        r"It weighs \sqrt[3]{27} g.",
        "E = mc^{2}.",
        "The factor is (1+r)⁵.",
        "The factor is [1+r]⁵.",
        "The factor is (1+r)<sup>5</sup>.",
        "Probabilities lie in [0, 1].",
        "Probabilities lie in [0,1].",
        "The input shape is [3, 224, 224].",
        "The input shape is [3,224,224].",
        "The shape of [2, 3] is not that of [3, 2].",
        "It holds for [3 and 4].",
        "It matches [0-9].",
        "It takes [10-12].",
        "The set is {0, 1}.",
        "【1日目】9時集合",
        "【3階】にあります",
        "【2024年度】は無料です",
        "【10:30】集合",
        "【9-17】です",
        "【1: 概要】は長い",
        "【100円】です",
        "The matrix is [[1, 2], [2, 1]].",
        "Let $x[1]$ be $[1]$ and $n²$ be $$ x[2] $$ here.",
        r"Let \(x[1]\) be \[x[2]\] here.",
    ],
)
def test_a_bracket_or_a_raised_number_that_is_data_stays(data: str) -> None:
    assert read(data) == ([(data, ())], f"{data} [1]")


@pytest.mark.parametrize(
    ("marked", "said"),
    [
        ("यह बंद है।¹ यह खुला है।", "यह बंद है। यह खुला है।"),
        ("کشتی چلتی ہے۔ {1} اور", "کشتی چلتی ہے۔ اور"),
        ("کشتی چلتی¹۔ اور", "کشتی چلتی۔ اور"),
        ("यह बंद है [Source 1]। यह", "यह बंद है। यह"),
    ],
)
def test_a_marker_stands_beside_the_stop_of_any_script(marked: str, said: str) -> None:
    assert cited(in_one_form(marked)) == (0,)
    assert without_markers(marked) == said


@pytest.mark.parametrize(
    "sources",
    [
        "[1] pool.md\n[2]: rules.md",
        "[^1]: pool.md",
        "Sources:\n[1] docs/pool.md\n- [2] rules.md",
        "Sources: [1] pool.md, [2] rules.md",
        "来源：[1] pool.md, [2] rules.md",
        "**References**\n\n- [1] pool.md",
    ],
)
def test_a_list_of_sources_is_no_claim(sources: str) -> None:
    assert read(f"{LONG}. [1]\n\n{sources}") == ([(f"{LONG}.", (0,))], f"{LONG}. [1]")


def test_a_document_that_answers_is_no_source() -> None:
    assert read("pool.md [1]")[0] == [("pool.md", (0,))]
    assert read("- pool.md [1]\n- rules.md [2]")[0] == [("pool.md", (0,)), ("rules.md", (1,))]
    assert read("It is in a file.\nrules.md")[0] == [("It is in a file.", ()), ("rules.md", ())]


def test_a_block_of_code_keeps_its_brackets() -> None:
    code = "```python\nx = [1, 2, 3]\nfor v in [1]:\n    print([2])\n```"
    assert without_markers(code) == code


@pytest.mark.parametrize(
    ("answer", "claimed", "text"),
    [
        (
            "According to [2], it is 50 metres long.",
            "According to the passage, it is 50 metres long.",
            "According to [1], it is 50 metres long.",
        ),
        (
            "As described in [1] and [2], it is long [1].",
            "As described in the passage, it is long.",
            "As described in [1], it is long.",
        ),
        (
            "|How|Long|\n|-|-|\n|As in [2]|it is long|",
            "|As in|it is long|",
            "|How|Long|\n|-|-|\n|As in [1]|it is long|",
        ),
        ("In [1], it is long.", "In the passage, it is long.", "In [1], it is long."),
        (
            "[7] states that it is long.",
            "the passage states that it is long.",
            "[1] states that it is long.",
        ),
        ("**According to [1]**, it is long.", "**According to the passage**, it is long.", ""),
        ("[1] says it is long.", "says it is long.", "[1] says it is long."),
        ("[1] is about boats.", "is about boats.", "[1] is about boats."),
        ("[1] says «it is long.»", "says «it is long.»", ""),
        ("[1] says 「it is long。」", "says 「it is long。」", ""),
        ("The length in [2] is 50.", "The length in is 50.", "The length in [1] is 50."),
        ("[2] boats that pay are let in.", "boats that pay are let in.", ""),
        ("[2] boats, cars and vans pay.", "boats, cars and vans pay.", ""),
        ("If you go in [1], it is long.", "If you go in, it is long.", ""),
        ("With lanes in [1], it is long.", "With lanes in, it is long.", ""),
    ],
)
def test_a_marker_that_a_sentence_needs_keeps_its_place(
    answer: str, claimed: str, text: str
) -> None:
    claims, kept = read(answer)
    assert [said for said, _ in claims] == [claimed]
    assert kept == (text or answer.replace("[2]", "[1]"))


@pytest.mark.parametrize(
    ("answer", "claimed", "text"),
    [
        ("[1] the pool is long.", "the pool is long.", "the pool is long. [1]"),
        ("[1] fifty metres", "fifty metres", "fifty metres [1]"),
        ("In May [1], it is long.", "In May, it is long.", "In May, it is long. [1]"),
        ("It, [1] which is long, is old.", "It, which is long, is old.", ""),
        ("Dogs are not let in [1].", "Dogs are not let in.", "Dogs are not let in. [1]"),
        ("Yes, it is [1].", "Yes, it is.", "Yes, it is. [1]"),
        ("No [1], it is old.", "No, it is old.", "No, it is old. [1]"),
    ],
)
def test_a_marker_that_a_sentence_can_do_without_stands_behind_it(
    answer: str, claimed: str, text: str
) -> None:
    claims, kept = read(answer)
    assert [said for said, _ in claims] == [claimed]
    assert kept == (text or f"{claimed} [1]")


def test_a_sentence_that_begins_with_a_marker_is_one() -> None:
    claims, kept = read(f"{LONG}. [2] states that it is old.")
    assert claims == [(f"{LONG}.", ()), ("the passage states that it is old.", (1,))]
    assert kept == f"{LONG}. [1] [1] states that it is old."


def test_markers_within_a_sentence_lead_to_the_passages_that_they_cited() -> None:
    draft = read_draft("Of [2] it is long and of [1] old.", "How is it?", [POOL, RULES])
    found = Support(1.0, (Evidence(0, 0, 27), Evidence(1, 0, 20), Evidence(0, 28, 47)))
    kept = checked(draft, [found], passages=[POOL, RULES], threshold=0.5, unsupported="remove")
    assert kept.text == "Of [2] it is long and of [1][3] old."
    draft = read_draft("Of [1] it is long.", "How is it?", [POOL, RULES])
    kept = checked(draft, [found], passages=[POOL, RULES], threshold=0.5, unsupported="remove")
    assert kept.text == "Of [1][3] it is long. [2]"


def test_what_is_marked_as_not_found_names_no_number() -> None:
    draft = read_draft("In [1] it is long.", "How is it?", [POOL, RULES])
    none = [Support(0.0)]
    kept = checked(draft, none, passages=[POOL, RULES], threshold=0.5, unsupported="mark")
    assert kept.text == "In the passage it is long. (not found in the documents)"


@pytest.mark.parametrize(
    ("marked", "bare"),
    [
        ("It costs $5 [1] and $6 [2].", "It costs $5 and $6."),
        ("It costs $5 [1], or US$ 6 [2].", "It costs $5, or US$ 6."),
        ("It costs $5, [1] or 6$ [2].", "It costs $5, or 6$."),
        ("One is $$ [1] and one $$ [2].", "One is $$ and one $$."),
        (r"It is C:\docs [1] and \$5 [2] or 6\$ [1].", r"It is C:\docs and \$5 or 6\$."),
    ],
)
def test_a_price_or_a_path_is_no_formula(marked: str, bare: str) -> None:
    assert [text for text, _ in read(marked)[0]] == [bare]


@pytest.mark.parametrize(
    "code",
    [
        "~~~\nx[2] = [1]\n~~~",
        "````md\n```\nx[2]\n```\n[1]\n````",
        "$$\nx = y[1] \\\\\n+ [2]\n$$",
        "\\[\n\\frac{1}{2} [1]\n\\]",
    ],
)
def test_a_block_of_code_or_a_formula_stays_whole(code: str) -> None:
    assert without_markers(code) == code
    assert read(f"So:\n{code}") == ([(code, ())], f"So:\n{code}\n[1]")
    assert read(f"So:\n{code} [2]") == ([(code, (1,))], f"So:\n{code}\n[1]")


@pytest.mark.parametrize("text", ["It is [1, 2].", "x = [1,2]", "It is [1-2].", "It is [0, 1]."])
def test_where_nothing_was_shown_several_numbers_cite_nothing(text: str) -> None:
    assert without_markers(f"{text} [1]", shown=0) == text
    state = make_graph(f"{text} [1]", talk=["Hello!"]).ask("Hello!")
    assert (state["messages"][-1].text, state["origin"]) == (text, "model")


def test_a_range_that_is_too_wide_cites_its_ends() -> None:
    assert cited(in_one_form(f"{LONG} [1-900].")) == (0, 899)
    assert without_markers(f"{LONG} [1-900].") == f"{LONG}."


@pytest.mark.parametrize("deep", ["[" * 3000 + "1" + "]" * 3000, "<b>" * 3000, "[[1]2]" * 500])
def test_no_nesting_is_too_deep(deep: str) -> None:
    claims, text = read(deep)
    assert bool(claims) == bool(text)


def test_a_lead_in_that_claims_nothing_names_the_passage_in_words() -> None:
    _, kept = read("According to [2], the length is:\n- It is 50 metres long [2].")
    assert kept.splitlines()[0] == "According to the passage, the length is:"
