"""The whole run of `groundtune compare`, on the tiny model and ten documents."""

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from comparisons import answer, compared, report_of
from dotenv import dotenv_values
from elsewhere import elsewhere
from langchain_core.documents import Document

from app.cli import main
from app.compare.judge.claims import Claim, claims
from app.compare.judge.comparison import ALL, TAUGHT, UNTAUGHT, Comparison
from app.compare.judge.evidence import Row, evidence
from app.compare.judge.staleness import tell
from app.compare.judge.stopping import behind
from app.compare.judge.verdict import Verdict, judge
from app.compare.plan.arms import ARMS, BASE, BASE_RAG, HYBRID, ORACLE, USUAL, Made, Trained
from app.compare.plan.harder_questions import counterfactual, noisy
from app.compare.plan.needs import Needs
from app.dataset.pairs import Grounded, Pair
from app.settings import Settings

TOWNS = "Ossel Culvie Marram Skjorn Kester Ebrard Dunmal Holm Ling Ness".split()
RUN = ["compare", "docs", "--questions", "q.jsonl", "--dtype", "float32", "--max-tokens", "12"]
SOME = ["--arms", "base,base-rag,routed,hybrid,oracle", "--revised", "later", "--judge", "tiny"]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("work")
    shutil.copytree(tiny_model, folder / "tiny")
    (folder / "docs").mkdir()
    (folder / "later").mkdir()
    pairs = []
    for at, town in enumerate(TOWNS):
        (folder / "docs" / f"{town}.md").write_text(f"{town} has {at + 3} bees.")
        asked = {
            "id": f"q{at}",
            "question": f"How many bees has {town} & <b>co</b>?",
            "answers": [f"{at + 3}"],
        }
        later = {"revised_answers": [f"{at + 30}"]} if at < 4 else {}
        pairs.append({**asked, "documents": [f"{town}.md"], **later})
        (folder / "later" / f"{town}.md").write_text(f"{town} has {at + 30} bees.")
    pairs.append({"id": "odd", "question": "Why rain?", "kind": "unanswerable"})
    (folder / "q.jsonl").write_text("\n".join(map(json.dumps, pairs)))
    return folder


