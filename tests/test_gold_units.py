"""The sentence or row that answers a question, and which chunks hold it."""

from langchain_core.documents import Document

from app.compare.judge.gold_units import GoldUnit, gold_units
from app.dataset.pairs import Pair
from app.ingest.chunking import split_document
from app.ingest.extracted import ExtractedDocument, Heading

TEXT = """Bakery

Open from 8:00. Closed on Mondays.

Ferry

It leaves at 8:00. Tickets cost 4 euros.

| Stop | First |
|------|-------|
| Pier | 8:00  |
| Hill | 9:30  |"""
HEADED = ExtractedDocument(
    TEXT, (Heading(0, 1, "Bakery"), Heading(TEXT.index("Ferry"), 1, "Ferry"))
)
CHUNKS = split_document(HEADED, document="a.md", chunk_size=200, chunk_overlap=0)


def found(question: str, *answers: str, **more: object) -> list[str]:
    pair = Pair(id="q", question=question, answers=answers, **{"documents": ("a.md",), **more})
    texts = {"a.md": TEXT, "b.md": "The ferry leaves at 8:00 as well."}
    units = gold_units(pair, texts.get, lambda name: CHUNKS if name == "a.md" else [])
    for unit in units:
        assert texts[unit.document][unit.start : unit.end] == unit.text
    return [unit.text for unit in units]


def test_of_units_that_hold_an_answer_those_nearest_to_the_question_count() -> None:
    assert found("When does the bakery open?", "8:00") == ["Open from 8:00."]
    assert found("When does the ferry leave?", "8:00") == ["It leaves at 8:00."]
    assert found("When is the first ferry at the pier stop?", "8:00") == ["| Pier | 8:00  |"]
    assert found("How much?", "4 euros", "5 euros") == ["Tickets cost 4 euros."]
    every = found("When does the ferry leave?", "8:00", documents=("a.md", "b.md"))
    assert every == ["It leaves at 8:00.", "The ferry leaves at 8:00 as well."]


def test_an_answer_that_no_unit_holds_whole_has_none() -> None:
    assert found("When?", "8:00. Closed") == []
    assert found("When?", "8:00", documents=()) == []
    assert found("When?", "8:00", documents=("gone.md",)) == []
    assert found("Which?", '{"stop": "Hill", "first": "9:30"}', kind="format") == [
        "| Hill | 9:30  |"
    ]


def test_a_chunk_covers_a_unit_only_whole_and_in_a_document_that_holds_it() -> None:
    unit = GoldUnit("a.md", 10, 20, "0123456789")

    def covers(start: int, end: int, document: str = "a.md", **more: object) -> bool:
        place = {"document": document, "start": start, "end": end, **more}
        return unit.covered_by(Document("x0123456789x", metadata=place))

    assert covers(10, 20)
    assert covers(0, 99)
    assert not covers(11, 99)
    assert not covers(0, 19)
    assert not covers(10, 20, "b.md")
    assert covers(0, 12, "b.md", also=["a.md"])  # an equal text, which stands for both
