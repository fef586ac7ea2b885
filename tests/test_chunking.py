"""Chunks are exact slices of the text that follow its structure and lose nothing."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from langchain_core.documents import Document

from app.index.fusion import reciprocal_rank_fusion
from app.ingest.chunking import page_at, split_document
from app.ingest.extracted import ExtractedDocument, Heading
from app.ingest.splitter import ChunkSplitter
from graphs.passages import given_documents

FRAGMENTS = [
    *["word", "Hello.", "Yes! ", "Mr. Smith. ", "x" * 70, "#", "🙂", "中文", "。", "「好。」"],
    *["a | b", "\n", "\n\n", "\n- ", "\n| a | b |\n", " \n \n ", "\t", "\u2028", "e\u0301"],
]


def split(text: str, size: int = 40, overlap: int = 0, **parts: object) -> list[Document]:
    extracted = ExtractedDocument(text, **parts)  # type: ignore[arg-type]  # any of its fields
    return split_document(extracted, document="d", chunk_size=size, chunk_overlap=overlap)


def texts(chunks: list[Document]) -> list[str]:
    return [chunk.page_content for chunk in chunks]


def spans(chunks: list[Document]) -> list[tuple[int, int]]:
    return [(chunk.metadata["start"], chunk.metadata["end"]) for chunk in chunks]


def headings(text: str) -> tuple[Heading, ...]:
    """Read headings the simple way: lines that begin with #."""
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        if line.startswith("#"):
            marks, title = line.split(maxsplit=1)
            found.append(Heading(start, len(marks), title.strip()))
        start += len(line)
    return tuple(found)


def random_case(seed: int) -> tuple[ExtractedDocument, int, int]:
    rng = random.Random(seed)
    text = "".join(rng.choice(FRAGMENTS) for _ in range(rng.randrange(120)))
    starts = sorted(rng.sample(range(len(text)), min(len(text), rng.randrange(4))))
    marks = tuple(Heading(start, rng.randint(1, 3), f"h{start}") for start in starts)
    size = rng.randint(1, 90)
    records = ((0, len(text)),) if rng.random() < 0.3 else ()
    extracted = ExtractedDocument(text, marks, tuple(starts), records=records)
    return extracted, size, rng.randrange(size)


def with_pages(extracted: ExtractedDocument, seed: int) -> ExtractedDocument:
    """Give pages of their own, besides those that begin with a heading, some of them blank."""
    rng = random.Random(seed)
    starts = rng.choices(range(len(extracted.text) + 1), k=rng.randrange(4))
    return replace(extracted, pages=tuple(sorted([*extracted.pages, *starts])))


def test_chunks_of_any_text_are_exact_and_cover_it() -> None:
    checked = 0
    for seed in range(400):
        extracted, size, overlap = random_case(seed)
        extracted = with_pages(extracted, seed)
        text, covered = extracted.text, set[int]()
        chunks = split_document(extracted, document="d", chunk_size=size, chunk_overlap=overlap)
        for chunk, (start, end) in zip(chunks, spans(chunks), strict=True):
            assert chunk.page_content == text[start:end] == text[start:end].strip() != ""
            assert end - start <= size
            covered.update(range(start, end))
        for (start, end), (next_start, next_end) in pairwise(spans(chunks)):
            assert start < next_start
            assert end < next_end
            assert end - next_start <= overlap
        assert all(text[i].isspace() for i in range(len(text)) if i not in covered)
        for chunk, (_, end) in zip(chunks, spans(chunks), strict=True):
            assert chunk.metadata["page"] == page_at(extracted.pages, end - 1)
        assert len({chunk.id for chunk in chunks}) == len(chunks)
        checked += len(chunks)
    assert checked > 4_000


def test_splitting_is_deterministic_and_ids_tell_document_place_and_text_apart() -> None:
    text = "Same line.\n\nSame line.\n\nSame line."
    first = split(text, size=12)
    assert [chunk.id for chunk in first] == [chunk.id for chunk in split(text, size=12)]
    other = split_document(ExtractedDocument(text), document="e", chunk_size=12, chunk_overlap=0)
    changed = split(text.replace("S", "T"), size=12)
    ids = {str(chunk.id) for chunk in [*first, *other, *changed]}
    assert len(ids) == 9
    assert all(len(i) == 16 and int(i, 16) >= 0 for i in ids)


