"""Write what an invented organisation has, each time in another form that offices use."""

from __future__ import annotations

import csv
import html
import io
import json
import random
from collections.abc import Callable, Sequence

from invented_world import Thing, World, capital

WORK = (
    "unlock the side door",
    "read the meter and note the figure",
    "switch on the extractor fan",
    "wipe down the counter",
    "count the float in the till",
    "check the fire exits",
    "test the alarm panel",
    "fill in the green form",
    "wait for the second signal",
    "telephone the duty officer",
    "hang the board by the entrance",
    "turn the valve a quarter to the left",
    "empty the filter into the grey bin",
    "sign the log book",
    "hand the keys to the next shift",
    "lock the medicine cupboard",
)
TASKS = ("Opening up", "Closing down", "After a power cut", "Before an inspection", "Handover")


def _names(world: World) -> list[str]:
    return [column["name"] for column in world.domain["columns"]]


def _header(world: World) -> list[str]:
    return [world.domain["cls"], *_names(world)]


def _row(world: World, thing: Thing) -> list[str]:
    return [thing.name, *(thing.values[name] for name in _names(world))]


def _csv(world: World, draw: random.Random) -> str:
    return _as_csv(_header(world), [_row(world, thing) for thing in world.things])


def _as_csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()


def _json(world: World, draw: random.Random) -> str:
    items = [dict(zip(_header(world), _row(world, thing), strict=True)) for thing in world.things]
    told = {"title": f"{world.organisation}: list", "items": items}
    return json.dumps(told, ensure_ascii=False, indent=2)


def _md_table(world: World, draw: random.Random) -> str:
    lines = [_header(world), ["---"] * len(_header(world))]
    lines += [_row(world, thing) for thing in world.things]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"# {world.organisation}\n\nAll that we have, as of this year.\n\n{table}\n"


def _html_table(world: World, draw: random.Random) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in cells) + "</tr>"

    lines = [row(_header(world), "th"), *(row(_row(world, thing), "td") for thing in world.things)]
    body = f"<h1>{html.escape(world.organisation)}</h1><table>{''.join(lines)}</table>"
    return f"<html><body>{body}</body></html>"


def _md_prose(world: World, draw: random.Random) -> str:
    sections = []
    for thing in world.things:
        said = [c["say"].format(e=thing.name, v=thing.values[c["name"]]) for c in _columns(world)]
        draw.shuffle(said)
        told = " ".join(capital(sentence) for sentence in said)
        sections.append(f"## {capital(thing.name)}\n\n{told}")
    return f"# {world.organisation}\n\n" + "\n\n".join(sections) + "\n"


def _columns(world: World) -> list[dict[str, str]]:
    columns: list[dict[str, str]] = world.domain["columns"]
    return columns


def _md_list(world: World, draw: random.Random) -> str:
    lines = []
    for thing in world.things:
        told = [f"  - {name}: {thing.values[name]}" for name in _names(world)]
        lines.append("\n".join([f"- {thing.name}", *told]))
    return f"# {world.organisation}\n\n" + "\n".join(lines) + "\n"


def _txt_form(world: World, draw: random.Random) -> str:
    sheets = [
        "\n".join(
            f"{head.capitalize()}: {cell}"
            for head, cell in zip(_header(world), _row(world, thing), strict=True)
        )
        for thing in world.things
    ]
    return f"{world.organisation}\n\n" + "\n\n".join(sheets) + "\n"


SHAPES: dict[str, Callable[[World, random.Random], str]] = {
    "csv": _csv,
    "json": _json,
    "md-table": _md_table,
    "md-prose": _md_prose,
    "md-list": _md_list,
    "html-table": _html_table,
    "txt-form": _txt_form,
}
"""How a list is written, by the ending of its file and what stands in it."""


def about(world: World, draw: random.Random) -> str:
    """Write in sentences where each thing is and who is in charge of it."""
    group, person = world.domain["groups"], world.domain["person"]
    told = []
    for thing in world.things:
        where = draw.choice(
            (
                f"The {world.domain['cls']} of the {group} {thing.group} is {thing.name}.",
                f"For the {group} {thing.group} there is {thing.name}.",
                f"{capital(thing.name)} belongs to the {group} {thing.group}.",
            )
        )
        told.append(f"{where} Its {person} is {thing.person}.")
    first = f"{world.organisation} was set up to serve the neighbourhood."
    return f"# About {world.organisation}\n\n{first}\n\n" + "\n\n".join(told) + "\n"


def contacts(world: World, name: str) -> str:
    """Write the extension of everybody who is in charge."""
    if name.endswith(".csv"):
        rows = [[person, at] for person, at in world.extensions.items()]
        return _as_csv(["name", "extension"], rows)
    entries = [{"name": person, "extension": at} for person, at in world.extensions.items()]
    return json.dumps({"contacts": entries}, ensure_ascii=False, indent=2)


def steps(world: World, draw: random.Random) -> str:
    """Write numbered instructions for a piece of work."""
    chosen = draw.sample(WORK, draw.randint(4, 8))
    lines = [f"{at}. {capital(text)}." for at, text in enumerate(chosen, start=1)]
    title = draw.choice(TASKS)
    return f"# {title}: {world.organisation}\n\nIn this order:\n\n" + "\n".join(lines) + "\n"
