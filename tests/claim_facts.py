"""Invent small documents of facts, and claims about them in other words than theirs.

What public data lacks: answers that are right and share few words with their passage (sums, units,
yes and no, lists, other words), beside near misses that share nearly all.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from claim_amounts import durations, packs, prices, table
from claim_conditions import bounds, conditions, includes, rules
from claim_words import DAYS, FIRST, LAST, REFUSALS, SPACES, Facts


def people(draw: random.Random) -> Facts:
    one, two = (f"{draw.choice(FIRST)} {last}" for last in draw.sample(LAST, 2))
    here, there = draw.sample(SPACES, 2)
    duties = (
        (
            "keeps the key to the {}",
            "Who has the key to the {}?",
            "{} has it.",
            "The key is with {}.",
        ),
        (
            "runs the {}",
            "Who is in charge of the {}?",
            "{} is in charge of it.",
            "It is run by {}.",
        ),
        ("looks after the {}", "Who takes care of the {}?", "{} does.", "That is the job of {}."),
        ("cleans the {}", "Who keeps the {} tidy?", "{} cleans it.", "{}"),
    )
    says, asks, *forms = draw.choice(duties)
    form = draw.choice((*forms, "{}"))
    sentences = [f"{one} {says.format(here)}.", f"{two} {draw.choice(duties)[0].format(there)}."]
    bare = says.format(here)
    said = [
        ("person", asks.format(here), form.format(one), form.format(two)),
        (
            "person",
            f"What does {one} do?",
            f"{draw.choice(('She', 'He', 'This person'))} {bare}.",
            f"{draw.choice(('She', 'He', 'This person'))} {says.format(there)}.",
        ),
        (
            "yes-no",
            f"Is it {two} who {bare}?",
            f"No, {draw.choice((f'it is {one}.', f'{one} does.'))}",
            f"Yes, {draw.choice((f'it is {two}.', f'{two} does.'))}",
        ),
    ]
    return Facts(sentences, said)


def hours(draw: random.Random) -> Facts:
    one, two = draw.sample(SPACES, 2)
    d1, d2, d3 = draw.sample(DAYS, 3)
    h = draw.randrange(13, 22)
    m, other = draw.choice(("00", "15", "30", "40")), draw.randrange(6, 12)
    say = draw.choice(
        (
            "The {} is open on {}s and {}s.",
            "You can visit the {} on {}s and {}s.",
            "Opening days of the {} are {} and {}.",
        )
    )
    shut = draw.choice(("It closes at {}:{}.", "Its doors are shut at {}:{}."))
    twelve, wrong = f"{h - 12}:{m} pm", f"{h - 12}:{m} am"
    ask = draw.choice(
        (
            f"When is the {one} open?",
            f"On which days can I go to the {one}?",
            f"Which days does the {one} open?",
        )
    )
    form = draw.choice(
        (
            "{}s and {}s",
            "On {} and on {}.",
            "Every {} and {}.",
            "It opens its doors on {}s and {}s.",
        )
    )
    said = [
        ("day", ask, form.format(d1, d2), form.format(d1, d3)),
        (
            "unit",
            f"At what time, on a 12-hour clock, does the {one} close?",
            draw.choice(("{}", "It closes at {}.", "At {}.")).format(twelve),
            draw.choice(("{}", "It closes at {}.", "At {}.")).format(
                draw.choice((wrong, f"{(h - 12) % 11 + 1}:{m} pm"))
            ),
        ),
        (
            "yes-no",
            f"Can I go to the {one} on a {d1}?",
            draw.choice(("Yes.", f"Yes, it is open on {d1}s.")),
            draw.choice(("No.", f"No, it is closed on {d1}s.")),
        ),
        (
            "yes-no",
            f"Is the {one} open at {h + 1}:{m}?",
            draw.choice(("No.", "No, it is closed by then.")),
            draw.choice(("Yes.", "Yes, it is still open then.")),
        ),
        (
            "day",
            f"When does the {one} shut?",
            draw.choice((f"At {h}:{m}.", f"{h}:{m}")),
            draw.choice((f"At {other}:{m}.", f"{other}:{m}")),
        ),
    ]
    return Facts([f"{say.format(one, d1, d2)} {shut.format(h, m)}", say.format(two, d3, d1)], said)


MAKERS = (
    prices,
    durations,
    people,
    rules,
    bounds,
    hours,
    includes,
    conditions,
    packs,
    table,
    table,
)


def documents(draw: random.Random, number: int) -> Iterator[tuple[str, str, str, str, str, bool]]:
    """Yield (source, kind, question, claim, passage, right); each document mixes two or three."""
    for at in range(number):
        made = [maker(draw) for maker in draw.sample(MAKERS, draw.choice((2, 2, 3)))]
        blocks = [_joined(facts.sentences) for facts in made]
        draw.shuffle(blocks)
        text = (
            draw.choice(("\n\n", " ")).join(blocks)
            if all("\n" not in b for b in blocks)
            else "\n\n".join(blocks)
        )
        said = [(facts, *row) for facts in made for row in facts.said]
        for _facts, kind, question, right, wrong in said:
            yield f"facts-{at}", kind, question, right, text, True
            yield f"facts-{at}", kind, question, wrong, text, False
        yield from _without(draw, f"facts-{at}", made, blocks)


def _joined(sentences: Sequence[str]) -> str:
    return " ".join(sentences)


def _without(
    draw: random.Random, source: str, made: Sequence[Facts], blocks: Sequence[str]
) -> Iterator[tuple[str, str, str, str, str, bool]]:
    """Ask what the rest does not say: a claim, and a refusal, which claims nothing."""
    facts = draw.choice(made)
    rest = "\n\n".join(b for b in blocks if b != _joined(facts.sentences))
    _, question, right, _ = draw.choice(facts.said)
    if right.split()[0].strip(".,") in {"Yes", "No"}:
        return
    yield source, "deleted", question, right, rest, False
    other = next(f for f in made if f is not facts)
    _, asked, answer, _ = draw.choice(other.said)
    yield source, "deleted", asked, answer, rest, True
    yield source, "refusal", draw.choice((question, asked)), draw.choice(REFUSALS), rest, False
    _, asked, answer, _ = draw.choice(other.said)
    yield source, "refusal", asked, answer, rest, True