def test_repeated_text_keeps_the_offsets_of_its_own_place() -> None:
    text = "\n\n".join(["yes no yes no."] * 50)
    assert spans(split(text, size=20)) == [(i * 16, i * 16 + 14) for i in range(50)]


def test_a_chunk_never_crosses_a_heading() -> None:
    text = "intro\n\n# A\n\none\n\n## B\n\ntwo\n\n## C\n\nthree\n\n# D\n\nfour"
    chunks = split(text, size=400, overlap=50, headings=headings(text))
    found = [(chunk.metadata["section"], chunk.page_content[-5:].strip()) for chunk in chunks]
    sections = ["", "A", "A > B", "A > C", "D"]
    assert found == list(zip(sections, ["intro", "one", "two", "three", "four"], strict=True))


@pytest.mark.parametrize(
    ("text", "title"),
    [("# A\n\none\n\n## B\n\ntwo", "A"), ("# A\n\none\n\n# B\n\ntwo", None), ("one", None)],
)
def test_a_heading_above_all_others_is_the_title(text: str, title: str | None) -> None:
    chunks = split(text, size=400, headings=headings(text))
    assert {chunk.metadata.get("title") for chunk in chunks} == {title}


def test_a_heading_with_nothing_under_it_joins_its_first_subsection() -> None:
    text = "# Title\n\n## Empty\n\n## Full\n\ntext"
    chunks = split(text, size=400, headings=headings(text))
    assert texts(chunks) == ["# Title\n\n## Empty", "## Full\n\ntext"]
    assert chunks[0].metadata["section"] == "Title > Empty"
    text = "Title\n=====\n\n## Full\n\ntext"
    marks = (Heading(0, 1, "Title"), Heading(13, 2, "Full"))
    assert texts(split(text, size=400, headings=marks)) == [text]


def test_paragraphs_that_fit_are_never_cut() -> None:
    paragraphs = ["One. Two. Three.", "Four. Five. Six. Seven.", "Eight. Nine."]
    chunks = split("\n\n".join(paragraphs), size=30)
    assert texts(chunks) == [paragraphs[0], paragraphs[1], paragraphs[2]]
    assert texts(split("\n\n".join(paragraphs), size=41))[0] == "\n\n".join(paragraphs[:2])


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("One is here. Two is\nthere! Three?", 19, ["One is here.", "Two is\nthere!", "Three?"]),
        (
            "He met Dr. No. J. Doe saw e.g. it. So.",
            30,
            ["He met Dr. No. J. Doe saw e.g.", "it. So."],
        ),
        ('He said "Go." She went.', 14, ['He said "Go."', "She went."]),
        ("今天好。明天「不好。」后天。", 7, ["今天好。", "明天「不好。」", "后天。"]),
        ("no stop but\nlines and words", 12, ["no stop but", "lines and", "words"]),
        ("x" * 25, 10, ["x" * 10, "x" * 10, "x" * 5]),
        ("🙂" * 5, 2, ["🙂🙂", "🙂🙂", "🙂"]),
        ("- One. More.\n- Two. More.", 14, ["- One. More.", "- Two. More."]),
        ("a. B | c\nd. E | f\ng. H | i", 17, ["a. B | c\nd. E | f", "g. H | i"]),
        ("Text.\n| a. B | c |\n| d | e |", 13, ["Text.", "| a. B | c |", "| d | e |"]),
        ("", 10, []),
        (" \n\t\n ", 10, []),
    ],
)
def test_what_does_not_fit_is_cut_at_the_best_place(
    text: str, size: int, expected: list[str]
) -> None:
    assert texts(split(text, size=size)) == expected


def test_a_word_of_ten_thousand_characters_ends() -> None:
    chunks = split("short " + "y" * 10_000, size=800, overlap=100)
    assert [len(text) for text in texts(chunks)] == [5, *[800] * 12, 400]


def test_overlap_is_made_of_whole_sentences_of_the_same_section() -> None:
    text = "# A\nAlpha one. Beta two.\n\nGamma three. Delta four.\n\n# B\nEpsilon five."
    chunks = split(text, size=40, overlap=25, headings=headings(text))
    assert texts(chunks) == [
        "# A\nAlpha one. Beta two.",
        "Beta two.\n\nGamma three. Delta four.",
        "# B\nEpsilon five.",
    ]


