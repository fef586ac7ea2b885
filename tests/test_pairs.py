from pathlib import Path

import pytest
from langchain_core.documents import Document

from app.dataset.pairs import (
    Grounded,
    Pair,
    about,
    by_document,
    contains,
    ground,
    hold_out,
    read_pairs,
    split_pairs,
)
from app.errors import UserError


def chunk(id_: str, document: str, text: str, start: int = 0) -> Document:
    return Document(text, id=id_, metadata={"document": document, "start": start})


CHUNKS = by_document(
    [
        chunk("m2", "mill.md", "Bread is baked at nine o'clock.", 40),
        chunk("m1", "mill.md", "The mill opens at nine o'clock for visitors.", 0),
        chunk("f1", "ferry.md", "The ferry to the mill leaves at noon."),
    ]
)


def pair(**fields) -> Pair:
    given = {"id": "q1", "question": "When is bread baked?", "documents": ["mill.md"]}
    return Pair.model_validate(given | fields)


def test_chunks_are_grouped_in_reading_order() -> None:
    assert [c.id for c in CHUNKS["mill.md"]] == ["m1", "m2"]


def test_of_the_chunks_with_the_answer_the_one_that_the_question_names_is_gold() -> None:
    found = ground(pair(answers=["Nine  O'Clock"]), CHUNKS)
    assert isinstance(found, Grounded)
    assert [c.id for c in found.gold] == ["m2"]
    visitors = pair(question="When does the mill open for visitors?", answers=["nine o'clock"])
    found = ground(visitors, CHUNKS)
    assert isinstance(found, Grounded)
    assert [c.id for c in found.gold] == ["m1"]


def test_the_first_answer_that_stands_in_the_document_is_trained() -> None:
    found = ground(pair(answers=["9:00", "nine o'clock"]), CHUNKS)
    assert isinstance(found, Grounded)
    assert found.answer == "nine o'clock"


def test_a_two_document_question_needs_a_chunk_of_each() -> None:
    both = pair(
        kind="two-document",
        question="When does the ferry to the place that bakes bread leave?",
        answers=["noon"],
        documents=["mill.md", "ferry.md"],
    )
    found = ground(both, CHUNKS)
    assert isinstance(found, Grounded)
    assert [c.id for c in found.gold] == ["f1", "m2"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"answers": ["ten"]}, "'ten' does not stand in mill.md word for word"),
        ({"answers": ["ten"], "documents": ["barn.md"]}, "the index holds no document 'barn.md'"),
        ({"answers": []}, "no answer or no document is given"),
    ],
)
def test_a_pair_that_no_chunk_answers_says_why(fields: dict, reason: str) -> None:
    assert ground(pair(**fields), CHUNKS) == reason


def test_a_split_never_tears_a_document_apart() -> None:
    pairs = [pair(id=str(at), documents=[f"{at // 5}.md"]) for at in range(100)]
    kept, held = split_pairs(pairs, share=0.2, seed=3)
    assert len(kept) + len(held) == 100
    assert len(held) == 20
    assert not {p.source for p in kept} & {p.source for p in held}
    assert split_pairs(pairs, share=0.2, seed=3) == (kept, held)
    assert split_pairs(pairs, share=0.2, seed=4) != (kept, held)
    assert split_pairs(pairs, share=0.0, seed=3) == (pairs, [])


def test_what_is_held_back_and_what_is_kept_share_no_document() -> None:
    alone = [pair(id=str(at), documents=[f"{at}.md"]) for at in range(20)]
    both = [pair(id=f"{at}+1", documents=[f"{at}.md", f"{at + 1}.md"]) for at in range(19)]
    far = [pair(id=f"{at}+far", documents=[f"{at}.md", f"far-{at}.md"]) for at in range(20)]
    for seed in range(5):
        kept, held = split_pairs([*alone, *both, *far], share=0.4, seed=seed)
        assert kept
        assert held
        assert not about(kept) & about(held)
        torn = [p for p in (*alone, *both, *far) if p not in (*kept, *held)]
        assert torn
        assert all(p in both and p.sources & about(kept) and p.sources & about(held) for p in torn)


def test_questions_of_two_documents_alone_are_held_back_as_those_of_one() -> None:
    one = [pair(id=str(at), documents=[f"{at}.md"]) for at in range(30)]
    two = [p.model_copy(update={"documents": (*p.documents, f"far-{p.id}.md")}) for p in one]
    ids = [
        [p.id for p in held]
        for _, held in (split_pairs(of, share=0.2, seed=3) for of in (one, two))
    ]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 6


