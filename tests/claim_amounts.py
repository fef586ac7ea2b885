"""Facts that count: prices, durations, packs, tables; in other words than theirs."""

from __future__ import annotations

import random

from claim_words import CURRENCIES, EVENTS, GOODS, PLACES, STUFF, Facts, count, lower, upper


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
