"""What a comparison measures beside answers, and what it concludes for the six questions."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from elsewhere import KEY, elsewhere

from app.assistant import Assistant
from app.compare.judge.evidence import Row
from app.compare.judge.search_scores import score_search
from app.compare.judge.six_questions import six_questions
from app.compare.plan.arms import ARMS
from app.compare.plan.needs import Needs
from app.compare.plan.prices import Prices, read_prices
from app.compare.run.footprint import Footprint, run_alone
from app.compare.run.measurements import Measurements, everyday_texts, tokens_per_word
from app.compare.run.model_judge import read_verdict, summed_up
from app.errors import UserError
from app.settings import Settings
from finetune.training.hardware import peak_memory


def rows(**values: float) -> dict[str, Row]:
    named = {name.replace("__", "."): value for name, value in values.items()}
    return {id_: Row(id_, value, f"{id_} is {value}") for id_, value in named.items()}


def test_facts_become_rows_with_prices_worked_by_hand() -> None:
    facts = Measurements(
        footprints={"tuned": Footprint(1500, 540, 2, 3)},
        forgotten={"tuned": 0.051},
        trained_s={"tuned": 1800},
        tokens_per_word=1.8,
        general_tokens_per_word=1.2,
        prices=Prices(currency="EUR", answering_hour=0.36, training_hour=2.0),
    )
    found = {row.id: row for row in facts.rows({"tuned": 0.5, "base": 2.0}, {})}
    assert found["offline.tuned"].value == pytest.approx(2 / 3)
    assert found["vocabulary"].value == pytest.approx(1.5)
    assert found["forgetting.tuned"].text.endswith("changed by +5.1%")
    # 1,000 answers of half a second are 500 s of a machine of 0.36 an hour.
    assert found["price.tuned"].value == pytest.approx(0.05)
    assert found["price.tuned"].text == (
        "tuned: 0.05 EUR for 1,000 answers, after 1.00 for its training"
    )
    assert found["price.base"].text == "base: 0.20 EUR for 1,000 answers"
    assert {row.id for row in Measurements().rows({"base": 1}, {})} == set()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "the file: Invalid JSON"),
        ('{"currency": "EUR"}', "answering_hour: Field required"),
        ('{"currency": "EUR", "answering_hour": -1, "training_hour": 1}', "answering_hour: Input"),
    ],
)
def test_a_bad_file_of_prices_is_told_in_one_line(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text)
    with pytest.raises(UserError, match=told):
        read_prices(file)
    with pytest.raises(UserError, match="cannot read"):
        read_prices(tmp_path / "none.json")


def test_tokens_are_counted_by_word() -> None:
    class Characters:
        def encode(self, text: str, *, add_special_tokens: bool) -> list[str]:
            assert not add_special_tokens
            return list(text.strip())

    assert tokens_per_word(Characters(), ["a bee", "hums"]) == pytest.approx(8 / 3)
    assert tokens_per_word(Characters(), ["..."]) is None
    assert not any("{" in text for text in everyday_texts())


def test_each_question_is_answered_from_rows_and_another_row_turns_it() -> None:
    said = {
        of.question: of
        for of in six_questions(
            [*ARMS.values()],
            rows(stale__tuned=0.8, stale__hybrid=0.0, step__documents=0.3, step__weights=0.1),
            Needs(changes="weekly"),
        )
    }
    assert len(said) == 6
    changes, traceable, knowledge, compute, offline, vocabulary = said.values()
    assert (changes.towards, changes.rows) == ("retrieval", ("stale.tuned", "stale.hybrid"))
    assert traceable.said.endswith("Not measured.")
    assert knowledge.towards == "retrieval"
    assert (compute.towards, offline.towards, vocabulary.said) == (
        "either",
        "either",
        "Not measured.",
    )

    def towards(at: int, found: dict[str, Row], **needs: object) -> str:
        return six_questions([*ARMS.values()], found, Needs.model_validate(needs))[at].towards

    assert towards(0, rows(stale__tuned=0.0, stale__hybrid=0.0), changes="weekly") == "either"
    assert towards(0, rows(stale__tuned=0.8, stale__hybrid=0.0), changes="never") == "either"
    assert towards(2, rows(step__documents=0.1, step__weights=0.3)) == "fine-tuning"
    assert towards(2, rows(step__documents=0.1, step__behaviour=0.2)) == "both"
    assert towards(2, rows(step__documents=0.01)) == "either"
    assert towards(2, rows(step__behaviour=0.2)) == "both"

    def lead(**steps: float) -> str:
        return six_questions([*ARMS.values()], rows(**steps), Needs())[2].said

    little = {"step__documents": 0.01, "step__weights": 0.01}
    assert lead(**little, step__behaviour=0.01) == "Neither documents nor training gained much."
    assert lead(**little) == "What was tried gained little."
    assert lead() == "Not measured."
    assert lead(step__behaviour=0.2).endswith("what the documents gain was not measured.")
    assert towards(4, rows(), without_documents=True) == "fine-tuning"
    assert towards(5, rows(vocabulary=1.5)) == "both"
    assert towards(5, rows(vocabulary=1.1)) == "either"


@pytest.mark.parametrize(
    ("stale", "towards"),
    [
        ({"base-rag": 0.0, "tuned": 0.05}, "retrieval"),
        ({"base-rag": 0.0, "tuned": 0.04}, "either"),  # which decides nothing
        ({"base-rag": 0.1, "hybrid": 0.0}, "either"),  # nothing without a search was asked
        ({"base": 0.0, "tuned-rag": 0.5}, "either"),  # the one that searches is the staler one
        ({"base": 0.0, "tuned": 0.5}, "either"),  # none searches
        ({"hybrid": 0.5, "tuned": 0.0}, "either"),
        ({"base-rag": 0.6, "hybrid": 0.0, "tuned": 0.5}, "either"),  # not every search stays fresh
    ],
)
def test_changing_facts_speak_for_retrieval_where_it_tells_fewer_old_ones(
    stale: dict[str, float], towards: str
) -> None:
    found = rows(**{f"stale__{arm}": share for arm, share in stale.items()})
    changes, *_ = six_questions([*ARMS.values()], found, Needs(changes="weekly"))
    assert (changes.towards, set(changes.rows)) == (towards, found.keys())


def test_verdicts_are_read_and_a_judge_that_fails_is_counted() -> None:
    replies = ["Yes.", "**No**, it differs", "yesterday", "", "Maybe yes"]
    assert [read_verdict(reply) for reply in replies] == [True, False, None, None, None]
    found = summed_up([True, False, None, True], [1.0, 1.0, 0.0, 1.0])
    assert (found.right, found.failed, found.agrees) == (2 / 3, 0.25, 2 / 3)
    nothing = summed_up([None], [1.0])
    assert (nothing.right, nothing.failed, nothing.agrees) == (None, 1.0, None)


def test_a_search_is_scored_at_what_is_used_and_its_hits_at_every_depth() -> None:
    ranked = {"a": ["x", "x", "y"], "b": ["y", "z", "x"], "c": ["z"]}
    found = score_search(ranked, {"a": ["y"], "b": ["y"], "c": ["x"], "d": []}, 2)
    assert found.scores["a"]["hit@2"] == 0
    assert found.scores["b"]["hit@2"] == 1
    assert [round(found.curve[k], 3) for k in (1, 2, 3, 20)] == [0.333, 0.333, 0.667, 0.667]
    assert score_search({}, {}, 2).curve == {}


def test_a_process_counts_its_own_memory_and_not_its_parents() -> None:
    held = bytearray(600 * 2**20)
    tried = "from finetune.training.hardware import peak_memory; print(peak_memory())"
    done = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=True)
    assert len(held) // 2 < peak_memory()
    assert float(done.stdout) < peak_memory() - len(held) // 2


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_needs_a_server_for_its_vectors_answers_nothing_without_a_network(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    (tmp_path / "a.txt").write_text("The ferry leaves at nine.")
    with elsewhere() as server:
        settings = Settings(
            model=str(tiny_model),
            embedding_model=f"{server.url}/v1#m",
            index=tmp_path / "index",
            cache=tmp_path / "cache",
            dtype="float32",
            max_tokens=3,
        )
        Assistant(settings).ingest([tmp_path / "a.txt"])
        found = run_alone(settings, ["When does the ferry leave?"], searches=True)
    assert (found.answered, found.asked) == (0, 1)
    assert found.peak_mib > 0


def test_a_process_whose_network_is_blocked_reaches_nothing_but_itself() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    tried = (
        "import socket, json\n"
        "from app.compare.run.footprint import block_network\n"
        "block_network()\n"
        "def told(what):\n"
        "    try: what(); return 'reached'\n"
        "    except OSError as error: return str(error)\n"
        "left, right = socket.socketpair(); left.send(b'x')\n"
        f"print(json.dumps([told(lambda: socket.create_connection(('127.0.0.1', {port}))),\n"
        "  told(lambda: socket.getaddrinfo('localhost', 80)), right.recv(1).decode()]))\n"
    )
    done = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=True)
    listening.close()
    blocked = "the network is blocked"
    assert json.loads(done.stdout) == [blocked, blocked, "x"]
