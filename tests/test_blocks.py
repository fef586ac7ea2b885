"""Markdown and extracted text become a tree whose pieces know where they stand."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from block_parts import outline
from conftest import SAMPLE

from app.assistant import Assistant
from app.ingest.readers import read_file
from app.serving.blocks import NOWHERE, Block, answer_blocks, document_blocks
from app.serving.examples import LONGEST, SHOWN, Examples


def pieces(blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        if "text" in block:
            yield block
        yield from pieces(block.get("children", []))


def test_an_answers_markdown_keeps_lists_tables_code_and_line_ends() -> None:
    listed = "Two *kinds* [1]:\nboats\n\n1. **Ferry** `R1`\n2. Bus\n\n"
    text = listed + "|a|b|\n|-|-|\n|1|2|\n\n```\nx [1]\n```"
    assert outline(answer_blocks(text)) == (
        "<p>Two <em>kinds</> [1]:<br></>boats</>"
        "<ol><li><p><strong>Ferry</> <code>R1</></></><li><p>Bus</></></>"
        "<table><thead><tr><th>a</><th>b</></></><tbody><tr><td>1</><td>2</></></></>"
        "<pre>x [1]\n</>"
    )


def test_a_list_begins_at_its_own_number() -> None:
    (numbered,) = answer_blocks("1911. The line was founded.")
    assert numbered["first"] == 1911


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<img src=x onerror=alert(1)>", "<p><img src=x onerror=alert(1)></>"),
        ("![x](https://evil.example/a)", "<p>!x (https://evil.example/a)</>"),
        ("[here](javascript:alert(1))", "<p>[here](javascript:alert(1))</>"),
        ("Six [1].\n\n[1]: https://evil.example", "<p>Six [1].</><p>[1]: https://evil.example</>"),
    ],
)
def test_nothing_that_loads_or_leads_elsewhere_is_more_than_text(text: str, shown: str) -> None:
    assert outline(answer_blocks(text)) == shown


@pytest.mark.parametrize(
    "name",
    [path.relative_to(SAMPLE).as_posix() for path in sorted((SAMPLE / "handbook").rglob("*.*"))],
)
def test_every_piece_of_a_document_stands_where_it_says(name: str) -> None:
    extracted = read_file(SAMPLE / name)
    sections = {heading.title: heading.level for heading in extracted.headings}
    shown = list(pieces(document_blocks(name, extracted.text, sections)))
    found = [piece for piece in shown if piece["start"] != NOWHERE]
    for piece in found:
        assert extracted.text[piece["start"] :].startswith(piece["text"])
    starts = [piece["start"] for piece in found]
    assert starts == sorted(starts)
    words = re.findall(r"\w+", " ".join(piece["text"] for piece in shown))
    lost = set(re.findall(r"\w+", extracted.text)) - set(words)
    assert all(word.isdecimal() and len(word) == 1 for word in lost)  # an item's number


def test_tables_of_every_kind_are_tables() -> None:
    handbook = SAMPLE / "handbook"
    for name, head in (
        ("fares/passenger-fares.csv", "<table><thead><tr><th>route_code</><th>from</>"),
        ("passengers/skerry-pass.pptx", "<table><thead><tr><th>Pass</><th>Holder</><th>Price</>"),
        ("fares/concessions.html", "<table><thead><tr><th>Home island</><th>Issuing office</>"),
        ("staff/contacts.json", "<table><tbody><tr><th>"),
    ):
        assert head in outline(document_blocks(name, read_file(handbook / name).text, {}))


def test_a_value_with_separators_in_it_stays_in_its_column() -> None:
    text = "a: 1; b: x\n\na: 2; b: 3; 4\n\na: 5"
    cells = "<tr><td>1</><td>x</></><tr><td>2</><td>3; 4</></><tr><td>5</><td></></>"
    assert cells in outline(document_blocks("t.csv", text, {}))


def test_hostile_and_huge_texts_are_read_in_time() -> None:
    for text in ("*" * 100_000, "[" * 100_000, "_a" * 50_000, "> " * 50_000, "|a" * 50_000):
        begun = time.perf_counter()
        answer_blocks(text[:20_000])
        document_blocks("x.md", text, {})
        document_blocks("x.txt", text * 10, {})
        assert time.perf_counter() - begun < 20


def test_a_section_title_is_a_heading_and_a_list_a_list() -> None:
    text = "Lost passes\n\nTell us:\n- at once\n- in writing\n\n| What | When |\n| A | B |"
    assert outline(document_blocks("x.docx", text, {"Lost passes": 2})) == (
        "<h2>Lost passes</><p>Tell us:</><ul><li>at once</><li>in writing</></>"
        "<table><thead><tr><th>What</><th>When</></></><tbody><tr><td>A</><td>B</></></></>"
    )


def test_examples_are_questions_that_the_index_was_asked(sample_assistant: Assistant) -> None:
    examples = Examples()
    questions = examples.questions(sample_assistant)
    assert len(questions) == SHOWN
    assert all(len(question) <= LONGEST and question.endswith("?") for question in questions)
    assert examples.questions(sample_assistant) is questions
