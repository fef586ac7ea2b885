"""Any question is a valid full-text query, in any script, and BM25 and fusion rank as computed."""

import random
import sqlite3
from collections.abc import Iterator
from math import log
from pathlib import Path

import pytest
from index_parts import open_store

from app.index.full_text import TITLE_WEIGHT
from app.index.fusion import reciprocal_rank_fusion
from app.index.lexical import MAX_QUERY_TERMS, heading, match_query, terms

HOSTILE = [
    *["C++ ?", "x-y", '"', '""', "'", 'it\'s "quoted"', "(", ")", "a AND", "NOT", "NEAR(a b)"],
    *["OR OR OR", "title:alpha", "{a b}: c", "-a", "+a", "^a", "a*", "*", "a\\", "--", "/* */"],
    *["", " ", "\n", "_", "___", "a_b", "\x00", "a\x00b", "\x01\x1f\x7f", "\ud800", "\ufeff"],
    *[
        "中文",
        "中",
        "日本語のテキスト",
        "한국어 문장",
        "中a文b",
        "ﾃｷｽﾄ",
        "😀",
        "e\u0301",
        "हिन्दी",
        "עברית",
    ],
    *["ﬁ", "²", "İ", "ß", "\u200b", "word " * 20_000, "中" * 100_000, "x" * 100_000, '"' * 100_000],
]


@pytest.fixture(scope="module")
def fts5() -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE lexical USING fts5 (body, "
        "tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    database.execute("INSERT INTO lexical VALUES ('alpha')")
    yield database
    database.close()


def accepted(database: sqlite3.Connection, question: str) -> bool:
    query = match_query(question)
    if query:
        database.execute("SELECT rowid FROM lexical WHERE lexical MATCH ?", [query]).fetchall()
    return True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Ferry, the MILL!", ["the", "ferry", "the", "mill"]),
        ("Straße ﬁne Ⅳ", ["strasse", "fine", "iv"]),
        ("C++ x-y 3.14", ["c", "x", "y", "3", "14"]),
        ("don't", ["don", "t"]),
        ("東京都", ["東京", "京都"]),
        ("猫", ["猫"]),
        ("ABC東京都7 猫x", ["abc", "東京", "京都", "7", "猫", "x"]),
        ("한국어 문장", ["한국", "국어", "문장"]),
        ("ﾃｷｽﾄ", ["テキ", "キス", "スト"]),
        ("\x00 😀 !?", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_a_query_quotes_each_term_once() -> None:
    assert match_query('NOT "x" AND not NEAR') == '"not" OR "x" OR "and" OR "near"'
    assert match_query("?!") == ""


def test_a_pasted_page_makes_a_query_of_limited_length() -> None:
    query = match_query(" ".join(f"w{n}" for n in range(10_000)))
    assert query.count(" OR ") + 1 == MAX_QUERY_TERMS


def test_no_hostile_question_makes_fts5_raise(fts5: sqlite3.Connection) -> None:
    assert sum(accepted(fts5, question) for question in HOSTILE) == len(HOSTILE) > 45


def test_no_random_question_makes_fts5_raise(fts5: sqlite3.Connection) -> None:
    rng = random.Random(5)
    planes = [(0, 128), (0, 0x500), (0x3000, 0xA000), (0, 0x11000), (0x10000, 0x20000)]
    questions = [
        "".join(chr(rng.randrange(*plane)) for _ in range(rng.randrange(60)))
        for _ in range(300)
        for plane in planes
    ]
    assert sum(accepted(fts5, question) for question in questions) == 1500


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("東京の天気", "明日の東京は雨です。"),
        ("날씨", "오늘 날씨가 좋다."),
        ("cafes", "Le café ferme à midi."),
        ("CAFÉ", "Le café ferme à midi."),
        ("strasse", "Die Straße ist lang."),
        ("boats?", "One boat, not two."),
        ("snake_case", "Names are in snake_case here."),
        ("snake", "Names are in snake_case here."),
        ("case snake_case.", "Names are in snake_case here."),
        ("NOT", "One boat, not two."),
    ],
)
def test_questions_find_their_text(tmp_path: Path, question: str, found: str) -> None:
    store = open_store(tmp_path)
    contents = [
        *["明日の東京は雨です。", "오늘 날씨가 좋다.", "Le café ferme à midi."],
        *["Die Straße ist lang.", "One boat, not two.", "Names are in snake_case here."],
    ]
    store.add_texts(contents)
    (chunk, _), *others = store.lexical_search(question, 9)
    assert chunk.page_content == found
    assert not others


