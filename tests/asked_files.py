"""One file of each type that is read, with a question about one fact in it and the answer."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

from file_parts import cells, epub, odf_bytes, pptx_bytes, word_bytes, xlsx_bytes
from pptx.util import Inches
from reading_parts import heading, ruled, set_pdf


class Asked(NamedTuple):
    """A file, and what is asked about it."""

    name: str
    content: str | bytes
    question: str
    answer: str


def _docx(document: Any) -> None:
    document.add_heading("Lease of the boathouse", 1)
    document.add_paragraph("The club lets the boathouse to the rowing school for three years.")
    document.add_heading("Deposit", 2)
    document.add_paragraph("The rowing school pays a deposit of 450 euro for the boathouse.")
    document.add_heading("Repairs", 2)
    document.add_paragraph("The club repairs the roof, and the school repairs the doors.")


def _pptx(slide: Any) -> None:
    slide.shapes.title.text = "First aid on the quay"
    box = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(6), Inches(2)).text_frame
    box.text = "The defibrillator hangs beside the ticket machine."
    box.add_paragraph().text = "Blankets lie in the locker under the stairs."


def _xlsx(book: Any) -> None:
    book.active.title = "Fuel"
    for row in [
        ["Boat", "Fuel", "Tank in litres"],
        ["Heron", "diesel", 340],
        ["Curlew", "petrol", 95],
        ["Dunlin", "electric", 0],
    ]:
        book.active.append(row)


def _mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "Ada Lund <ada@club.example>", "Bo Berg <bo@club.example>"
    message["Subject"] = "Delivery of the new sail"
    message.set_content(
        "Dear Bo,\n\nthe sailmaker delivers the new mainsail on 14 March.\n\nYours\nAda"
    )
    return message.as_bytes()


PDF = set_pdf(
    heading("Night watch"),
    "Two members watch the harbour each night from May to September. They meet at the pump "
    "house, take the keys and the lamp from the board, and sign the book before they begin.",
    heading("Rounds"),
    "The watch walks around the basin every ninety minutes and writes down what it sees.",
    ruled([["Lamp", "Colour"], ["North mole", "green"], ["South mole", "red"]]),
)

NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["# Survey of eels\n", "\n", "We counted eels in the lock for six weeks."]},
        {"cell_type": "code", "source": "count(6)", "outputs": [{"text": ["1,284 eels"]}]},
        {"cell_type": "markdown", "source": "In all we counted 1,284 eels in the lock."},
    ],
    "metadata": {"kernelspec": {"language": "python"}},
}  # fmt: skip

MEMBERS = [
    {"name": "Ines Falk", "office": "treasurer", "phone": "555-0142"},
    {"name": "Karl Voss", "office": "harbour master", "phone": "555-0177"},
    {"name": "Mia Thorn", "office": "secretary", "phone": "555-0193"},
]

NOTICES = [
    {"date": "2 June", "notice": "The slipway is closed for painting until 9 June."},
    {"date": "11 June", "notice": "Showers cost one token, which the kiosk sells."},
]

RST = """
Winter storage
==============

Boats are stored in the hall from October on.

Batteries
---------

Take the battery out and charge it every six weeks.

Water
-----

Drain the tanks before the first frost.
"""

ADOC = """= Radio

== Channels

The harbour listens on channel 73 by day.

[cols="1,1"]
|===
|Station |Channel

