"""Score one answer against what its question expects, without a large judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from langchain_core.documents import Document

from app.answers import Answer
from app.compare.judge.citation_scores import score_citations
from app.compare.judge.containment import can_be_held, holds
from app.dataset.pairs import Pair, contains
from app.errors import UserError
from finetune.evaluation.scores import (
    exact_match,
    is_refusal,
    record,
    token_f1,
    valid_record,
)
from graphs import prompts
from graphs.asserted import supports
from graphs.follow_up import TURNS_KEPT, Turns, asked_before_follow_up
from graphs.layout import claims
from graphs.protocols import Claim, Verifier
from graphs.question import printable
from graphs.replies import to_support
from graphs.state import State

RIGHT = "right"
"""The score that arms are ranked by."""

Scores = dict[str, float]


def score_answer(answer: Answer, pair: Pair, verifier: Verifier) -> Scores:
    """Return every score that the question's kind has, each 0 to 1; see `is_right`.

    `verifier` tells which claims the cited and the shown passages support, as when it is served.
    Raises ValueError for an answer to another question.
    """
    right, refused, text = is_right(answer, pair), _refused(answer), answer["answer"]
    scores = {RIGHT: right}
    match pair.kind:
        case "unanswerable":
            return scores | {"refusal_recall": refused}
        case "small-talk":
            return scores
        case "format":
            cited = {} if refused else _cited(answer, pair)
            valid = any(valid_record(text, gold) for gold in pair.answers)
            return scores | {"format_valid": float(valid)} | cited
    return {
        **scores,
        "exact_match": exact_match(text, pair.answers),
        "f1": token_f1(text, pair.answers),
        "over_refusal": refused,
        **({} if refused else _grounding(answer, pair, right, verifier)),
    }


def is_right(answer: Answer, pair: Pair) -> float:
    """Return 1 for a right answer, else 0, without any model.

    Right is: refused, where the documents hold no answer; not refused, where it is small talk; an
    object of an accepted one's keys whose values contain its values, where a format is asked for;
    and else an answer that contains an accepted one. Raises ValueError for an answer to
    another question.
    """
    if answer["id"] != pair.id:
        raise ValueError(f"the answer to {answer['id']!r} is no answer to {pair.id!r}")
    refused = _refused(answer)
    match pair.kind:
        case "unanswerable":
            return refused
        case "small-talk":
            return 1 - refused
        case "format":
            return float(any(_agrees(answer["answer"], gold) for gold in pair.answers))
    return float(not refused and any(holds(answer["answer"], gold) for gold in pair.answers))


def check_scorable(pairs: Sequence[Pair]) -> None:
    """Raise UserError for a question to which no reply could ever be right."""
    for pair in pairs:
        if pair.kind in ("unanswerable", "small-talk"):
            continue
        if not pair.answers:
            raise UserError(
                f"question {pair.id!r} has no accepted answer, so that no reply could be right: "
                'give one, or "kind": "unanswerable" if the documents do not answer it'
            )
        unread = [answer for answer in pair.answers if record(answer) is None]
        if pair.kind == "format" and unread:
            raise UserError(
                f"question {pair.id!r} asks for a format, and its answer {unread[0]!r} is no "
                'JSON object of texts: give one, such as {"price": "14 euros"} written as a text'
            )
        if not any(_can_be_right(pair, gold) for gold in pair.answers):
            raise UserError(
                f"question {pair.id!r} has the answer {pair.answers[0]!r}, of which nothing is "
                "left without articles and punctuation, so that no reply could be right: give it "
                'with the words around it, such as "gate A"'
            )


def _can_be_right(pair: Pair, gold: str) -> bool:
    parts = (record(gold) or {}).values() if pair.kind == "format" else [gold]
    return all(map(can_be_held, parts))


def _refused(answer: Answer) -> float:
    return float(answer["abstained"] or is_refusal(answer["answer"], [prompts.REFUSAL]))


def _agrees(reply: str, expected: str) -> float:
    values, wanted = record(reply) or {}, record(expected) or {}
    agree = all(holds(values.get(key, ""), value) for key, value in wanted.items())
    return valid_record(reply, expected) * agree


def _grounding(answer: Answer, pair: Pair, contained: float, verifier: Verifier) -> Scores:
    """Score what an answer rests on: its citations, and the passages that it was shown."""
    texts, asked = [passage["text"] for passage in answer["documents"]], _asked(answer, pair)
    sentences = claims(answer["answer"])
    cited = {citation["chunk"] for citation in answer["citations"]}
    quoted = [citation["quote"] for citation in answer["citations"]]
    chunks = {p["chunk"]: p["text"] for p in answer["documents"]}
    cited_well = score_citations(
        [(claim.text, claim.cited) for claim in sentences],
        [chunks.get(c["chunk"], "") for c in answer["citations"]],
        lambda text, claim: _supported(verifier, asked, [Claim(claim)], [text]) == 1,
    )
    known = any(contains(text, gold) for text in texts for gold in pair.answers)
    return {
        "citation_recall": cited_well.recall,
        "citation_precision": cited_well.precision,
        **_cited(answer, pair),
        "quote_verbatim": float(bool(cited) and all(_stands(q, texts) for q in quoted)),
        "faithfulness": _supported(verifier, asked, sentences, texts),
        "self_knowledge": float(contained == 1 and not known),
    }


def _cited(answer: Answer, pair: Pair) -> Scores:
    """Tell whether a right document is cited; nothing of a question that names none."""
    right = any(citation["document"] in pair.documents for citation in answer["citations"])
    return {"cited_gold": float(right)} if pair.documents else {}


def _asked(answer: Answer, pair: Pair) -> list[str]:
    """Return the questions that claims must be supported as answers to, as when it is served."""
    match answer.get("parts", []):
        case []:
            states = [State(question=printable(pair.asked), asked=printable(pair.question))]
        case [whole]:
            states = [State(question=whole, asked=whole)]
        case parts:
            states = list(_read_in_turn(parts, answer["answer"], pair.turns))
    return [to_support(state) for state in states]


def _read_in_turn(parts: Sequence[str], said: str, turns: Turns) -> Iterator[State]:
    """Read each part of a question behind those before it, as when it is served."""
    for part in parts:
        before = asked_before_follow_up(turns[-TURNS_KEPT:], part)
        yield State(question=f"{before} {part}".strip(), asked=part)
        turns = [*turns, ("User", part), ("Assistant", said)]


def _supported(
    verifier: Verifier, asked: Sequence[str], sentences: Sequence[Claim], texts: Sequence[str]
) -> float:
    """Return the share of claims that texts support; 0 of none.

    Of several questions each claim answers one, and an answer does not tell which.
    """
    plain = [Claim(claim.text) for claim in sentences]
    shown = [Document(text, id="") for text in texts]
    by_question = [supports(verifier, question, plain, shown) for question in asked]
    best: list[float] = [
        max(support.probability for support in each) for each in zip(*by_question, strict=True)
    ]
    return sum(surest >= verifier.threshold for surest in best) / max(1, len(sentences))


def _stands(quote: str, texts: Sequence[str]) -> bool:
    return any(quote in text for text in texts)
