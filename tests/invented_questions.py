"""Ask about an invented organisation, in the form of a question file."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

from invented_world import Thing, World, capital

Row = dict[str, Any]
CARELESS = 0.12  # of the questions are typed without capitals and question mark
MISTYPED = 0.06  # of them have two letters changed round
PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def questions(world: World, draw: random.Random) -> list[Row]:
    """Return some questions of each kind, with `needs`: texts that must be shown together."""
    kinds = (_lookups, _yes_no, _compared, _halves, _bridges, _follow_ups, _steps, _untold)
    found = []
    for at, row in enumerate(chain.from_iterable(kind(world, draw) for kind in kinds)):
        kind = row.pop("form")
        found.append({"id": f"{world.folder}-{kind}-{at:02}", **row})
        found[-1]["question"] = typed(row["question"], draw)
    return found


def typed(question: str, draw: random.Random) -> str:
    """Type a question as people in a hurry do, now and then."""
    if draw.random() < MISTYPED:
        words = list(re.finditer(r"[a-z]{5,}", question))
        if words:
            at = draw.choice(words).start() + draw.randint(1, 3)
            question = question[:at] + question[at + 1] + question[at] + question[at + 2 :]
    return question.lower().rstrip("?") if draw.random() < CARELESS else question


def _some(things: Sequence[Any], draw: random.Random, most: int) -> list[Any]:
    return draw.sample(list(things), min(most, len(things)))


def _asked(column: Row, name: str, draw: random.Random) -> str:
    return capital(draw.choice(column["ask"]).format(e=name))


def _lookups(world: World, draw: random.Random) -> Iterator[Row]:
    cells = [(thing, column) for thing in world.things for column in world.domain["columns"]]
    for thing, column in _some(cells, draw, 9):
        yield _lookup(world, thing, column, _asked(column, thing.name, draw))


def _lookup(world: World, thing: Thing, column: Row, question: str) -> Row:
    return {
        "form": "cell",
        "question": question,
        "answers": [thing.values[column["name"]]],
        "documents": [world.document("list")],
        "needs": [thing.name],
    }


def _yes_no(world: World, draw: random.Random) -> Iterator[Row]:
    cells = [(thing, column) for thing in world.things for column in world.domain["columns"]]
    for thing, column in _some(cells, draw, 5):
        value = thing.values[column["name"]]
        others = {other.values[column["name"]] for other in world.things} - {value}
        true = not others or draw.random() < 0.5
        put = value if true else draw.choice(sorted(others))
        said = str(column["yn"]).format(e=thing.name, v=put)
        yield {
            **_lookup(world, thing, column, said),
            "form": "yes-no",
            "reply": f"{'Yes' if true else 'No'}, {value} [1]",
        }


def _compared(world: World, draw: random.Random) -> Iterator[Row]:
    columns = [column for column in world.domain["columns"] if "less" in column]
    pairs = list(pairwise(world.things))  # which stand together
    for one, other in _some(pairs, draw, 4) if columns else ():
        column = draw.choice(columns)
        sizes = {thing.name: thing.sizes[column["name"]] for thing in (one, other)}
        if len(set(sizes.values())) == 1:
            continue
        first, second = draw.sample([one, other], 2)
        least = min(sizes, key=lambda name: sizes[name])
        yield {
            "form": "compare",
            "question": column["less"].format(a=first.name, b=second.name),
            "answers": [least],
            "documents": [world.document("list")],
            "needs": [thing.values[column["name"]] for thing in (one, other)]
            + [one.name, other.name],
        }


def _halves(world: World, draw: random.Random) -> Iterator[Row]:
    for thing in _some(world.things, draw, 2):
        column = draw.choice(world.domain["columns"])
        one, other = thing.values[column["name"]], world.extensions[thing.person]
        asked = _asked(column, thing.name, draw).rstrip("?")
        yield {
            "form": "halves",
            "kind": "two-document",
            "question": f"{asked}, and what is the extension of {thing.person}?",
            "answers": [one],
            "documents": [world.document("list"), world.document("contacts")],
            "reply": f"{one} [1], and {other} [2]",
            "needs": [thing.name],
            "others": [other],
        }


def _bridges(world: World, draw: random.Random) -> Iterator[Row]:
    about = world.document("about")
    group, cls, person = (world.domain[key] for key in ("groups", "cls", "person"))
    for thing in _some(world.things, draw, 4):
        column = draw.choice(world.domain["columns"])
        described = f"the {cls} of the {group} {thing.group}"
        yield {
            **_lookup(world, thing, column, _asked(column, described, draw)),
            "form": "bridge",
            "kind": "two-document",
            "documents": [about, world.document("list")],
            "others": [thing.group],
        }
    for thing in _some(world.things, draw, 2):
        yield {
            "form": "bridge",
            "kind": "two-document",
            "question": f"Which extension reaches the {person} of {thing.name}?",
            "answers": [world.extensions[thing.person]],
            "documents": [about, world.document("contacts")],
            "needs": [thing.person],
            "others": [thing.name],
        }


def _follow_ups(world: World, draw: random.Random) -> Iterator[Row]:
    columns = world.domain["columns"]
    for one, other in (draw.sample(world.things, 2) for _ in range(5)):
        column = draw.choice(columns)
        form = draw.choice(column["ask"])
        history = [
            {"role": "user", "content": capital(form.format(e=one.name))},
            {"role": "assistant", "content": one.values[column["name"]]},
        ]
        if draw.random() < 0.5 and len(columns) > 1:
            following = draw.choice([c for c in columns if c is not column])
            short = draw.choice(("And the {}?", "What about the {}?", "And its {}?"))
            short, about, form = short.format(following["noun"]), one, following["ask"][0]
        else:
            forms = ("And {}?", "What about {}?", "Sorry, I meant {}.", "The same for {}?")
            short, about, following = draw.choice(forms).format(other.name), other, column
        yield {
            **_lookup(world, about, following, short),
            "form": "follow-up",
            "kind": "follow-up",
            "history": history,
            "standalone": capital(form.format(e=about.name)),
        }


def _steps(world: World, draw: random.Random) -> Iterator[Row]:
    text = world.written[world.document("steps")]
    title = text.splitlines()[0].removeprefix("# ").split(":")[0].lower()
    listed = [found[1] for found in re.finditer(r"^\d+\. (.*)\.$", text, re.MULTILINE)]
    for at in draw.sample(range(len(listed)), 2):
        asked = [f"What is the {PLACES[at]} step of {title} at {world.organisation}?"]
        if at:
            before = listed[at - 1][0].lower() + listed[at - 1][1:]
            asked.append(f"What do I do at {world.organisation} right after I {before}?")
        yield {
            "form": "step",
            "question": draw.choice(asked),
            "answers": [listed[at]],
            "documents": [world.document("steps")],
            "needs": [],
        }


def _untold(world: World, draw: random.Random) -> Iterator[Row]:
    """Ask for a column that is not kept, and for a thing that is not there."""
    for column in world.unkept()[:1]:
        thing = draw.choice(world.things)
        yield _nothing(_asked(column, thing.name, draw))
    one, other = draw.sample(world.things, 2)
    if mixed := world.mixed(one, other):
        yield _nothing(_asked(draw.choice(world.domain["columns"]), mixed, draw))


def _nothing(question: str) -> Row:
    return {
        "form": "untold",
        "kind": "unanswerable",
        "question": question,
        "answers": [],
        "documents": [],
        "needs": [],
    }
