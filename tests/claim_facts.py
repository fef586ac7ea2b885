"""Invent small documents of facts, and claims about them in other words than theirs.

What public data lacks: answers that are right and share few words with their passage (sums, units,
yes and no, lists, other words), beside near misses that share nearly all.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Said = tuple[str, str, str]
"""Question, right claim, wrong claim."""

PLACES = "Alderby Brinholt Caskway Dunmere Eskvale Fennock Garside Hollin Istrow Jarnsby Kelpton Lorne Mossgate Nordwick Oxley Pendrake Quill Ravensby Selwick Thornby".split()
FIRST = "Abel Bruna Cato Dagny Elif Fabio Gudrun Hamza Ilse Jonas Kaja Lionel Mirela Nuno Oda Piet Runa Samir Tove Ugo".split()
LAST = "Ashgrove Brandt Castellan Dury Eklund Fenwick Grosz Harrow Idris Jensen Kovac Lindqvist Marsh Novak Osei Parr Quist Roth Salter Tamm".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
THINGS = (
    "sauna|workshop|greenhouse|darkroom|boathouse|reading room|print shop|gym|observatory|archive",
    "day ticket|season ticket|locker|parking permit|guest card|film roll|life jacket|bicycle|canoe|tent",
    "beginners' course|guided tour|evening class|safety briefing|boat trip|audit|night watch|stock count|rehearsal|interview",
    "pump|drill|freezer|projector|generator|scanner|crane|lathe|heater|printer",
    "resin|varnish|plaster|gravel|cement|compost|birdseed|flour|salt|rope",
)
SPACES, GOODS, EVENTS, MACHINES, STUFF = (line.split("|") for line in THINGS)
EXTRAS = "a towel|a map|lunch|a helmet|insurance|a key card|coffee|a printed guide|gloves|storage space|a parking place|internet access".split(
    "|"
)
PEOPLE = "visitors|members|trainees|volunteers|contractors|night staff|tenants|students|residents|drivers".split(
    "|"
)
ACTS = "smoke|bring dogs|use the lift|take photographs|park in the yard|eat at the desks|lend tools|enter after ten|sleep on site|use the radio".split(
    "|"
)
CURRENCIES = (("euros", "€{}"), ("pounds", "£{}"), ("dollars", "${}"))
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
REFUSALS = (
    "I don't know.",
    "I don't know based on the provided documents.",
    "The documents do not say.",
    "There is no information about this in the passages.",
    "I could not find an answer to that.",
    "Sorry, the text does not mention it.",
    "This is not stated in the provided context.",
    "I am unable to answer this question from the passages.",
    "No answer can be given.",
    "The passages do not provide this information, so I cannot say.",
    "Unfortunately the sources say nothing about that.",
    "It is not possible to tell from the text.",
)


def count(number: int, draw: random.Random) -> str:
    return NUMBERS[number] if number < 13 and draw.random() < 0.5 else str(number)


def lower(text: str) -> str:
    return text[0].lower() + text[1:]


def upper(text: str) -> str:
    return text[0].upper() + text[1:]


@dataclass(frozen=True)
class Facts:
    """Sentences of one document, and what may be asked of them: (kind, question, right, wrong)."""

    sentences: list[str]
    said: list[tuple[str, str, str, str]]


def prices(draw: random.Random) -> Facts:
    one, two = draw.sample(GOODS, 2)
    a, b = sorted(draw.sample(range(2, 95), 2))
    if draw.random() < 0.5:
        one, two, a, b = two, one, b, a
    word, sign = draw.choice(CURRENCIES)
    per, perly = draw.choice((("", ""), (" a month", " per month"), (" a day", " each day")))
    cost = draw.choice(("A {} costs {} {}{}.", "The price of a {} is {} {}{}.", "A {} is {} {}{}."))

    def money(n: int) -> str:
        return draw.choice((f"{n} {word}", sign.format(n)))

    dear, cheap = (one, two) if a > b else (two, one)
    n = draw.randrange(2, 9)
    wrong_n = draw.choice((b, a + 1, a + 10))
    ask = draw.choice(
        (
            f"What does a {one} cost?",
            f"How much is a {one}?",
            f"What is the charge for a {one}?",
            f"How much do I pay for a {one}?",
        )
    )
    form = draw.choice(
        (
            "You pay {}" + perly + ".",
            "{}",
            "It costs {}.",
            "The charge is {}" + perly + ".",
            "For a " + one + " you pay {}.",
            "{}" + perly,
        )
    )
    yes = draw.random() < 0.5
    other, more = (two, "more expensive") if a > b else (two, "cheaper")
    opposite = "cheaper" if more == "more expensive" else "more expensive"
    said = [
        ("price", ask, form.format(money(a)), form.format(money(wrong_n))),
        (
            "price",
            f"Which costs more, a {one} or a {two}?",
            draw.choice(
                ("The {}.", "The {} is dearer.", "A {}, it is the more expensive one.")
            ).format(dear),
            draw.choice(
                ("The {}.", "The {} is dearer.", "A {}, it is the more expensive one.")
            ).format(cheap),
        ),
        (
            "sum",
            f"What do a {one} and a {two} cost together?",
            f"{money(a + b)} together{draw.choice(('', f', {a} for the one and {b} for the other'))}.",
            f"{money(draw.choice((abs(a - b), a + b + 10, a + b - 1)))} together{draw.choice(('', f', {a} for the one and {b} for the other'))}.",
        ),
        (
            "sum",
            f"What do {count(n, draw)} of the {one}s cost{per and ' for one' + per[2:]}?",
            f"{money(n * a)}, that is {n} times {a}.",
            f"{money(n * b)}, that is {n} times {b}.",
        ),
        (
            "yes-no",
            f"Is a {one} {more if yes else opposite} than a {other}?",
            ("Yes" if yes else "No")
            + draw.choice((".", f", the difference is {abs(a - b)} {word}.")),
            ("No" if yes else "Yes")
            + draw.choice((".", f", the difference is {abs(a - b)} {word}.")),
        ),
        (
            "yes-no",
            f"Does a {one} cost more than {a + draw.randrange(1, 9)} {word}?",
            draw.choice(("No.", f"No, only {money(a)}.", "No, it costs less.")),
            draw.choice(("Yes.", f"Yes, it costs {money(b)}.", "Yes, it costs more.")),
        ),
    ]
    return Facts([cost.format(one, a, word, per), cost.format(two, b, word, per)], said)


def durations(draw: random.Random) -> Facts:
    one, two = draw.sample(EVENTS, 2)
    a, b = draw.sample(range(2, 13), 2)
    unit, small, times = draw.choice(
        (
            ("hours", "minutes", 60),
            ("minutes", "seconds", 60),
            ("days", "hours", 24),
            ("weeks", "days", 7),
        )
    )
    last = draw.choice(
        ("The {} lasts {} {}.", "The {} takes {} {}.", "{} {} are set aside for the {}.")
    )

    def tell(e: str, n: int) -> str:
        return upper(
            last.format(count(n, draw), unit, e) if last[0] == "{" else last.format(e, n, unit)
        )

    form = draw.choice(
        (
            "{} {}",
            "It goes on for {} {}.",
            "Plan {} {} for it.",
            "It is over after {} {}.",
            "You need {} {}.",
        )
    )
    said = [
        (
            "duration",
            draw.choice(
                (
                    f"How long does the {one} last?",
                    f"How much time does the {one} take?",
                    f"What is the length of the {one}?",
                )
            ),
            form.format(count(a, draw), unit),
            form.format(count(b, draw), unit),
        ),
        (
            "unit",
            f"How many {small} does the {one} take?",
            draw.choice(("{}", "{} " + small + ".", "It takes {} " + small + ".")).format(
                a * times
            ),
            draw.choice(("{}", "{} " + small + ".", "It takes {} " + small + ".")).format(
                draw.choice((b * times, a * 10, a * times + times))
            ),
        ),
        (
            "comparison",
            f"Which is longer, the {one} or the {two}?",
            f"The {one if a > b else two}.",
            f"The {two if a > b else one}.",
        ),
        (
            "comparison",
            f"How do the {one} and the {two} differ?",
            f"The {one} is {'longer' if a > b else 'shorter'} than the {two}.",
            f"The {one} is {'shorter' if a > b else 'longer'} than the {two}.",
        ),
    ]
    return Facts([tell(one, a), tell(two, b)], said)


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


def packs(draw: random.Random) -> Facts:
    one, two = draw.sample(STUFF, 2)
    kg, kg2 = draw.sample(range(2, 40), 2)
    cost, cost2 = draw.sample(range(3, 60), 2)
    word, _sign = draw.choice(CURRENCIES)
    say = draw.choice(
        (
            "{} comes in bags of {} kilograms and costs {} {} a bag.",
            "A bag of {} weighs {} kilograms and sells for {} {}.",
            "{}: bags of {} kg, {} {} each.",
        )
    )
    half = draw.choice(
        ("Members pay half of that.", "Members pay half.", "For members the price is halved.")
    )
    said = [
        (
            "unit",
            f"How heavy is a bag of {one} in grams?",
            f"{draw.choice((f'{kg * 1000:,}', str(kg * 1000)))} {draw.choice(('g', 'grams'))}",
            f"{draw.choice((f'{kg2 * 1000:,}', f'{kg * 100:,}'))} {draw.choice(('g', 'grams'))}",
        ),
        (
            "sum",
            f"What does a member pay for a bag of {two}?",
            f"{cost2 / 2:g} {word}",
            f"{draw.choice((cost2 * 2, cost / 2)):g} {word}",
        ),
        ("number", f"What does a bag of {one} cost?", f"{cost} {word}", f"{cost2} {word}"),
        (
            "number",
            f"How much does one bag of {two} weigh?",
            f"{draw.choice(('It weighs ', ''))}{kg2} kilos.",
            f"{draw.choice(('It weighs ', ''))}{kg} kilos.",
        ),
        (
            "comparison",
            f"Which is sold in heavier bags, {one} or {two}?",
            upper(one if kg > kg2 else two),
            upper(two if kg > kg2 else one),
        ),
        (
            "sum",
            f"What do one bag of {one} and one bag of {two} weigh together?",
            f"{kg + kg2} kilograms.",
            f"{draw.choice((abs(kg - kg2), kg + kg2 + 2))} kilograms.",
        ),
        (
            "qualifier",
            "What do members pay?",
            draw.choice(("Half of the price.", "Half.", "50 percent of the price.")),
            draw.choice(("Twice the price.", "Double.", "The full price.")),
        ),
    ]
    return Facts(
        [upper(say.format(one, kg, cost, word)), upper(say.format(two, kg2, cost2, word)), half],
        said,
    )


def table(draw: random.Random) -> Facts:
    """Rows that differ by a number or a common noun, as price lists and rosters do."""
    kind = draw.choice(("Grade", "Type", "Zone", "Unit", "Level", "Size"))
    start = draw.randrange(2, 80)
    columns = draw.sample(
        ("Day rate", "Night rate", "Weekly rate", "Deposit", "Limit", "Stock", "Weight", "Places"),
        2,
    )
    values = draw.sample(range(11, 990), 8)
    names = (
        [f"{kind} {start + at}" for at in range(4)]
        if draw.random() < 0.6
        else draw.sample(PLACES, 4)
    )
    body = [[n, str(values[2 * at]), str(values[2 * at + 1])] for at, n in enumerate(names)]
    head = [kind, *columns]
    form = draw.randrange(4)
    if form == 0:
        lines = ["| " + " | ".join(line) + " |" for line in (head, ["---"] * 3, *body)]
    elif form == 1:
        lines = [" | ".join(line) for line in (head, *body)]
    elif form == 2:
        lines = ["; ".join(f"{h}: {v}" for h, v in zip(head, line, strict=True)) for line in body]
    else:
        lines = [value for line in body for value in (line[0], line[1])]
    r, c = draw.randrange(4), 1 if form == 3 else draw.choice((1, 2))
    sibling = draw.choice([at for at in range(4) if at != r])
    wrong = body[sibling][c] if form == 3 or draw.random() < 0.6 else body[r][3 - c]
    answer = draw.choice(("{}", "{}", "It is {}.", "{} is what the list says."))
    name = names[r] if draw.random() < 0.5 else lower(names[r])
    column = "number" if form == 3 else columns[c - 1]
    ask = draw.choice(
        (
            "What is the {c} of {n}?",
            "{c} for {n}?",
            "Which {c} does {n} have?",
            "how much is the {c} of {n}",
        )
    ).format(c=lower(column), n=name)
    more = max((r, sibling), key=lambda at: int(body[at][c]))
    less = min((r, sibling), key=lambda at: int(body[at][c]))
    said = [
        ("row", ask, answer.format(body[r][c]), answer.format(wrong)),
        (
            "comparison",
            f"Which has the higher {lower(column)}, {names[r]} or {names[sibling]}?",
            names[more],
            names[less],
        ),
    ]
    return Facts(["\n".join(lines)], said)


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
