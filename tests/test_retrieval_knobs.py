"""The sweep of retrieval's knobs, on a few real documents with the real embedding model."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from comparisons import compared, report_of
from langchain_core.documents import Document

from app.assistant import Assistant
from app.compare.plan.arms import HYBRID
from app.compare.run.other_chunks import SPLITS, Cut
from app.compare.run.retrieval_knobs import Knobs, Sweeper
from app.dataset.pairs import Pair
from app.ingest.extracted import ExtractedDocument, Heading
from app.settings import Settings

TOWNS = ("Ossel", "Culvie", "Marram", "Skjorn", "Kester", "Ebrard")


@pytest.fixture(scope="module")
def sweeper(tmp_path_factory: pytest.TempPathFactory) -> Sweeper:
    folder = tmp_path_factory.mktemp("knobs")
    (folder / "docs").mkdir()
    for at, town in enumerate(TOWNS):
        filler = " ".join(f"Its street number {n} is quiet." for n in range(40))
        text = f"{filler} The baker of {town} opens at {at + 4}:15."
        (folder / "docs" / f"{town}.md").write_text(text)
    pairs = [
        Pair(
            id=town,
            question=f"When does the baker of {town} open?",
            answers=(f"{at + 4}:15",),
            documents=(f"{town}.md",),
        )
        for at, town in enumerate(TOWNS)
    ]
    unanswerable = Pair(id="odd", question="Why?", kind="unanswerable")
    nowhere = pairs[0].model_copy(update={"id": "nowhere", "answers": ("noon",)})
    librarian = Assistant(
        Settings(adapter="none", context_tokens=400, index=folder / "index"),
    )
    asked = [*pairs, unanswerable, nowhere]
    return Sweeper(librarian, [folder / "docs"], asked, folder / "knobs")


def test_a_question_counts_where_its_sentence_fits_the_prompt(sweeper: Sweeper) -> None:
    knobs = Knobs(400, 0.0, 2, "BM25")
    assert sweeper.score(knobs) == [1.0] * len(TOWNS)
    # Two passages of 1,600 characters are some 800 tokens: the second does not fit any more.
    large = Knobs(1600, 0.0, 2, "BM25")
    room = sweeper.settings.context_tokens
    found = sweeper.search("baker of Ossel", large)
    assert [len(chunk.page_content) > 1_000 for chunk in found] == [True] * 2
    sweeper.settings = sweeper.settings.model_copy(update={"context_tokens": 100})
    assert sweeper.score(large) == [0.0] * len(TOWNS)
    sweeper.settings = sweeper.settings.model_copy(update={"context_tokens": room})


def test_the_right_words_in_another_document_do_not_count(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first, units), *_ = sweeper.gold
    place = {"document": units[0].document, "start": 0, "end": 5_000}
    right = Document(units[0].text, metadata=place)
    elsewhere = Document(units[0].text, metadata={**place, "document": "Holm.md"})
    cut = Document(units[0].text[4:], metadata={**place, "start": units[0].start + 4})
    monkeypatch.setattr(sweeper, "gold", [(first, units)])
    for chunk, found in ((right, 1.0), (elsewhere, 0.0), (cut, 0.0)):
        monkeypatch.setattr(sweeper, "search", lambda question, knobs, chunk=chunk: [chunk])
        assert sweeper.score(Knobs(800, 0.125, 2)) == [found]


def test_an_answer_beyond_the_tenth_passage_is_found_where_so_many_are_taken(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pair, units), *_ = sweeper.gold
    place = {"document": units[0].document, "start": 0}
    passages = [
        *[Document("Nothing.", metadata={**place, "end": 0})] * 14,
        Document("Open.", metadata={**place, "end": 5_000}),
    ]
    monkeypatch.setattr(sweeper, "search", lambda question, knobs: passages[: knobs.k])
    monkeypatch.setattr(sweeper, "gold", [(pair, units)])
    for k, found in ((10, 0.0), (14, 0.0), (15, 1.0), (20, 1.0)):
        assert sweeper.score(Knobs(800, 0.125, k)) == [found]
    monkeypatch.setattr(sweeper, "settings", sweeper.settings.model_copy(update={"top_k": 20}))
    assert sweeper._depths[-1] == 20


def test_indexes_belong_to_the_folders_that_were_cut(sweeper: Sweeper, tmp_path: Path) -> None:
    (tmp_path / "autumn").mkdir()
    (tmp_path / "autumn" / "Ossel.md").write_text("The baker of Ossel opens at 9:45.")
    other = Sweeper(sweeper.librarian, [tmp_path / "autumn"], sweeper.asked, sweeper.folder)
    found = other.search("When does the baker of Ossel open?", Knobs(400, 0.0, 10))
    assert [chunk.page_content for chunk in found] == ["The baker of Ossel opens at 9:45."]


def test_knobs_are_turned_one_at_a_time_and_all_together(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.compare.run.retrieval_knobs.TRIALS", 4)
    found = sweeper.sweep(seed=1)
    assert found.used == Knobs(800, 0.125, 6)
    turned = [(one.knob, one.value) for one in found.ablated]
    assert len(turned) == len(set(turned)) == 2 + 2 + 4 + 2 + 1 + 2
    assert ("search", "hybrid") not in turned  # it is what is used
    assert turned[-2:] == [("reader", "as plain text"), ("chunker", "by length alone")]
    for one in found.ablated:
        assert one.gain.value == pytest.approx(one.found.value - found.found.value)
    assert (found.found.n, found.without_gold) == (len(TOWNS), 1)
    assert found.best_found.n == len(TOWNS) / 2  # that it was not chosen by
    assert sweeper.sweep(seed=1) == found
    embedded: list[str] = []
    embeddings = sweeper.librarian.embeddings
    embed, ask = embeddings.embed_documents, embeddings.embed_query

    def noted(texts: list[str]) -> list[list[float]]:
        embedded.extend(texts)
        return embed(texts)

    def asked(text: str) -> list[float]:
        embedded.append(text)
        return ask(text)

    monkeypatch.setattr(embeddings, "embed_documents", noted)
    monkeypatch.setattr(embeddings, "embed_query", asked)
    made = list(sweeper.folder.iterdir())
    again = Sweeper(sweeper.librarian, sweeper.paths, sweeper.asked, sweeper.folder)
    assert again.score(replace(found.used, cut="by length alone")) != []
    assert list(sweeper.folder.iterdir()) == made
    assert set(embedded) == {pair.question for pair, _ in again.gold}  # and no chunk again
    report = replace(report_of(compared({HYBRID: 30})), knobs=found)
    for told in (report.to_html(), report.to_markdown()):
        assert "1 more are left out" in told
        assert told.count("no difference shown") >= sum(not one.shown for one in found.ablated)


@pytest.mark.parametrize("cut", get_args(Cut))
def test_every_way_of_cutting_gives_slices_of_one_text(cut: Cut) -> None:
    text = (
        "# Hours\n\nOpen at 8. "
        + "Quiet streets all around it. " * 20
        + "\n\n# Fares\n\nOne euro. "
        + "Children ride free. " * 20
    )
    headed = ExtractedDocument(
        text, (Heading(0, 1, "Hours"), Heading(text.index("# Fares"), 1, "Fares"))
    )
    chunks = SPLITS[cut](headed, document="a.md", chunk_size=200, chunk_overlap=40)
    for chunk in chunks:
        place = chunk.metadata
        assert chunk.page_content == text[place["start"] : place["end"]]
        assert len(chunk.page_content) <= 200
    covered = {
        at for chunk in chunks for at in range(chunk.metadata["start"], chunk.metadata["end"])
    }
    assert {at for at, letter in enumerate(text) if not letter.isspace()} <= covered
    sections = {chunk.metadata["section"] for chunk in chunks}
    assert sections == ({""} if cut == "as plain text" else {"Hours", "Fares"})
    mid_sentence = [c for c in chunks[1:] if c.page_content[0].islower()]
    assert bool(mid_sentence) is (cut == "by length alone")
