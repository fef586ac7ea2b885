"""The sweep of retrieval's knobs, on a few real documents with the real embedding model."""

import pytest

from app.compare.knobs import Knobs, Sweeper
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


def test_knobs_are_turned_one_at_a_time_and_all_together(
    sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.compare.knobs.TRIALS", 4)
    found = sweeper.sweep(seed=1)
    assert found.used == Knobs(800, 0.125, 6)
    turned = [(one.knob, one.value) for one in found.ablated]
    assert len(turned) == len(set(turned)) == 2 + 2 + 4 + 2 + 1
    assert ("search", "hybrid") not in turned  # it is what is used
    for one in found.ablated:
        assert one.gain.value == pytest.approx(one.found.value - found.found.value)
    assert found.best_gain.value == pytest.approx(found.best_found.value - found.found.value)
    assert sweeper.sweep(seed=1) == found
