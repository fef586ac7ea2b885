"""Invent organisations, the documents that they keep, and questions: `invented.py OUT WORLDS`.

Writes OUT/documents, OUT/questions.jsonl, a question file as users write them, and
OUT/together.json: of each question what the passage with the answer must say besides, and what
the other passage must say. Every name and figure is made up, so nothing is known by heart. The
kinds: one cell, yes and no with the value, comparison, two questions in one, a thing that another
document describes, a follow-up with its question in full, a step of a list, and what no document
tells.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from invented_questions import questions
from invented_shapes import SHAPES, about, contacts, steps
from invented_world import Thing, World

SEED = 41
DOMAINS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("domains.json").read_text(encoding="utf-8")
)
BEGIN = "b br c d dr f fl g gr h k l m n p pr r s sk st t tr v w".split()
MIDDLE = "a e i o u ai ea ou".split()
END = "d ft ld ll lm lt m mb n nd ng ns r rd rk rn rt s sk st t th x".split()
LAST = ("by", "er", "ford", "ham", "ick", "ley", "mere", "ow", "stead", "ton", "wick", "y")
FIRST_NAMES = (
    "Ada Ben Cora Dov Edda Finn Greta Hugo Ines Jonas Kaya Lars Mina Nils Olga Pim Rosa Sven Tilda "
    "Ugo Vera Wim Yara Zeno Amir Bao Chidi Dalia Emeka Farah"
).split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = (
    "January February March April May June July August September October November December"
).split()
FUELS = ("diesel", "petrol", "mains electricity", "a battery", "propane", "compressed air")
MATERIALS = ("bronze", "oak", "linen", "walnut", "pewter", "sandstone", "brass", "wool", "copper")


class Names:
    """Makes words up, none of them twice."""

    def __init__(self, draw: random.Random) -> None:
        self._draw, self._used = draw, set[str]()

    def word(self) -> str:
        while True:
            pick = self._draw.choice
            made = (pick(BEGIN) + pick(MIDDLE) + pick(END) + pick(LAST)).capitalize()
            if made not in self._used:
                self._used.add(made)
                return made

    def person(self) -> str:
        return f"{self._draw.choice(FIRST_NAMES)} {self.word()}"


def _money(draw: random.Random, style: int, least: float, most: float) -> tuple[str, float]:
    amount = round(draw.uniform(least, most), 1 if most < 1000 else -2)
    shown = f"{amount:,.2f}" if most < 1000 else f"{amount:,.0f}"
    return (f"£{shown}", f"${shown}", f"€{shown}", f"{shown} euros")[style], amount


def _time(draw: random.Random, style: int) -> tuple[str, float]:
    minutes = draw.randrange(6 * 12, 23 * 12) * 5
    hour, minute = divmod(minutes, 60)
    written = f"{hour:02}:{minute:02}"
    half = f"{(hour - 1) % 12 + 1}.{minute:02} {'a.m.' if hour < 12 else 'p.m.'}"
    return (half if style == 3 else written), minutes


def _amount(unit: str, least: int, most: int, step: int = 1) -> Callable[..., tuple[str, float]]:
    def made(draw: random.Random, style: int) -> tuple[str, float]:
        number = draw.randrange(least, most, step)
        return f"{number:,}{unit}", number

    return made


def _one_of(values: tuple[str, ...] | list[str]) -> Callable[..., tuple[str, None]]:
    return lambda draw, style: (draw.choice(values), None)


def _date(draw: random.Random, style: int) -> tuple[str, None]:
    day, month, year = draw.randint(1, 28), draw.randrange(12), draw.randint(2019, 2027)
    return (
        f"{year}-{month + 1:02}-{day:02}" if style == 2 else f"{day} {MONTHS[month]} {year}",
        None,
    )


def _year(draw: random.Random, style: int) -> tuple[str, float]:
    year = draw.randint(1690, 2019)
    return str(year), year


def _height(draw: random.Random, style: int) -> tuple[str, float]:
    height = draw.randint(180, 460) / 100
    return f"{height:.2f} m" if style % 2 else f"{height:.2f} metres", height


VALUES: dict[str, Callable[[random.Random, int], tuple[str, float | None]]] = {
    "money": lambda draw, style: _money(draw, style, 2, 90),
    "bigmoney": lambda draw, style: _money(draw, style, 1_000, 90_000),
    "time": _time,
    "count": _amount("", 13, 480),
    "bigcount": _amount("", 2_000, 90_000, 50),
    "metres": _amount(" metres", 12, 95),
    "kilograms": _amount(" kg", 14, 890),
    "minutes": _amount(" minutes", 5, 95, 5),
    "days": _amount(" days", 3, 60),
    "weeks": _amount(" weeks", 2, 30),
    "data": _amount(" GB", 2, 120),
    "height": _height,
    "year": _year,
    "date": _date,
    "weekday": _one_of(WEEKDAYS),
    "month": _one_of(MONTHS),
    "fuel": _one_of(FUELS),
    "material": _one_of(MATERIALS),
    "code": lambda draw, style: (f"{draw.choice('ABCDEGHK')}{draw.randint(10, 99)}", None),
    "phone": lambda draw, style: (f"0{draw.randint(1000, 9999)} {draw.randint(1000, 9999)}", None),
}


def world(number: int, domain: dict[str, Any], names: Names, draw: random.Random) -> World:
    """Make an organisation with its documents; each value is made up by its column's kind."""
    style = draw.randrange(4)
    columns = draw.sample(domain["columns"], draw.randint(3, len(domain["columns"])))
    used = {**domain, "columns": columns, "all": domain["columns"]}
    things = [_thing(used, names, draw, style) for _ in range(draw.randint(4, 13))]
    taken = draw.sample(range(100, 999), len(things))
    extensions = {thing.person: str(at) for thing, at in zip(things, taken, strict=True)}
    title = f"{names.word()} {domain['cls'].title()}s"
    made = World(f"{number:03}", title, used, things, extensions)
    shape = draw.choice(sorted(SHAPES))
    made.written = {
        f"{made.folder}/list.{shape.split('-')[0]}": SHAPES[shape](made, draw),
        f"{made.folder}/about.md": about(made, draw),
        (named := f"{made.folder}/contacts.{draw.choice(('csv', 'json'))}"): contacts(made, named),
        f"{made.folder}/steps.md": steps(made, draw),
    }
    return made


