"""What must hold of any text: units and spans are slices, and the check lets out what it may."""

import math
import re
from itertools import pairwise

import pytest
from graph_parts import passage
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document
from text_strategies import FRAGMENTS, TEXTS
from word_verifier import WordVerifier

from app.dataset.spans import answer_spans, occurrences
from app.index.fusion import reciprocal_rank_fusion
from app.models.claim_features import FEATURES, Beside, features
from finetune.verification.reader import Found, Reading
from graphs.citations import Draft, checked, read_draft
from graphs.descriptions import described
from graphs.evidence import Lines, Source
from graphs.layout import claims
from graphs.limits import Unsupported
from graphs.markers import cited, without_markers
from graphs.markup import FENCES
from graphs.protocols import Claim, Evidence, Support
from graphs.slots import BLANK, slots
from graphs.text import Span, content, sentences, words
from graphs.units import units

RANKINGS = st.lists(st.lists(st.integers(0, 9), unique=True, max_size=6), max_size=5)
PASSAGES = st.lists(TEXTS, min_size=1, max_size=3).map(
    lambda texts: [passage(f"{at}.md", text, start=7 * at) for at, text in enumerate(texts)]
)
POLICIES = st.sampled_from(["remove", "mark", "refuse"])


def left_out(text: str, spans: list[Span]) -> str:
    """Return what no span holds; fails unless the spans are trimmed and in order."""
    for start, end in spans:
        assert text[start:end] == text[start:end].strip() != ""
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    bounds = [0, *(place for span in spans for place in span), len(text)]
    return "".join(text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True))


@given(TEXTS)
def test_sentences_lose_nothing_but_white_space(text: str) -> None:
    assert not left_out(text, sentences(text)).strip()


@given(TEXTS, st.sampled_from(["", "| Day | Fare |"]))
def test_units_lose_nothing_but_white_space_and_rules(text: str, header: str) -> None:
    found = units(text, header)
    assert re.fullmatch(r"[\s|:+=-]*", left_out(text, [(unit.start, unit.end) for unit in found]))
    assert all(text[unit.start : unit.end] == unit.text for unit in found)
    headers = {unit.header.partition("\n")[0] for unit in found}
    assert headers <= {"", header, *text.split("\n")}


@given(TEXTS, st.booleans())
def test_a_possible_answer_is_a_slice_that_stands_once(text: str, records: bool) -> None:
    found = answer_spans(text, records=records)
    left_out(text, sorted((span.start, span.end) for span in found))
    assert all(occurrences(text, text[span.start : span.end]) == 1 for span in found)


@given(st.lists(st.sampled_from("the The ship on that where Ulva 82 is , ?".split())))
def test_of_a_question_only_what_it_describes_is_replaced(asked: list[str]) -> None:
    question = " ".join(asked)
    found = described(question)
    if found is None:
        return
    assert question[found.at :].lower().startswith(f"the {found.kind} {found.which}".lower())
    put = found.replaced(question, "Wren", set(content(question)))
    if put != question:
        assert put.startswith(f"{question[: found.at]}Wren")
        assert question.endswith(put[found.at + len("Wren") :])


@given(RANKINGS)
def test_fusion_is_the_sum_of_reciprocal_ranks_best_first(rankings: list[list[int]]) -> None:
    fused = reciprocal_rank_fusion(rankings)
    assert sorted(item for item, _ in fused) == sorted(set().union(*rankings))
    for item, score in fused:
        ranks = [ranking.index(item) + 1 for ranking in rankings if item in ranking]
        assert score == pytest.approx(sum(1 / (60 + rank) for rank in ranks))
    assert all(a[1] >= b[1] for a, b in pairwise(fused))


@given(RANKINGS)
def test_the_order_of_rankings_decides_between_equal_scores_alone(
    rankings: list[list[int]],
) -> None:
    there, back = (dict(reciprocal_rank_fusion(order)) for order in (rankings, rankings[::-1]))
    assert there == back


@given(RANKINGS, st.integers(0, 9))
def test_what_another_ranking_puts_first_falls_behind_nothing(
    rankings: list[list[int]], item: int
) -> None:
    def place(given: list[list[int]]) -> int:
        ranked = [ranked for ranked, _ in reciprocal_rank_fusion(given)]
        return ranked.index(item) if item in ranked else len(ranked)

    assert place([*rankings, [item]]) <= place(rankings)


def said(claim: Claim) -> list[str]:
    """Return a claim as it is written, or what stands around the markers within it."""
    pieces = claim.written or (claim.text,)
    return [piece.strip() for piece in pieces if isinstance(piece, str)]


@st.composite
def verified(draw: st.DrawFn) -> tuple[Draft, list[Support], list[Document]]:
    """Draw an answer taken apart, and any supports by spans of any passages."""
    draft = read_draft(draw(TEXTS), draw(TEXTS))
    passages = draw(PASSAGES)
    supports = []
    for _ in draft.claims:
        at = draw(st.integers(0, len(passages) - 1))
        spans = sentences(passages[at].page_content)
        chosen = draw(st.sets(st.sampled_from(spans))) if spans else ()
        evidence = tuple(Evidence(at, start, end) for start, end in chosen)
        supports.append(Support(draw(st.floats(0, 1)), evidence))
    return draft, supports, passages


