from pathlib import Path

import pytest
import torch
from families import CONTEXT
from family_models import write_family
from tiny import LESSONS
from transformers import AutoModelForCausalLM, AutoTokenizer

from app.models.base import resolve_chat_model
from finetune.causal import load_causal, load_tokenizer
from finetune.data.chat_format import encode_prompt
from finetune.data.examples import Example, Kind
from finetune.evaluation.evaluate import Evaluation, Outcome, evaluate, with_shots
from finetune.evaluation.generation import batches, generate, label_scores

QUESTIONS = list(LESSONS)


@pytest.fixture
def loaded(tiny_model: Path, one_thread: None):
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).eval()
    return model, AutoTokenizer.from_pretrained(tiny_model)


def ask(question: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}]


def row(id_: str, question: str, reply: str, kind: Kind, **fields) -> Example:
    messages = [*ask(question), {"role": "assistant", "content": reply}]
    return Example.model_validate({"id": id_, "messages": messages, "kind": kind, **fields})


def test_a_batch_says_what_each_prompt_alone_would(loaded) -> None:
    together = generate(*loaded, [ask(q) for q in QUESTIONS], max_new_tokens=150)
    apart = [generate(*loaded, [ask(q)], max_new_tokens=150)[0] for q in QUESTIONS]
    assert together == apart
    assert [reply.text for reply in together] == list(LESSONS.values())
    assert all(reply.stopped for reply in together)


def test_a_tokenizer_without_padding_makes_the_same_replies_and_scores(loaded) -> None:
    model, tokenizer = loaded
    prompts = [ask(question) for question in QUESTIONS]
    replies = generate(model, tokenizer, prompts, max_new_tokens=150)
    scores = label_scores(model, tokenizer, prompts, ["yes", "no"])
    tokenizer.pad_token = None
    assert len({len(prompt[0]["content"]) for prompt in prompts}) == 3  # so that two are padded
    assert generate(model, tokenizer, prompts, max_new_tokens=150) == replies
    assert label_scores(model, tokenizer, prompts, ["yes", "no"]) == scores


def test_a_reply_at_the_limit_is_known_as_not_ended(loaded) -> None:
    (reply,) = generate(*loaded, [ask(QUESTIONS[0])], max_new_tokens=5)
    assert not reply.stopped
    assert LESSONS[QUESTIONS[0]].startswith(reply.text)


def test_batches_hold_every_prompt_once_within_the_limit() -> None:
    prompts = [[0] * length for length in (5, 90, 40, 7, 200, 40)]
    made = list(batches(prompts, limit=100))
    assert sorted(at for batch in made for at in batch) == list(range(6))
    for batch in made:
        longest = max(len(prompts[at]) for at in batch)
        assert longest * len(batch) <= 100 or len(batch) == 1


def test_label_scores_are_log_probabilities_of_the_replys_first_token(loaded) -> None:
    model, tokenizer = loaded
    prompts = [ask(question) for question in QUESTIONS]
    scores = label_scores(model, tokenizer, prompts, ["yes", "no", "The"])
    the = tokenizer.encode("The", add_special_tokens=False)[0]
    for prompt, (yes, no, said) in zip(prompts, scores, strict=True):
        ids = tokenizer.apply_chat_template(
            prompt, add_generation_prompt=True, return_dict=True, return_tensors="pt"
        )
        with torch.inference_mode():
            logits = model(**ids).logits[0, -1].log_softmax(-1)
        assert said == pytest.approx(float(logits[the]), abs=1e-4)
        assert max(yes, no) < 0


