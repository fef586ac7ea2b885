"""The step that holds a reply against its passages, and what it decides by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphs.citations import CheckedAnswer, Draft, checked, read_quote, says_otherwise
from graphs.decisions import Decisions
from graphs.hops import second_hop
from graphs.limits import Limits, Unsupported
from graphs.protocols import Extractor, Support, Verifier
from graphs.question import subject
from graphs.replies import Update, draft_of, let_out, said_directly, to_support
from graphs.state import State


@dataclass(frozen=True, kw_only=True)
class Verification(Decisions):
    """Checks replies, a follow-up's against the follow-up alone.

    What was asked before is well supported by what was answered before, which would let the former
    answer out again.
    """

    verifier: Verifier
    extractor: Extractor | None = None
    """What quotes passages where a quote is better founded than the model's answer, if any is."""

    def verify_citations(self, state: State) -> Update:
        """Keep what the passages support with its citations; drop, mark or replace the rest."""
        if state.route == "direct":
            return said_directly(state)
        draft = draft_of(state)
        update = self._verified(state, draft, self._supports(state, draft))
        if not self._may_quote(draft, update):
            return update
        assert self.extractor is not None
        quote = read_quote(self.extractor.extract(to_support(state), state.context))
        if not _adds(quote, draft, update):
            return update
        return update | self._quoted(state, update, quote, self._supports(state, quote))

    async def averify_citations(self, state: State) -> Update:
        """Do the same so that cancelling the run stops the model."""
        if state.route == "direct":
            return said_directly(state)
        draft = draft_of(state)
        update = self._verified(state, draft, await self._asupports(state, draft))
        if not self._may_quote(draft, update):
            return update
        assert self.extractor is not None
        quote = read_quote(await self.extractor.aextract(to_support(state), state.context))
        if not _adds(quote, draft, update):
            return update
        return update | self._quoted(state, update, quote, await self._asupports(state, quote))

    def _verified(self, state: State, draft: Draft, supports: Sequence[Support]) -> Update:
        answer = self._checked(state, draft, supports, self._policy(self._limits()))
        if not answer.text:
            leads = second_hop(subject(state.question), state.context)
            return {"citations": [], "removed": answer.removed, "leads": leads}
        return let_out(state, answer, answer.removed)

    def _supports(self, state: State, draft: Draft) -> list[Support]:
        return self.verifier.verify(to_support(state), draft.claims, state.context)

    async def _asupports(self, state: State, draft: Draft) -> list[Support]:
        return await self.verifier.averify(to_support(state), draft.claims, state.context)

    def _may_quote(self, draft: Draft, update: Update) -> bool:
        """Tell whether a passage's words may answer: where of a reply nothing or one claim is left.

        A refusal, a record, what is marked, a list and several sentences stay as they are.
        """
        answered = bool(draft.claims) and draft.lines is not None
        if self.extractor is None or not answered or self._limits().unsupported == "refuse":
            return False
        return "origin" not in update or (len(draft.claims) == 1 and bool(update["citations"]))

    def _quoted(
        self, state: State, update: Update, quote: Draft, supports: Sequence[Support]
    ) -> Update:
        """Let a quote out that is supported, and more so than what is left of the reply."""
        answer = self._checked(state, quote, supports, "refuse")
        better = (answer.confidence or 0.0) > (update.get("confidence") or 0.0)
        return let_out(state, answer, update["removed"] + ("origin" in update)) if better else {}

    def _checked(
        self, state: State, draft: Draft, supports: Sequence[Support], unsupported: Unsupported
    ) -> CheckedAnswer:
        least = self._limits().support_threshold
        return checked(
            draft,
            supports,
            passages=state.context,
            threshold=self.verifier.threshold if least is None else least,
            unsupported=unsupported,
        )

    def _policy(self, limits: Limits) -> Unsupported:
        certain: Unsupported = "remove" if self.verifier.trusted else "mark"
        return certain if limits.unsupported == "auto" else limits.unsupported


def _adds(quote: Draft, draft: Draft, update: Update) -> bool:
    """Tell whether a quote is worth checking: most say what is left of the reply."""
    return bool(quote.claims) and ("origin" not in update or says_otherwise(draft, quote))