@given(verified(), POLICIES)
def test_each_marker_of_an_answer_leads_to_a_quote_and_each_quote_has_one(
    found: tuple[Draft, list[Support], list[Document]], policy: Unsupported
) -> None:
    draft, supports, passages = found
    kept = checked(draft, supports, passages=passages, threshold=0.5, unsupported=policy)
    texts = {f"{at}.md": (7 * at, p.page_content) for at, p in enumerate(passages)}
    for citation in kept.citations:
        offset, text = texts[citation["document"]]
        assert text[citation["start"] - offset : citation["end"] - offset] == citation["quote"]
    if draft.lines is not None:
        text = kept.text
        for block in (claim.text for claim in draft.claims if claim.text.startswith(FENCES)):
            text = text.replace(block, "")
        assert set(cited(text)) == set(range(len(kept.citations)))


@given(verified(), POLICIES)
def test_only_supported_claims_leave_unless_others_are_marked(
    found: tuple[Draft, list[Support], list[Document]], policy: Unsupported
) -> None:
    draft, supports, passages = found
    kept = checked(draft, supports, passages=passages, threshold=0.5, unsupported=policy)
    good = [s for s in supports if s.probability >= 0.5 and s.evidence]
    assert kept.removed == len(supports) - len(good)
    if kept.confidence is not None:
        assert kept.confidence == min(support.probability for support in good)
    if policy == "refuse" and kept.removed:
        assert kept.text == ""
    if draft.lines is not None and policy == "remove":
        supported = [
            text
            for claim, support in zip(draft.claims, supports, strict=True)
            if support in good
            for text in said(claim)
        ]
        assert all(text in kept.text for text in supported)
        others = [p for line in draft.lines for p in (line.prefix, line.heading, *line.parts)]
        known = [*supported, *(other for other in others if isinstance(other, str))]
        assert set(words(without_markers(kept.text))) <= set(words(" ".join(known)))


@given(TEXTS)
def test_each_claim_says_something(answer: str) -> None:
    assert all(words(claim.text) for claim in claims(answer))


@given(TEXTS, TEXTS)
def test_an_answer_that_is_supported_keeps_its_words(answer: str, question: str) -> None:
    draft = read_draft(answer, question)
    source = passage("a.md", "The pool is long.")
    supports = [Support(1.0, (Evidence(0, 0, 17),)) for _ in draft.claims]
    kept = checked(draft, supports, passages=[source], threshold=0.5, unsupported="remove")
    assert set(words(without_markers(kept.text))) <= set(words(without_markers(answer)))
    assert bool(kept.text) is bool(draft.claims)
    for claim in draft.claims if draft.lines is not None else ():
        assert all(text in kept.text for text in said(claim))


@given(TEXTS, TEXTS, PASSAGES)
def test_support_by_words_is_a_slice_and_another_passage_takes_none_away(
    answer: str, question: str, passages: list[Document]
) -> None:
    stated = claims(answer)
    both = WordVerifier().verify(question, stated, passages)
    first = WordVerifier().verify(question, stated, passages[:1])
    for more, less in zip(both, first, strict=True):
        assert 0 <= less.probability <= more.probability < 1
        for evidence in more.evidence:
            text = passages[evidence.passage].page_content
            assert text[evidence.start : evidence.end].strip()


@given(TEXTS, TEXTS, PASSAGES)
def test_lines_for_a_claim_rest_on_units_of_their_passages(
    answer: str, question: str, passages: list[Document]
) -> None:
    source = Source.of(passages)
    spans = {placed.evidence for placed in source.units}
    for claim in claims(answer):
        for lines in source.lines_for(question, claim):
            assert lines.text.strip()
            assert set(lines.evidence) <= spans


@given(TEXTS, TEXTS, TEXTS)
def test_a_value_put_back_in_its_blank_makes_the_claim(
    question: str, claim: str, quoted: str
) -> None:
    for slot in slots(question, claim, quoted):
        assert slot.query.replace(BLANK, slot.value) == claim


@given(TEXTS, TEXTS, st.sampled_from(FRAGMENTS), st.data())
def test_features_are_finite_whatever_is_read(
    question: str, claim: str, text: str, data: st.DataObject
) -> None:
    beside = Beside(question, claim, Lines(text, (), text), slots(question, claim, text))
    place, share = st.integers(0, len(text)), st.floats(1e-6, 1)
    spans = st.builds(Found, place, place, share)
    reading = st.builds(Reading, st.lists(spans, max_size=3).map(tuple), share)
    readings = [data.draw(reading) for _ in beside.queries]
    values = features(beside, readings)
    assert len(values) == len(FEATURES)
    assert all(math.isfinite(value) for value in values)
