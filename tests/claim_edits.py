"""Edit sentences so that they say something else, or the same in other words."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

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
