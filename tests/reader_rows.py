"""Rows that the reader learns from: questions and blanks, each with the lines to look in."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from claim_forms import ROWS, Claim
from claim_recipes import SENTENCE_END, claims, rows, stated
from claim_tables import render
from invented_questions import typed
from langchain_core.documents import Document
from reader_worlds import lines_of, world_rows

from finetune.verification.examples import NOWHERE, ReadingExample
from graphs.evidence import Lines
from graphs.slots import BLANK, slots
from graphs.text import content

SEED = 29
UNANSWERED = 0.35  # of the questions are asked once more, of a paragraph without the answer
AROUND = 500  # characters of a paragraph on each side of an answer, at most
MARK = "\u2060"  # stands around a cell while its table is written
CELLS = 14  # questions about one table
CLAIMS = 0.45  # of the right claims, which the first training saw all of
GAPS = 4_000  # sentences with a blank where nothing stands
CELL_QUESTIONS = (
    "What is the {h} of {k}?",
    "{h} of {k}?",
    "{h}, {k}",
    "what does {k} have as {h}",
    "Which {h} does {k} have?",
    "Tell me the {h} for {k}.",
    "How about {k}: what is its {h}?",
)


def reading_rows(data: Path) -> list[ReadingExample]:
    """Make all rows; the same every time."""
    draw = random.Random(SEED)
    return [
        *(row for row in claim_rows(data) if draw.random() < CLAIMS),
        *squad_questions(data, draw),
        *table_questions(data, draw),
        *(question(*asked, draw) for asked in world_rows(draw)),
        *gaps(data, draw),
    ]


def claim_rows(data: Path) -> Iterator[ReadingExample]:
    """Ask for what right claims say beyond their question, where it stands in the lines once."""
    for number, claim in enumerate(claims(data)):
        missing = claim.kind == "deleted" and not claim.right
        if not (claim.right or missing):
            continue
        lines = chosen_lines(claim)
        for at, slot in enumerate(slots(claim.question, claim.claim, lines.quoted)):
            begin = lines.text.find(slot.value)
            if missing or lines.text.count(slot.value) == 1:
                yield ReadingExample(
                    id=f"claim-{number:06}-{at}",
                    source=claim.source,
                    query=f"{claim.question} {slot.query}".strip(),
                    lines=lines.text,
                    answer=NOWHERE if missing else (begin, begin + len(slot.value)),
                )


def chosen_lines(claim: Claim) -> Lines:
    return lines_in(claim.passage, claim.question, claim.claim)


def lines_in(text: str, words: str, claim: str) -> Lines:
    passage = Document(text, id="passage", metadata={"document": "passage"})
    return lines_of([passage], words, claim)


def squad_questions(data: Path, draw: random.Random) -> Iterator[ReadingExample]:
    """Ask paragraphs, and now and then the best of the same article that lacks the answer."""
    texts, articles = paragraphs(data)
    stems = {title: [set(content(text)) for text in of] for title, of in articles.items()}
    for row in rows(data / "squad" / "train.questions.jsonl.gz"):
        text, title = texts[row["paragraph"]]["text"], texts[row["paragraph"]]["title"]
        words, answer = typed(row["question"], draw), row["answers"][0]
        if draw.random() < UNANSWERED:
            other = near_miss(words, row["answers"], articles[title], stems[title])
            if other:
                lines = (lines_in(other, words, words).text, other[: 2 * AROUND])
                id_ = f"{row['id']}-miss"
                yield question(id_, title, words, draw.choice(lines), NOWHERE, draw)
        at = text.find(answer)
        if at >= 0:
            left = max(0, at - draw.randrange(50, AROUND))
            left = left and text.rfind(" ", 0, left) + 1
            lines_around = text[left : at + len(answer) + draw.randrange(50, AROUND)]
            span = at - left, at - left + len(answer)
            yield question(row["id"], title, words, lines_around, span, draw)


def paragraphs(data: Path) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """Return the paragraphs of SQuAD train by id, and their texts by article."""
    texts = {row["id"]: row for row in rows(data / "squad" / "train.paragraphs.jsonl.gz")}
    articles: dict[str, list[str]] = {}
    for row in texts.values():
        articles.setdefault(row["title"], []).append(row["text"])
    return texts, articles


def near_miss(
    words: str, answers: Sequence[str], texts: Sequence[str], stems: Sequence[set[str]]
) -> str | None:
    """Return the paragraph with most of a question's words among those without its answer."""
    asked = set(content(words))
    fit = sorted(range(len(texts)), key=lambda at: -len(asked & stems[at]))
    without = (texts[at] for at in fit if not any(a in texts[at] for a in answers))
    return next(without, None)


