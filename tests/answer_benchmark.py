"""Measure what is answered on data that nothing was tuned on: `answer_benchmark.py NAME DATA N`.

    tables DATA 300    questions about one cell, all held-out tables being in one index
    yes-no DATA 100    whether a Redis command has this version, complexity or group
    bridges DATA 14    about things that another document describes, of so many invented
                       organisations, all in one index, and about what they do not have
    short DATA 14      short follow-ups about so many invented organisations, all in one index
    follow-ups DATA 60 short follow-ups to `squad/dev`, both questions' paragraphs and three more of
                       the article being given: as they are, as the whole questions that they stand
                       for, and without the paragraph that answers them

Each prints its figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import invented
from answer_recipes import RIGHT
from elided import elided
from reader_worlds import form_of
from recipe_parts import SEED, lookups, rows, table_file, write_table
from recipes import by_article, others_of, squad_pairs
from tqdm import tqdm

from app.assistant import Assistant
from app.dataset.pairs import contains
from app.settings import Settings
from finetune.evaluation.scores import token_f1, without_citations
from graphs.text import words

MORE = 3  # paragraphs of an article beside those of a follow-up

YES_NO = {
    "since": ("Has {name} been available since version {value}?", "available since {value}"),
    "complexity": ("Is the time complexity of {name} {value}?", "time complexity {value}"),
    "group": ("Does {name} belong to the {value} commands?", "group {value}"),
}


def tables(data: Path, count: int) -> dict[str, Any]:
    """Ask for one cell, the tables of all held-out questions being searched."""
    asked = list(lookups(data, "held"))
    wanted = {row["table"] for row in asked}
    folder = Path(tempfile.mkdtemp())
    for table in rows(data / "tables" / "tables.jsonl.gz"):
        if table["id"] in wanted:
            write_table(folder, table)
    assistant = _over(folder)
    told: Counter[str] = Counter()
    for row in tqdm(random.Random(SEED).sample(asked, count)):
        answer = assistant.ask(row["question"])
        right = any(contains(answer["answer"], gold) for gold in row["answers"])
        found = any(table_file(row["table"]) == hit["document"] for hit in answer["documents"])
        told.update(_counted(right and not answer["abstained"], answer["abstained"]))
        told["table found"] += found
    return dict(told)


def yes_no(data: Path, count: int) -> dict[str, Any]:
    """Ask about facts of Redis commands, each page made of what is known of one command."""
    folder = Path(tempfile.mkdtemp())
    commands = json.loads((data / "redis" / "commands.json").read_text(encoding="utf-8"))
    for name in commands:
        file = folder / f"{name.lower().replace(' ', '-')}.md"
        file.write_text(page_of(name, commands), encoding="utf-8")
    assistant = _over(folder)
    told: Counter[str] = Counter()
    for _, question, value, true in tqdm(list(asked_of(commands, count))):
        answer = assistant.ask(question)
        side = words(answer["answer"])[:1] == ["yes" if true else "no"]
        quoted = any(contains(cited["quote"], value) for cited in answer["citations"])
        right = side and quoted and not answer["abstained"]
        told.update(_counted(right, answer["abstained"]))
    return dict(told)


def asked_of(commands: dict[str, Any], count: int) -> Iterator[tuple[str, str, str, bool]]:
    """Yield commands, questions, right values and whether yes is right, which it is for half."""
    draw = random.Random(SEED)
    for at, name in enumerate(draw.sample(sorted(commands), count)):
        key = draw.choice(_known(commands[name]))
        value = str(commands[name][key])
        others = sorted(
            {str(facts[key]) for facts in commands.values() if facts.get(key)} - {value}
        )
        put = draw.choice(others) if at % 2 else value
        yield name, YES_NO[key][0].format(name=name, value=put), value, not at % 2


def page_of(name: str, commands: dict[str, Any]) -> str:
    facts = commands[name]
    lines = [f"# {name}", facts["summary"], *(_stated(key, facts) for key in _known(facts))]
    return "\n\n".join(lines)


def bridges(data: Path, count: int) -> dict[str, Any]:
    """Ask about things that another document describes, and about what is not kept."""
    return _invented(count, "bridge", "untold")


def short_follow_ups(data: Path, count: int) -> dict[str, Any]:
    """Ask about another thing, or for something else about the same, in a few words."""
    return _invented(count, "follow-up")


def _invented(count: int, *forms: str) -> dict[str, Any]:
    """Ask organisations that are made up here; needs no data."""
    folder = Path(tempfile.mkdtemp())
    invented.write(folder, count, seed=SEED)
    every = map(json.loads, (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines())
    assistant = _over(folder / "documents")
    told: dict[str, Counter[str]] = {form: Counter() for form in forms}
    for row in tqdm([row for row in every if form_of(row) in told]):
        answer = assistant.ask(row["question"], history=row.get("history", ()))
        right = any(contains(answer["answer"], gold) for gold in row["answers"])
        told[form_of(row)].update(_counted(right and not answer["abstained"], answer["abstained"]))
    return {form: dict(counts) for form, counts in told.items()}


def follow_ups(data: Path, count: int) -> dict[str, Any]:
    """Ask what differs in a few words from the question before, in these words alone."""
    told = defaultdict[str, Counter[str]](Counter)
    assistant = Assistant(Settings())
    draw, articles = random.Random(SEED), by_article(data)
    for one in tqdm(elided(list(squad_pairs(data, "dev")), draw)[:count]):
        answering, others = others_of(one.meant, articles)
        former, _ = others_of(one.former, articles)
        more = draw.sample([chunk for chunk in others if chunk is not former], MORE)
        without = [*more, *([former] if former in others else ())]
        for name, asked, history, documents in (
            ("as they are", one.follow_up, one.history, [*without, answering]),
            ("whole", one.meant.question, [], [*without, answering]),
            ("not told", one.follow_up, one.history, without),
        ):
            given = [{"id": str(c.id), "text": c.page_content} for c in documents]
            answer = assistant.ask(asked, history=history, documents=given)
            said = without_citations(answer["answer"])
            right = name != "not told" and token_f1(said, one.meant.answers) >= RIGHT
            told[name].update(_counted(right and not answer["abstained"], answer["abstained"]))
    return {name: dict(counts) for name, counts in told.items()}


def _known(facts: dict[str, Any]) -> list[str]:
    return [key for key in YES_NO if facts.get(key)]


def _stated(key: str, facts: dict[str, Any]) -> str:
    text = YES_NO[key][1].format(value=facts[key])
    return f"{text[0].upper()}{text[1:]}."


def _counted(right: bool, refused: bool) -> dict[str, int]:
    return {
        "n": 1,
        "right": int(right),
        "refused": int(refused),
        "wrong": int(not right and not refused),
    }


def _over(folder: Path) -> Assistant:
    assistant = Assistant(Settings(index=Path(tempfile.mkdtemp()) / "index"))
    assistant.ingest([folder], progress=True)
    return assistant


MEASUREMENTS: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "tables": tables,
    "yes-no": yes_no,
    "bridges": bridges,
    "follow-ups": follow_ups,
    "short": short_follow_ups,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("name", choices=MEASUREMENTS)
    parser.add_argument("data", type=Path)
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    print(json.dumps(MEASUREMENTS[given.name](given.data, given.count), indent=1))


if __name__ == "__main__":
    main()
