"""The verdict and what it rests on: shares, needs, exclusions, claims of articles."""

from dataclasses import replace
from typing import Any

import pytest
from comparisons import answer, compared, report_of

from app.compare.judge.claims import Claim, claims
from app.compare.judge.comparison import ALL, TAUGHT, UNTAUGHT, Comparison
from app.compare.judge.evidence import Row, evidence
from app.compare.judge.staleness import tell
from app.compare.judge.stopping import behind
from app.compare.judge.verdict import Verdict, judge
from app.compare.plan.arms import (
    ARMS,
    BASE,
    BASE_RAG,
    HYBRID,
    ORACLE,
    chosen,
    without_adapter,
)
from app.compare.plan.needs import Needs
from app.dataset.pairs import Pair


def test_a_comparison_sums_up_by_kind_and_by_cost() -> None:
    found = compared({BASE: 10, HYBRID: 30})
    assert found.means("hybrid")["right"].value == 0.75
    assert found.by_kind("base")["all"].value == found.by_kind("base")["answerable"].value == 0.25
    cost = found.cost("base")
    assert (cost.p50_ms, cost.p95_ms, cost.prompt_tokens, cost.completion_tokens) == (
        100,
        100,
        10,
        2,
    )


def verdict(found: Comparison, stale: dict | None = None, **needs: Any) -> Verdict:
    needs = {"traceable": False, **needs}
    return judge(found, evidence(found, stale or {}), Needs(**needs))


def test_arms_that_are_shown_to_be_worse_are_stopped_for_a_leader_that_may_be_run() -> None:
    found = compared({BASE: 4, BASE_RAG: 29, HYBRID: 32, ORACLE: 40}, hybrid=900)
    (stopped,) = behind(found, Needs(traceable=False))
    assert (stopped.arm, stopped.leader, stopped.asked, stopped.right) == (
        "base",
        "hybrid",
        40,
        0.1,
    )
    assert behind(found, Needs(traceable=False), needed=("base",)) == []
    (other,) = behind(found, Needs(traceable=False, max_wait=0.5))
    assert other.leader == "base-rag"
    assert behind(found, Needs()) == []  # none cites, so none may be run
    left = found.without({"base"}).joined(found.without({"base"}))
    assert list(left.answers) == list(left.timed) == ["base-rag", "hybrid", "oracle"]
    assert (len(left.pairs), left.means("hybrid")["right"].value) == (80, 0.8)
    report = report_of(compared({HYBRID: 32}, hybrid=900), stopped=[stopped])
    assert report.sentences[-1].startswith(
        "`base` was stopped after 40 questions: it was right on 10%"
    )
    assert "run again" in stopped.sentence(void=True)


def test_the_best_arm_is_run_and_said_to_be_better_where_that_is_shown() -> None:
    found = verdict(compared({BASE: 10, BASE_RAG: 28, HYBRID: 30, ORACLE: 40}))
    assert (found.arm, found.settled) == ("hybrid", False)
    said = " ".join(found.sentences())
    assert "better than `base` beyond chance" in said
    assert "No difference is shown between it and `base-rag`: about" in said
    assert verdict(compared({BASE: 10, HYBRID: 30})).settled


def test_of_equal_arms_the_quicker_one_is_run() -> None:
    found = verdict(compared({BASE_RAG: 20, HYBRID: 20}, base_rag=300, hybrid=100))
    assert found.arm == "hybrid"
    assert "they were right equally often" in " ".join(found.sentences())


def test_an_answer_tells_the_new_fact_the_old_one_or_neither() -> None:
    pair = Pair(id="q", question="How much?", answers=("5 euros",), revised_answers=("6 euros",))
    said = ["It is 6 euros.", "5 euros, later 6 euros", "5 euros [1]", "15 euros", ""]
    told = [tell(answer(pair, text), pair) for text in said]
    assert told == ["new", "new", "old", "neither", "neither"]
    one = pair.model_copy(update={"answers": ("1",), "revised_answers": ("2",)})
    assert tell(answer(one, "There are nine [1][2]."), one) == "neither"