def test_overlap_shrinks_so_that_the_next_paragraph_still_fits() -> None:
    text = "One. Two. Three.\n\n" + "a" * 32
    assert texts(split(text, size=40, overlap=16)) == ["One. Two. Three.", "Three.\n\n" + "a" * 32]
    assert texts(split(text, size=34, overlap=16)) == ["One. Two. Three.", "a" * 32]


def test_records_are_kept_whole_and_overlap_as_wholes() -> None:
    records = ["name: Ann. B; age: 1", "name: Bob. C; age: 2", "name: Cy. D; age: 3"]
    chunks = split("\n\n".join(records), size=45, overlap=21, records=((0, 64),))
    assert texts(chunks) == ["\n\n".join(records[:2]), "\n\n".join(records[1:])]
    chunks = split("a: One. Two.\nb: Three. Four.", size=20, overlap=6, records=((0, 26),))
    assert texts(chunks) == ["a: One. Two.", "b: Three. Four."]


def test_records_between_prose_are_cut_and_headed_as_records() -> None:
    prose, record = "One. Two. Three. Four.", "id: 7; note: Five. Six. Seven; fix: Eight"
    text = f"{prose}\n\n{record}\n\nGive:\n\n- a\n\n{prose}"
    start = text.index(record)
    chunks = split(text, size=16, records=((start, start + len(record)),))
    assert [(chunk.page_content, chunk.metadata.get("header", "")) for chunk in chunks] == [
        ("One. Two. Three.", ""),
        ("Four.\n\nid: 7;", ""),
        ("note: Five. Six.", "id: 7"),
        ("Seven;", "id: 7; note: …"),
        ("fix: Eight", "id: 7; note: Five. Six. Seven"),
        ("Give:\n\n- a\n\nOne.", ""),
        ("Two. Three.", ""),
        ("Four.", ""),
    ]


def test_a_chunk_never_crosses_a_page_and_keeps_its_section() -> None:
    text = "# A\n\none. two.\n\nthree.\n\nfour."
    chunks = split(text, size=400, overlap=50, headings=headings(text), pages=(0, 16, 24, 24))
    found = [(chunk.metadata["page"], chunk.page_content) for chunk in chunks]
    assert found == [(1, "# A\n\none. two."), (2, "three."), (4, "four.")]
    assert {chunk.metadata["section"] for chunk in chunks} == {"A"}
    assert split("no pages")[0].metadata["page"] is None


def test_slides_of_the_same_bare_title_keep_their_own_pages() -> None:
    marks = (Heading(0, 1, "Agenda"), Heading(8, 1, "Agenda"))
    chunks = split("Agenda\n\nAgenda", size=400, headings=marks, pages=(0, 8))
    assert [chunk.metadata["page"] for chunk in chunks] == [1, 2]


def test_given_documents_are_named_and_scored_as_ingested_ones() -> None:
    text = "One is here.\n\nTwo is there."
    given = given_documents([{"id": "d", "text": text}], ChunkSplitter(20, 0))
    assert [chunk.id for chunk in given] == [chunk.id for chunk in split(text, size=20)]
    ranked = reciprocal_rank_fusion([[chunk.id for chunk in given]])
    assert [chunk.metadata["score"] for chunk in given] == [round(s, 6) for _, s in ranked]
    assert len(given) == 2


@pytest.mark.parametrize(
    ("pages", "offset", "page"),
    [((), 5, None), ((0, 10), 0, 1), ((0, 10), 9, 1), ((0, 10), 10, 2), ((3,), 0, 1)],
)
def test_page_at_counts_from_one(pages: tuple[int, ...], offset: int, page: int | None) -> None:
    assert page_at(pages, offset) == page


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (10, 10), (10, -1)])
def test_sizes_that_cannot_work_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="must be below chunk_size"):
        split("text", size=size, overlap=overlap)


def test_a_file_name_that_is_no_utf8_still_gets_ids() -> None:
    chunks = split_document(ExtractedDocument("text"), document="caf\udce9.txt")
    assert len(str(chunks[0].id)) == 16
