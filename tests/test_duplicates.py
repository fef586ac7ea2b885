from tuning_parts import example

from finetune.data.duplicates import instruction_paragraphs, own_question, remove_duplicates
from finetune.data.examples import Example, Kind

LONG = "At which hour of the morning does the first ferry of the week leave for Ossel"
TAIL = "Does the passage answer the question? Reply yes or no."


def graded(id_: str, question: str, verdict: str, passage: str = "The mill is old.") -> Example:
    prompt = f"Passage:\n{passage}\n\nQuestion: {question}\n\n{TAIL}"
    messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": verdict}]
    return Example.model_validate({"id": id_, "messages": messages, "kind": "grade"})


def test_the_first_of_rows_that_say_the_same_is_kept() -> None:
    rows = [
        example("z", LONG + "?", "At six in the morning from the north pier"),
        example("b", "Who keeps the bees?", "Anna"),
        example("c", LONG + " ?!", "at six in the morning, from the North Pier."),
        example("d", "Who keeps the bees?", "Anna"),
        example("e", LONG.replace("Ossel", "Osselby"), "At six in the morning from the north pier"),
    ]
    kept, removed = remove_duplicates(rows)
    assert [row.id for row in kept] == ["z", "b"]
    assert [(found.id, found.of, found.similarity) for found in removed] == [
        ("c", "z", 1.0),
        ("d", "b", 1.0),
        ("e", "z", 0.875),  # 15 triples each, the last one differs: 14 of 16
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


def test_rows_that_differ_only_in_their_answer_or_in_what_was_said_before_stay() -> None:
    turns = [{"role": "user", "content": "The mill?"}, {"role": "assistant", "content": "Old."}]
    last = [{"role": "user", "content": "And now?"}, {"role": "assistant", "content": "Closed."}]
    other = [{"role": "user", "content": "The ferry?"}, {"role": "assistant", "content": "New."}]
    rows = [
        graded("a", LONG, "yes"),
        graded("b", LONG, "no"),
        Example.model_validate({"id": "c", "messages": turns + last}),
        Example.model_validate({"id": "d", "messages": other + last}),
        Example.model_validate({"id": "e", "messages": last}),
        example("f", "Who?", "🐝"),
        example("g", "Who?", "🐑"),
    ]
    kept, removed = remove_duplicates(rows)
    assert len(kept) == len(rows)
    assert removed == []


def test_questions_about_one_long_passage_stay_though_most_words_are_the_same() -> None:
    passage = " ".join(f"word{at}" for at in range(200))
    rows = [graded(f"{at}", f"Is word{at} there?", "yes", passage) for at in range(6)]
    assert remove_duplicates(rows) == (rows, [])


def test_the_instruction_after_a_question_is_not_taken_for_the_question() -> None:
    rows = [graded(f"{at}", f"Is word{at} there?", "yes", f"word{at}") for at in range(6)]
    instructions = instruction_paragraphs(rows)
    assert [own_question(row, instructions) for row in rows[:2]] == [
        "is word0 there",
        "is word1 there",
    ]
    assert own_question(rows[0], {}) == "does the passage answer the question reply yes or no"