def test_what_is_needed_rules_arms_out_by_measured_rows() -> None:
    found = compared({BASE: 20, BASE_RAG: 10, HYBRID: 16}, base_rag=300, hybrid=900)
    stale = {
        "base": {"new": 0, "old": 9, "neither": 3},
        "hybrid": {"new": 9, "old": 1, "neither": 2},
    }
    assert verdict(found, stale, changes="never").arm == "base"
    changed = verdict(found, stale, changes="weekly")
    assert changed.arm == "hybrid"
    assert changed.sentences()[0].startswith(
        "Run `hybrid`: of those that meet what is needed, it was right most often [right.hybrid]"
    )
    lost = "`base` is ruled out, though it was right more often [right.base]: facts change weekly"
    assert lost in changed.sentences()[-1]
    assert "[stale.base]" in changed.sentences()[-1]
    slow = verdict(found, stale, changes="never", max_wait=0.2).sentences()[1:]
    assert slow[1].startswith("`hybrid` is ruled out: its answers take")
    mended = {**stale, "base": {"new": 9, "old": 0, "neither": 3}}
    assert verdict(found, mended, changes="weekly").arm == "base"  # another row, another verdict
    assert verdict(found, stale, changes="daily", max_wait=0.5).arm == "base-rag"
    assert verdict(found, stale, changes="never", without_documents=True).arm == "base"
    none = verdict(found, stale, traceable=True)  # nothing is cited here
    assert (none.arm, none.settled) == (None, False)
    assert "No arm meets" in none.sentences()[0]
    both = verdict(found, stale, changes="daily", traceable=True).sentences()[1:]
    assert [said.split("`")[1] for said in both] == ["base", "base-rag", "hybrid"]  # a line each
    assert "[stale.base]; answers must be traceable" in both[0]
    wrong = verdict(compared({BASE: 0, HYBRID: 0}))
    assert (wrong.arm, wrong.sentences()[0]) == (None, none.sentences()[0])


@pytest.mark.parametrize(
    ("stale", "changes", "said"),
    [
        (
            {"tuned": 9, "tuned-rag": 1},
            "weekly",
            "Run `routed`: it was right most often [right.routed]. What it tells of changed facts "
            "was not measured, only what its parts tell [stale.tuned], [stale.tuned-rag].",
        ),
        (
            {"tuned": 9},
            "weekly",
            "Run `routed`: it was right most often [right.routed]. What it tells of changed facts "
            "was not measured, only what its parts tell [stale.tuned].",
        ),
        ({"tuned": 9}, "never", "Run `routed`: it was right most often [right.routed]."),
        ({"tuned": 9, "routed": 0}, "weekly", "Run `routed`: it was right most often"),
        ({"base-rag": 0}, "weekly", "Run `routed`: it was right most often [right.routed]."),
        ({}, "weekly", "Run `routed`: it was right most often [right.routed]."),
    ],
)
def test_an_arm_that_was_not_asked_about_changed_facts_is_said_to_be_unmeasured(
    stale: dict[str, int], changes: str, said: str
) -> None:
    arms = {ARMS[name]: 20 for name in ("base-rag", "tuned", "tuned-rag")}
    told = {arm: {"new": 10 - old, "old": old, "neither": 0} for arm, old in stale.items()}
    found = verdict(compared({**arms, ARMS["routed"]: 21}), told, changes=changes)
    assert found.arm == "routed"
    assert found.sentences()[0].startswith(said)
    assert ("not measured" in found.sentences()[0]) is ("not measured" in said)


def test_where_no_question_names_documents_only_what_never_cites_is_untraceable() -> None:
    found = compared({BASE: 20, BASE_RAG: 10})
    pairs = tuple(pair.model_copy(update={"documents": ()}) for pair in found.pairs)
    told = verdict(replace(found, pairs=pairs), traceable=True)
    assert told.arm == "base-rag"
    assert told.sentences()[-1] == (
        "`base` is ruled out, though it was right more often [right.base]: answers must be "
        "traceable, and it cites no document."
    )


