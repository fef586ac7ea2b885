"""Make labelled claims out of public data, for what learns to tell them apart.

A claim is right if its passage says what it says in reply to the question. Right and wrong claims
about one passage come in pairs of one form, so that neither length nor overlap tells the label.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from claim_edits import BE, EDITS, NAME, NUMBER, reworded
from claim_facts import documents
from claim_forms import FORMS, Claim, pair
from claim_tables import record_claims, table_claims
from sklearn.metrics import roc_auc_score

from graphs.text import content

SEED = 19
LEVEL = 0.52  # AUC of closeness as a judge of claims; 0.5 is chance
PARAGRAPHS, TABLES, TECHNIQUES, COMMANDS, FACTS = 2600, 900, 250, 180, 1200
SUBJECT_QUESTION = re.compile(
    r"(?:who|what|which \w+)\s+((?!is\b|are\b|was\b|were\b|do|did\b)\w+(?:s|ed)\b.*)\?", re.I
)
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"(])")


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
