"""Rows for the reader that quotes: questions, near ones that nothing answers, and follow-ups."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from claim_edits import NAME, NUMBER
from claim_recipes import rows
from claim_tables import render
from invented import worlds
from invented_questions import questions, typed
from invented_world import World, capital
from langchain_core.documents import Document
from reader_rows import CELL_QUESTIONS, lines_in, near_miss, paragraphs, reading_rows
from reader_worlds import cut, form_of, lines_of

from finetune.verification.examples import NOWHERE, ReadingExample
from graphs.slots import BLANK
from graphs.text import content

SEED = 31
KNOWN = 60_000  # questions that the reader was taught before
NEAR = 12_000  # questions about another name, row or thing, which nothing answers
FOLLOWING = 20_000  # follow-ups, with what was asked before
WORLDS = 800
NEAR_NAMES, NEAR_CELLS, NEAR_THINGS = 0.35, 4, 5  # share of questions; per table; per world
WITHHELD = 0.25  # of the follow-ups have another paragraph in front of them
POINTERS = ("it", "they", "that", "this")
SHOWN = 8  # rows of a table


def quoting_rows(data: Path) -> list[ReadingExample]:
    """Make all rows; the same every time."""
    draw = random.Random(SEED)
    known = [
        row
        for row in reading_rows(data)
        if row.id.startswith("question-") and BLANK not in row.query
    ]
    near = [*near_names(data, draw), *near_cells(data, draw)]
    following = list(squad_follow_ups(data, draw))
    for number, made in enumerate(worlds(WORLDS, draw)):
        near += near_things(made, f"quoted-{number}", draw)
        following += world_follow_ups(made, f"quoted-{number}", draw)
        following += near_follow_ups(made, f"quoted-{number}", draw)
    return [
        row
        for many, most in ((known, KNOWN), (near, NEAR), (following, FOLLOWING))
        for row in draw.sample(many, min(most, len(many)))
    ]


def near_names(data: Path, draw: random.Random) -> Iterator[ReadingExample]:
    """Ask paragraphs of SQuAD about a name or number of their article that they do not hold."""
    texts, articles = paragraphs(data)
    for row in rows(data / "squad" / "train.questions.jsonl.gz"):
        if draw.random() >= NEAR_NAMES:
            continue
        paragraph = texts[row["paragraph"]]
        text, words = paragraph["text"], row["question"]
        other = draw.choice(articles[paragraph["title"]])
        changed = renamed(words, text, other, draw)
        if changed:
            yield _nothing(f"name-{row['id']}", paragraph["title"], changed, text, draw)


def renamed(words: str, text: str, other: str, draw: random.Random) -> str | None:
    """Put a name or number of another text for one that question and text share."""
    for form in draw.sample((NAME, NUMBER), 2):
        shared = [found for found in form.findall(words) if found in text]
        foreign = [found for found in form.findall(other) if found not in text]
        if shared and foreign:
            return words.replace(draw.choice(shared), draw.choice(foreign), 1)
    return None


def near_cells(data: Path, draw: random.Random) -> Iterator[ReadingExample]:
    """Ask tables for a row or column that only another table has."""
    tables = list(rows(data / "tables" / "tables.jsonl.gz"))
    for table in tables:
        header, body = plain_table(table)
        if len(header) < 2 or not body:
            continue
        first = draw.randrange(max(1, len(body) - SHOWN))
        shown = render(header, body[first : first + SHOWN], draw)
        for number in range(NEAR_CELLS):
            words = foreign_cell((header, body), plain_table(draw.choice(tables)), shown, draw)
            if words:
                yield _nothing(f"cell-{table['id']}-{number}", table["id"], words, shown, draw)


Cells = tuple[list[str], list[list[str]]]


def plain_table(table: dict[str, Any]) -> Cells:
    header = [cell.replace("\n", " ") for cell in table["header"]]
    return header, [[cell.replace("\n", " ") for cell in line] for line in table["rows"]]


def foreign_cell(own: Cells, other: Cells, shown: str, draw: random.Random) -> str | None:
    """Ask for a cell by its row and column, one of which is the other table's."""
    if not other[1] or len(other[0]) < 2:
        return None
    of_row, of_column = (own, other) if draw.random() < 0.5 else (other, own)
    key, head = draw.choice(of_row[1])[0], draw.choice(of_column[0][1:])
    foreign = head if of_row is own else key
    if not key or not head or foreign.lower() in shown.lower():
        return None
    return draw.choice(CELL_QUESTIONS).format(h=head.lower(), k=key)


