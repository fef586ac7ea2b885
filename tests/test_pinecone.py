"""What Pinecone alone asks for: an index of the right kind, and calls that are not too large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from index_parts import WORDS
from pinecone_stand_in import pinecone
from store_parts import Opened, skip_without

from app.errors import UserError


@pytest.mark.parametrize(
    ("index", "told"),
    [
        ({"dimension": 5}, "has 5 dimensions and the embedding model 4: make an index of 4 dim"),
        ({"dimension": 4, "metric": "cosine"}, "compares by cosine: make a dense index with the"),
    ],
)
def test_an_index_of_another_kind_is_refused(
    index: dict[str, Any], told: str, tmp_path: Path
) -> None:
    skip_without("pinecone")
    with pinecone(**index) as url, pytest.raises(UserError, match=told):
        Opened("pinecone", url, tmp_path)().add_texts(["alpha"])


def test_a_large_write_takes_several_calls(tmp_path: Path) -> None:
    skip_without("pinecone")
    text = "😀" * 800_000
    with pinecone(dimension=len(WORDS)) as url:
        store = Opened("pinecone", url, tmp_path)()
        with store.write() as writer:
            writer.put_document(document="a.txt", root="", sha256="", text=text)
        assert store.text_of("a.txt") == text


def test_another_key_is_told_in_one_line(tmp_path: Path) -> None:
    skip_without("pinecone")
    with pinecone(dimension=len(WORDS)) as url:
        store = Opened("pinecone", url.replace("secret", "other"), tmp_path)()
        with pytest.raises(UserError, match=r"^GROUNDTUNE_STORE cannot be used \(.*no such key"):
            store.hybrid_search("alpha")
