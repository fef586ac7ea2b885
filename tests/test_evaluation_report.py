import re

import matplotlib as mpl
from tuning_parts import example

from finetune.config import Gates
from finetune.data.examples import Kind
from finetune.evaluation.evaluate import Evaluation, Outcome
from finetune.evaluation.forgetting import Forgetting
from finetune.evaluation.gates import judge
from finetune.evaluation.report import EvaluationReport, draw, worst
from finetune.registry.manifest import Gate


def outcomes(*f1: float, recall: float = 1.0, over: float = 0.0) -> Evaluation:
    answers = [
        Outcome(f"a{at}", Kind.ANSWER, f"reply <b>{at}</b>", {"f1": v, "over_refusal": over})
        for at, v in enumerate(f1)
    ]
    refusal = Outcome("r", Kind.REFUSAL, "no", {"refusal_recall": recall, "stop_rate": 1.0})
    return Evaluation((*answers, refusal))


def refusing(right: int, asked: int) -> Evaluation:
    scores = [{"refusal_recall": float(at < right), "stop_rate": 1.0} for at in range(asked)]
    return Evaluation(
        tuple(Outcome(f"r{at}", Kind.REFUSAL, "", of) for at, of in enumerate(scores))
    )


ROWS = [example(f"a{at}", f"Question {at}?", f"Answer {at}") for at in range(4)]
ROWS.append(example("r", "Unknown?", "I don't know."))


def made(gates: dict[str, Gate] | None = None) -> EvaluationReport:
    return EvaluationReport(
        title="bees@1",
        adapter=outcomes(1.0, 0.5, 0.0, 1.0),
        baselines={"base": outcomes(0.0, 0.25, 0.0, 0.25, recall=0.0)},
        examples=ROWS,
        gates=gates or {},
        forgetting=Forgetting(before=10, after=10.3, examples=7),
        losses=[(1, 2.0), (2, 1.0), (3, 0.5)],
        scores=[(2, 0.4), (3, 0.6)],
    )


def test_the_report_sets_the_adapter_beside_its_baselines_with_the_gain() -> None:
    text = made().to_markdown()
    (f1,) = re.findall(r"^\| f1 \| (.*) \|$", text, re.MULTILINE)
    cells = f1.split(" | ")
    assert [cell.split()[0] for cell in cells] == ["0.625", "0.125", "0.500", "4"]
    assert "Headline score 0.812, base 0.062." in text
    assert "from 10.00 to 10.30 (+3.0 %)" in text


def test_each_gate_has_a_line_of_its_own() -> None:
    gates = {"gain": Gate(value=0.1, floor=0.2), "forgetting": Gate(value=0.01, ceiling=0.05)}
    lines = made(gates).to_markdown().splitlines()
    assert "- **not met**: gain 0.100, at least 0.2" in lines
    assert "- met: forgetting 0.010, at most 0.05" in lines


def test_the_page_is_whole_in_itself_and_shows_replies_as_text() -> None:
    page = made({"gain": Gate(value=0.1, floor=0.2)}).to_html()
    assert "reply <b>" not in page
    assert "reply &lt;b&gt;2&lt;/b&gt;" in page
    assert page.count("<svg") == 1
    assert not re.search(r"(?:src|href)=\"https?://", page)
    assert "not met: gain 0.100, at least 0.2" in page


def test_the_worst_rows_come_first_and_right_ones_not_at_all() -> None:
    found = worst(made().adapter, ROWS)
    assert [row.id for row in found] == ["a2", "a1"]
    assert (found[0].expected, found[0].reply) == ("Answer 2", "reply <b>2</b>")
    assert found[0].prompt.endswith("Question 2?")


def test_a_reply_as_expected_went_right_however_probable_it_was() -> None:
    rows = [
        Outcome("a0", Kind.DIRECT, "Answer 0", {"likelihood": 0.4}),
        Outcome("a1", Kind.DIRECT, "Answer", {"likelihood": 0.6}),
    ]
    assert [row.id for row in worst(Evaluation(tuple(rows)), ROWS)] == ["a1"]


def test_the_picture_is_the_same_for_the_same_numbers() -> None:
    curve = [(1, 2.0), (2, 1.0)]
    assert draw(curve, []) == draw(curve, [])
    assert draw(curve, []) != draw(curve, [(2, 0.5)])
    assert draw(curve, []).startswith("<svg")


def test_the_whole_curve_is_in_the_picture() -> None:
    with mpl.rc_context({"svg.fonttype": "none"}):  # so that the axis can be read
        svg = draw([(1, 9.0), (2, 0.5)], [])
    labels = [float(text) for text in re.findall(r">([\d.]+)</text>", svg)]
    assert max(labels) >= 8


def test_gates_judge_what_was_measured_and_ask_for_nothing_else() -> None:
    base = outcomes(0.0, 0.0, recall=0.0)
    good = judge(outcomes(1.0, 0.5), base, Forgetting(10, 10.4, 3), Gates())
    assert set(good) == {"gain", "refusal_recall", "stop_rate", "over_refusal", "forgetting"}
    assert all(gate.passed for gate in good.values())
    bad = judge(outcomes(0.0, 0.0, recall=0.0, over=0.5), base, Forgetting(10, 11, 3), Gates())
    assert {name for name, gate in bad.items() if not gate.passed} == {
        "gain", "refusal_recall", "over_refusal", "forgetting",
    }  # fmt: skip
    continued = Forgetting(10, 11, 3, start=10.9)  # most of it was lost before this training
    assert judge(outcomes(1.0), base, continued, Gates())["forgetting"].passed
    assert "forgetting" not in judge(outcomes(1.0), base, None, Gates())


def test_refusals_alone_let_no_adapter_pass() -> None:
    always = judge(refusing(40, 40), refusing(0, 40), None, Gates())
    assert always["gain"].passed
    assert always["refusal_recall"].passed
    assert not always["over_refusal"].passed


def test_a_share_misses_its_bound_when_its_whole_interval_does() -> None:
    few, many = (
        judge(refusing(7 * n, 12 * n), refusing(0, 12 * n), None, Gates())["refusal_recall"]
        for n in (1, 10)
    )
    assert few.passed
    assert few.value == many.value
    assert re.fullmatch(r"0\.5833, at best 0\.6\d+, is below 0\.7", many.shortfall)
    assert not judge(refusing(0, 12), refusing(0, 12), None, Gates())["refusal_recall"].passed
