"""Facts that hold under conditions: rules, bounds, what is included; in other words."""

from __future__ import annotations

import random

from claim_words import ACTS, EXTRAS, GOODS, MACHINES, PEOPLE, PLACES, SPACES, Facts, upper


def rules(draw: random.Random) -> Facts:
    who, others = draw.sample(PEOPLE, 2)
    act, free = draw.sample(ACTS, 2)
    ban = draw.choice(
        (
            "{} may not {}.",
            "{} must not {}.",
            "{} are not allowed to {}.",
            "It is forbidden for {} to {}.",
            "{} should never {}.",
        )
    )
    permit = draw.choice(("{} may {}.", "{} are allowed to {}.", "{} are free to {}."))
    no = draw.choice(
        (
            "No.",
            f"No, {who} may not.",
            "No, that is forbidden.",
            f"No, {who} are not permitted to do so.",
            f"No, that is not allowed for {who}.",
        )
    )
    yes = draw.choice(
        (
            "Yes.",
            f"Yes, {who} may.",
            "Yes, that is allowed.",
            f"Yes, {who} are permitted to do so.",
            f"Yes, that is allowed for {who}.",
        )
    )
    ask = draw.choice(
        ("May {} {}?", "Are {} allowed to {}?", "Can {} {}?", "Is it all right for {} to {}?")
    )
    ok = draw.choice(("Yes.", "Yes, they may.", f"Yes, {who} can {free}."))
    ko = draw.choice(("No.", "No, they may not.", f"No, {who} cannot {free}."))
    claim = [f"{upper(who)} are forbidden to {act}.", f"{upper(who)} may {act}."]
    said = [
        ("yes-no", ask.format(who, act), no, yes),
        ("yes-no", ask.format(who, free), ok, ko),
        ("negation", f"What holds for {who}?", claim[0], claim[1]),
        ("negation", f"What may {who} do?", f"They may {free}.", f"They may {act}."),
    ]
    return Facts(
        [
            upper(ban.format(who, act)),
            upper(permit.format(who, free)),
            upper(permit.format(others, act)),
        ],
        said,
    )


def bounds(draw: random.Random) -> Facts:
    thing = draw.choice(SPACES + MACHINES)
    n = draw.randrange(5, 90)
    most = draw.random() < 0.5
    unit = draw.choice(("persons", "kilograms", "degrees", "litres", "parcels"))
    say = draw.choice(
        (
            "The {} takes at most {} {}.",
            "The {} holds no more than {} {}.",
            "The limit of the {} is {} {}.",
        )
        if most
        else (
            "The {} needs at least {} {}.",
            "No fewer than {1} {2} are needed for the {0}.",
            "The {} is used only from {} {} upwards.",
        )
    )
    over, under = n + draw.randrange(2, 20), n - draw.randrange(1, 4)
    claims = (
        ("Not more than {} {}.", "At least {} {}.")
        if most
        else ("{} {} or more.", "{} {} or less.")
    )
    if draw.random() < 0.5:
        claims = (
            ("up to {} {}", "more than {} {}")
            if most
            else ("a minimum of {} {}", "a maximum of {} {}")
        )
    ask = f"How many {unit} does the {thing} {'take' if most else 'need'}?"
    allowed = f"Is it possible to use the {thing} with {{}} {unit}?"
    ok, bad = (under, over) if most else (over, under)
    said = [
        ("qualifier", ask, claims[0].format(n, unit), claims[1].format(n, unit)),
        (
            "qualifier",
            ask,
            f"{n} {unit} {'at the most' if most else 'at the least'}",
            f"{draw.choice((over, n * 2, n + 1))} {unit} {'at the most' if most else 'at the least'}",
        ),
        (
            "yes-no",
            allowed.format(ok),
            draw.choice(("Yes.", "Yes, it is possible.", f"Yes, {ok} are fine.")),
            draw.choice(
                (
                    "No.",
                    "No, that is not possible.",
                    f"No, {ok} are {'too many' if most else 'too few'}.",
                )
            ),
        ),
        (
            "yes-no",
            allowed.format(bad),
            draw.choice(
                (
                    "No.",
                    "No, that is not possible.",
                    f"No, {bad} are {'too many' if most else 'too few'}.",
                )
            ),
            draw.choice(("Yes.", "Yes, it is possible.", f"Yes, {bad} are fine.")),
        ),
    ]
    return Facts([say.format(thing, n, unit)], said)


def includes(draw: random.Random) -> Facts:
    one, two = draw.sample(GOODS, 2)
    has, extra, missing, theirs = draw.sample(EXTRAS, 4)
    say = draw.choice(
        ("A {} includes {} and {}.", "With a {} you get {} and {}.", "{1} and {2} come with a {0}.")
    )
    ask = draw.choice(
        (f"What does a {one} include?", f"What do I get with a {one}?", f"What comes with a {one}?")
    )
    full = draw.choice(
        (
            f"It comes with {has} and {extra}.",
            f"You receive {extra} and {has}.",
            f"- {upper(has)}\n- {upper(extra)}",
            f"{upper(has)}, and {extra} as well.",
        )
    )
    said = [
        (
            "addition",
            ask,
            full,
            full.replace(extra, f"{extra} and {missing}").replace(
                upper(extra), f"{upper(extra)}\n- {upper(missing)}"
            ),
        ),
        ("addition", ask, upper(has), upper(theirs)),
        (
            "yes-no",
            f"Is {has} part of a {one}?",
            draw.choice(("Yes.", f"Yes, {has} is included.")),
            draw.choice(("No.", f"No, {has} is not included.")),
        ),
        (
            "addition",
            f"Tell me about the {one}.",
            f"You get {has} with it.",
            f"You get {has} with it, in {draw.choice(('blue', 'a box', 'small sizes', 'advance', 'duplicate'))}.",
        ),
    ]
    return Facts(
        [upper(say.format(one, has, extra)), upper(say.format(two, theirs, missing))], said
    )


def conditions(draw: random.Random) -> Facts:
    machine, other = draw.sample(MACHINES, 2)
    before, after = draw.sample(
        (
            "the light turns green",
            "the valve is shut",
            "the tank is empty",
            "the alarm has been tested",
            "the cover is locked",
            "a colleague is present",
        ),
        2,
    )
    place, place2 = draw.sample(PLACES, 2)
    say = draw.choice(
        (
            "Start the {} only when {}.",
            "The {} is switched on only after {}.",
            "Do not start the {} unless {}.",
            "Once {1}, the {0} may be started.",
        )
    )
    said = [
        (
            "condition",
            f"When may the {machine} be started?",
            draw.choice((f"As soon as {before}.", f"When {before}.", f"Only if {before}.")),
            draw.choice((f"As soon as {after}.", f"When {after}.", f"Only if {after}.")),
        ),
        (
            "condition",
            f"Where is the {machine}?",
            draw.choice(("In {}.", "{}", "You find it in {}.", "It stands in {}.")).format(place),
            draw.choice(("In {}.", "{}", "You find it in {}.", "It stands in {}.")).format(place2),
        ),
        (
            "negation",
            f"May the {machine} be started at any time?",
            f"No, only when {before}.",
            "Yes, at any time.",
        ),
    ]
    return Facts(
        [
            say.format(machine, before),
            f"The {machine} stands in {place}.",
            say.format(other, after),
            f"The {other} is kept in {place2}.",
        ],
        said,
    )
