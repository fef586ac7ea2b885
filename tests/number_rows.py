"""Claims with numbers in many forms, each beside what a passage says, right ones and wrong ones."""

from __future__ import annotations

from typing import NamedTuple


class Told(NamedTuple):
    """What a passage says, a question about it, and claims that it supports or does not."""

    passage: str
    question: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]


TOLD = (
    Told(
        "Der Zinssatz beträgt 1,5 %. Die Laufzeit beträgt 12 Jahre.",
        "Wie hoch ist der Zinssatz?",
        ("Der Zinssatz beträgt 1,5 %.", "Der Zinssatz beträgt 1.5 %."),
        ("Der Zinssatz beträgt 15 %.", "Der Zinssatz beträgt 5,1 %."),
    ),
    Told(
        "Le taux est de 2,75 % par an. La durée est de 20 ans.",
        "Quel est le taux ?",
        ("Le taux est de 2,75 % par an.", "Le taux est de 2.75 %."),
        ("Le taux est de 275 % par an.", "Le taux est de 27,5 %."),
    ),
    Told(
        "Das Paket wiegt 3,2 kg und kostet 7,90 Euro.",
        "Wie viel wiegt das Paket?",
        ("Das Paket wiegt 3,2 kg.", "Es wiegt 3.2 kg."),
        ("Das Paket wiegt 32 kg.", "Es wiegt 7,90 kg."),
    ),
    Told(
        "Das Stadion hat 1.500 Plätze und 40 Logen.",
        "Wie viele Plätze hat das Stadion?",
        ("Das Stadion hat 1.500 Plätze.", "Das Stadion hat 1500 Plätze."),
        ("Das Stadion hat 15.000 Plätze.", "Das Stadion hat 150 Plätze."),
    ),
    Told(
        "The hall holds 12,500 people. The foyer holds 300.",
        "How many people does the hall hold?",
        ("The hall holds 12,500 people.", "The hall holds 12500 people."),
        ("The hall holds 1,250 people.", "The hall holds 125 people."),
    ),
    Told(
        "Die Baukosten betrugen 1.234.567,50 Euro.",
        "Wie hoch waren die Baukosten?",
        ("Die Baukosten betrugen 1.234.567,50 Euro.", "Sie betrugen 1,234,567.50 Euro."),
        ("Die Baukosten betrugen 123.456,75 Euro.",),
    ),
    Told(
        "The cleaning plan covers rooms 1,2,3 on Mondays.",
        "Which rooms does the cleaning plan cover on Mondays?",
        ("It covers rooms 1, 2 and 3.", "Rooms 1,2,3"),
        ("It covers room 123.", "It covers rooms 4, 5 and 6."),
    ),
    Told(
        "The night train leaves at 22:40. It arrives at 06:15 on platform 3.",
        "When does the night train arrive?",
        ("It arrives at 6:15.", "It arrives at 06:15.", "At 6:15 am."),
        ("It arrives at 6:51.", "It arrives at 22:40.", "It arrives at 6:45."),
    ),
    Told(
        "The museum opens at 09:00. It closes at 17:30.",
        "When does the museum open?",
        ("The museum opens at 9 am.", "It opens at 9:00.", "At 09:00."),
        ("The museum opens at 8 am.", "It opens at 5:30 pm.", "It opens at 9:30."),
    ),
    Told(
        "Die Bibliothek öffnet um 9 Uhr und schließt um 18 Uhr.",
        "Wann öffnet die Bibliothek?",
        ("Die Bibliothek öffnet um 9:00 Uhr.", "Um 09:00 Uhr.", "Um 9 Uhr."),
        ("Die Bibliothek öffnet um 8:00 Uhr.", "Um 18:00 Uhr."),
    ),
    Told(
        "Le magasin ouvre à 9h30 et ferme à 19h.",
        "À quelle heure ouvre le magasin ?",
        ("Le magasin ouvre à 9h30.", "Le magasin ouvre à 9 h 30.", "Il ouvre à 9:30."),
        ("Le magasin ouvre à 8h30.", "Il ouvre à 19:00."),
    ),
    Told(
        "The gate fee is $200.00 for buses. Cars pay $35.50.",
        "What is the gate fee for buses?",
        ("The gate fee is $200.", "The gate fee is $200.00.", "It is 200 dollars."),
        ("The gate fee is $20.", "The gate fee is $35.50.", "The gate fee is €200."),
    ),
    Told(
        "La commune compte 1\u202f250 habitants et 14 écoles.",
        "Combien d'habitants compte la commune ?",
        ("La commune compte 1 250 habitants.", "La commune compte 1250 habitants."),
        ("La commune compte 250 habitants et 1 maire.", "La commune compte 12 500 habitants."),
    ),
    Told(
        "The archive keeps 1 000 maps and 20 globes.",
        "How many maps does the archive keep?",
        ("The archive keeps 1000 maps.", "It keeps 1,000 maps.", "1 000 maps"),
        ("The archive keeps 100 maps.", "It keeps 2,000 maps."),
    ),
    Told(
        "The detector counts 10⁶ events per run, at 450 volts.",
        "How many events does the detector count per run?",
        ("It counts 10<sup>6</sup> events per run.", "It counts 10⁶ events."),
        ("It counts 106 events per run.", "It counts 10<sup>7</sup> events per run."),
    ),
    Told(
        "Ticket: Adult; Price: £14.20\nTicket: Child; Price: £7.10",
        "Answer as JSON: what is the price of an adult ticket?",
        ("price: 14.20", "price: £14.2"),
        ("price: 7.10", "price: 14.02"),
    ),
    Told(
        "Use 1½ cups of flour and 2 eggs. Bake for 40 minutes.",
        "How much flour is used?",
        (
            "Use 1½ cups of flour.",
            "Use 1.5 cups of flour.",
            "Use 1 1/2 cups of flour.",
            "Use one and a half cups of flour.",
        ),
        ("Use 11 cups of flour.", "Use 2 cups of flour.", "Use 2½ cups of flour."),
    ),
    Told(
        "Add 2 3/4 litres of water and half a litre of milk.",
        "How much water is added?",
        ("Add 2¾ litres of water.", "2.75 litres"),
        ("Add 3.5 litres of water.", "Add 2¼ litres of water."),
    ),
    Told(
        "Add 2 3/4 litres of water and half a litre of milk.",
        "How much milk is added?",
        ("½ litre of milk", "0.5 litres of milk", "Half a litre of milk."),
        ("¼ litre of milk", "5 litres of milk"),
    ),
    Told(
        "The vaccine is stored at -18 °C. Once opened it keeps for 6 hours.",
        "At what temperature is the vaccine stored?",
        ("The vaccine is stored at -18 °C.", "At −18 °C.", "It is stored at minus 18 °C."),
        ("The vaccine is stored at 18 °C.", "It is stored at 6 °C.", "18 °C"),
    ),
    Told(
        "Der Impfstoff wird bei −70 °C gelagert.",
        "Bei welcher Temperatur wird der Impfstoff gelagert?",
        ("Der Impfstoff wird bei -70 °C gelagert.", "Bei minus 70 °C.", "–70 °C"),
        ("Der Impfstoff wird bei 70 °C gelagert.", "Bei +70 °C."),
    ),
    Told(
        "The pool water must have a pH > 7 at all times.",
        "What pH must the pool water have?",
        ("The pool water must have a pH > 7.", "A pH above 7.", "pH ≥ 7"),
        ("The pool water must have a pH < 7.", "pH ≤ 7"),
    ),
    Told(
        "A day ticket costs €9. A week ticket costs €40.",
        "What does a day ticket cost?",
        ("A day ticket costs €9.", "A day ticket costs 9 euros.", "9 €"),
        ("A day ticket costs $9.", "A day ticket costs £9.", "A day ticket costs €40."),
    ),
    Told(
        "Revenue changed by -5.2 % in the north and by +3.1 % in the south.",
        "How did revenue change in the north?",
        ("Revenue fell by 5.2 % in the north.", "By -5.2 %."),
        ("Revenue rose by 3.1 % in the north.", "Revenue changed by +5.2 % in the north."),
    ),
    Told(
        "The office is open 9-17 on weekdays. It closes early on 2024-05-01.",
        "When is the office open on weekdays?",
        ("The office is open 9-17.", "It is open from 9 to 17."),
        ("The office is open 9-18.", "It is open from 8 to 17."),
    ),
)
