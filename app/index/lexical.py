"""Turn text and questions into terms for BM25; knows nothing of where they are stored."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from langchain_core.documents import Document

from app.index.audience import without_private
from graphs.text import plain

MAX_QUERY_TERMS = 64  # a pasted page as the question must not become a query of 10,000 terms

_WORD = re.compile(r"\w+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")


def terms(text: str) -> list[str]:
    """Split text into case-folded words; runs without spaces (Chinese, Japanese) into bigrams."""
    return [term for word in _WORD.findall(plain(text).casefold()) for term in _word_terms(word)]


def match_query(question: str) -> str:
    """Write an FTS5 query that matches any term of the question; empty when there is none.

    Every term is quoted, because FTS5 reads bare punctuation and words like NOT as operators.
    """
    return " OR ".join(f'"{term}"' for term in query_terms(question))


def query_terms(question: str) -> list[str]:
    """Return the different terms of a question, the first 64."""
    return list(dict.fromkeys(terms(question)))[:MAX_QUERY_TERMS]


def heading(metadata: dict[str, Any]) -> str:
    """Name a chunk's place (document and section), which its own text often leaves unsaid.

    A title above all sections tells none from another, and crowds out what does.
    """
    document = PurePosixPath(without_private(str(metadata.get("document", ""))))
    stem = str(document.with_suffix("")) if document.name else ""
    name = re.sub(r"[-_./]+", " ", stem).strip()
    title = str(metadata.get("title") or "")
    section = str(metadata.get("section") or "").removeprefix(f"{title} > ")
    return " > ".join(part for part in (name, section) if part)


def text_under_header(chunk: Document) -> str:
    """Return a chunk's text, under the header of the table that it begins inside of."""
    header = chunk.metadata.get("header")
    return f"{header}\n{chunk.page_content}" if header else chunk.page_content


def title_and_body(chunk: Document) -> tuple[str, str]:
    """Return the terms of a chunk's place and of its text, with blanks between them."""
    return " ".join(terms(heading(chunk.metadata))), " ".join(terms(text_under_header(chunk)))


def _word_terms(word: str) -> list[str]:
    spans = [match.span() for match in _CJK.finditer(word)]
    if not spans:
        return [word]
    found: list[str] = []
    position = 0
    for start, end in [*spans, (len(word), len(word))]:
        if word[position:start]:
            found.append(word[position:start])
        found += _bigrams(word[start:end])
        position = end
    return found


def _bigrams(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]
