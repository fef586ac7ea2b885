"""Claims about rows of tables, right and wrong, and their text."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

from claim_forms import FORMS, ROWS, Claim, pair


def render(header: Sequence[str], body: Sequence[Sequence[str]], draw: random.Random) -> str:
    """Write rows as one of the forms that readers make of tables."""
    form = draw.randrange(4)
    if form == 0:
        lines = [header, ["---"] * len(header), *body]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)
    if form == 1:
        return "\n".join(" | ".join(line) for line in (header, *body))
    if form == 2:
        return "\n".join(
            "; ".join(f"{h}: {v}" for h, v in zip(header, line, strict=False)) for line in body
        )
    return "\n\n".join(
        "\n".join(f"{h}: {v}" for h, v in zip(header, line, strict=False)) for line in body
    )


def table_claims(table: Any, asked: Sequence[Any], draw: random.Random) -> Iterator[Claim]:
    """Name a cell, and against it a cell of a neighbouring row or column."""
    header, body = (
        [h.replace("\n", " ") for h in table["header"]],
        [[c.replace("\n", " ") for c in r] for r in table["rows"]],
    )
    source = table["id"]
    if len(header) < 2 or len(body) < 3:
        return
    for row in asked:
        answer = row["answers"][0]
        place = next(
            (
                (r, c)
                for r, line in enumerate(body)
                for c, cell in enumerate(line)
                if cell == answer
            ),
            None,
        )
        if place is None:
            continue
        yield from cell_pair(source, header, body, place, row["question"], draw)
    for _ in range(3):
        r, c = draw.randrange(len(body)), draw.randrange(1, len(header))
        key = body[r][0]
        if not key or not body[r][c] or sum(line[0] == key for line in body) > 1:
            continue
        question = draw.choice(
            (
                "What is the {h} of {k}?",
                "{h} of {k}?",
                "what does {k} have as {h}",
                "Which {h} does {k} have?",
                "Tell me the {h} for {k}.",
            )
        ).format(h=header[c].lower() if draw.random() < 0.6 else header[c], k=key)
        yield from cell_pair(source, header, body, (r, c), question, draw)
    yield from compared(source, header, body, draw)


def cell_pair(
    source: str,
    header: Sequence[str],
    body: Sequence[Sequence[str]],
    place: tuple[int, int],
    question: str,
    draw: random.Random,
) -> Iterator[Claim]:
    r, c = place
    first = max(0, r - draw.randrange(ROWS))
    shown = body[first : first + ROWS]
    answer = body[r][c]
    near = [line[c] for line in shown if line[c] not in (answer, "")]
    across = [
        cell
        for at, cell in enumerate(body[r])
        if at != c and cell not in (answer, "") and cell not in question
    ]
    sibling = draw.random() < 0.7
    pool = (near if sibling else across) or near or across
    if not answer or not pool:
        return
    form = draw.choice(FORMS)
    text = render(header, shown, draw)
    yield from pair(
        source,
        "row" if sibling else "column",
        text,
        (question, form.format(answer)),
        (question, form.format(draw.choice(pool))),
    )


def compared(
    source: str, header: Sequence[str], body: Sequence[Sequence[str]], draw: random.Random
) -> Iterator[Claim]:
    """Compare or add two rows' numbers."""
    columns = [
        c
        for c in range(1, len(header))
        if sum(bool(re.fullmatch(r"[\d,]+(?:\.\d+)?", r[c])) for r in body) > len(body) / 2
    ]
    numbered = [
        (r[0], float(r[c].replace(",", "")), header[c])
        for c in columns[:1]
        for r in body[:ROWS]
        if r[0] and re.fullmatch(r"[\d,]+(?:\.\d+)?", r[c])
    ]
    if len(numbered) < 2:
        return
    one, two = draw.sample(numbered, 2)
    if one[1] == two[1] or one[0] == two[0]:
        return
    text = render(header, body[:ROWS], draw)
    more, less = (one, two) if one[1] > two[1] else (two, one)
    question = f"Which has the higher {one[2]}, {one[0]} or {two[0]}?"
    forms = draw.choice(
        (
            ("{a}", "{b}"),
            ("{a} has more than {b}.", "{b} has more than {a}."),
            ("{a}, with a higher {h}.", "{b}, with a higher {h}."),
        )
    )
    told = [f.format(a=more[0], b=less[0], h=one[2]) for f in forms]
    yield from pair(source, "comparison", text, (question, told[0]), (question, told[1]))
    total = one[1] + two[1]
    wrong = draw.choice([abs(one[1] - two[1]), total + draw.choice((1, 10, -1))])
    question = f"What is the {one[2]} of {one[0]} and {two[0]} together?"
    form = draw.choice(("{:g}", "Together {:g}.", "{:g} in total."))
    yield from pair(
        source, "sum", text, (question, form.format(total)), (question, form.format(wrong))
    )


def record_claims(
    source: str, text: str, asked: Sequence[tuple[str, str, Sequence[str]]], draw: random.Random
) -> Iterator[Claim]:
    for question, answer, others in asked:
        pool = [other for other in others if other != answer]
        if pool:
            form = draw.choice(FORMS)
            yield from pair(
                source,
                "record",
                text,
                (question, form.format(answer)),
                (question, form.format(draw.choice(pool))),
            )