def table_questions(data: Path, draw: random.Random) -> Iterator[ReadingExample]:
    """Ask for cells, some in words that people chose and most by header and first cell."""
    asked: dict[str, list[tuple[str, str]]] = {}
    for row in rows(data / "tables" / "questions.jsonl.gz"):
        if row["lookup"]:
            asked.setdefault(row["table"], []).append((row["question"], row["answers"][0]))
    for table in rows(data / "tables" / "tables.jsonl.gz"):
        header = [cell.replace("\n", " ") for cell in table["header"]]
        body = [[cell.replace("\n", " ") for cell in line] for line in table["rows"]]
        wanted = [
            (words, answer, place)
            for words, answer in asked.get(table["id"], [])
            if (place := only_place(body, answer))
        ]
        wanted += named_cells(header, body, draw)
        for number, (words, answer, place) in enumerate(wanted):
            made = cell_row(header, body, place, words, draw)
            if made:
                lines, at = made
                span = (at, at + len(answer)) if at >= 0 else NOWHERE
                yield question(
                    f"cell-{table['id']}-{number}", table["id"], words, lines, span, draw
                )


def only_place(body: list[list[str]], answer: str) -> tuple[int, int] | None:
    places = [(r, c) for r, line in enumerate(body) for c, v in enumerate(line) if v == answer]
    return places[0] if len(places) == 1 else None


def named_cells(
    header: list[str], body: list[list[str]], draw: random.Random
) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Ask for cells by the names of their row and column, where these name one cell."""
    firsts = [line[0] for line in body]
    for _ in range(CELLS if len(header) > 1 and body else 0):
        r, c = draw.randrange(len(body)), draw.randrange(1, len(header))
        key, cell = firsts[r], body[r][c]
        if key and cell and firsts.count(key) == 1:
            head = header[c].lower() if draw.random() < 0.5 else header[c]
            yield draw.choice(CELL_QUESTIONS).format(h=head, k=key), cell, (r, c)


def cell_row(
    header: list[str],
    body: list[list[str]],
    place: tuple[int, int],
    words: str,
    draw: random.Random,
) -> tuple[str, int] | None:
    """Return the lines that a claim about a cell or a neighbour is held against, and its place.

    The place is -1 where the lines do not hold the cell.
    """
    r, c = place
    first = max(0, r - draw.randrange(ROWS))
    shown = [list(line) for line in body[first : first + ROWS]]
    claimed = draw.choice(shown)[c] if draw.random() < 0.4 else shown[r - first][c]
    shown[r - first][c] = f"{MARK}{body[r][c]}{MARK}"
    if not claimed:
        return None
    text = lines_in(render(header, shown, draw), words, claimed).text
    return text.replace(MARK, ""), text.find(MARK)


def gaps(data: Path, draw: random.Random) -> Iterator[ReadingExample]:
    """Put a blank where a sentence has nothing, so that the reader knows an addition as one."""
    paragraphs = list(rows(data / "squad" / "train.paragraphs.jsonl.gz"))
    for number, paragraph in enumerate(draw.sample(paragraphs, GAPS)):
        text = paragraph["text"]
        fit = [s for s in SENTENCE_END.split(text) if 30 < len(s) < 200 and s.endswith(".")]
        if not fit:
            continue
        said = draw.choice(fit)
        words = said[:-1].split()
        at = draw.choice([len(words), draw.randrange(1, len(words) + 1)])
        joint = ["and"] if at == len(words) and draw.random() < 0.5 else []
        query = " ".join([*words[:at], *joint, BLANK, *words[at:]]) + "."
        yield ReadingExample(
            id=f"gap-{number}",
            source=paragraph["title"],
            query=query,
            lines=lines_in(text, "", said).text,
            answer=NOWHERE,
        )


def question(
    id_: str, source: str, words: str, lines: str, answer: tuple[int, int], draw: random.Random
) -> ReadingExample:
    """Ask a question, every other time with the beginning of an answer."""
    words = words.strip()
    query = f"{words} {stated(words, BLANK, draw)}" if draw.random() < 0.5 else words
    return ReadingExample(
        id=f"question-{id_}", source=source, query=query, lines=lines, answer=answer
    )
