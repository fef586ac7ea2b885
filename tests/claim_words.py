"""What invented documents are about, and how facts about it are kept."""

from __future__ import annotations

import random
from dataclasses import dataclass

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
