"""The assistant: asks the graph, ingests and searches, and writes answers as the contract says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage

from app.answers import (
    Answer,
    Identity,
    Turn,
    graph_input,
    streamed_text,
    to_answer,
)
from app.composition import Parts
from app.index.forgotten import Forgotten
from app.ingest.engines import EngineName, ray_engine
from app.ingest.report import IngestReport
from app.ingest.run import Notify, ingest
from app.ingest.sources.choice import places_of
from app.ingest.stale_documents import stale_documents
from app.models import completion, gate
from app.models.base import embedding_identity
from app.models.line_reader import reader_fingerprint
from app.models.remote.load import MODELS
from app.provenance import content_of, made_by
from graphs.question import read_question
from graphs.replies import written_by
from graphs.review import AnswerHeld
from graphs.state import State


class Assistant(Parts):
    """Answers questions about the documents of one index.

    Models load on first use. Methods raise UserError for what the operator can mend, and a
    ValueError (InvalidQuestion, ContextLengthError) for what cannot be asked.

        assistant = Assistant()
        assistant.ingest(["handbook/"])
        answer = assistant.ask("When does the last boat leave?")
        print(answer["answer"], answer["citations"])
    """

    def warm_up(self) -> None:
        """Load models and open the index now instead of at the first question."""
        self.graph  # noqa: B018  # building it loads the models that answer
        self.small_talk.load()

    def ingest(
        self,
        paths: Sequence[str | Path],
        *,
        rebuild: bool = False,
        progress: bool = False,
        notify: Notify = lambda document, done, of: None,
        forgotten: Sequence[Forgotten] = (),
        engine: EngineName = "local",
    ) -> IngestReport:
        """Make the index hold what is in these folders, files and URLs.

        See `app.ingest.run.ingest`.
        """
        store = self.store
        with ray_engine(self.named_embeddings) if engine == "ray" else nullcontext() as opened:
            return ingest(
                places_of(paths),
                store,
                max_bytes=self.settings.max_file_bytes,
                archives=self.settings.archives,
                ocr=self.settings.ocr,
                rebuild=rebuild,
                progress=progress,
                notify=notify,
                forgotten=forgotten,
                access=self.settings.access,
                engine=opened,
            )

    def changed_documents(self, paths: Sequence[Path]) -> set[str]:
        """Name the documents that ingesting these folders and files would write or delete."""
        return stale_documents(
            paths,
            self.store,
            max_bytes=self.settings.max_file_bytes,
            archives=self.settings.archives,
            ocr=self.settings.ocr,
        )

    def check_askable(self, question: str, retrieval: str | None = None) -> None:
        """Raise what asking would raise before it begins: for the question, or a missing index.

        It also builds what answers, so that asking begins at once. `retrieval` is another one than
        is set.
        """
        most = self.settings.max_question_tokens
        read_question([HumanMessage(question)], self.chat_model.get_num_tokens, most)
        if self.settings.searches(retrieval):
            self.store.version  # noqa: B018  # opening it is the check
        self.warm_up()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        documents: Sequence[Mapping[str, str]] = (),
        id_: str = "1",
    ) -> Answer:
        """Answer a question from the index, or from `documents` ({"id", "text"} each).

        `history` are the turns before it, {"role", "content"} each, the oldest first. A citation
        counts characters of `text_of(document)`, or of the given text. Not knowing is an answer
        (`abstained`), no error. Raises InvalidQuestion, UserError where there is no index, and
        AnswerHeld where a person must let the answer out.
        """
        state = self.graph.invoke(graph_input(question, history, documents))
        return self.answer_of(state, question, id_)

    async def aask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        documents: Sequence[Mapping[str, str]] = (),
        id_: str = "1",
    ) -> Answer:
        """Do the same in async code; cancelling the task stops the model."""
        state = await self.graph.ainvoke(graph_input(question, history, documents))
        return self.answer_of(state, question, id_)

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), id_: str = "1"
    ) -> Iterator[str | Answer]:
        """Yield the text as it is written, then the checked answer, which alone counts.

        The last item is the answer, all others are strings, which the check has not seen: it may
        take claims away. Raises what `ask` raises, from the iterator.
        """
        events: Iterator[Any] = self.graph.stream(
            graph_input(question, history, ()), stream_mode=["messages", "values"]
        )
        state: dict[str, Any] = {}
        for mode, event in events:
            if mode == "values":
                state = event
            elif text := streamed_text(event):
                yield text
        yield self.answer_of(state, question, id_)

    async def astream(
        self, question: str, *, history: Sequence[Turn] = (), id_: str = "1"
    ) -> AsyncIterator[str | Answer]:
        """Do the same in async code."""
        events: AsyncIterator[Any] = self.graph.astream(
            graph_input(question, history, ()), stream_mode=["messages", "values"]
        )
        state: dict[str, Any] = {}
        async for mode, event in events:
            if mode == "values":
                state = event
            elif text := streamed_text(event):
                yield text
        yield self.answer_of(state, question, id_)

    def identity(self, *, index: str | None) -> Identity:
        """Name what answers depend on, given the version of the index that is searched, if any."""
        return Identity(model=self.model, adapter=self.adapter, index=index)

    @property
    def weights(self) -> dict[str, Any]:
        """What answers come out of, by content: models, and what was fitted to them."""
        return {
            "model": self.calibration_file.stem,
            "grades": asdict(self.calibration.weights),
            "embeddings": embedding_identity(
                self.settings.embedding_model, cache_dir=self.settings.cache
            ),
            "reader": reader_fingerprint(),
            "small talk": content_of(gate.WEIGHTS),
            "completion": content_of(completion.WEIGHTS),
        }

    def made_by(self, *code: str, index: str | None, data: object) -> dict[str, Any]:
        """Return what makes a thing that is kept of this assistant; see `app.provenance`.

        `code` are modules that compute it beside the assistant's own.
        """
        files = (self.settings.gate, self.settings.shots)
        return made_by(
            "app.assistant",
            *self._added_code,
            *code,
            settings=self.settings.answering() | {"files": [content_of(file) for file in files]},
            model=self.weights,
            adapter=self.adapter,
            index=index,
            data=data,
        )

    @property
    def _added_code(self) -> list[str]:
        """The modules of packages that what answers is made of."""
        provider = self._remote.provider if self._remote else ""
        return [MODELS.module(provider)] if provider in MODELS.names() else []

    def unanswered(self, question: str, *, id_: str, error: str) -> dict[str, Any]:
        """Write a question that could not be asked in the form of an answer, with its error."""
        answer = to_answer(
            {**vars(State()), "messages": [AIMessage("")], "abstained": True},
            id_=id_,
            question=question,
            identity=self.identity(index=None),
        )
        return {**answer, "error": error}

    def close(self) -> None:
        """Let go of the model, if it was loaded."""
        for parts in (self, self.__dict__.get("other")):
            if parts is not None and "runtime" in parts.__dict__:
                parts.runtime.close()

    def answer_of(self, state: dict[str, Any], question: str, id_: str) -> Answer:
        """Write what the graph returned in the form of the contract."""
        if "__interrupt__" in state:
            raise AnswerHeld(
                "this answer needs a review, and only answers in threads can wait for one: ask on "
                "the page, or in a thread of a LangGraph client"
            )
        # The version that was searched, which need not be the newest by now.
        searched = [p.metadata["index"] for p in state["passages"] if "index" in p.metadata]
        identity = self.identity(index=searched[0] if searched else None)
        borrowed = ["grader"] if self.calibration.borrowed else []
        others = [name for name in written_by(state["messages"][-1]) if name != self.model]
        return to_answer(
            state,
            id_=id_,
            question=question,
            identity=identity,
            borrowed=borrowed,
            answered_by=others[0] if others else "",
        )
