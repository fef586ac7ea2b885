"""Make labelled claims out of public data, for what learns to tell them apart.

A claim is right if its passage says what it says in reply to the question. Right and wrong claims
about one passage come in pairs of one form, so that neither length nor overlap tells the label.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claim_facts import documents
from sklearn.metrics import roc_auc_score

from graphs.text import content

SEED = 19
LEVEL = 0.52  # AUC of closeness as a judge of claims; 0.5 is chance
PARAGRAPHS, TABLES, TECHNIQUES, COMMANDS, FACTS = 2600, 900, 250, 180, 1200
ROWS = 8  # of a table in one passage
FORMS = ("{}", "{}", "{}", "{}.", "It is {}.", "The answer is {}.", "That would be {}.")
SUBJECT_QUESTION = re.compile(
    r"(?:who|what|which \w+)\s+((?!is\b|are\b|was\b|were\b|do|did\b)\w+(?:s|ed)\b.*)\?", re.I
)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"(])")
NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*\d|(?<![\w.,])\d(?![\w])")
NAME = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z][a-z]+(?: [A-Z][a-z]+)*\b")
BE = re.compile(
    r"^(?P<subject>(?:The|A|An|[A-Z])[^,;:()]{2,60}?) (?P<aux>is|are|was|were|can|may|must|will|has|have) (?P<rest>(?!not\b).{8,})\.$"
)
QUALIFIERS = (
    ("at least", "at most"),
    ("more than", "less than"),
    ("before", "after"),
    ("first", "last"),
    ("over", "under"),
    ("most", "few"),
    ("all", "some"),
    ("increased", "decreased"),
    ("higher", "lower"),
    ("largest", "smallest"),
    ("north", "south"),
    ("east", "west"),
    ("early", "late"),
    ("always", "rarely"),
    ("half", "twice"),
    ("above", "below"),
    ("only", "also"),
)
SYNONYMS = (
    ("begin", "start"),
    ("began", "started"),
    ("large", "big"),
    ("approximately", "about"),
    ("located", "situated"),
    ("many", "numerous"),
    ("used", "employed"),
    ("because", "since"),
    ("although", "though"),
    ("during", "throughout"),
    ("near", "close to"),
    ("city", "town"),
    ("people", "persons"),
    ("made", "produced"),
    ("shows", "displays"),
    ("important", "significant"),
    ("built", "constructed"),
    ("founded", "established"),
    ("died", "passed away"),
    ("won", "gained"),
    ("became", "turned into"),
    ("several", "some"),
    ("various", "different"),
    ("main", "chief"),
    ("often", "frequently"),
    ("usually", "normally"),
    ("around", "about"),
    ("such as", "like"),
    ("including", "among them"),
    ("also", "too"),
    ("however", "yet"),
    ("called", "named"),
    ("known as", "called"),
    ("small", "little"),
    ("created", "made"),
    ("received", "got"),
    ("ended", "finished"),
    ("lived", "resided"),
    ("moved", "went"),
    ("wrote", "authored"),
    ("famous", "well-known"),
    ("difficult", "hard"),
    ("helped", "aided"),
    ("required", "needed"),
    ("requires", "needs"),
    ("allows", "lets"),
    ("allowed", "let"),
    ("provides", "gives"),
    ("due to", "owing to"),
    ("country", "nation"),
    ("company", "firm"),
    ("university", "college"),
    ("area", "region"),
    ("areas", "regions"),
    ("population", "number of inhabitants"),
    ("war", "conflict"),
    ("discovered", "found"),
    ("considered", "regarded as"),
    ("popular", "well-liked"),
    ("major", "principal"),
    ("caused", "brought about"),
    ("led to", "resulted in"),
    ("result", "outcome"),
    ("within", "inside"),
    ("entire", "whole"),
    ("former", "earlier"),
    ("current", "present"),
    ("common", "widespread"),
    ("originally", "at first"),
    ("currently", "now"),
    ("later", "afterwards"),
    ("eventually", "in the end"),
    ("primarily", "mainly"),
    ("largest", "biggest"),
    ("prior to", "before"),
    ("children", "kids"),
    ("leader", "head"),
    ("members", "participants"),
    ("term", "expression"),
    ("example", "instance"),
    ("were not", "weren't"),
    ("is not", "isn't"),
    ("into", "to"),
    ("may", "can"),
    ("must", "has to"),
    ("will", "is going to"),
    ("own", "possess"),
    ("rapidly", "fast"),
    ("significant", "notable"),
    ("similar", "alike"),
    ("ancient", "very old"),
    ("attempt", "try"),
    ("attempted", "tried"),
    ("based on", "resting on"),
    ("began to", "started to"),
    ("believed", "thought"),
    ("contains", "holds"),
    ("developed", "worked out"),
    ("established", "set up"),
    ("high", "great"),
    ("increased", "grew"),
    ("introduced", "brought in"),
    ("numerous", "lots of"),
    ("occurred", "happened"),
    ("produced", "made"),
    ("quickly", "fast"),
    ("released", "published"),
    ("remained", "stayed"),
    ("returned", "came back"),
    ("said", "stated"),
    ("thus", "so"),
    ("today", "nowadays"),
    ("total", "overall"),
    ("various", "all kinds of"),
)
ADDITIONS = (
    "free of charge",
    "every year",
    "on weekdays only",
    "in a locked room",
    "with a certificate",
    "at their own cost",
    "by hand",
    "for the first time",
    "in secret",
    "without any delay",
    "according to a later report",
    "and several others",
    "together with a partner",
)
ADJECTIVES = "locked new former public red private second wooden northern closed small".split()


@dataclass(frozen=True)
class Claim:
    """A claim, what it replies to, and what it is checked against."""

    source: str
    kind: str
    question: str
    claim: str
    passage: str
    right: bool


def rows(path: Path) -> Iterator[Any]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def shape(text: str) -> str:
    """Name what an answer looks like, so that wrong ones look alike."""
    if re.search(r"\d", text):
        return "number" if len(text.split()) < 3 else "numbers"
    return (
        "name"
        if re.match(r"(?:the |a )?[A-Z]", text)
        else "words"
        if len(text.split()) < 4
        else "clause"
    )


def pair(
    source: str, kind: str, passage: str, right: tuple[str, str], wrong: tuple[str, str]
) -> Iterator[Claim]:
    yield Claim(source, kind, *right, passage, True)
    yield Claim(source, kind, *wrong, passage, False)


def stated(question: str, answer: str, draw: random.Random) -> str:
    """Say an answer bare, in a frame, or as the question turned into a statement."""
    subject = SUBJECT_QUESTION.fullmatch(question.strip())
    if subject and draw.random() < 0.7:
        return f"{answer[0].upper()}{answer[1:]} {subject[1]}."
    return draw.choice(FORMS).format(answer)


def spans(
    source: str, text: str, asked: Sequence[tuple[str, str]], draw: random.Random
) -> Iterator[Claim]:
    """Swap the answers of two questions about one paragraph, of one shape where there are two."""
    for question, answer in asked:
        others = [
            a
            for _, a in asked
            if a.lower() not in answer.lower() and answer.lower() not in a.lower()
        ]
        alike = [a for a in others if shape(a) == shape(answer)]
        found = [
            m
            for m in (NUMBER if shape(answer).startswith("number") else NAME).findall(text)
            if m not in answer and answer not in m
        ]
        pool = alike + (found if len(answer.split()) < 4 else []) or others
        if not pool:
            continue
        other = draw.choice(pool)
        form = draw.getrandbits(32)
        told = [stated(question, a, random.Random(form)) for a in (answer, other)]
        yield from pair(source, "span", text, (question, told[0]), (question, told[1]))


def without(
    text: str, source: str, asked: Sequence[tuple[str, str]], draw: random.Random
) -> Iterator[Claim]:
    """Take the sentence with the answer away."""
    sentences = SENTENCE_END.split(text)
    question, answer = draw.choice(asked)
    left = " ".join(s for s in sentences if answer not in s)
    if len(sentences) > 2 and answer not in left and left:
        told = stated(question, answer, draw)
        yield Claim(source, "deleted", question, told, left, False)
        other = [(q, a) for q, a in asked if a in left]
        if other:
            q, a = draw.choice(other)
            yield Claim(source, "deleted", q, stated(q, a, draw), left, True)


def changed_number(sentence: str, text: str, draw: random.Random) -> str | None:
    found = NUMBER.findall(sentence)
    if not found:
        return None
    number = draw.choice(found)
    others = [n for n in NUMBER.findall(text) if n != number and len(n) == len(number)]
    digits = list(number)
    at = draw.choice([i for i, c in enumerate(digits) if c.isdigit()])
    digits[at] = draw.choice([d for d in "123456789" if d != digits[at]])
    return sentence.replace(number, draw.choice([*others, "".join(digits)]), 1)


def changed_name(sentence: str, text: str, draw: random.Random) -> str | None:
    found = NAME.findall(sentence)
    others = [n for n in NAME.findall(text) if n not in sentence]
    return (
        sentence.replace(draw.choice(found), draw.choice(others), 1) if found and others else None
    )


def negated(sentence: str, text: str, draw: random.Random) -> str | None:
    if re.search(r"\b(?:not|never|no)\b", sentence):
        return re.sub(r"\b(?:not|never|no) ", "", sentence, count=1)
    return (
        re.sub(
            r"\b(is|are|was|were|can|could|may|must|will|would|has|have|had|did) ",
            r"\1 not ",
            sentence,
            count=1,
        )
        if re.search(
            r"\b(?:is|are|was|were|can|could|may|must|will|would|has|have|had|did) ", sentence
        )
        else None
    )


def requalified(sentence: str, text: str, draw: random.Random) -> str | None:
    fits = [(a, b) for p in QUALIFIERS for a, b in (p, p[::-1]) if re.search(rf"\b{a}\b", sentence)]
    if not fits:
        return None
    old, new = draw.choice(fits)
    return re.sub(rf"\b{old}\b", new, sentence, count=1)


def added(sentence: str, text: str, draw: random.Random) -> str | None:
    """Add a phrase at the end, another item to what is said last, or a word before another."""
    if not sentence.endswith("."):
        return None
    others = [w for w in re.findall(r"\b[a-z]{5,}\b", text) if w not in sentence]
    words = sentence[:-1].split()
    form = draw.randrange(3)
    if form == 1 and others:
        return f"{sentence[:-1]} and {draw.choice(others)}."
    if form == 2:
        at = draw.randrange(1, len(words))
        return " ".join([*words[:at], draw.choice(ADJECTIVES), *words[at:]]) + "."
    return f"{sentence[:-1]} {draw.choice(ADDITIONS)}."


EDITS: dict[str, Callable[[str, str, random.Random], str | None]] = {
    "number": changed_number,
    "entity": changed_name,
    "negation": negated,
    "qualifier": requalified,
    "addition": added,
}


def reworded(sentence: str, draw: random.Random, strength: float) -> str:
    """Say a sentence in fewer or other words that mean the same."""
    made = re.sub(r"\s*\([^)]*\)", "", sentence)
    for old, new in SYNONYMS:
        if draw.random() < strength:
            made = re.sub(rf"\b{old}\b", new, made)
    cut = re.match(r"(.{40,}?),? (?:which|where|while|although|because) ", made)
    return f"{cut[1]}." if cut and draw.random() < 0.5 else made


def sentence_claims(
    source: str, text: str, asked: Sequence[tuple[str, str]], draw: random.Random
) -> Iterator[Claim]:
    """Claim a sentence of the passage, whole or reworded, and the same with one thing changed.

    In reply to a question that it answers, where there is one, or to none in particular.
    """
    sentences = [s for s in SENTENCE_END.split(text) if 30 < len(s) < 200 and s.endswith(".")]
    draw.shuffle(sentences)
    for sentence, kind in zip(sentences, draw.sample(sorted(EDITS), len(EDITS)), strict=False):
        # What is right is reworded more, or closeness to the passage would tell it from the rest.
        said = reworded(sentence, draw, 0.9)
        near = reworded(sentence, draw, 0.9) if draw.random() < 0.4 else sentence
        wrong = EDITS[kind](near, text, draw)
        if wrong is None or wrong == near:
            continue
        subject = " ".join(said.split()[:3]).rstrip(",.")
        fits = [q for q, answer in asked if answer in sentence]
        loose = ("", f"What is said about {subject}?", "Tell me about it.")
        question = draw.choice(fits if fits and draw.random() < 0.7 else loose)
        yield from pair(source, kind, text, (question, said), (question, wrong))


def yes_no(source: str, text: str, draw: random.Random) -> Iterator[Claim]:
    """Turn a sentence into a question, true or with one thing changed, and say yes and no."""
    fits = [m for s in SENTENCE_END.split(text) if len(s) < 160 and (m := BE.match(s))]
    for match in fits[:1]:
        kind = draw.choice(("number", "entity"))
        rest = match["rest"]
        changed = EDITS[kind](rest, text, draw) if draw.random() < 0.5 else None
        true = changed is None or changed == rest
        subject = match["subject"]
        subject = (
            subject[0].lower() + subject[1:]
            if subject.split()[0] in {"The", "A", "An"}
            else subject
        )
        question = f"{match['aux'].capitalize()} {subject} {rest if true else changed}?"
        tail = draw.choice(
            (
                ".",
                ".",
                f", {match['subject'].lower() if subject != match['subject'] else subject} {match['aux']}{'' if true else ' not'}.",
            )
        )
        untail = tail if tail == "." else f", {subject} {match['aux']}{' not' if true else ''}."
        good, bad = ("Yes", "No") if true else ("No", "Yes")
        told = (question, good + tail), (question, bad + untail)
        if draw.random() < 0.4:
            said = [
                f"{match['subject']} {match['aux']}{n} {rest if true else changed}."
                for n in ("", " not")
            ]
            told = (question, said[not true]), (question, said[true])
        yield from pair(source, "yes-no", text, *told)


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


def squad(data: Path, draw: random.Random, split: str = "train") -> Iterator[Claim]:
    texts = {row["id"]: row for row in rows(data / "squad" / f"{split}.paragraphs.jsonl.gz")}
    asked: dict[str, list[tuple[str, str]]] = {}
    for row in rows(data / "squad" / f"{split}.questions.jsonl.gz"):
        asked.setdefault(row["paragraph"], []).append((row["question"].strip(), row["answers"][0]))
    fit = sorted(
        key for key, value in asked.items() if len(value) >= 3 and len(texts[key]["text"]) < 900
    )
    for key in draw.sample(fit, min(PARAGRAPHS, len(fit))):
        text, title = texts[key]["text"], texts[key]["title"]
        yield from spans(title, text, draw.sample(asked[key], 3), draw)
        yield from without(text, title, asked[key], draw)
        yield from sentence_claims(title, text, asked[key], draw)
        yield from yes_no(title, text, draw)


def tables(data: Path, draw: random.Random) -> Iterator[Claim]:
    asked: dict[str, list[Any]] = {}
    for row in rows(data / "tables" / "questions.jsonl.gz"):
        if row["lookup"]:
            asked.setdefault(row["table"], []).append(row)
    all_ = sorted(rows(data / "tables" / "tables.jsonl.gz"), key=lambda t: t["id"])
    for table in draw.sample(all_, TABLES):
        found = asked.get(table["id"], [])
        yield from table_claims(table, draw.sample(found, min(4, len(found))), draw)


def attack(data: Path, draw: random.Random) -> Iterator[Claim]:
    all_ = [
        t for t in rows(data / "attack" / "techniques.jsonl.gz") if t["tactics"] and t["platforms"]
    ]
    ids = [t["id"] for t in all_]
    tactics = sorted({x for t in all_ for x in t["tactics"]})
    for t in draw.sample(all_, TECHNIQUES):
        other = draw.choice(all_)
        text = "\n\n".join(
            f"Name: {x['name']}\nId: {x['id']}\nTactics: {', '.join(x['tactics'])}\n{x['description'][:300].rsplit('. ', 1)[0]}."
            for x in draw.sample([t, other], 2)
        )
        asked = [
            (f"What is the id of {t['name']}?", t["id"], [other["id"], draw.choice(ids)]),
            (f"Which technique is {t['id']}?", t["name"], [other["name"]]),
        ]
        if set(t["tactics"]).isdisjoint(other["tactics"]):
            asked.append(
                (
                    f"Which tactic does {t['name']} serve?",
                    t["tactics"][0],
                    [
                        other["tactics"][0],
                        draw.choice([x for x in tactics if x not in t["tactics"]]),
                    ],
                )
            )
        yield from record_claims(t["id"], text, asked, draw)


def redis(data: Path, draw: random.Random) -> Iterator[Claim]:
    commands = json.loads((data / "redis" / "commands.json").read_text())
    names = sorted(n for n, c in commands.items() if {"summary", "since", "group"} <= c.keys())
    for name in draw.sample(names, COMMANDS):
        shown = [*draw.sample([n for n in names if n != name], 2), name]
        draw.shuffle(shown)
        text = "\n".join(
            f"{n}: {commands[n]['summary']} Available since {commands[n]['since']}. Group: {commands[n]['group']}."
            for n in shown
        )
        other = [commands[n] for n in shown if n != name]
        c = commands[name]
        asked = [
            (f"What does {name} do?", c["summary"], [o["summary"] for o in other]),
            (f"Since which version is {name} available?", c["since"], [o["since"] for o in other]),
            (f"In which group is {name}?", c["group"], [o["group"] for o in other]),
        ]
        yield from record_claims(name, text, asked, draw)


def facts(data: Path, draw: random.Random) -> Iterator[Claim]:
    for source, kind, question, claim, passage, right in documents(draw, FACTS):
        yield Claim(source, kind, question, claim, passage, right)


def balanced(made: Sequence[Claim], draw: random.Random) -> list[Claim]:
    """Leave out close right claims and distant wrong ones until closeness tells nothing.

    Closeness is the share of a claim's content words that its passage holds.
    """
    kept = [(claim, _closeness(claim)) for claim in made]
    while roc_auc_score([c.right for c, _ in kept], [near for _, near in kept]) > LEVEL:
        close = [at for at, (c, near) in enumerate(kept) if c.right and near == 1]
        far = [at for at, (c, near) in enumerate(kept) if not c.right and near < 1]
        few = min(len(close), len(far), max(1, len(kept) // 100))
        dropped = {*draw.sample(close, few), *draw.sample(far, few)}
        kept = [pair_ for at, pair_ in enumerate(kept) if at not in dropped]
    return [claim for claim, _ in kept]


def _closeness(claim: Claim) -> float:
    """Return the share of a claim's content words that its passage holds."""
    said = set(content(claim.claim))
    return len(said & set(content(claim.passage))) / max(1, len(said))


def claims(data: Path) -> list[Claim]:
    """Make the whole set; the same every time."""
    made = [
        claim
        for number, make in enumerate((squad, tables, attack, redis, facts))
        for claim in make(data, random.Random(SEED + number))
    ]
    return balanced(made, random.Random(SEED))