def test_without_an_adapter_no_arm_is_said_to_be_trained_and_none_is_asked_twice() -> None:
    quick = chosen(("base", "base-rag", "tuned", "hybrid", "oracle"))
    left = {arm.name: arm for arm in without_adapter(quick, named=())}
    assert list(left) == ["base", "base-rag", "tuned", "oracle"]
    assert (left["tuned"], left["oracle"].adapter) == (ARMS["tuned"], "none")
    asked = without_adapter(quick, named=("hybrid",))[3]
    assert (asked.name, asked.adapter) == ("hybrid", "none")
    assert asked.title.endswith("; here without an adapter: none is named")


def test_an_upper_bound_alone_is_no_choice() -> None:
    with pytest.raises(ValueError, match="no arm"):
        verdict(compared({ORACLE: 20}))


def test_documents_that_were_trained_on_are_told_from_others() -> None:
    found = compared({BASE: 10})
    assert list(found.by_kind("base")) == ["answerable", ALL]
    named = [("a.md",), ("b.md", "a.md"), ("b.md",), ("b.md", "c.md")]
    pairs = tuple(
        pair.model_copy(update={"documents": named[at // 10]})
        for at, pair in enumerate(found.pairs)
    )
    told = replace(found, pairs=pairs, taught=frozenset({"a.md"})).by_kind("base")
    assert (told[TAUGHT].value, told[UNTAUGHT].value) == (0.5, 0.0)


def test_questions_about_no_document_are_not_of_documents_that_were_not_trained_on() -> None:
    found = replace(compared({BASE: 10}), taught=frozenset({"a.md", "q30"}))
    about = [("a.md",), ("b.md",), (), ()]
    pairs = tuple(
        pair.model_copy(update={"documents": about[at // 10]})
        for at, pair in enumerate(found.pairs)
    )
    told = replace(found, pairs=pairs).by_kind("base")
    assert {of: (told[of].value, told[of].n) for of in (TAUGHT, UNTAUGHT, ALL)} == {
        TAUGHT: (1.0, 10),
        UNTAUGHT: (0.0, 10),
        ALL: (0.25, 40),
    }
    known = [pair.model_copy(update={"documents": pair.documents and ("a.md",)}) for pair in pairs]
    assert list(replace(found, pairs=tuple(known)).by_kind("base")) == ["answerable", ALL]


def claim(about: str, values: dict[str, float], shown: set[tuple[str, str]] | None = None) -> Claim:
    rows = {id_: Row(id_, value, id_) for id_, value in values.items()}
    (found,) = [
        claim for claim in claims(list(ARMS.values()), rows, shown or set()) if about in claim.says
    ]
    assert set(found.rows) <= rows.keys()
    return found


@pytest.mark.parametrize(
    ("about", "values", "found"),
    [
        ("fresh", {"stale.base-rag": 0.0, "stale.tuned": 0.5}, "holds here"),
        ("fresh", {"stale.base-rag": 0.5, "stale.tuned": 0.52}, "fails here"),
        ("fresh", {"stale.base-rag": 0.5}, "not measured"),
        ("format", {"format.base": 0.0, "format.hybrid": 0.9}, "holds here"),
        ("format", {"format.base": 0.0, "format.tuned": 0.0}, "not measured"),  # not trained on it
        ("format", {"format.base": 0.9, "format.json-rag": 0.9}, "fails here"),
        ("traced", {"cited.hybrid": 0.8}, "holds here"),
        ("traced", {"cited.hybrid": 0.4, "cited.tuned": 0.0}, "fails here"),
        ("forget", {"forgetting.tuned": 0.2, "forgetting.hybrid": 0.01}, "holds here"),
        ("forget", {"forgetting.tuned": 0.01}, "fails here"),
        ("faster", {"wait.tuned": 0.3, "wait.hybrid": 2.0}, "holds here"),
        ("faster", {"wait.tuned": 1.3, "wait.hybrid": 2.0, "wait.base-rag": 1.0}, "fails here"),
        ("offline", {"offline.tuned": 1.0, "offline.hybrid": 1.0}, "fails here"),
        ("offline", {"offline.tuned": 1.0, "offline.hybrid": 0.0}, "holds here"),
        ("together", {"right.hybrid": 0.9, "right.oracle": 1.0}, "not measured"),
        ("together", {"right.hybrid": 0.9, "right.base": 0.1}, "fails here"),  # may be chance
    ],
)
def test_what_articles_say_is_held_against_the_rows(
    about: str, values: dict[str, float], found: str
) -> None:
    assert claim(about, values).found == found


def test_a_claim_that_some_arms_are_enough_for_names_them() -> None:
    forgot = claim("forget", {"forgetting.tuned": 0.2, "forgetting.hybrid": 0.01})
    assert (forgot.arms, forgot.outcome) == (("tuned",), "holds here for tuned")
    both = claim("format", {"format.base": 0.1, "format.tuned": 0.9, "format.hybrid": 0.2})
    assert both.outcome == "holds here for tuned, hybrid"
    assert claim("format", {"format.tuned": 0.9}).outcome == "not measured"


def test_the_hybrid_is_best_when_it_is_shown_to_beat_every_other() -> None:
    values = {"right.hybrid": 0.9, "right.base": 0.1, "right.tuned": 0.2, "right.oracle": 1.0}
    both = {("hybrid", "base"), ("hybrid", "tuned")}
    assert claim("together", values, both).outcome == "holds here for hybrid"
    assert claim("together", values, {("hybrid", "base")}).found == "fails here"


def test_claims_and_steps_are_about_roles_whatever_arms_are_called() -> None:
    named = {arm.name: replace(arm, name=f"{at}-x") for at, arm in enumerate(ARMS.values())}
    rows = {
        id_: Row(id_, value, id_)
        for id_, value in {
            f"stale.{named['few-shot-rag'].name}": 0.1,
            f"stale.{named['tuned'].name}": 0.6,
            f"right.{named['tuned-rag'].name}": 0.9,
            f"right.{named['base'].name}": 0.1,
            f"right.{named['oracle'].name}": 1.0,
        }.items()
    }
    shown = {(named["tuned-rag"].name, named["base"].name)}
    fresh, *_, together = claims([*named.values()], rows, shown)
    assert (fresh.found, together.found) == ("holds here", "holds here")
    assert not any(id_.endswith(named["oracle"].name) for id_ in together.rows)
    found = evidence(compared({named["base"]: 10, named["base-rag"]: 20, named["tuned"]: 14}), {})
    steps = {id_: row.value for id_, row in found.items() if id_.startswith("step.")}
    assert steps == {"step.weights": 0.1, "step.documents": 0.25}


def test_a_share_says_of_how_many_questions_it_is() -> None:
    rows = evidence(compared({BASE: 10, HYBRID: 30}), {})
    assert rows["right.base"].text == "base: 25% of its answers to 40 questions are right"
    assert "0% of the 40 questions it answers cite" in rows["cited.hybrid"].text


def test_only_arms_that_answer_by_heart_run_where_the_documents_may_not_be() -> None:
    arms = [arm for arm in ARMS.values() if arm.runnable]
    found = verdict(compared(dict.fromkeys(arms, 20)), without_documents=True)
    kept = {arm.name for arm in arms} - {one.arm for one in found.excluded}
    assert kept == {"base", "tuned"}


def test_reports_are_the_same_for_the_same_answers() -> None:
    pages = [report_of(compared({BASE: 10, HYBRID: 30})).to_html() for _ in range(2)]
    assert pages[0] == pages[1]
    assert pages[0].count('<details class="question"') == 40
