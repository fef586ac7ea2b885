import random

import pytest
from comparisons import answer

from app.compare.run.gate_learning import Outcome, Policy, learn
from app.compare.run.routed_arm import as_read
from app.dataset.pairs import Pair


def outcomes(known: list[bool], *, told: bool = True, found: float = 1.0) -> list[Outcome]:
    """A search is always equally right; confidence tells what is known by heart, or nothing."""
    draw = random.Random(1)
    return [
        Outcome(
            Pair(id=f"q{at}", question="?", documents=(f"{at // 4}.md",)),
            [0.5, 0.5, 0.1, (-0.1 if heart else -3) if told else draw.random()],
            closed=float(heart),
            searched=found,
            closed_ms=100,
            searched_ms=1000,
            features_ms=10,
            left_ms=40,
        )
        for at, heart in enumerate(known)
    ]


HALF = [at % 2 == 0 for at in range(40)]
NAMES = {"taught": ["Who?"], "index": "v1", "adapter": "heart@1"}


def test_a_telling_feature_saves_every_needless_search_and_costs_no_answer() -> None:
    found = learn(outcomes(HALF), **NAMES)
    assert found.policies == {
        "always search": Policy(1.0, 1.0, 1000.0),
        "never search": Policy(0.5, 0.0, 100.0),
        "learned gate": Policy(1.0, 0.5, 530.0),
        "oracle": Policy(1.0, 0.5, 550.0),
    }
    assert found.brier < 0.05
    assert found.search == {f"q{at}": not heart for at, heart in enumerate(HALF)}
    learned = found.learned
    assert learned.probability([0.5, 0.5, 0.1, -0.1]) > 0.8
    assert learned.probability([0.5, 0.5, 0.1, -3.0]) < 0.2
    assert (learned.index, learned.adapter, learned.taught) == ("v1", "heart@1", ("Who?",))


def test_without_a_telling_feature_the_gate_is_no_better_than_a_coin() -> None:
    found = learn(outcomes(HALF, told=False), **NAMES)
    assert found.brier > 0.2


def test_a_search_that_finds_nothing_is_not_tried_in_the_place_of_an_unsure_answer() -> None:
    found = learn(outcomes([at % 4 == 0 for at in range(40)], told=False, found=0.0), **NAMES)
    assert found.learned.threshold == 0
    assert found.policies["learned gate"] == Policy(0.25, 0.0, 50.0)


@pytest.mark.parametrize(("heart", "searched"), [(False, 1.0), (True, 0.0)])
def test_outcomes_that_are_all_alike_make_a_gate_that_always_does_the_same(
    heart: bool, searched: float
) -> None:
    found = learn(outcomes([heart] * 10), **NAMES)
    assert found.policies["learned gate"].searched == searched
    assert (found.learned.probability([0, 0, 0, 0]) > 0.5) is heart


@pytest.mark.parametrize(
    "known", [[True] * 4 + [False] * 4, [True] * 4 + [False] * 16, [True] + [False] * 19]
)
def test_where_documents_part_the_known_from_the_rest_one_probability_stands_for_all(
    known: list[bool],
) -> None:
    found = learn(outcomes(known), **NAMES)  # four questions a document, so some part knows none
    share = sum(known) / len(known)
    assert found.brier == pytest.approx(share * (1 - share))
    for features in ([0.5, 0.5, 0.1, -0.1], [0.5, 0.5, 0.1, -3.0]):
        assert found.learned.probability(features) == pytest.approx(share)
    assert set(found.search.values()) == {share < 0.5}


def test_a_gate_reads_a_question_as_the_workflow_does() -> None:
    said = [{"role": "user", "content": "What does bread cost?"}]
    said.append({"role": "assistant", "content": "2 euros."})
    pair = Pair.model_validate({"id": "q", "question": "And honey?", "history": said})
    found = answer(pair, "3 euros.")
    assert as_read(pair, found) == "What does bread cost? And honey?"
    whole = {**found, "parts": ["What does honey cost?"]}
    assert as_read(pair, whole) == "What does honey cost?"
    both = {**found, "parts": ["What does honey cost?", "Who sells it?"]}
    assert as_read(pair, both) == "What does bread cost? And honey?"
    alone = pair.model_copy(update={"history": ()})
    assert as_read(alone, found) == "And honey?"