@pytest.fixture(autouse=True)
def _inside(work: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    monkeypatch.chdir(work)
    monkeypatch.setenv("GROUNDTUNE_MODEL", "tiny")
    monkeypatch.setenv("GROUNDTUNE_CACHE", str(work / "cache"))


def figures(folder: Path) -> dict:
    return json.loads((folder / "comparison.json").read_text())


def forget() -> None:
    """Unset what a command read from `.env`, as its end would; nothing puts it back."""
    for variable in dotenv_values(".env"):
        os.environ.pop(variable, None)


def test_every_arm_is_asked_once_and_reported(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = work / "out"
    assert main([*RUN, *SOME, "--output", str(out)]) == 0
    found = figures(out)
    assert list(found["arms"]) == [
        "base",
        "base-rag",
        "tuned",
        "tuned-rag",
        "hybrid",
        "oracle",
        "routed",
    ]
    assert found["verdict"]["said"][0] in " ".join(capsys.readouterr().out.split())
    assert "It is done." in (out / "board.html").read_text()
    rows_ = [json.loads(line) for line in (out / "rows.jsonl").read_text().splitlines()]
    kept = [row["exchanges"] for row in rows_ if row["arm"] == "base" and row["part"] == "main"]
    assert [of[-1]["step"] for of in kept] == ["generate"] * len(found["questions"])
    assert all(of[-1]["prompt"][-1]["role"] == "human" for of in kept)
    page, text = (out / "report.html").read_text(), (out / "report.md").read_text()
    assert all(arm in page and arm in text for arm in found["arms"])
    assert "&amp; &lt;b&gt;co&lt;/b&gt;?" in page
    assert "<b>co" not in page
    assert not re.search(r'(src|href)="http', page)
    assert not re.search(r"[^\n]\n## ", text)  # a heading would go on with a table
    # Without an adapter of its own the tuned arm is the base with retrieval: two that are equal.
    (equal,) = [
        d for d in found["differences"] if {d["left"], d["right"]} == {"base-rag", "hybrid"}
    ]
    assert (equal["p"], equal["shown"], equal["more"]) == (1.0, False, None)
    assert "oracle" not in {d[side] for d in found["differences"] for side in ("left", "right")}

    assert {sum(told.values()) for told in found["staleness"].values()} == {4}
    asked = len(found["questions"])
    assert {of["format_valid"]["n"] for of in found["formats"].values()} == {asked}
    assert found["judged"].keys() == found["arms"].keys()
    assert all(0 <= said["failed"] <= 1 for said in found["judged"].values())
    assert found["knobs"]["found"]["n"] == asked
    assert (found["orders"]["arm"], found["orders"]["used"]) == ("hybrid", "ends")
    turned = {of["value"]: of for of in found["orders"]["ablated"]}
    assert turned.keys() == {"best-first", "best-last"}
    assert {of["gain"]["n"] for of in turned.values()} == {asked}
    rows = found["evidence"]
    assert rows["offline.tuned"]["value"] == rows["offline.hybrid"]["value"] == 1
    assert rows["disk.hybrid"]["value"] >= rows["disk.tuned"]["value"]
    assert rows["training.tuned"]["value"] > 0
    assert "forgetting.tuned" in rows
    assert "forgetting.hybrid" not in rows  # it has no adapter of its own here
    assert {id_ for answered in found["six_questions"] for id_ in answered["rows"]} <= rows.keys()
    assert list(found["staleness"]) == ["base", "base-rag", "tuned", "tuned-rag", "hybrid"]

    assert main(["use", "tuned", "--output", str(out)]) == 0
    chosen = Settings()
    assert (chosen.retrieval, Path(chosen.adapter).parent.parent) == ("never", out)
    assert main(["use", "hybrid", "--output", str(out)]) == 0
    assert dotenv_values(".env")["GROUNDTUNE_ADAPTER"] == "auto"
    assert dotenv_values(".env")["GROUNDTUNE_RETRIEVAL"] == "always"
    forget()
    assert main(["use", "routed", "--output", str(out)]) == 0
    forget()
    gated = ["ask", "How many bees has Holm?", "--json", "--dtype", "float32", "--max-tokens", "12"]
    assert main(gated) == 0
    assert main([*gated, "--adapter", "none"]) == 3  # the gate belongs to another adapter
    assert main(["use", "oracle", "--output", str(out)]) == 3
    forget()
    monkeypatch.setenv("GROUNDTUNE_RETRIEVAL", "never")
    assert main(["use", "hybrid", "--output", str(out)]) == 3
    forget()
    (work / ".env").unlink()
    monkeypatch.setenv("GROUNDTUNE_MODEL", "tiny")

    files = {file: file.read_bytes() for file in (out / "answers").iterdir()}
    # 6 sets for each of 3 readers, 4 for each of 2 that do not read (nothing is made harder for
    # them), 2 for the oracle (not asked about what changed); beside the answers lie features,
    # verdicts, what was forgotten, what knobs are worth, what each of 6 arms takes alone, and two
    # orders of passages.
    assert len(files) == 40
    cut = max((f for f in files if f.suffix == ".jsonl"), key=lambda file: file.name)
    cut.write_bytes(
        b"\n".join(files[cut].split(b"\n")[:3]) + b'\n{"id": "q'
    )  # killed while writing
    assert main([*RUN, *SOME, "--output", str(out)]) == 0
    again = {file: file.read_bytes() for file in (out / "answers").iterdir()}
    assert again.keys() == files.keys()
    assert [file for file in files if again[file] != files[file]] in ([], [cut])
    assert figures(out)["differences"] == found["differences"]
    assert figures(out)["questions"] == found["questions"]
    assert "Everything was made in this run." in text
    reused = figures(out)["provenance"]["reused"]
    assert {"the closed-book training", "forgetting", "the knobs of retrieval"} <= reused.keys()
    whole = [of["reused"] == of["of"] for of in reused.values()]
    assert whole.count(False) == 1  # the answers that were cut
    assert "Taken up from earlier runs of the same prompts, code" in (out / "report.md").read_text()


@pytest.mark.parametrize(
    ("asked", "arms"),
    [
        ({"kind": "format", "answers": ['{"bees": 3}'], "documents": ["Holm.md"]}, "base"),
        ({"kind": "unanswerable"}, "base,base-rag"),
    ],
    ids=["format", "unanswerable"],
)
def test_questions_that_are_all_of_one_kind_are_compared(
    asked: dict[str, Any], arms: str, work: Path, tmp_path: Path
) -> None:
    ids = [f"{asked['kind']}-{at}" for at in range(4)]
    lines = [json.dumps({"id": id_, "question": f"How many {id_}?", **asked}) for id_ in ids]
    (tmp_path / "q.jsonl").write_text("\n".join(lines))
    run = [*RUN, "--questions", str(tmp_path / "q.jsonl"), "--arms", arms]
    assert main([*run, "--output", str(tmp_path / "out")]) == 0
    found = figures(tmp_path / "out")
    assert ",".join(found["arms"]) == arms
    assert found["evidence"]["offline.base"]["value"] == 1


def test_repeats_train_and_ask_with_other_seeds(work: Path) -> None:
    out = work / "repeated"
    run = [*RUN, "--quick", "--arms", "base,tuned", "--stop-early", "--output", str(out)]
    run += ["--repeats", "2"]
    assert main(run) == 0
    found = figures(out)
    assert found["repeats"]["seeds"] == [13, 14]
    assert found["stopped"] == []  # so few questions show nothing
    right = {found["arms"][arm]["scores"]["right"]["n"] for arm in ("base", "tuned")}
    assert right == {len(found["questions"])}  # both halves
    assert {arm: len(of["shares"]) for arm, of in found["repeats"]["arms"].items()} == {
        "base": 2,
        "tuned": 2,
    }
    trainings = [file.parent for file in out.rglob("closed-book-*/**/seconds.txt")]
    assert len({str(folder.relative_to(out)).startswith("seed-14") for folder in trainings}) == 2


def test_an_arm_is_trained_on_the_json_that_is_asked_for(work: Path) -> None:
    assert "json-rag" in ARMS
    assert "json-rag" not in USUAL
    out = work / "in-json"
    assert main([*RUN, "--quick", "--arms", "base,json-rag", "--output", str(out)]) == 0
    found = figures(out)
    assert list(found["formats"]) == ["base", "json-rag"]
    assert {"training.json-rag", "format.json-rag", "forgetting.json-rag"} <= found[
        "evidence"
    ].keys()
    (claimed,) = [of for of in found["claims"] if "format" in of["says"]]
    assert claimed["found"] != "not measured"
    assert next(out.glob("format-*"), None) is not None
    assert main(["use", "json-rag", "--output", str(out)]) == 0
    assert Path(dotenv_values(".env")["GROUNDTUNE_ADAPTER"]).parent.parent == out
    forget()
    (work / ".env").unlink()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--arms", "base,best"], "no arm 'best'"),
        (["--questions", "none.jsonl"], "none.jsonl"),
        (["--index", "empty"], "no index in empty"),
        # A judge that cannot be had is told before anything else is tried.
        (["--index", "empty", "--judge", "nowhere"], "--judge 'nowhere' cannot be asked"),
        (["--index", "empty", "--judge", "fireworks:x"], "--judge 'fireworks:x' cannot be asked"),
    ],
)
def test_bad_input_is_one_line(
    given: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["compare", "--questions", "q.jsonl", *given]
    assert main(command) == 3
    error = capsys.readouterr().err.strip()
    assert told in error
    assert len(error.splitlines()) == 1


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


def test_what_is_needed_rules_arms_out_by_measured_rows() -> None:
    found = compared({BASE: 20, BASE_RAG: 10, HYBRID: 16}, base_rag=300, hybrid=900)
    stale = {
        "base": {"new": 0, "old": 9, "neither": 3},
        "hybrid": {"new": 9, "old": 1, "neither": 2},
    }
    assert verdict(found, stale, changes="never").arm == "base"
    changed = verdict(found, stale, changes="weekly")
    assert changed.arm == "hybrid"
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


def grounded(at: int, text: str, answer: str) -> Grounded:
    pair = Pair(id=f"q{at}", question="How many?", answers=(answer,), documents=("a.md",))
    chunk = Document(text, id=f"a{at}", metadata={"document": "a.md", "start": 0})
    return Grounded(pair, answer, (chunk,))


def test_a_changed_fact_is_what_its_passage_says_and_another_one() -> None:
    facts = [grounded(at, f"It has {at}1 bees, yes, {at}1 bees.", f"{at}1") for at in range(1, 9)]
    words = grounded(9, "It is blue.", "blue")  # which no rule can change
    made = counterfactual([*facts, words], each=12, seed=1)
    assert len(made) == 8
    for variant in made:
        (passage,), (answer,) = variant.given, variant.pair.answers
        former = next(fact for fact in facts if variant.pair.id == f"{fact.pair.id}-changed")
        assert answer != former.answer
        assert re.fullmatch(r"[1-9]{2}", answer)
        assert passage.text == former.gold[0].page_content.replace(former.answer, answer)
    assert made == counterfactual([*facts, words], each=12, seed=1)


def test_noise_holds_the_right_passage_and_none_other_with_the_answer() -> None:
    right = grounded(1, "It has 12 bees.", "12")
    hits = [Document(text, metadata={"document": "b.md"}) for text in ("12 too", "x", "y", "z")]
    (made,) = noisy([right], lambda question, k: [*right.gold, *hits], each=12, seed=1)
    assert sorted(given.text for given in made.given) == ["It has 12 bees.", "x", "y", "z"]
    assert made.pair.answers == right.pair.answers


def test_an_upper_bound_alone_is_no_choice() -> None:
    with pytest.raises(ValueError, match="no arm"):
        verdict(compared({ORACLE: 20}))


def test_reports_are_the_same_for_the_same_answers() -> None:
    pages = [report_of(compared({BASE: 10, HYBRID: 30})).to_html() for _ in range(2)]
    assert pages[0] == pages[1]
    assert pages[0].count('<details class="question"') == 40


def test_every_arm_is_a_configuration_of_the_settings(work: Path) -> None:
    settings = Settings(adapter="mine")
    shots, heart = work / "shots.jsonl", work / "heart"
    own = Made(shots, {"closed-book": Trained(heart, 1), "format": Trained(work / "json", 1)})
    made = {name: arm.settings(settings, own) for name, arm in ARMS.items()}
    adapters = {name: made[name].adapter for name in made if made[name].adapter != "none"}
    assert adapters == {
        "tuned": str(heart),
        "tuned-rag": str(heart),
        "routed": str(heart),
        "json-rag": str(work / "json"),
        "hybrid": "mine",
        "oracle": "mine",
    }
    assert [name for name, s in made.items() if s.retrieval == "never"] == ["base", "tuned"]
    assert [name for name, s in made.items() if s.retrieval == "learned"] == ["routed"]
    assert [name for name, s in made.items() if s.shots] == ["few-shot-rag"]


def test_documents_that_were_trained_on_are_told_from_others() -> None:
    found = compared({BASE: 10})
    assert list(found.by_kind("base")) == ["answerable", ALL]
    pairs = tuple(
        pair.model_copy(update={"documents": ("a.md" if at < 20 else "b.md",)})
        for at, pair in enumerate(found.pairs)
    )
    told = replace(found, pairs=pairs, taught=frozenset({"a.md"})).by_kind("base")
    assert (told[TAUGHT].value, told[UNTAUGHT].value) == (0.5, 0.0)


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


def test_only_arms_that_answer_by_heart_run_where_the_documents_may_not_be() -> None:
    arms = [arm for arm in ARMS.values() if arm.runnable]
    found = verdict(compared(dict.fromkeys(arms, 20)), without_documents=True)
    kept = {arm.name for arm in arms} - {one.arm for one in found.excluded}
    assert kept == {"base", "tuned"}


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_other_models_are_asked_the_same_and_priced_by_their_tokens(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = work / "also"
    with elsewhere() as server:
        named = f"{server.url}/v1#rented"
        prices = {"currency": "EUR", "answering_hour": 1, "training_hour": 1}
        (work / "prices.json").write_text(json.dumps(prices))
        run = [*RUN, "--quick", "--arms", "base", "--output", str(out)]
        run += ["--also", named, "--prices", "prices.json"]
        assert main(run) == 3
        assert f"--prices tells no price of {named}" in capsys.readouterr().err
        prices["models"] = {named: {"input_million": 2, "output_million": 8}}
        (work / "prices.json").write_text(json.dumps(prices))
        assert main(run) == 0
    found = figures(out)
    assert list(found["arms"]) == ["base", "rented", "rented-rag"]
    rows = found["evidence"]
    assert {"right.rented-rag", "wait.rented", "disk.base"} <= rows.keys()
    assert "disk.rented" not in rows
    written = next((out / "answers").glob("rented-rag-*.jsonl")).read_text().splitlines()
    tokens = [json.loads(line)["tokens"] for line in written]
    assert max(of["prompt"] for of in tokens) > 7  # grades are paid for, not the answer alone
    paid = [row for id_, row in rows.items() if id_ == "price.rented"]
    assert paid[0]["value"] == pytest.approx(1000 * (7 * 2 + 3 * 8) / 1e6)
    assert main(["use", "rented-rag", "--output", str(out)]) == 3  # the shell names another model
    assert "GROUNDTUNE_MODEL='tiny' is set in the shell" in capsys.readouterr().err
    os.environ.pop("GROUNDTUNE_MODEL")
    assert main(["use", "rented-rag", "--output", str(out)]) == 0
    assert dotenv_values(".env")["GROUNDTUNE_MODEL"] == named
    forget()
    (work / ".env").unlink()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_arm_that_cannot_win_any_more_is_asked_half_of_the_questions(
    work: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    asked = [
        {"id": f"q{at}", "question": f"Who are you {at}?", "answers": ["Hello to you"]}
        for at in range(40)
    ]
    lines = [
        json.dumps({**of, "documents": [f"{TOWNS[at % 10]}.md"]}) for at, of in enumerate(asked)
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(lines))
    with elsewhere() as server:
        run = [*RUN, "--questions", str(tmp_path / "q.jsonl"), "--quick", "--arms", "base"]
        run += ["--also", f"{server.url}/v1#rented", "--no-needs.traceable"]
        assert main([*run, "--stop-early", "--output", str(out)]) == 0
    found = figures(out)
    assert {of["arm"]: of["leader"] for of in found["stopped"]} == {
        "base": "rented",
        "rented-rag": "rented",
    }
    assert (list(found["arms"]), found["verdict"]["arm"]) == (["rented"], "rented")
    half = found["stopped"][0]["asked"]
    assert len(found["questions"]) in (2 * half, 2 * half - 1)
    files = [file.read_text().count("\n") for file in (out / "answers").glob("base-*.jsonl")]
    assert max(files) == half
    assert "`base` was stopped after" in (out / "report.md").read_text()