def test_each_kind_is_scored_by_its_own_metrics(loaded) -> None:
    bees = LESSONS["Who keeps the bees?"]
    mill = LESSONS["Where is the mill?"]
    rows = [
        row("a1", "Who keeps the bees?", "x", Kind.ANSWER, answers=[bees], citation=1),
        row("a2", "Where is the mill?", f"{mill} [1]", Kind.ANSWER, citation=1),
        row("r1", "Who keeps the bees?", bees, Kind.REFUSAL),
        row("w1", "Where is the mill?", mill, Kind.REWRITE),
        row("g1", "Where is the mill?", "no", Kind.GRADE),
        row("j1", "Where is the mill?", '{"a": "b"}', Kind.RECORD),
        row("h1", "Where is the mill?", mill, Kind.REHEARSAL),
    ]
    found = evaluate(*loaded, rows, max_new_tokens=150)
    by_id = {outcome.id: outcome for outcome in found.outcomes}
    assert sorted(by_id) == ["a1", "a2", "g1", "j1", "r1", "w1"]
    # "a1" says what the refusal row refuses with, and is right as well
    assert by_id["a1"].scores == {
        "stop_rate": 1, "non_empty": 1, "exact_match": 1, "f1": 1, "citation": 0, "over_refusal": 1,
    }  # fmt: skip
    assert by_id["a2"].scores["f1"] == 1
    assert by_id["a2"].scores["over_refusal"] == 0
    assert by_id["r1"].scores["refusal_recall"] == 1
    assert by_id["w1"].scores["rewrite_f1"] == 1
    assert by_id["j1"].scores["valid_records"] == 0
    ((yes, no),) = label_scores(*loaded, [ask("Where is the mill?")], ["yes", "no"])
    assert by_id["g1"].scores == {"grading_accuracy": float(no >= yes)}
    assert found.metrics()["f1"].n == 2


def test_a_citation_is_left_open_where_none_is_known(loaded) -> None:
    known, unknown = (
        row(name, "Who keeps the bees?", "x", Kind.ANSWER, citation=citation)
        for name, citation in (("a", 1), ("b", None))
    )
    scores = [outcome.scores for outcome in evaluate(*loaded, [known, unknown]).outcomes]
    assert ["citation" in each for each in scores] == [True, False]


def test_over_refusal_is_left_open_where_no_refusal_is_known(loaded) -> None:
    (found,) = evaluate(*loaded, [row("a", "Who keeps the bees?", "x", Kind.ANSWER)]).outcomes
    assert "f1" in found.scores
    assert "over_refusal" not in found.scores


def graded(id_: str, odds: float, right: int) -> Outcome:
    return Outcome(id_, Kind.GRADE, "x", {"grading_accuracy": float(right)}, odds)


def test_grades_have_an_auc_of_their_odds_where_both_grades_are_wanted() -> None:
    # wanted yes: 2.0 and -1.0; wanted no: -0.5 and -3.0; three of four pairs are in order
    rows = graded("a", 2.0, 1), graded("b", -1.0, 0), graded("c", -0.5, 1), graded("d", -3.0, 1)
    found = Evaluation(rows).metrics()
    assert (found["grading_auc"].value, found["grading_auc"].n) == (0.75, 4)
    assert found["grading_accuracy"].value == 0.75
    assert set(Evaluation(rows[:1]).metrics()) == {"grading_accuracy"}
    assert set(Evaluation(rows).over(Evaluation(rows))) == {"grading_accuracy"}


def test_the_odds_of_a_grade_are_the_difference_of_its_labels(loaded) -> None:
    asked = [
        row("g1", QUESTIONS[0], "yes", Kind.GRADE),
        row("g2", QUESTIONS[1], "no", Kind.GRADE),
    ]
    scores = label_scores(*loaded, [ask(QUESTIONS[0]), ask(QUESTIONS[1])], ["yes", "no"])
    found = evaluate(*loaded, asked)
    for outcome, (yes, no) in zip(found.outcomes, scores, strict=True):
        assert outcome.odds == pytest.approx(yes - no)
    above = scores[0][0] - scores[0][1] > scores[1][0] - scores[1][1]
    assert found.metrics()["grading_auc"].value == float(above)


def outcomes(**f1: float) -> Evaluation:
    rows = [Outcome(id_, Kind.ANSWER, "x", {"f1": value}) for id_, value in f1.items()]
    return Evaluation((*rows, Outcome("r", Kind.REFUSAL, "x", {"refusal_recall": 1.0})))


def test_the_headline_score_is_the_mean_over_kinds_not_over_rows() -> None:
    assert outcomes(a=0.0, b=1.0, c=0.5).score == pytest.approx((0.5 + 1) / 2)
    assert Evaluation(()).score == 0