def test_bm25_scores_are_those_of_the_formula(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_texts(["kite", "kite kite tree tree", "tree", "stone", "stone"], ids=list("abcde"))
    k1, b, mean, idf = 1.2, 0.75, (1 + 4 + 1 + 1 + 1) / 5, log((5 - 2 + 0.5) / (2 + 0.5))

    def score(count: int, length: int) -> float:
        return idf * count * (k1 + 1) / (count + k1 * (1 - b + b * length / mean))

    found = {str(chunk.id): value for chunk, value in store.lexical_search("kite?", 9)}
    assert found == pytest.approx({"a": score(1, 1), "b": score(2, 4)}, rel=1e-6)
    assert list(found) == ["a", "b"]


def test_a_term_in_the_title_counts_twice_as_much(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_texts(
        ["stone stone", "stone kite", *["stone stone"] * 3],
        [{"document": "kite.md"}, {"document": "tree.md"}, *[{"document": "x.md"}] * 3],
        ids=list("abcde"),
    )
    (first, high), (second, low) = store.lexical_search("kite", 9)
    assert [first.id, second.id] == ["a", "b"]
    ratio = TITLE_WEIGHT * (1 + 1.2) / (TITLE_WEIGHT + 1.2)  # all chunks are three terms long
    assert high / low == pytest.approx(ratio, rel=1e-6)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"document": "guides/ferry-times.md", "section": "Winter > Prices"},
         "guides ferry times > Winter > Prices"),
        ({"document": "a.md", "section": "Ferry > Winter > Prices", "title": "Ferry"},
         "a > Winter > Prices"),
        ({"document": "a.md", "section": "Ferry", "title": "Ferry"}, "a > Ferry"),
        ({"document": "private:al/tea-times.md"}, "tea times"),
        ({"document": "v1.2_notes.txt"}, "v1 2 notes"),
        ({"section": "Winter"}, "Winter"),
        ({"document": "", "section": None}, ""),
        ({"document": "/"}, ""),
        ({"document": "..", "section": ""}, ""),
        ({"document": 7}, "7"),
        ({}, ""),
    ],
)  # fmt: skip
def test_headings(metadata: dict[str, object], expected: str) -> None:
    assert heading(metadata) == expected


def test_reciprocal_ranks_add_up() -> None:
    fused = reciprocal_rank_fusion([["a", "b", "c"], ["c", "a", "d"], []])
    assert fused == [
        ("a", pytest.approx(1 / 61 + 1 / 62)),  # 0.032522
        ("c", pytest.approx(1 / 63 + 1 / 61)),  # 0.032266
        ("b", pytest.approx(1 / 62)),  # 0.016129
        ("d", pytest.approx(1 / 63)),  # 0.015873
    ]


def test_equal_ranks_keep_the_order_of_first_appearance() -> None:
    assert [item for item, _ in reciprocal_rank_fusion([["b"], ["a"], ["c"]])] == ["b", "a", "c"]
    other_order = [["b", "a"], ["b"], ["a", "b"], ["a"]]  # of the same ranks: 1, 1, 2 and 2, 1, 1
    assert [item for item, _ in reciprocal_rank_fusion(other_order)] == ["b", "a"]
    assert reciprocal_rank_fusion([]) == reciprocal_rank_fusion([[], []]) == []
