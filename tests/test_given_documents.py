"""Documents that come with the question are graded, and nothing is searched."""

from typing import Any

import pytest
from boat_parts import ANSWER, ANSWERED, BOATS, QUESTION, TEXT, outcome
from graph_parts import make_graph
from langchain_core.documents import Document

from graphs.errors import InvalidQuestion
from graphs.prompts import REFUSAL

GIVEN = {
    "id and text": {"id": "times.md", "text": TEXT},
    "Document with metadata": Document(TEXT, metadata={"document": "times.md", "grade": 0.1}),
    "Document with id": Document(TEXT, id="times.md"),
    "dict of a Document": {"page_content": TEXT, "metadata": {"document": "times.md"}},
    "dict of a Document with id": Document(TEXT, id="times.md").model_dump(),
}


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_given_documents_are_graded_but_not_searched(given: Any) -> None:
    parts = make_graph(ANSWER, found=[BOATS], grades={"18:30": 0.8})
    result = parts.graph.invoke({"messages": QUESTION, "documents": [given]})
    assert outcome(result)[:3] == ("retrieve", "documents", False)
    assert parts.retriever.queries == []
    [(_, graded)] = parts.grader.calls
    assert len(graded) == len(result["passages"]) == 2
    [citation] = result["citations"]
    assert citation["document"] == "times.md"
    assert citation["quote"] == TEXT[citation["start"] : citation["end"]]
    assert citation["quote"] == "The last boat leaves at 18:30."
    assert citation["chunk"] in {p.id for p in result["passages"]}
    assert list(result["timings_ms"]) == [n for n in ANSWERED if n != "retrieve"]


def test_given_documents_are_named_by_position_when_they_have_no_name() -> None:
    documents = [{"text": "Dogs travel free."}, Document("The last boat leaves at 18:30.")]
    parts = make_graph(ANSWER, grades={"18:30": 0.8})
    result = parts.graph.invoke({"messages": QUESTION, "documents": documents})
    assert [p.metadata["document"] for p in result["passages"]] == ["document 2", "document 1"]
    scores = [p.metadata["score"] for p in result["passages"]]
    assert scores == [round(1 / 62, 6), round(1 / 61, 6)]


def test_given_documents_that_do_not_help_end_without_a_search() -> None:
    parts = make_graph(found=[BOATS], grades={}, max_rewrites=3)
    documents = [{"id": "dogs.md", "text": "Dogs travel free."}]
    result = parts.graph.invoke({"messages": QUESTION, "documents": documents})
    assert outcome(result) == ("retrieve", "none", True, REFUSAL)
    assert parts.retriever.queries == parts.chat_model.calls == []
    assert list(result["timings_ms"]) == ["route_question", "grade_documents", "abstain"]


def test_small_talk_with_given_documents_is_still_looked_up_in_them() -> None:
    parts = make_graph(talk=["Hello!"], grades={})
    result = parts.graph.invoke({"messages": "Hello!", "documents": [{"text": "Dogs."}]})
    assert (result["route"], result["abstained"]) == ("retrieve", True)


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        (["text"], "document 1 is 'text': give each as"),
        ([{"text": "fine"}, {"id": "b"}], "document 2 is .*: give each as"),
        ([{"id": "a", "text": 5}], "document 1 is .*: give each as"),
        ([{"id": "a", "text": " \n"}], "the given documents are empty"),
        ([{"page_content": "a", "metadata": "str"}], "document 1 has .* of the wrong type: give"),
        ([{"page_content": "a", "id": {"b": 1}}], "document 1 has .* of the wrong type: give"),
        ([{"text": "Bees hum."}] * 65, "make 65 passages, more than 64: ingest them"),
    ],
)
def test_malformed_documents_are_refused_in_one_line(documents: list[Any], message: str) -> None:
    parts = make_graph(found=[BOATS])
    with pytest.raises(InvalidQuestion, match=message) as caught:
        parts.graph.invoke({"messages": QUESTION, "documents": documents})
    assert "\n" not in str(caught.value)
    assert parts.retriever.queries == []


def test_half_a_surrogate_pair_in_a_given_document_is_no_error() -> None:
    parts = make_graph(ANSWER)
    documents = [{"id": "a", "text": "The last boat leaves at 18:30.\n\n\ud83d"}]
    result = parts.graph.invoke({"messages": QUESTION, "documents": documents})
    assert result["citations"][0]["quote"] == "The last boat leaves at 18:30."


def test_a_passage_is_graded_anew_for_each_question() -> None:
    grades = [0.9, 0.1]
    parts = make_graph(ANSWER, found=[BOATS], grades=lambda *_: grades.pop(0), max_rewrites=0)
    assert not parts.ask(QUESTION)["abstained"]
    assert parts.ask("Who keeps the bees on the island?")["abstained"]
    assert len(parts.grader.calls) == 2
    assert "grade" not in BOATS.metadata, "the retriever's own document was changed"
