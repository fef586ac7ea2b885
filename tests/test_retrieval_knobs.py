"""The sweep of retrieval's knobs, on a few real documents with the real embedding model."""

from pathlib import Path

import pytest

from app.compare.run.retrieval_knobs import Knobs, Sweeper
from app.dataset.pairs import Pair
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
    settings = Settings(adapter="none", context_tokens=400)
    return Sweeper(settings, [folder / "docs"], [*pairs, unanswerable], folder / "knobs")


def test_a_question_counts_where_its_answer_fits_the_prompt(sweeper: Sweeper) -> None:
    knobs = Knobs(400, 0.0, 2, "BM25")
    assert sweeper.score(knobs) == [1.0] * len(TOWNS)
    # Two passages of 1,600 characters are some 800 tokens: the second does not fit any more.
    large = Knobs(1600, 0.0, 2, "BM25")
    room = sweeper.settings.context_tokens
    assert [len(text) > 1_000 for text in sweeper.search("baker of Ossel", large)] == [True] * 2
    sweeper.settings = sweeper.settings.model_copy(update={"context_tokens": 100})
    assert sweeper.score(large) == [0.0] * len(TOWNS)
    sweeper.settings = sweeper.settings.model_copy(update={"context_tokens": room})


def test_an_answer_beyond_the_tenth_passage_is_found_where_so_many_are_taken(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = sweeper.pairs[0]
    passages = [*["Nothing."] * 14, f"Open at {pair.answers[0]}."]
    monkeypatch.setattr(sweeper, "search", lambda question, knobs: passages[: knobs.k])
    monkeypatch.setattr(sweeper, "pairs", [pair])
    for k, found in ((10, 0.0), (14, 0.0), (15, 1.0), (20, 1.0)):
        assert sweeper.score(Knobs(800, 0.125, k)) == [found]
    monkeypatch.setattr(sweeper, "settings", sweeper.settings.model_copy(update={"top_k": 20}))
    assert sweeper._depths[-1] == 20


def test_indexes_belong_to_the_folders_that_were_cut(sweeper: Sweeper, tmp_path: Path) -> None:
    (tmp_path / "autumn").mkdir()
    (tmp_path / "autumn" / "Ossel.md").write_text("The baker of Ossel opens at 9:45.")
    other = Sweeper(sweeper.settings, [tmp_path / "autumn"], sweeper.pairs, sweeper.folder)
    found = other.search("When does the baker of Ossel open?", Knobs(400, 0.0, 10))
    assert found == ["The baker of Ossel opens at 9:45."]


def test_knobs_are_turned_one_at_a_time_and_all_together(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.compare.run.retrieval_knobs.TRIALS", 4)
    found = sweeper.sweep(seed=1)
    assert found.used == Knobs(800, 0.125, 6)
    turned = [(one.knob, one.value) for one in found.ablated]
    assert len(turned) == len(set(turned)) == 2 + 2 + 4 + 2 + 1
    assert ("search", "hybrid") not in turned  # it is what is used
    for one in found.ablated:
        assert one.gain.value == pytest.approx(one.found.value - found.found.value)
    assert found.best_gain.value == pytest.approx(found.best_found.value - found.found.value)
    assert sweeper.sweep(seed=1) == found
