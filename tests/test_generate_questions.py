"""Questions generated from documents have their answer in the document, and lead back to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from app.dataset.filters import Dropped, is_foreign, leads_to, misshapen, same_answer
from app.dataset.generate import generate_questions
from app.dataset.model_questions import ask, blanked, clean
from app.dataset.rule_questions import front
from app.dataset.selection import GeneratedQuestions
from app.dataset.spans import AnswerKind
from app.dataset.templates import template_questions
from graphs.text import content

FARES = (
    "code: R1; from: Kestering; to: Marram Bay; type: Adult; single: £14.20\n\n"
    "code: R1; from: Kestering; to: Marram Bay; type: Child; single: £6.80\n\n"
    "code: R2; from: Kestering; to: Ossel; type: Adult; single: £31.00"
)
BERTHS = (
    "## Berths\n\n| Berth | Normally used by | Depth |\n| --- | --- | --- |\n"
    "| 1 | Visiting ships | 4.0 metres |\n| 2 | Sound route | – |"
)
MESS = "Crew eat free of charge. The mess closes at 19:30; nobody minds."


class Asker(BaseChatModel):
    """Replies by the first key that the last message holds."""

    replies: Mapping[str, str]
    prompts: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "asker"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        assert kwargs["temperature"] == 0
        prompt = messages[-1].text
        self.prompts.append(prompt)
        reply = next((reply for key, reply in self.replies.items() if key in prompt), "")
        return ChatResult(generations=[ChatGeneration(message=AIMessage(reply))])


def chunk(
    text: str, document: str = "guide.md", section: str = "Guide", start: int = 0
) -> Document:
    metadata = {"document": document, "section": section, "start": start}
    return Document(text, id=f"{document}@{start}", metadata=metadata)


def generated(
    *chunks: Document, replies: Mapping[str, str] | None = None, per_chunk: int = 9
) -> GeneratedQuestions:
    """Generate with a search that ranks by the number of shared words."""

    def search(question: str) -> list[str]:
        asked = set(content(question))
        shared = {
            str(c.id): len(asked & set(content(f"{c.metadata['section']} {c.page_content}")))
            for c in chunks
        }
        return sorted(shared, key=lambda id_: -shared[id_])

    model = Asker(replies=replies or {})
    return generate_questions(chunks, model, search, per_chunk=per_chunk, seed=1, progress=False)


def asked(made: GeneratedQuestions) -> list[tuple[str, str]]:
    return [(question.question, question.answer) for question in made.questions]


def test_records_are_asked_by_as_many_cells_as_tell_them_apart() -> None:
    made = template_questions([chunk(FARES, "fares.csv")])
    assert [(a.question, a.answer) for a in made] == [
        ("How much is the single for code R1 from Kestering to Marram Bay, type Adult?", "£14.20"),
        ("How much is the single for code R1 from Kestering to Marram Bay, type Child?", "£6.80"),
        ("What is the type of code R2?", "Adult"),
        ("How much is the single for code R2?", "£31.00"),
    ]


def test_table_rows_are_asked_and_empty_cells_are_not() -> None:
    assert [(a.question, a.answer) for a in template_questions([chunk(BERTHS)])] == [
        ("What is berth 1 normally used by?", "Visiting ships"),
        ("What is the depth of berth 1?", "4.0 metres"),
        ("What is berth 2 normally used by?", "Sound route"),
    ]


def test_rows_whose_header_an_earlier_chunk_has_are_asked_too() -> None:
    later = chunk("3 | 5.2 metres\n4 | 6.1 metres", start=900)
    assert template_questions([later]) == []
    later.metadata["header"] = "Berth | Depth"
    assert [(a.question, a.answer) for a in template_questions([later])] == [
        ("What is the depth of berth 3?", "5.2 metres"),
        ("What is the depth of berth 4?", "6.1 metres"),
    ]


@pytest.mark.parametrize(
    ("statement", "kind", "answer", "question"),
    [
        ("the mess closes at []", "time", "19:30", "At what time does the mess close?"),
        ("Items are kept for []", "duration", "90 days", "For how many days are items kept?"),
        ("A card is replaced for []", "price", "£3", "For what price is a card replaced?"),
        ("The mask is tested every []", "duration", "six months", "How often is the mask tested?"),
        ("The port manager is []", "name", "Colette Vaudin", "Who is the port manager?"),
        ("Clear height on deck is []", "measure", "3.4 m", "What is clear height on deck?"),
    ],
)
def test_plain_statements_are_asked_by_rule(
    statement: str, kind: str, answer: str, question: str
) -> None:
    assert front(statement, AnswerKind(kind), answer) == question


@pytest.mark.parametrize(
    "statement",
    [
        "It is closed at []",
        "There is a charge of []",
        "A dog may not be left for more than []",
        "The ship that sails is late by []",
        "Ring the desk before []",
    ],
)
def test_statements_whose_grammar_is_not_plain_are_left_to_the_model(statement: str) -> None:
    assert front(statement, AnswerKind.TIME, "19:30") is None


def test_the_model_sees_the_clause_with_a_blank_and_never_the_answer() -> None:
    statement = blanked(MESS[25:], MESS.index("19:30") - 25, MESS.index(";") - 25, AnswerKind.TIME)
    assert statement == "The mess closes at [when]"
    prompt = ask(statement)
    assert len(prompt) == 7  # three examples, each with its reply, and the request
    assert not any("19:30" in message.text for message in prompt)
    with pytest.raises(ValueError, match="has no blank"):
        ask("The mess closes at 19:30")


@pytest.mark.parametrize(
    ("reply", "question"),
    [
        ('"When does it\tclose?" he asked', "When does it close?"),
        ("The mess closes.", None),
        ("When does it close [when]?", None),
    ],
)
def test_a_reply_is_cut_to_its_question(reply: str, question: str | None) -> None:
    assert clean(reply) == question


def test_each_filter_names_its_reason() -> None:
    time = AnswerKind.TIME
    assert misshapen("When is it?", "19:30", time) is Dropped.LENGTH
    assert misshapen("When is it after 19:30 today?", "19:30", time) is Dropped.GIVES_ANSWER
    assert misshapen("Who closes the mess at night?", "19:30", time) is Dropped.WRONG_KIND
    assert misshapen("What is the mess open from?", "19:30", time) is Dropped.WRONG_KIND
    twice = "How long may a guest stay for how long?"
    assert misshapen(twice, "two hours", AnswerKind.DURATION) is Dropped.WRONG_KIND
    assert misshapen("When does the mess close?", "19:30", time) is None
    assert is_foreign("When does the museum café close?", MESS)
    assert not is_foreign("When does the mess close?", MESS)


def test_a_question_leads_to_the_sentence_it_shares_most_with() -> None:
    at = MESS.index("19:30")
    assert leads_to("When does the mess close?", MESS, at)
    assert not leads_to("When is it free of charge?", MESS, at)
    assert not leads_to("When is it?", MESS, at)  # a tie leads nowhere


def test_answers_are_the_same_by_inclusion_or_half_their_words() -> None:
    assert same_answer("It closes at 19:30.", "19:30")
    assert same_answer("by noon today", "by noon")  # 2 of 3 and 2 of 2: F1 is 0.8
    assert not same_answer("at nine in the morning", "by noon")


def test_every_candidate_is_kept_or_counted() -> None:
    made = generated(chunk(FARES, "fares.csv"), chunk(BERTHS), chunk(MESS, start=90), per_chunk=2)
    assert len(made.questions) == 5
    assert made.dropped == {Dropped.SURPLUS: 3}
    assert made.tried == 8
    assert {question.by for question in made.questions} == {"rule"}
    texts = {"fares.csv@0": FARES, "guide.md@0": BERTHS, "guide.md@90": MESS}
    for question in made.questions:
        assert texts[question.chunk][question.start :].startswith(question.answer)


def test_a_question_that_two_documents_answer_gets_its_documents_title() -> None:
    text = "Welcome to the port. The port manager is Mr {} of this town."
    ossel = chunk(text.format("Colette Vaudin"), "a.md", "Ossel")
    skjorn = chunk(text.format("Einar Thorsby"), "b.md", "Skjorn")
    assert asked(generated(ossel, skjorn)) == [
        ("Ossel: who is the port manager of this town?", "Mr Colette Vaudin"),
        ("Skjorn: who is the port manager of this town?", "Mr Einar Thorsby"),
    ]


def test_a_question_that_a_title_does_not_make_clear_is_dropped() -> None:
    text = "Welcome to the port. The port manager is Mr {} of this town."
    made = generated(
        chunk(text.format("Colette Vaudin"), section="Ossel"),
        chunk(text.format("Einar Thorsby"), section="Ossel", start=90),
    )
    assert asked(made) == []
    assert made.dropped == {Dropped.AMBIGUOUS: 2}


STAY = "Bring a warm coat. Visitors stay two hours without a permit. The chapel is cold."


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("How long do visitors stay without a permit?", None),
        ("Visitors stay.", Dropped.NO_QUESTION),
        ("How long may a lion stay without a permit?", Dropped.FOREIGN),
        ("How long do two hours last without a permit?", Dropped.GIVES_ANSWER),
        ("Who stays without a permit of visitors?", Dropped.WRONG_KIND),
    ],
)
def test_a_models_question_is_kept_when_it_says_what_the_statement_says(
    reply: str, outcome: Dropped | None
) -> None:
    made = generated(chunk(STAY), replies={"[how long]": reply})
    assert asked(made) == ([] if outcome else [(reply, "two hours")])
    assert made.dropped == ({outcome: 1} if outcome else {})


HOURS = "Bring a warm coat. Visitors stay {} hours without a permit. The chapel is cold."


def test_what_the_model_asks_of_several_documents_gets_their_titles_or_is_dropped() -> None:
    said = {"[how long]": "How long do visitors stay without a permit?"}
    two, four = (HOURS.format(hours) for hours in ("two", "four"))
    made = generated(chunk(two, "a.md", "Ossel"), chunk(four, "b.md", "Skjorn"), replies=said)
    assert asked(made) == [
        ("Ossel: how long do visitors stay without a permit?", "two hours"),
        ("Skjorn: how long do visitors stay without a permit?", "four hours"),
    ]
    made = generated(chunk(two), chunk(four, start=90), replies=said)
    assert (asked(made), made.dropped) == ([], {Dropped.AMBIGUOUS: 2})


def test_a_question_of_a_rule_that_the_model_answers_differently_elsewhere_gets_its_title() -> None:
    ruled = "At what time does the mess close?"
    assert asked(generated(chunk(MESS))) == [(ruled, "19:30")]
    crew = chunk("Ring twice. They say that the mess closes at 18:00.", "b.md", "Crew")
    made = generated(chunk(MESS), crew, replies={"[when]": ruled})
    assert asked(made) == [
        ("Guide: at what time does the mess close?", "19:30"),
        ("Crew: at what time does the mess close?", "18:00"),
    ]
    assert made.dropped == {}
    assert made.tried == len(made.questions) + sum(made.dropped.values())


@pytest.mark.parametrize(("answer", "kept"), [("They stay two hours [1].", 1), ("Cold.", 0)])
def test_a_question_that_leads_elsewhere_is_kept_if_the_model_answers_it(
    answer: str, kept: int
) -> None:
    text = f"{STAY} Visitors who stay need a permit without fail."
    question = "How long do visitors stay without a permit?"
    made = generated(chunk(text), replies={"[how long]": question, f"Question: {question}": answer})
    assert len(made.questions) == kept
    assert made.dropped == ({} if kept else {Dropped.NOT_ANSWERED: 1})


def test_a_question_that_the_search_does_not_bring_back_is_dropped() -> None:
    model = Asker(replies={})
    made = generate_questions(
        [chunk(MESS)], model, lambda _: ["x", "y", "z", "guide.md@0"], per_chunk=3, seed=1,
        progress=False,
    )  # fmt: skip
    assert made.questions == ()
    assert made.dropped[Dropped.NOT_FOUND] == 1


def test_equal_seeds_give_equal_questions_of_a_real_model(tiny_chat) -> None:
    chunks = [chunk(FARES, "fares.csv"), chunk(STAY)]
    first, again = (
        generate_questions(
            chunks, tiny_chat, lambda _: [str(c.id) for c in chunks], per_chunk=2, seed=4,
            progress=False,
        )
        for _ in range(2)
    )  # fmt: skip
    assert first == again
    assert first.tried == len(first.questions) + sum(first.dropped.values())
    assert all(re.fullmatch(r"[^\n]+\?", question.question) for question in first.questions)
    assert len(first.questions) == 2
