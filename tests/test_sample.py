"""Checks that the sample handbook, its questions and its templates agree with one another."""

import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFStream

from app.ingest.readers import read_file

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "app" / "sample"
SOURCES = ROOT / "tests" / "sample"
FACTS: dict[str, dict[str, str]] = json.loads((SOURCES / "facts.json").read_text(encoding="utf-8"))
REVISED = {name for name, fact in FACTS.items() if "revised" in fact}

Question = dict[str, Any]


def read_lines(path: Path) -> list[Question]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


QUESTIONS = read_lines(SAMPLE / "questions.jsonl")
TEMPLATES = read_lines(SOURCES / "questions.jsonl")


def files(folder: Path) -> dict[str, Path]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in sorted(paths)}


@cache
def texts(folder: Path) -> dict[str, str]:
    """Extract every file's text, in lower case and with single spaces."""
    return {
        name: " ".join(read_file(path).text.casefold().split())
        for name, path in files(folder).items()
    }


def holds(text: str, answer: str) -> bool:
    """Find the answer as whole words, so that 6 is not found in 60."""
    answer = " ".join(answer.casefold().split())
    return re.search(rf"(?<![\w£.:,-]){re.escape(answer)}(?!\w|[.:,]\d)", text) is not None


def test_questions_are_counted_by_kind() -> None:
    assert Counter(question["kind"] for question in QUESTIONS) == {
        "answerable": 66,
        "two-document": 12,
        "follow-up": 14,
        "unanswerable": 18,
        "small-talk": 10,
    }
    assert len({question["id"] for question in QUESTIONS}) == 120
    assert len({question["question"] for question in QUESTIONS}) == 120


def test_documents_are_counted_by_format() -> None:
    assert Counter(path.suffix for path in files(SAMPLE / "handbook").values()) == {
        ".md": 14,
        ".html": 4,
        ".txt": 4,
        ".pdf": 4,
        ".csv": 3,
        ".docx": 3,
        ".json": 2,
        ".pptx": 2,
        ".jsonl": 1,
    }


def test_every_document_answers_a_question() -> None:
    asked = {name for question in QUESTIONS for name in question["documents"]}
    assert asked == set(files(SAMPLE / "handbook"))


def test_only_questions_on_the_documents_have_answers() -> None:
    for question in QUESTIONS:
        has_answer = question["kind"] in {"answerable", "two-document", "follow-up"}
        assert bool(question["answers"]) is has_answer, question["id"]
        assert bool(question["documents"]) is has_answer, question["id"]
        assert ("history" in question) is (question["kind"] == "follow-up"), question["id"]
        assert "absent" not in question


@pytest.mark.parametrize(("edition", "field"), [("handbook", "answers"), ("revised", "revised")])
def test_answers_stand_in_their_documents(edition: str, field: str) -> None:
    corpus = texts(SAMPLE / edition)
    checked = 0
    for question in QUESTIONS:
        expected = question["answers"]
        if field == "revised":
            expected = question.get("revised_answers", expected)
        for answer in expected:
            found = [holds(corpus[name], answer) for name in question["documents"]]
            # each document of an answerable question answers it alone; of two, one may only lead on
            enough = any(found) if question["kind"] == "two-document" else all(found)
            assert enough, (question["id"], answer)
            checked += 1
    assert checked == 92


def test_two_document_questions_need_both() -> None:
    for question in QUESTIONS:
        if question["kind"] == "two-document":
            assert len(question["documents"]) == 2, question["id"]


def test_what_is_asked_in_vain_is_nowhere_in_the_handbook() -> None:
    absent = [(item["id"], pattern) for item in TEMPLATES for pattern in item.get("absent", [])]
    for edition in ("handbook", "revised"):
        for name, text in texts(SAMPLE / edition).items():
            for identifier, pattern in absent:
                assert not re.search(pattern, text, re.IGNORECASE), (identifier, name, pattern)
    assert len({identifier for identifier, _ in absent}) == 18


def test_twelve_facts_are_revised_and_each_is_asked_about() -> None:
    assert len(REVISED) == 12
    changed = [question for question in QUESTIONS if "revised_answers" in question]
    answers = "".join(str(TEMPLATES[QUESTIONS.index(question)]["answers"]) for question in changed)
    assert set(re.findall(r"\{\{(\w+)\}\}", answers)) == REVISED
    for question in changed:
        for name in question["documents"]:
            text = texts(SAMPLE / "revised")[name]
            assert not any(holds(text, answer) for answer in question["answers"]), question["id"]


def test_revised_documents_differ_in_the_revised_facts_only() -> None:
    handbook, revised = texts(SAMPLE / "handbook"), texts(SAMPLE / "revised")
    assert handbook.keys() == revised.keys()
    for name in handbook:
        template = next((SOURCES / "documents").glob(f"{name}*")).read_text(encoding="utf-8")
        changes = set(re.findall(r"\{\{(\w+)\}\}", template)) & REVISED
        assert (handbook[name] != revised[name]) is bool(changes), name
        restored = revised[name]
        for fact in changes:
            new, old = FACTS[fact]["revised"].casefold(), FACTS[fact]["value"].casefold()
            restored = restored.replace(new, old)
        assert restored == handbook[name], name


def content(path: Path) -> Any:
    """Return what a file holds, for libraries of compression differ in the bytes they write."""
    if path.suffix in {".docx", ".pptx"}:
        with ZipFile(path) as package:
            return [(e.filename, e.date_time, package.read(e)) for e in package.infolist()]
    return objects(path) if path.suffix == ".pdf" else path.read_bytes()


def objects(pdf: Path) -> list[Any]:
    with pdf.open("rb") as file:
        document = PDFDocument(PDFParser(file))
        numbers = sorted({number for xref in document.xrefs for number in xref.get_objids()})
        return [unpacked(document.getobj(number)) for number in numbers]


def unpacked(held: Any) -> Any:
    if not isinstance(held, PDFStream):
        return repr(held)
    attributes = {name: repr(value) for name, value in held.attrs.items() if name != "Length"}
    return attributes, held.get_data()


def test_a_rebuild_gives_the_same_sample(tmp_path: Path) -> None:
    command = [sys.executable, str(SOURCES / "build.py"), "--output", str(tmp_path)]
    subprocess.run(command, check=True)
    assert read_lines(tmp_path / "questions.jsonl") == QUESTIONS
    for edition in ("handbook", "revised"):
        built = files(tmp_path / edition)
        assert texts(tmp_path / edition) == texts(SAMPLE / edition)
        assert len(built) == 37
        for name, path in files(SAMPLE / edition).items():
            assert content(built[name]) == content(path), name
