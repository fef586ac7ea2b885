"""The step that holds a reply against its passages, and what it decides by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.documents import Document

from graphs.agreeing import asks_yes_or_no, with_side
from graphs.asserted import asupports, supports
from graphs.citations import CheckedAnswer, Draft, checked, read_quote, says_otherwise
from graphs.conflicts import Rival, rivals_of, with_conflicts
from graphs.decisions import Decisions
from graphs.hops import second_hop
from graphs.limits import Limits, Unsupported
from graphs.protocols import Agreement, Extract, Extractor, Support, Verifier
from graphs.question import subject
from graphs.replies import Update, draft_of, let_out, said_directly, to_support
from graphs.state import State

EVEN = 0.5
"""Probability from which words are rather right than wrong."""


@dataclass(frozen=True, kw_only=True)
class Verification(Decisions):
    """Checks replies, a follow-up's against the follow-up alone.

    What was asked before is well supported by what was answered before, which would let the former
    answer out again.
    """

    verifier: Verifier
    extractor: Extractor | None = None
    """What quotes passages where a quote is better founded than the model's answer, if any is."""
    agreement: Agreement | None = None
    """What tells yes from no, whatever the model says, if anything does."""

    def verify_citations(self, state: State) -> Update:
        """Keep what the passages support with its citations; drop, mark or replace the rest."""
        if state.route == "direct":
            return said_directly(state)
        draft = draft_of(state)
        update = self._verified(state, draft, self._supports(state, draft))
        if self.agreement is not None and _may_be_sided(state, draft):
            agreed = self.agreement.agree(to_support(state), state.context)
            if agreed:
                return with_side(state, update, agreed)
        if self.extractor is None or not self._may_quote(draft, update):
            return update
        extracts = self.extractor.extract(to_support(state), state.context)
        quote = _worth_checking(extracts, self.extractor.sure, draft, update)
        if quote:
            update |= self._quoted(state, update, quote, self._supports(state, quote))
        rivals = self._rivals(state, update, extracts)
        supports = [self._supports(state, rival.quote, [rival.passage]) for rival in rivals]
        return with_conflicts(update, rivals, supports, self._least())

    async def averify_citations(self, state: State) -> Update:
        """Do the same so that cancelling the run stops the model."""
        if state.route == "direct":
            return said_directly(state)
        draft = draft_of(state)
        update = self._verified(state, draft, await self._asupports(state, draft))
        if self.agreement is not None and _may_be_sided(state, draft):
            agreed = await self.agreement.aagree(to_support(state), state.context)
            if agreed:
                return with_side(state, update, agreed)
        if self.extractor is None or not self._may_quote(draft, update):
            return update
        extracts = await self.extractor.aextract(to_support(state), state.context)
        quote = _worth_checking(extracts, self.extractor.sure, draft, update)
        if quote:
            update |= self._quoted(state, update, quote, await self._asupports(state, quote))
        rivals = self._rivals(state, update, extracts)
        supports = [await self._asupports(state, rival.quote, [rival.passage]) for rival in rivals]
        return with_conflicts(update, rivals, supports, self._least())

    def _verified(self, state: State, draft: Draft, supports: Sequence[Support]) -> Update:
        answer = self._checked(state, draft, supports, self._policy(self._limits()))
        if not answer.text:
            leads = second_hop(subject(state.question), state.context)
            return {"citations": [], "removed": answer.removed, "leads": leads}
        return let_out(state, answer, answer.removed)

    def _supports(
        self, state: State, draft: Draft, passages: Sequence[Document] | None = None
    ) -> list[Support]:
        shown = state.context if passages is None else passages
        return supports(self.verifier, to_support(state), draft.claims, shown)

    async def _asupports(
        self, state: State, draft: Draft, passages: Sequence[Document] | None = None
    ) -> list[Support]:
        shown = state.context if passages is None else passages
        return await asupports(self.verifier, to_support(state), draft.claims, shown)

    def _may_quote(self, draft: Draft, update: Update) -> bool:
        """Tell whether a passage's words may answer: where of a reply nothing or one claim is left.

        A refusal, a record, what is marked, a list and several sentences stay as they are.
        """
        answered = bool(draft.claims) and draft.lines is not None
        if not answered or self._limits().unsupported == "refuse":
            return False
        return "origin" not in update or (len(draft.claims) == 1 and bool(update["citations"]))

    def _quoted(
        self, state: State, update: Update, quote: Draft, supports: Sequence[Support]
    ) -> Update:
        """Let a quote out that is supported, and more so than what is left of the reply."""
        answer = self._checked(state, quote, supports, "refuse")
        better = (answer.confidence or 0.0) > (update.get("confidence") or 0.0)
        return let_out(state, answer, update["removed"] + ("origin" in update)) if better else {}

    def _rivals(self, state: State, update: Update, extracts: Sequence[Extract]) -> list[Rival]:
        assert self.extractor is not None
        least = self.extractor.doubtful
        return rivals_of(to_support(state), update, extracts, state.context, least)

    def _checked(
        self, state: State, draft: Draft, supports: Sequence[Support], unsupported: Unsupported
    ) -> CheckedAnswer:
        return checked(
            draft,
            supports,
            passages=state.context,
            threshold=self._least(),
            unsupported=unsupported,
        )

    def _least(self) -> float:
        least = self._limits().support_threshold
        return self.verifier.threshold if least is None else least

    def _policy(self, limits: Limits) -> Unsupported:
        certain: Unsupported = "remove" if self.verifier.trusted else "mark"
        return certain if limits.unsupported == "auto" else limits.unsupported


def _may_be_sided(state: State, draft: Draft) -> bool:
    """Tell whether yes or no may answer; a record stays one."""
    return draft.lines is not None and asks_yes_or_no(state.asked)


def _worth_checking(
    extracts: Sequence[Extract], sure: float, draft: Draft, update: Update
) -> Draft | None:
    """Return the likeliest words, unless they are doubtful or only repeat what is left."""
    something_left = "origin" in update
    best = extracts[0] if extracts else None
    if best is None or best.probability < (max(sure, EVEN) if something_left else sure):
        return None
    quote = read_quote(best.text)
    adds = not something_left or says_otherwise(draft.answer, quote.answer)
    return quote if quote.claims and adds else None
