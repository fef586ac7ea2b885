"""The shipped verifier tells what passages say from near misses, for whoever asks."""

from __future__ import annotations

import json

import pytest
from graph_parts import passage

from app.models.claim_features import FEATURES, Beside, features
from app.models.extractor import ReaderExtractor
from app.models.line_reader import SHIPPED, LineReader
from app.models.span_comparison import agreement
from app.models.trees import LEAF, Node, Trees
from app.models.verifier import ReaderVerifier
from finetune.registry.fingerprint import sha256_of
from finetune.verification.reader import Found, Reading
from graphs.citations import read_draft
from graphs.evidence import Lines
from graphs.protocols import Claim
from graphs.slots import added_value, slots
from graphs.verification import EVEN

POOL = passage(
    "pool.md",
    "The pool is 25 metres long and 2 metres deep. It opened in 1911. The sauna opened in 1954. "
    "Mira Holt runs the pool and Jon Ask runs the sauna. Children under 6 are not let in alone.",
    start=7,
)
RATES = passage(
    "rates.md",
    "| Berth | Summer | Winter |\n| --- | --- | --- |\n| B 11 | 310 | 190 |\n| B 12 | 345 | 205 |",
)
TWINS = [
    ("How long is the pool?", "25 metres", "2 metres"),
    ("When did the pool open?", "1911", "1954"),
    ("When did the sauna open?", "In 1954.", "In 1911."),
    ("Who runs the sauna?", "Jon Ask runs it.", "Mira Holt runs it."),
    ("Who runs the pool?", "Mira Holt", "Jon Ask"),
    ("How deep is the pool?", "It is 2 metres deep.", "It is 25 metres deep."),
    ("When did the pool open?", "The pool opened in 1911.", "The pool opened in 1921."),
    ("What is the summer rate of B 12?", "345", "310"),
    ("What does B 11 cost in winter?", "190", "310"),
]


@pytest.fixture(scope="module")
def verifier() -> ReaderVerifier:
    return ReaderVerifier(LineReader())


def sure(verifier: ReaderVerifier, question: str, claim: str) -> float:
    (support,) = verifier.verify(question, [Claim(claim)], [POOL, RATES])
    return support.probability


def test_what_is_said_is_surer_than_a_near_miss(verifier: ReaderVerifier) -> None:
    told = [(sure(verifier, q, right), sure(verifier, q, wrong)) for q, right, wrong in TWINS]
    assert sum(right > wrong for right, wrong in told) >= len(TWINS) - 1, told


@pytest.mark.parametrize(
    ("question", "restated", "value"),
    [
        ("When did the sauna open?", "The sauna did open in {}.", "1954"),
        ("What does B 12 cost in winter?", "In winter B 12 costs {}.", "205"),
    ],
)
@pytest.mark.parametrize("opening", ["", "Based on the information provided in the passages, "])
def test_a_claim_that_says_its_question_again_is_as_sure_as_its_value(
    verifier: ReaderVerifier, question: str, restated: str, value: str, opening: str
) -> None:
    said = sure(verifier, question, opening + restated.format(value))
    assert said >= sure(verifier, question, value) >= verifier.threshold


@pytest.mark.parametrize("opening", ["According to [2], ", "As told in [1] and [2], ", "In [2], "])
def test_a_marker_in_an_opening_takes_nothing_from_a_claim(
    verifier: ReaderVerifier, opening: str
) -> None:
    question, said = "When did the sauna open?", "the sauna opened in 1954."
    (claim,) = read_draft(opening + said, question, [RATES, POOL]).claims
    assert sure(verifier, question, claim.text) == sure(verifier, question, said)


@pytest.mark.parametrize(
    ("question", "claim", "value"),
    [
        ("When did the sauna open?", "The sauna did open in 1954.", "1954"),
        ("When did the sauna open?", "In 1954.", ""),
        ("When did the sauna open?", "The sauna did open in 1954, with Jon Ask.", ""),
        ("Did the sauna open in May?", "Yes, the sauna did open in 1954.", ""),
        ("", "", ""),
    ],
)
def test_the_value_that_a_claim_adds_to_its_question(question: str, claim: str, value: str) -> None:
    assert added_value(question, claim) == value


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("Dov'è l'albergo?", "L'albergo è ad Assisi.", "L'albergo è a Roma."),
        ("Quale ufficio apre alle 9?", "L'ufficio dell'assessore.", "L'ufficio del sindaco."),
        ("Quand ouvre le musée ?", "En avril.", "En juin."),
    ],
)
def test_an_elided_word_is_the_word_itself(
    verifier: ReaderVerifier, question: str, right: str, wrong: str
) -> None:
    told = [
        "L'albergo d'Assisi ha 36 camere. L'ufficio dell'assessore apre alle 9. Il sindaco è via.",
        "Le musée de l'Ardèche ouvre d'avril à octobre. L'atelier d'écriture a lieu le mardi.",
    ]
    passages = [passage(f"{at}.md", text) for at, text in enumerate(told)]
    held, fell = (verifier.verify(question, [Claim(c)], passages)[0] for c in (right, wrong))
    assert held.probability >= verifier.threshold > fell.probability


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        ("Are children under 6 let in alone?", "Children under 6 are {} let in alone."),
        ("Are children under 6 let in alone?", "{}. Children under 6 are not let in alone."),
        ("When did the pool open?", "The pool opened {} 1911."),
    ],
)
@pytest.mark.parametrize("word", ["not", "no", "in"])
def test_stress_makes_no_difference(
    verifier: ReaderVerifier, question: str, claim: str, word: str
) -> None:
    said, stressed = (claim.format(form) for form in (word, word.upper()))
    assert sure(verifier, question, said) == sure(verifier, question, stressed)