|Pilots |12
|Coastguard |16
|===
"""

RTF = (
    r"{\rtf1\ansi Dear neighbours,\par the regatta begins on the 5th of August at the old "
    r"lighthouse.\par Cars cannot use the dyke road on that day.\par}"
)

LIGHTS = (
    "<lights><light><name>Skarholm</name><height>31 metres</height></light>"
    "<light><name>Trollnes</name><height>24 metres</height></light></lights>"
)

SOURCE = '''"""Fees of the marina."""


def fee(length: float) -> float:
    """Return the fee of a berth: 12 euro a metre."""
    return 12 * length


def fine(days: int) -> float:
    """Return the fine for late payment: 3 euro a day."""
    return 3 * days
'''

MSG = Path(__file__).parent / "reading/mail/msg_with_attachment.msg"

FILES = [
    Asked("boats.md", "# Boats\n\n## Osprey\n\nThe Osprey was built in 1987.\n\n## Teal\n\nThe Teal was built in 2004.\n", "When was the Osprey built?", "1987"),
    Asked("visitors.txt", "Visitors may moor at the pier for two nights.\n\nThe kiosk sells bread from seven o'clock on.\n", "How many nights may visitors moor at the pier?", "two"),
    Asked("crane.html", "<main><h1>Crane</h1><p>The crane lifts boats of up to 12 tons.</p><h2>Hours</h2><table><tr><th>Day</th><th>Hours</th></tr><tr><td>Monday</td><td>8 to 12</td></tr><tr><td>Friday</td><td>13 to 17</td></tr></table></main>", "How heavy may boats be that the crane lifts?", "12 tons"),
    Asked("watch.pdf", PDF, "How often does the watch walk around the basin?", "ninety minutes"),
    Asked("lease.docx", word_bytes(_docx), "What deposit does the rowing school pay for the boathouse?", "450 euro"),
    Asked("first-aid.pptx", pptx_bytes(_pptx), "Where does the defibrillator hang?", "ticket machine"),
    Asked("staff.csv", "Name,Role,Room\nOlga Reiss,accountant,B12\nPaul Stein,carpenter,C4\n", "Which room does Paul Stein have?", "C4"),
    Asked("fuel.xlsx", xlsx_bytes(_xlsx), "How many litres does the tank of the Heron hold?", "340"),
    Asked("stock.ods", odf_bytes("ods", f'<table:table table:name="Stock">{cells("Part", "Shelf")}{cells("propeller", "A7")}{cells("rudder", "D2")}</table:table>'), "On which shelf is the propeller?", "A7"),
    Asked("minutes.odt", odf_bytes("odt", '<text:h text:outline-level="1">Minutes</text:h><text:p>The members elected Greta Holm as chairwoman.</text:p><text:p>The next meeting is in the sail loft.</text:p>'), "Who was elected as chairwoman?", "Greta Holm"),
    Asked("tour.odp", odf_bytes("odp", "<draw:page><draw:frame><draw:text-box><text:p>The guided tour of the shipyard takes 45 minutes.</text:p></draw:text-box></draw:frame></draw:page>"), "How long does the guided tour of the shipyard take?", "45 minutes"),
    Asked("letter.rtf", RTF, "Where does the regatta begin?", "old lighthouse"),
    Asked("tales.epub", epub(["<h1>The keeper</h1><p>Old Marten kept the lamp for forty years.</p>", "<h1>The storm</h1><p>The storm broke the bell of the chapel.</p>"]), "What did the storm break?", "the bell"),
    Asked("sail.eml", _mail(), "When does the sailmaker deliver the new mainsail?", "14 March"),
    Asked("attachment.msg", MSG.read_bytes(), "What does the test attachment file contain?", "dummy content"),
    Asked("eels.ipynb", json.dumps(NOTEBOOK), "How many eels were counted in the lock?", "1,284"),
    Asked("storage.rst", RST, "How often is the battery charged in winter storage?", "six weeks"),
    Asked("radio.adoc", ADOC, "On which channel does the harbour listen by day?", "73"),
    Asked("members.json", json.dumps(MEMBERS), "What is the phone number of Karl Voss?", "555-0177"),
    Asked("notices.jsonl", "\n".join(map(json.dumps, NOTICES)), "Until when is the slipway closed for painting?", "9 June"),
    Asked("lights.xml", LIGHTS, "How high is the light Skarholm?", "31"),
    Asked("ferry.yaml", "ferry:\n  captain: Lars Brandt\n  seats: 64\n", "Who is the captain of the ferry?", "Lars Brandt"),
    Asked("sluice.toml", '[sluice]\nopened_by = "Eva Quist"\nwidth = "8 metres"\n', "What is the width of the sluice?", "8 metres"),
    Asked("pontoon.ini", "[pontoon]\nkeeper = Mara Lind\nlength = 40 metres\n", "Who is the keeper of the pontoon?", "Mara Lind"),
    Asked("meeting.vtt", "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ada Lund>The new buoy weighs\n\n00:04.000 --> 00:06.000\n<v Ada Lund>450 kilos with its chain.\n", "How much does the new buoy weigh?", "450 kilos"),
    Asked("pump.log", "2027-02-03 04:10 pump 2 stopped: the filter is blocked\n2027-02-03 05:55 pump 2 started\n", "Why did pump 2 stop?", "filter is blocked"),
    Asked("fees.py", SOURCE, "What is the fine for late payment?", "3 euro"),
]  # fmt: skip