def near_things(made: World, source: str, draw: random.Random) -> Iterator[ReadingExample]:
    """Ask for what an organisation does not keep, and about things with half of a name."""
    chunks = listed(made)
    unkept = made.unkept()
    for number in range(NEAR_THINGS):
        one, other = draw.sample(made.things, 2)
        mixed = made.mixed(one, other)
        if unkept and draw.random() < 0.5:
            column, name = draw.choice(unkept), one.name
        elif mixed:
            column, name = draw.choice(made.domain["columns"]), mixed
        else:
            continue
        words = capital(draw.choice(column["ask"]).format(e=name))
        lines = lines_of(chunks, words, words).text
        yield _row(f"near-thing-{source}-{number}", source, typed(words, draw), lines, NOWHERE)


def squad_follow_ups(data: Path, draw: random.Random) -> Iterator[ReadingExample]:
    """Ask two questions about one paragraph, the second by a pronoun for what both name."""
    texts, articles = paragraphs(data)
    stems = {title: [set(content(text)) for text in of] for title, of in articles.items()}
    former = None
    for row in rows(data / "squad" / "train.questions.jsonl.gz"):
        before, former = former, row
        if before is None or before["paragraph"] != row["paragraph"]:
            continue
        paragraph = texts[row["paragraph"]]
        title, text, answer = paragraph["title"], paragraph["text"], row["answers"][0]
        words = f"{before['question'].strip()} {_pointing(before['question'], row, draw)}"
        id_ = f"follow-{row['id']}"
        if draw.random() < WITHHELD:
            answers = [*row["answers"], *before["answers"]]
            other = near_miss(words, answers, articles[title], stems[title])
            if other:
                yield _nothing(id_, title, words, other, draw)
        elif answer not in before["answers"]:
            lines = _shown(text, words, draw)
            if lines.count(answer) == 1:
                at = lines.index(answer)
                yield _row(id_, title, words, lines, (at, at + len(answer)))


def _pointing(before: str, row: dict[str, Any], draw: random.Random) -> str:
    """Say a pronoun for a name that the question before has, too."""
    words: str = row["question"].strip()
    shared = [name for name in NAME.findall(words) if name in before]
    return words.replace(shared[0], draw.choice(POINTERS), 1) if shared else words


def near_follow_ups(made: World, source: str, draw: random.Random) -> Iterator[ReadingExample]:
    """Ask in few words for what is not kept or not there, after a question that has an answer."""
    chunks = listed(made)
    for number in range(NEAR_THINGS):
        about, column = draw.choice(made.things), draw.choice(made.domain["columns"])
        foreign = _foreign(made, draw)
        if foreign:
            form = draw.choice(("And {}?", "What about {}?", "Sorry, I meant {}.", "{}?"))
            asked = capital(draw.choice(column["ask"]).format(e=about.name))
            words = f"{asked} {capital(form.format(foreign))}"
            lines = lines_of(chunks, words, words).text
            yield _row(f"near-follow-{source}-{number}", source, words, lines, NOWHERE)


def _foreign(made: World, draw: random.Random) -> str | None:
    """Return a column that is not kept or a thing with half of another's name."""
    unkept = [f"the {column['noun']}" for column in made.unkept()[:1]]
    mixed = made.mixed(*draw.sample(made.things, 2))
    foreign = [*unkept, mixed] if mixed else unkept
    return draw.choice(foreign) if foreign else None


def world_follow_ups(made: World, source: str, draw: random.Random) -> Iterator[ReadingExample]:
    """Ask for another thing or column in few words, after a whole question."""
    chunks = listed(made)
    for row in questions(made, draw):
        if form_of(row) == "follow-up":
            words = f"{row['history'][0]['content']} {row['question']}"
            (answer,), (name,) = row["answers"], row["needs"]
            lines = lines_of(chunks, words, words).text
            if lines.count(answer) == 1 and name in lines:
                at = lines.index(answer)
                yield _row(row["id"], source, words, lines, (at, at + len(answer)))


def listed(made: World) -> list[Document]:
    name = made.document("list")
    return cut(name, made.written[name])


def _shown(text: str, words: str, draw: random.Random) -> str:
    """Show the lines that fit a question best, as the product does, or the whole text."""
    return lines_in(text, words, words).text if draw.random() < 0.5 else text


def _nothing(id_: str, source: str, words: str, text: str, draw: random.Random) -> ReadingExample:
    return _row(f"near-{id_}", source, typed(words, draw), _shown(text, words, draw), NOWHERE)


def _row(id_: str, source: str, words: str, lines: str, answer: tuple[int, int]) -> ReadingExample:
    return ReadingExample(id=id_, source=source, query=words, lines=lines, answer=answer)
