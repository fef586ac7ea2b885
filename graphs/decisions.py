"""The decisions between the steps of the workflow; none of them changes the state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from langgraph.runtime import get_runtime

from graphs.descriptions import described
from graphs.limits import Context, Limits
from graphs.state import Route, State


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """Where a run goes on, within the limits that the deployment and the caller set."""

    limits: Limits

    def decide_route(self, state: State) -> Literal["retrieve", "grade_documents", "generate"]:
        """Decide where the answer comes from: search, given documents, or the model alone."""
        if state.route == "direct":
            return "generate"
        return "grade_documents" if state.passages else "retrieve"

    def decide_to_generate(
        self, state: State
    ) -> Literal["generate", "name_described", "transform_query", "abstain"]:
        """Answer if a passage is relevant, else search again while the budget lasts."""
        least = self._limits().grade_threshold
        if any(p.metadata["grade"] >= least for p in state.passages):
            return "generate"
        if not self._may_search_again(state):
            return "abstain"
        return "name_described" if _may_be_named(state) else "transform_query"

    def decide_to_answer(
        self, state: State
    ) -> Literal["name_described", "transform_query", "abstain", "review", "__end__"]:
        """Search once more where relevant passages did not answer but there is more to go by."""
        if state.origin == "none" and self._may_search_again(state):
            if _may_be_named(state):
                return "name_described"
            if state.leads:
                return "transform_query"
        return self.decide_to_let_out(state)

    def decide_after_naming(self, state: State) -> Literal["transform_query", "abstain"]:
        """Search by the name, or go on as if nothing had been described."""
        return "transform_query" if state.leads or not state.context else "abstain"

    def decide_to_let_out(self, state: State) -> Literal["abstain", "review", "__end__"]:
        """Return an answer that documents support or that needs none; hold it at low confidence."""
        if state.origin == "none":
            return "abstain"
        least = self._limits().review_below
        return "review" if is_doubted(state.route, state.confidence, least) else "__end__"

    def decide_after_review(self, state: State) -> Literal["abstain", "__end__"]:
        """Let out what a person did not reject."""
        return "abstain" if state.review == "reject" else "__end__"

    def _may_search_again(self, state: State) -> bool:
        """Tell whether the budget lasts; nothing is searched beside documents that were given."""
        given = any(p.metadata.get("given") for p in state.passages)
        return not given and state.rewrites < self._limits().max_rewrites

    def _limits(self) -> Limits:
        knobs = run_knobs()
        return knobs.over(self.limits) if knobs else self.limits


def _may_be_named(state: State) -> bool:
    """Tell whether a name is still to be found for something that the question describes."""
    return state.rewrites == 0 and described(state.asked) is not None


def run_knobs() -> Context | None:
    """Return what the caller set for this run; None for a state that is written from outside."""
    runtime = get_runtime(Context)
    return runtime.context if runtime else None


def is_doubted(route: Route, confidence: float | None, least: float) -> bool:
    """Tell whether a person is to look at an answer; nothing supports one without confidence."""
    return route == "retrieve" and (confidence or 0.0) < least
