"""The encoder alone gives the vectors that sentence-transformers gives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from encoder_views import POOLING, PROMPTS, pooled, view_of
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from app.errors import UserError
from app.models.base import resolve_embedding_model
from app.models.embedding_recipe import read_recipe
from app.models.embeddings import EncoderEmbeddings, load_embeddings
from app.models.names import BUILTIN_EMBEDDINGS

TEXTS = [
    "",
    "When does the last boat leave?",
    "two\nlines, and  spaces ",
    "Skjørnvik, 渡船 and an emoji 🙂",
    "The night ferry leaves at ten past nine. " * 60,  # longer than the encoder reads
    *(f"Bus {number} waits " + "for a minute " * number for number in range(35)),
]


@pytest.fixture(scope="module")
def builtin() -> Path:
    """The folder of the built-in embedding model."""
    return Path(resolve_embedding_model(BUILTIN_EMBEDDINGS))


def vectors(embeddings: Embeddings) -> NDArray[np.float64]:
    return np.array(embeddings.embed_documents(TEXTS))


@pytest.mark.parametrize("by_mean", [True, False])
def test_vectors_are_those_of_sentence_transformers(
    tmp_path: Path, builtin: Path, by_mean: bool
) -> None:
    folder = pooled(builtin, tmp_path, by_mean=by_mean)
    ours = load_embeddings(folder, "float32")
    assert isinstance(ours, EncoderEmbeddings)
    lines = [text.replace("\n", " ") for text in TEXTS]
    theirs = SentenceTransformer(str(folder)).encode(lines, normalize_embeddings=True)
    np.testing.assert_allclose(vectors(ours), theirs, atol=1e-6)


def test_questions_to_the_built_in_model_are_embedded_as_exactly_as_by_torch(
    builtin: Path,
) -> None:
    exact = [load_embeddings(builtin).embed_query(text) for text in TEXTS]
    ours = load_embeddings(builtin, builtin=True)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ours.embed_query, TEXTS))
    np.testing.assert_allclose(found, exact, atol=1e-6)
    assert found != exact, "both were embedded by torch"


@pytest.mark.parametrize("file", ["tokenizer.json", "model.safetensors", "config.json"])
def test_a_damaged_file_is_told_of(tmp_path: Path, builtin: Path, file: str) -> None:
    folder = view_of(builtin, tmp_path, file, {})
    with pytest.raises(UserError, match="GROUNDTUNE_EMBEDDING_MODEL: cannot load"):
        load_embeddings(folder, builtin=True)


def test_a_length_that_is_not_stated_is_left_to_sentence_transformers(
    tmp_path: Path, builtin: Path
) -> None:
    cut = {"max_seq_length": None, "do_lower_case": False}
    assert read_recipe(view_of(builtin, tmp_path, "sentence_bert_config.json", cut)) is None


def test_questions_are_embedded_in_float32_whatever_passages_are(builtin: Path) -> None:
    exact, short = (load_embeddings(builtin, dtype) for dtype in ("float32", "bfloat16"))
    for text in TEXTS[:5]:
        assert short.embed_query(text) == exact.embed_query(text)


def test_passages_in_bfloat16_have_nearly_the_same_vectors(builtin: Path) -> None:
    exact, short = (vectors(load_embeddings(builtin, d)) for d in ("float32", "bfloat16"))
    cosines = (exact * short).sum(axis=1)
    assert 0.9995 < cosines.min() < cosines.max() != 1
    np.testing.assert_allclose(np.linalg.norm(short, axis=1), 1, atol=1e-6)


def test_a_text_has_the_same_vector_alone_and_beside_others(builtin: Path) -> None:
    ours = load_embeddings(builtin, "float32")
    alone = np.array([ours.embed_query(text) for text in TEXTS[:8]])
    np.testing.assert_allclose(vectors(ours)[:8], alone, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (POOLING, {"word_embedding_dimension": 384, "pooling_mode_max_tokens": True}),
        ("sentence_bert_config.json", {"max_seq_length": 256, "do_lower_case": True}),
        (PROMPTS, {"prompts": {"query": "query: "}}),
        ("modules.json", []),
    ],
)
def test_what_the_encoder_alone_does_not_do_is_left_to_sentence_transformers(
    tmp_path: Path, builtin: Path, name: str, content: object
) -> None:
    assert read_recipe(builtin)
    assert read_recipe(view_of(builtin, tmp_path, name, content)) is None


@pytest.mark.parametrize(
    ("config", "question", "passage"),
    [
        (
            {"prompts": {"query": "query: ", "document": "title: none | "}},
            "query: ",
            "title: none | ",
        ),
        ({"prompts": {"query": "query: ", "passage": "passage: "}}, "query: ", "passage: "),
        ({"prompts": {"query": "Find: "}, "default_prompt_name": None}, "Find: ", ""),
        ({"prompts": {"query": "Find: "}, "default_prompt_name": "query"}, "Find: ", ""),
        ({"prompts": {"all": "text: "}, "default_prompt_name": "all"}, "text: ", "text: "),
        (
            {"prompts": {"corpus": "doc: ", "all": "text: "}, "default_prompt_name": "all"},
            *("text: ", "doc: "),
        ),
        ({"prompts": {"passage": "doc: "}, "default_prompt_name": "passage"}, "", "doc: "),
        ({"prompts": {"query": "", "document": ""}}, "", ""),
    ],
)
def test_questions_and_passages_are_embedded_with_the_prompts_that_a_model_has_for_them(
    tmp_path: Path, builtin: Path, config: dict[str, object], question: str, passage: str
) -> None:
    plain = load_embeddings(builtin, "float32")
    prompted = load_embeddings(view_of(builtin, tmp_path, PROMPTS, config))
    texts = TEXTS[1:4]
    found = [*(prompted.embed_query(text) for text in texts), *prompted.embed_documents(texts)]
    begun = [*(question + text for text in texts), *(passage + text for text in texts)]
    np.testing.assert_allclose(found, plain.embed_documents(begun), atol=1e-6)