def test_a_document_that_many_questions_name_second_is_kept() -> None:
    alone = [pair(id=f"{at}", documents=[f"{at}.md"]) for at in range(30)]
    hub = [pair(id=f"hub-{at}", documents=["hub.md"]) for at in range(5)]
    both = [pair(id=f"{at}+hub", documents=[f"{at}.md", "hub.md"]) for at in range(15)]
    for seed in range(40):
        kept, held = split_pairs([*alone, *hub, *both], share=0.2, seed=seed)
        assert "hub.md" in about(kept)
        assert held
        assert len(held) + len(kept) >= 40


def test_pairs_may_say_themselves_what_is_asked() -> None:
    pairs = [pair(id=str(at), split=("train", "test", None)[at % 3]) for at in range(9)]
    kept, held = hold_out(pairs, share=0.9, seed=3)
    assert [p.id for p in kept] == ["0", "3", "6"]
    assert [p.id for p in held] == ["1", "4", "7"]
    unsaid = [pair(id=str(at), documents=[f"{at}.md"]) for at in range(9)]
    assert hold_out(unsaid, share=0.5, seed=3) == split_pairs(unsaid, share=0.5, seed=3)


def test_a_record_is_grounded_where_each_of_its_texts_stands() -> None:
    asked = {"kind": "format", "documents": ["mill.md"]}
    found = ground(pair(answers=['{"what": "bread", "when": "nine o\'clock"}'], **asked), CHUNKS)
    assert isinstance(found, Grounded)
    assert [c.id for c in found.gold] == ["m2"]
    missing = ground(pair(answers=['{"what": "cake", "when": "nine o\'clock"}'], **asked), CHUNKS)
    assert "does not stand in mill.md" in missing


def test_a_mark_at_the_beginning_and_other_line_ends_do_no_harm(tmp_path: Path) -> None:
    lines = [pair(id=name, answers=["nine"]).model_dump_json() for name in ("a", "b")]
    (tmp_path / "pairs.jsonl").write_bytes(("\ufeff" + "\r\n".join(lines) + "\r\n").encode())
    assert [found.id for found in read_pairs(tmp_path / "pairs.jsonl")] == ["a", "b"]


def test_bad_lines_are_named(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"id": 1, "question": "Who?", "extra": "kept by other tools"}\n\n{"id": 2}\n')
    with pytest.raises(UserError, match=r"q\.jsonl:3: question: Field required; expected"):
        read_pairs(file)
    file.write_text("")
    with pytest.raises(UserError, match="holds no questions"):
        read_pairs(file)
    with pytest.raises(UserError, match="cannot read"):
        read_pairs(tmp_path / "missing.jsonl")
    file.write_text('{"id": 1, "question": "Who?"}\n{"id": "1", "question": "Where?"}\n')
    with pytest.raises(UserError, match="the id '1' occurs twice"):
        read_pairs(file)


@pytest.mark.parametrize(("kind", "cited"), [("answerable", 2), ("two-document", 3)])
def test_a_reply_that_cites_what_the_pair_does_not_name_is_refused(kind: str, cited: int) -> None:
    with pytest.raises(
        ValueError, match=rf"the reply cites \[{cited}\], but there are {cited - 1}"
    ):
        pair(kind=kind, answers=["noon"], documents=["a.md", "b.md"], reply=f"Noon [{cited}].")


@pytest.mark.parametrize(
    ("text", "answer", "held"),
    [
        ("The last boat leaves at 18:30.", "8", False),
        ("The last boat leaves at 18:30.", "30", False),
        ("The last boat leaves at 18:30.", "18:30", True),
        ("It costs £5.50.", "5", False),
        ("It costs £5.", "5", True),
        ("Ask Anna's brother.", "Anna", True),
        ("Ask Annabel.", "Anna", False),
        ("Open  8-10\nDAILY", "8-10 daily", True),
        ("東京都に住む", "東京", True),
        ("Anything", "", False),
    ],
)
def test_an_answer_stands_in_a_text_as_whole_words_and_numbers(
    text: str, answer: str, held: bool
) -> None:
    assert contains(text, answer) is held


def test_turns_are_read_by_their_roles_however_these_are_called() -> None:
    history = [{"role": role, "content": "Ahoy."} for role in ("human", "ai", "user", "assistant")]
    messages = pair(history=history).messages
    assert [message.type for message in messages] == ["human", "ai", "human", "ai", "human"]
