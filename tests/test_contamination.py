import pytest
from tuning_parts import example

from finetune.data.contamination import NGRAM, contamination, shared_sources
from finetune.data.examples import Example, Kind

LONG = "At which hour of the morning does the first ferry of the week leave for Ossel"
REFUSAL = "I don't know based on the provided documents."


def pairs(train: list[Example], test: list[Example]) -> list[tuple[str, str]]:
    return [(found.train_id, found.test_id) for found in contamination(train, test)]


def test_test_rows_with_a_training_rows_words_are_found() -> None:
    train = [
        example("t1", LONG + " in winter?", "Six"),
        example("t2", "Who keeps the bees?", "Anna"),
        example("t3", "Who looks after them?", "Nobody", kind=Kind.REFUSAL),
        example("t4", "Who keeps the bees?", "yes", kind=Kind.GRADE),
    ]
    test = [
        example("x1", "Tell me: " + LONG.lower() + ", please?", "six"),
        example("x2", "Who keeps the bees?", "Anna"),
        example("x3", "Who keeps the mill?", "Anna"),
        example("x4", "When does the first ferry leave?", "Six"),
    ]
    assert pairs(train, test) == [("t1", "x1"), ("t2", "x2"), ("t4", "x2")]
    first = contamination(train, test)[0].ngram
    assert first == "at which hour of the morning does the first ferry of the week"
    assert len(first.split()) == NGRAM == 13


def test_thirteen_words_in_a_row_leak_and_twelve_do_not() -> None:
    words = [f"w{at}" for at in range(13)]
    train = [example("t", "Why a?", " ".join(words))]
    twelve = example("x12", "Why b?", " ".join(["other", *words[1:]]))
    thirteen = example("x13", "Why c?", " ".join(["Other", *words, "Other."]))
    assert pairs(train, [twelve, thirteen]) == [("t", "x13")]


def test_the_passages_that_rows_share_do_not_count_as_leaked() -> None:
    train = [example("t", "Who bakes?", "Anna")]
    test = [example("x", "When is it open?", "From nine to noon")]
    assert train[0].prompt[0].content[:60] == test[0].prompt[0].content[:60]
    assert contamination(train, test) == []


def test_a_refusal_makes_no_leak_of_questions_that_end_alike() -> None:
    end = "the birds of the deep Amazon basin?"
    train = [example("t", f"What colour are {end}", REFUSAL)]
    test = [example("x", f"Who was first to count {end}", REFUSAL)]
    assert contamination(train, test) == []


def test_words_that_many_rows_share_are_a_form_and_no_leak() -> None:
    form = "Sadly none of the passages that I was given says a single word about "
    few = [example(f"t{at}", f"Where is place{at}?", f"{form}place{at}") for at in range(20)]
    many = [*few, example("t20", "Where is place20?", f"{form}place20")]
    test = [example("x", "Where is Ossel?", f"{form}Ossel")]
    assert len(contamination(few, test)) == 20
    assert contamination(many, test) == []


def test_sources_in_two_splits_are_named() -> None:
    rows = [example(f"{at}", "Who?", "Anna", source=s) for at, s in enumerate(["a", "b", "", ""])]
    splits = {"train": [rows[0], rows[2]], "dev": [rows[1]], "test": [rows[0], rows[3]]}
    assert shared_sources(splits) == {"a": ("train", "test")}
    both = example("both", "Who?", "Anna", source="c", further_sources=["b"])
    splits["test"].append(both)
    assert shared_sources(splits) == {"a": ("train", "test"), "b": ("dev", "test")}


def chat(id_: str, *said: str, reply: str, system: str = "") -> Example:
    roles = ("user", "assistant")
    messages = [{"role": roles[at % 2], "content": text} for at, text in enumerate((*said, reply))]
    opening = [{"role": "system", "content": system}] if system else []
    return Example.model_validate({"id": id_, "messages": [*opening, *messages]})


@pytest.mark.parametrize(
    ("train", "test", "leaks"),
    [
        (("Write of bees.", "Bees hum.", "Continue."), ("And owls?", "They hoot.", "Continue."), 0),
        (("Write of bees.", "Bees hum.", "Continue."), ("Bees!", "bees hum", "continue"), 1),
        (("Why?",), ("why",), 1),
        (("Why?",), ("And owls?", "They hoot.", "Why?"), 0),
        (("续写蜜蜂", "蜜蜂嗡嗡。", "继续"), ("猫头鹰呢", "它们叫。", "继续"), 0),
        (("续写蜜蜂", "蜜蜂嗡嗡。", "继续"), ("蜜蜂呢", "蜜蜂嗡嗡。", "继续"), 1),
        (("Bees?", "They hum.", LONG), ("Owls?", "They hoot.", LONG), 1),
    ],
)
@pytest.mark.parametrize("system", ["", "Be brief."])
def test_a_short_last_turn_is_a_rows_own_with_what_it_replies_to(
    train: tuple[str, ...], test: tuple[str, ...], leaks: int, system: str
) -> None:
    rows = [chat("t", *train, reply="One"), chat("x", *test, reply="Two", system=system)]
    assert len(contamination(rows[:1], rows[1:])) == leaks


GREETING = "Hello, I am the assistant of the shop, what is it about today?"


@pytest.mark.parametrize("greeting", ["Hello!", GREETING, f"{GREETING} {LONG}"])
@pytest.mark.parametrize(("asked", "leaks"), [("Where is my order?", 25), ("Who are you?", 0)])
def test_a_short_question_leaks_however_often_it_is_asked_and_however_long_the_turn_before(
    greeting: str, asked: str, leaks: int
) -> None:
    opening = ("Good day.", greeting)
    train = [chat(f"t{at}", *opening, "Where is my order?", reply=f"{at}") for at in range(25)]
    test = chat("x", *opening, asked, reply="Here")
    found = contamination(train, [test])
    assert [overlap.train_id for overlap in found] == [f"t{at}" for at in range(leaks)]


def test_the_first_words_that_rows_share_are_told_of_a_turn_and_the_one_before() -> None:
    rows = [chat(id_, "Write.", f"{LONG} now?", "Yes please", reply=id_) for id_ in "tx"]
    (found,) = contamination(rows[:1], rows[1:])
    assert found.ngram == "at which hour of the morning does the first ferry of the week"
