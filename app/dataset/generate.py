"""Generate questions answer-first from documents that came without any.

Knows chunks, a chat model and a search; knows nothing of the rows that are made of the questions.

A question is kept when it passes the filters of `app.dataset.filters` and the round trip:

1. The search ranks its passage among the first three. A question that fails, or that other
   passages answer differently, is tried once more with the title of its document before it, and
   dropped where other passages of that title answer differently.
2. A model's question also has to lead back to its answer: the sentence that holds the answer
   shares more content words with the question than any other sentence of the passage, or else
   the model, asked with the passage as in serving, gives the answer (token F1 of at least 0.5).

What the rules ask, about rows and plain statements, needs no second step: it is right as built.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from tqdm import tqdm

from app.dataset import filters
from app.dataset.filters import Dropped
from app.dataset.model_questions import BLANKS, ask, clean
from app.dataset.pairs import by_document
from app.dataset.rule_questions import front
from app.dataset.selection import Candidate, GeneratedQuestions, RankIds, Selection, wrong_with
from app.dataset.spans import AnswerKind, Span, answer_spans
from app.dataset.templates import is_records, template_questions
from graphs import prompts
from graphs.layout import without_markers
from graphs.passages import place

QUESTION_TOKENS = 40
ANSWER_TOKENS = 48
BATCH = 32  # spans that the model is asked about between two steps of the progress bar
TRIES = 2  # spans that the model is asked about for each question that a chunk still lacks


def generate_questions(
    chunks: Sequence[Document],
    chat_model: BaseChatModel | None,
    search: RankIds,
    *,
    per_chunk: int,
    seed: int,
    progress: bool = True,
) -> GeneratedQuestions:
    """Ask up to `per_chunk` questions about each chunk, by rule where possible, else by model.

    Without a model the rules alone ask: in seconds, and about tables more than about prose. The
    same chunks, model and seed give the same questions.
    """
    draw = random.Random(seed)
    grouped = by_document(chunks)
    ruled = [c for group in grouped.values() for c in _by_rule(group)]
    draw.shuffle(ruled)
    selection = Selection(search, per_chunk)
    selection.announce(ruled)
    for candidate in tqdm(ruled, desc="by rule", unit="question", disable=_hidden(progress)):
        selection.offer(candidate, by="rule")
    if chat_model is not None:
        _ask_about_the_rest(chunks, chat_model, selection, progress=progress)
    order = {str(chunk.id): at for at, chunk in enumerate(chunks)}
    chosen = sorted(selection.kept, key=lambda made: (order[made.chunk], made.start))
    return GeneratedQuestions(tuple(chosen), selection.tried, dict(selection.dropped))


def _ask_about_the_rest(
    chunks: Sequence[Document], chat_model: BaseChatModel, selection: Selection, *, progress: bool
) -> None:
    open_spans = list(_for_model(chunks, selection))
    sound: list[Candidate] = []
    with tqdm(
        total=len(open_spans), desc="by model", unit="question", disable=_hidden(progress)
    ) as bar:
        for at in range(0, len(open_spans), BATCH):
            batch = open_spans[at : at + BATCH]
            sound += _asked_of_model(batch, chat_model, selection)
            bar.update(len(batch))
    selection.announce(sound)
    for candidate in sound:
        selection.offer(candidate, by="model")


def _by_rule(chunks: Sequence[Document]) -> Iterator[Candidate]:
    """Yield what the rules ask about one document."""
    for asked in template_questions(chunks):
        span = Span(asked.start, asked.end, AnswerKind.VALUE)
        yield Candidate(asked.chunk, span, asked.question)
    for chunk in chunks:
        for candidate in _in_prose(chunk):
            statement = candidate.statement(named_blank=False)
            if question := front(statement, candidate.span.kind, candidate.answer):
                yield Candidate(chunk, candidate.span, question)


def _in_prose(chunk: Document) -> list[Candidate]:
    if is_records(chunk):
        return []
    spans = answer_spans(chunk.page_content)
    return [Candidate(chunk, span) for span in spans if span.kind is not AnswerKind.VALUE]


def _for_model(chunks: Sequence[Document], selection: Selection) -> Iterator[Candidate]:
    """Yield the best spans of the chunks that lack questions and that no rule asked about."""
    done = {(made.chunk, made.start) for made in selection.kept}
    for chunk in chunks:
        fresh = [
            candidate
            for candidate in _in_prose(chunk)
            if candidate.span.kind in BLANKS and (str(chunk.id), candidate.span.start) not in done
        ]
        yield from fresh[: TRIES * selection.lacks(chunk)]


def _asked_of_model(
    candidates: Sequence[Candidate], chat_model: BaseChatModel, selection: Selection
) -> list[Candidate]:
    """Return the candidates with a question that leads to its answer, and count the others."""
    statements = [candidate.statement(named_blank=True) for candidate in candidates]
    replies = _replies(chat_model, [ask(statement) for statement in statements], QUESTION_TOKENS)
    proposed = [
        replace(candidate, question=clean(reply) or "")
        for candidate, reply in zip(candidates, replies, strict=True)
    ]
    sound: list[Candidate] = []
    for candidate, statement in zip(proposed, statements, strict=True):
        if fault := _fault(candidate, statement):
            selection.refuse(fault)
        else:
            sound.append(candidate)
    led = _answered(sound, chat_model)
    for _ in range(led.count(False)):
        selection.refuse(Dropped.NOT_ANSWERED)
    return [candidate for candidate, leads in zip(sound, led, strict=True) if leads]


def _fault(candidate: Candidate, statement: str) -> Dropped | None:
    """Return what a model's question fails in before anything is searched or answered."""
    if wrong := wrong_with(candidate):
        return wrong
    return None if filters.keeps(candidate.question, statement) else Dropped.FOREIGN


def _answered(candidates: Sequence[Candidate], chat_model: BaseChatModel) -> list[bool]:
    """Tell whether each question leads back to its answer; asks the model only where it must."""
    led = [filters.leads_to(c.question, c.chunk.page_content, c.span.start) for c in candidates]
    doubted = [c for c, leads in zip(candidates, led, strict=True) if not leads]
    prompted = [prompts.generate(c.question, [place(c.chunk)]) for c in doubted]
    replies = iter(_replies(chat_model, prompted, ANSWER_TOKENS))
    return [
        leads or filters.same_answer(without_markers(next(replies)), candidate.answer)
        for candidate, leads in zip(candidates, led, strict=True)
    ]


def _replies(
    chat_model: BaseChatModel, chats: Sequence[list[BaseMessage]], max_tokens: int
) -> list[str]:
    replies = chat_model.batch(list(chats), max_tokens=max_tokens, temperature=0.0)
    return [reply.text for reply in replies]


def _hidden(progress: bool) -> bool | None:
    return None if progress else True  # None: shown at a terminal only
