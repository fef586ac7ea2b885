from tuning_parts import example

from finetune.duplicates import contamination, remove_duplicates
from finetune.examples import Kind

LONG = "At which hour of the morning does the first ferry of the week leave for Ossel"


def test_the_first_of_rows_that_say_the_same_is_kept() -> None:
    rows = [
        example("a", LONG + "?", "At six in the morning from the north pier"),
        example("b", "Who keeps the bees?", "Anna"),
        example("c", LONG + " ?!", "at six in the morning, from the North Pier."),
        example("d", "Who keeps the bees?", "Anna"),
    ]
    kept, removed = remove_duplicates(rows)
    assert [row.id for row in kept] == ["a", "b"]
    assert [(found.id, found.of, found.similarity) for found in removed] == [
        ("c", "a", 1.0),
        ("d", "b", 1.0),
    ]


def test_one_question_about_other_passages_or_of_another_kind_is_no_duplicate() -> None:
    rows = [
        example("a", "Who keeps the bees?", "Anna", passage="mill"),
        example("b", "Who keeps the bees?", "Anna", passage="ferry"),
        example("c", "Who keeps the bees?", "Anna", passage="mill", kind=Kind.ANSWER),
        example("d", "Who feeds the bees?", "Anna", passage="mill"),
    ]
    kept, removed = remove_duplicates(rows)
    assert [row.id for row in kept] == ["a", "b", "c", "d"]
    assert removed == []


def test_test_rows_with_a_training_rows_words_are_found() -> None:
    train = [
        example("t1", LONG + " in winter?", "Six"),
        example("t2", "Who keeps the bees?", "Anna"),
    ]
    test = [
        example("x1", "Tell me: " + LONG.lower() + ", please?", "six"),
        example("x2", "Who keeps the bees?", "Anna"),
        example("x3", "Who keeps the mill?", "Anna"),
        example("x4", "When does the first ferry leave?", "Six"),
    ]
    found = contamination(train, test)
    assert [(overlap.test, overlap.train) for overlap in found] == [("x1", "t1"), ("x2", "t2")]
    assert "first ferry of the week" in found[0].words


def test_the_passages_that_rows_share_do_not_count_as_leaked() -> None:
    train = [example("t", "Who bakes?", "Anna")]
    test = [example("x", "When is it open?", "From nine to noon")]
    assert train[0].prompt[0].content[:60] == test[0].prompt[0].content[:60]
    assert contamination(train, test) == []