@pytest.mark.parametrize("name", ["IT", "US", "WHO"])
def test_a_name_in_capitals_is_looked_up(verifier: ReaderVerifier, name: str) -> None:
    passages = [
        passage("staff.md", f"Ann Lund leads the {name} office. Bo Ask leads the HR office.")
    ]
    question = "Which office does Ann Lund lead?"
    held, fell = (
        verifier.verify(question, [Claim(f"Ann Lund leads the {office} office.")], passages)[0]
        for office in (name, "HR")
    )
    assert held.probability >= verifier.threshold > fell.probability


def test_a_denial_is_not_as_sure_as_its_value(verifier: ReaderVerifier) -> None:
    question = "When did the sauna open?"
    said, denied = (
        sure(verifier, question, f"The sauna did{word} open in 1954.") for word in ("", " not")
    )
    assert denied < sure(verifier, question, "1954") <= said


def test_support_rests_on_spans_of_the_passages(verifier: ReaderVerifier) -> None:
    (support,) = verifier.verify("When did the pool open?", [Claim("1911")], [RATES, POOL])
    (evidence, *_) = support.evidence
    assert evidence.passage == 1
    assert "1911" in POOL.page_content[evidence.start : evidence.end]
    assert verifier.verify("When did the pool open?", [Claim("1911")], [])[0].probability == 0
    assert verifier.verify("Why?", [], [POOL]) == []


def test_words_that_answer_a_question_are_found_in_any_passage() -> None:
    extractor = ReaderExtractor(LineReader())

    def likeliest(question: str) -> tuple[str, int, bool]:
        found, *less = extractor.extract(question, [RATES, POOL])
        assert all(other.probability <= found.probability for other in less)
        return found.text, found.passage, found.probability >= extractor.sure

    assert likeliest("When did the sauna open?") == ("1954", 1, True)
    assert likeliest("What does B 12 cost in winter?") == ("205", 0, True)
    assert not likeliest("Who sells the tickets?")[-1]
    assert extractor.extract("When did the sauna open?", []) == []


def test_words_are_less_probable_where_the_passage_lacks_what_is_asked_about() -> None:
    extractor = ReaderExtractor(LineReader())
    named = passage("ostby-baths.md", POOL.page_content)

    def probability(question: str) -> float:
        return extractor.extract(question, [named])[0].probability

    for question in ("When did the sauna open?", "When did the sauna at Ostby open?"):
        assert probability(question) > 0.8
    assert probability("When did the sauna at Velm open?") < EVEN
    assert probability("How many lockers does the sauna have?") < extractor.sure


async def test_company_does_not_move_a_probability(verifier: ReaderVerifier) -> None:
    claims = [Claim(right) for _, right, _ in TWINS] + [Claim(wrong) for *_, wrong in TWINS]
    question = "When did the pool open?"
    alone = [verifier.verify(question, [claim], [POOL])[0].probability for claim in claims]
    together = await verifier.averify(question, claims, [POOL])
    for one, support in zip(alone, together, strict=True):
        assert support.probability == pytest.approx(one, abs=1e-3)


def test_the_shipped_reader_is_the_one_that_was_measured(verifier: ReaderVerifier) -> None:
    manifest = json.loads((SHIPPED / "manifest.json").read_text())
    assert sha256_of(SHIPPED / "reader.safetensors") == manifest["reader_sha256"]
    assert tuple(manifest["features"]) == FEATURES
    figures = manifest["figures"]
    assert figures["auc"] >= 0.8
    assert verifier.weights.rejects == pytest.approx(1 - figures["right kept"])
    assert verifier.trusted == (figures["right kept"] >= 0.9)


def test_what_was_found_agrees_with_a_value_by_its_words() -> None:
    lines = "It opened in 1911, the sauna in 1954."
    reading = Reading((Found(13, 17, 0.75), Found(32, 36, 0.25)), 0.0)
    assert agreement(reading, "1911", lines) == pytest.approx(0.75)
    assert agreement(reading, "1954", lines) == pytest.approx(0.25)
    assert agreement(reading, "", lines) == 0


@pytest.mark.parametrize(
    ("claim", "feature", "value"),
    [
        ("36 metres", "numbers_derived", 1.0),
        ("37 metres", "numbers_derived", 0.0),
        ("37 metres", "numbers_missing", 1.0),
        ("700 metres", "numbers_derived", 0.0),  # a code's digit is no number
        ("Yes.", "yes", 1.0),
        ("No, it is not.", "no", 1.0),
        ("It is not 12 metres long.", "denies_otherwise", 1.0),
        ("It is 12 metres long.", "denies_otherwise", 0.0),
    ],
)
def test_words_are_compared(claim: str, feature: str, value: float) -> None:
    question, lines = "How long is it?", "It is 12 metres long, the other one 24 metres, says SH7."
    found = slots(question, claim)
    beside = Beside(question, claim, Lines(lines, (), lines), found)
    values = features(beside, [Reading((), 1.0)] * (1 + len(found)))
    assert dict(zip(FEATURES, values, strict=True))[feature] == value


def test_trees_add_up_to_a_probability() -> None:
    stump = (Node(feature=1, at=0.5, left=1, right=2), Node(feature=LEAF, value=-2.0))
    trees = Trees(baseline=0.0, trees=((*stump, Node(feature=LEAF, value=2.0)),))
    assert trees.probability([9.0, 0.5]) == pytest.approx(0.1192, abs=1e-4)
    assert trees.probability([9.0, 0.6]) == pytest.approx(0.8808, abs=1e-4)
