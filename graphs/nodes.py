"""The steps of the workflow.

Bound to collaborators that it is given; it builds none of them and reads no setting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from langchain_core.documents import BaseDocumentTransformer, Document
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.types import interrupt

from graphs import prompts
from graphs.follow_up import (
    asked_before,
    conversation,
    depends_on_history,
    followed,
    points_back,
    turns_before,
)
from graphs.naming import Naming
from graphs.passages import (
    added,
    given_documents,
    interleaved,
    place,
    ranked,
    select_context,
    ungraded,
)
from graphs.protocols import Completion, Gate, Grader, Need
from graphs.question import read_question, subject
from graphs.replies import (
    Update,
    add_tokens,
    alone,
    before,
    doubted,
    draft_before,
    edited,
    follows_up,
    keywords,
    read_as,
)
from graphs.review import Held, Shown, read_verdict
from graphs.sealing import HIDDEN, SealedDrafts
from graphs.state import Route, State
from graphs.text import content

REWRITE_TOKENS = 48  # a question; longer is rambling


@dataclass(frozen=True, kw_only=True)
class Nodes(Naming):
    """Corrective-RAG steps, bound to what they call."""

    chat_model: BaseChatModel
    grader: Grader
    gate: Gate
    splitter: BaseDocumentTransformer
    """Cuts given documents into passages; adds `start`, the offset of each."""
    completion: Completion | None = None
    """Makes whole questions of short follow-ups; None where the model only rewrites them."""
    shots: Sequence[BaseMessage] = ()
    """Worked examples before a question and its passages."""
    drafts: SealedDrafts | None = None
    """What hides drafts that a person must let out; None where everybody may read them."""

    def route_question(self, state: State) -> Update:
        """Read the question, make it stand alone, and decide whether it needs documents.

        Everything a former turn left in the state is reset here. Raises InvalidQuestion.
        """
        asked, chain, rewriting = self._read(state)
        whole = self.completion.complete(chain) if self.completion and chain else None
        reply = self._call(rewriting) if rewriting and not whole else None
        return self._routed(state, asked, whole, reply)

    async def aroute_question(self, state: State) -> Update:
        """Do the same so that cancelling the run stops the model."""
        asked, chain, rewriting = await asyncio.to_thread(self._read, state)
        whole = await self.completion.acomplete(chain) if self.completion and chain else None
        reply = await self._acall(rewriting) if rewriting and not whole else None
        return await asyncio.to_thread(self._routed, state, asked, whole, reply)

    def retrieve(self, state: State) -> Update:
        """Add the chunks that fit the query best to what was found before.

        What several searches find takes turns.
        """
        found = interleaved([self.retriever.invoke(query) for query in state.queries])
        return {"passages": added(state.passages, found)}

    def grade_documents(self, state: State) -> Update:
        """Grade the passages that have no grade yet, in one batch; order all by grade."""
        new = ungraded(state.passages)
        grades = self.grader.grade(subject(state.question), new) if new else []
        return {"passages": ranked(state.passages, grades)}

    async def agrade_documents(self, state: State) -> Update:
        """Do the same so that cancelling the run stops the model."""
        new = ungraded(state.passages)
        grades = await self.grader.agrade(subject(state.question), new) if new else []
        return {"passages": ranked(state.passages, grades)}

    def transform_query(self, state: State) -> Update:
        """Search in other words: the model's if they are new and to the point, else keywords.

        Where passages were relevant but did not answer, by the names that they bring up.
        """
        if state.leads:
            return _by_leads(state)
        reply = self._call(prompts.transform_query(subject(state.question)))
        return self._searched_anew(state, reply)

    async def atransform_query(self, state: State) -> Update:
        """Do the same so that cancelling the run stops the model."""
        if state.leads:
            return _by_leads(state)
        reply = await self._acall(prompts.transform_query(subject(state.question)))
        return self._searched_anew(state, reply)

    def generate(self, state: State) -> Update:
        """Answer from the best passages, or talk where none are needed."""
        if state.recalled:
            return self._generated(state, [], state.recalled)
        context = self._context(state)
        reply = self.chat_model.invoke(self._prompt(state, context), self._shown(state))
        if not doubted(state, reply):
            return self._generated(state, context, reply)
        again = self.chat_model.invoke(self._prompt(alone(state), context))
        return self._generated(state, context, reply, again)

    async def agenerate(self, state: State) -> Update:
        """Do the same so that cancelling the run stops the model."""
        if state.recalled:
            return self._generated(state, [], state.recalled)
        context = await asyncio.to_thread(self._context, state)
        reply = await self.chat_model.ainvoke(self._prompt(state, context), self._shown(state))
        if not doubted(state, reply):
            return self._generated(state, context, reply)
        again = await self.chat_model.ainvoke(self._prompt(alone(state), context))
        return self._generated(state, context, reply, again)

    def review(self, state: State) -> Update:
        """Hold an answer of low confidence until a person has approved, edited or rejected it.

        Resumed by `Command(resume=...)` with what `read_verdict` reads; the node runs anew then.
        """
        reply = state.messages[-1]
        held = Held(
            question=state.question,
            answer=reply.text,
            citations=state.citations,
            confidence=state.confidence or 0.0,
            passages=[Shown(chunk=str(p.id), text=place(p)) for p in state.context],
        )
        verdict = read_verdict(interrupt(self.drafts.held(held) if self.drafts else held))
        if verdict.decision == "edit":
            marked = {"citations": state.citations, "conflicts": [], "reviewed": "edit"}
            message = edited(reply, verdict.text, **marked)
            return {"messages": [message], "conflicts": [], "review": "edit"}
        return {"review": verdict.decision}

    def abstain(self, state: State) -> Update:
        """Say plainly that the documents do not hold the answer."""
        last = state.messages[-1]
        # The withdrawn answer's id makes clients replace it instead of showing both.
        id_ = last.id if isinstance(last, AIMessage) else None
        said = prompts.REFUSAL
        if state.removed:
            nearest = max(state.context, key=lambda passage: passage.metadata["grade"])
            said = f"{said} The nearest passage is in {nearest.metadata['document']}."
        message = AIMessage(said, id=id_, additional_kwargs={"abstained": True, **read_as(state)})
        return {
            "messages": [message],
            "abstained": True,
            "origin": "none",
            "citations": [],
            "conflicts": [],
            "confidence": None,
        }

    def _count(self, text: str) -> int:
        return self.chat_model.get_num_tokens(text)

    def _call(self, messages: list[BaseMessage]) -> AIMessage:
        return self.chat_model.invoke(messages, HIDDEN, max_tokens=REWRITE_TOKENS)

    async def _acall(self, messages: list[BaseMessage]) -> AIMessage:
        return await self.chat_model.ainvoke(messages, HIDDEN, max_tokens=REWRITE_TOKENS)

    def _read(self, state: State) -> tuple[str, list[str], list[BaseMessage]]:
        """Return the question, and of a follow-up the way to it and the prompt to rewrite it."""
        asked = read_question(state.messages, self._count, self._limits().max_question_tokens)
        turns = turns_before(state.messages)
        if not turns or not depends_on_history(asked):
            return asked, [], []
        if not points_back(asked) and self.gate.is_small_talk(asked):
            return asked, [], []  # "Thanks!" is short, but asks nothing of what was said
        return asked, followed(turns, asked), prompts.rewrite_follow_up(turns, asked)

    def _routed(
        self, state: State, as_asked: str, whole: str | None, reply: AIMessage | None
    ) -> Update:
        asked = whole or as_asked
        given = given_documents(state.documents, self.splitter)
        turns = turns_before(state.messages)
        question = f"{asked_before(turns)} {asked}".strip() if reply else asked
        query = reply.text.strip().splitlines()[:1] if reply and reply.text.strip() else []
        small_talk = not given and self.gate.is_small_talk(question)
        need = Need(bool(given)) if given or small_talk else self.gate.decide(question)
        route: Route = "retrieve" if need.documents else "direct"
        return {
            "question": question,
            "asked": asked,
            "queries": list(dict.fromkeys([subject(question), *query])),
            "leads": [],
            "route": route,
            "small_talk": small_talk,
            "recalled": None if need.documents else need.reply,
            "naming": [],
            "named_surely": 1.0,
            "passages": given,
            "context": [],
            "citations": [],
            "conflicts": [],
            "rewrites": 0,
            "abstained": False,
            "removed": 0,
            "confidence": None,
            "origin": "none",
            "parts": [whole] if whole else [],
            "review": "",
            "tokens": add_tokens({}, reply) if reply else {},
        }

    def _searched_anew(self, state: State, reply: AIMessage) -> Update:
        asked = subject(state.question)
        wanted = set(content(asked))
        rewritten = reply.text.strip()
        on_subject = len(wanted & set(content(rewritten))) * 2 >= len(wanted)
        new = rewritten not in ("", *state.queries)
        query = rewritten if new and on_subject else keywords(asked)
        return {
            "queries": [query],
            "rewrites": state.rewrites + 1,
            "tokens": add_tokens(state.tokens, reply),
        }

    def _context(self, state: State) -> list[Document]:
        if state.route == "direct":
            return []
        limits = self._limits()
        relevant = [p for p in state.passages if p.metadata["grade"] >= limits.grade_threshold]
        return select_context(
            relevant,
            budget=limits.context_tokens,
            count=self._count,
            order=limits.passage_order,
        )

    def _prompt(self, state: State, context: Sequence[Document]) -> list[BaseMessage]:
        if state.small_talk:
            return prompts.talk(conversation(state.messages))
        if state.route == "direct":
            return prompts.recall(state.question)
        passages = [place(passage) for passage in context]
        return [*self.shots, *prompts.generate(state.asked, passages, before=before(state))]

    def _shown(self, state: State) -> RunnableConfig | None:
        """Show clients the tokens as they come, but for those that replace others or may be."""
        return HIDDEN if follows_up(state) or draft_before(state) else None

    def _generated(self, state: State, context: list[Document], *replies: AIMessage) -> Update:
        """Take the last reply, in the place of the draft that fell before a second hop."""
        tokens = reduce(add_tokens, replies, state.tokens)
        draft = draft_before(state)
        reply = replies[-1].model_copy(update={"id": draft.id}) if draft else replies[-1]
        return {"messages": [reply], "context": context, "tokens": tokens}


def _by_leads(state: State) -> Update:
    """Search by the leads, once: what they do not find is then searched for in other words."""
    return {"queries": state.leads, "leads": [], "rewrites": state.rewrites + 1}