def _thing(domain: dict[str, Any], names: Names, draw: random.Random, style: int) -> Thing:
    values, sizes = {}, {}
    for column in domain["columns"]:
        if column["kind"] == "person":
            values[column["name"]] = names.person()
            continue
        shown, size = VALUES[column["kind"]](draw, style)
        values[column["name"]] = shown
        if size is not None:
            sizes[column["name"]] = size
    called = draw.choice(domain["names"]).format(w=names.word())
    return Thing(called, names.word(), names.person(), values, sizes)


def worlds(count: int, draw: random.Random) -> Iterator[World]:
    """Invent organisations, of each trade as many."""
    names = Names(draw)
    for number in range(count):
        yield world(number, DOMAINS[number % len(DOMAINS)], names, draw)


def write(out: Path, count: int, *, seed: int = SEED) -> None:
    """Write the documents of `count` organisations, of each trade as many, and their questions."""
    draw = random.Random(seed)
    asked: list[dict[str, Any]] = []
    for made in worlds(count, draw):
        for name, text in made.written.items():
            file = out / "documents" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        asked += questions(made, draw)
    together = {row["id"]: [row.pop("needs"), row.pop("others", [])] for row in asked}
    (out / "together.json").write_text(json.dumps(together, indent=0), encoding="utf-8")
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in asked)
    (out / "questions.jsonl").write_text(lines, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("worlds", type=int)
    given = parser.parse_args()
    write(given.out, given.worlds)


if __name__ == "__main__":
    main()