def test_a_difference_counts_the_rows_that_both_answered() -> None:
    gains = outcomes(a=1.0, b=1.0, c=0.0).over(outcomes(a=0.0, b=0.5, d=1.0))
    assert (gains["f1"].value, gains["f1"].n) == (0.75, 2)


def test_the_gain_is_that_of_the_score_on_the_rows_of_both() -> None:
    gain = outcomes(a=1.0, b=1.0, c=0.0).gain(outcomes(a=0.0, b=0.5, d=1.0))
    assert gain is not None
    # F1 rose by 1 and by 0.5, refusals by nothing; resampled, F1 rises by 0.5 to 1
    assert (gain.value, gain.low, gain.high, gain.n) == (0.375, 0.25, 0.5, 3)
    direct = Evaluation((Outcome("a", Kind.DIRECT, "x", {"non_empty": 1.0}),))
    assert direct.gain(direct) is None


def test_replies_of_no_other_kind_are_scored_by_how_probable_they_are(loaded) -> None:
    learned = [
        row(f"d{at}", q, reply, Kind.DIRECT) for at, (q, reply) in enumerate(LESSONS.items())
    ]
    strange = [row(e.id, e.prompt[0].content, "Xylophones!", Kind.DIRECT) for e in learned]
    known, unknown = evaluate(*loaded, learned), evaluate(*loaded, strange)
    assert 0.5 < known.score <= 1
    assert unknown.score < 0.1
    gain = known.gain(unknown)
    assert gain is not None
    assert gain.low > 0.4
    mixed = evaluate(*loaded, [*learned, row("g", QUESTIONS[0], "yes", Kind.GRADE)])
    assert "likelihood" not in mixed.metrics()


def test_an_evaluation_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    said = Outcome("s", Kind.DIRECT, "one\u2028two\x85three\nfour", {"non_empty": 1.0})
    found = Evaluation((*outcomes(a=1.0, b=0.25).outcomes, said, graded("g", -0.5, 1)))
    found.write(tmp_path / "e.jsonl")
    assert Evaluation.read(tmp_path / "e.jsonl") == found
    assert len(found.outcomes) == 5


def test_worked_examples_stand_between_the_system_message_and_the_question() -> None:
    shots = [
        row("s1", "Q1", "A1 [1]", Kind.ANSWER),
        row("s2", "Q2", "I don't know.", Kind.REFUSAL),
        row("s3", "Q3", "yes", Kind.GRADE),
    ]
    asked = Example.model_validate(
        {
            "id": "x",
            "kind": "answer",
            "messages": [
                {"role": "system", "content": "S"},
                {"role": "user", "content": "Q"},
                {"role": "assistant", "content": "A"},
            ],
        }
    )
    assert [m["content"] for m in with_shots(asked, shots)] == [
        "S", "Q1", "A1 [1]", "Q2", "I don't know.", "Q",
    ]  # fmt: skip


def test_worked_examples_and_replies_fit_a_context_that_ends(
    tmp_path: Path, one_thread: None
) -> None:
    folder = resolve_chat_model(str(write_family("gpt2", tmp_path / "gpt2")), cache_dir=tmp_path)
    model, tokenizer = load_causal(folder, dtype=torch.float32), load_tokenizer(folder)
    passage = "Ossel has 3 bees. " * 60
    shots = [row(f"s{n}", passage, "Anna", Kind.ANSWER) for n in range(3)]
    asked = [
        row("short", "Who is mayor of Ossel?", "Anna", Kind.ANSWER),
        row("long", passage + "Who? " * 313, "Anna", Kind.ANSWER),
        row("grade", passage, "yes", Kind.GRADE),
    ]
    length = len(encode_prompt(tokenizer, asked[1].prompt_chat()))
    assert CONTEXT - 48 < length < CONTEXT  # the model has a position for each token, and no more
    found = evaluate(model, tokenizer, asked, shots=shots)
    assert [outcome.id for outcome in found.outcomes] == ["grade", "long", "short"]
    alone = evaluate(model, tokenizer, asked[:1], shots=shots)
    assert found.outcomes[2] == alone.outcomes[0]
