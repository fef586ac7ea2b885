"""Embed texts on this machine: without sentence-transformers where that gives the same vectors.

Knows texts and vectors; knows nothing of questions, chunks or indexes. It imports torch with the
first passages.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

from app.built_once import built_once
from app.errors import UserError
from app.models.embedding_recipe import Recipe, read_recipe
from app.models.plain_bert import PlainBert
from app.models.weights import DtypeName
from finetune.errors import LOAD_ERRORS, shortened

if TYPE_CHECKING:
    from app.models.text_encoder import TextEncoder


def load_embeddings(
    model: Path | str, dtype: DtypeName = "auto", *, builtin: bool = False
) -> Embeddings:
    """Load a sentence-transformers model whose vectors come out normalised.

    `dtype` is what passages are embedded in, where this module embeds them itself. Questions to the
    built-in model are embedded without torch. Raises UserError when the folder or hub id cannot be
    loaded.
    """
    with _told(model):
        recipe = read_recipe(model) if isinstance(model, Path) else None
        if recipe:
            return EncoderEmbeddings(Path(model), recipe, dtype, builtin=builtin)
        # Imported here: it costs seconds that the built-in model need not pay.
        from app.models.sentence_encoder import load_sentence_encoder

        return load_sentence_encoder(model)


@contextmanager
def _told(model: Path | str) -> Iterator[None]:
    """Raise UserError for a model that cannot be loaded."""
    try:
        yield
    except LOAD_ERRORS as error:
        raise UserError(
            f"GROUNDTUNE_EMBEDDING_MODEL: cannot load {model} ({shortened(error)}): set it to a "
            "local model folder"
        ) from error


class EncoderEmbeddings(Embeddings):
    """Vectors of an encoder's pooled tokens, of length one; for several threads at once.

    Questions are embedded in float32, those to the built-in model by NumPy. Passages, of which
    there are many, are embedded by torch in `dtype`.
    """

    def __init__(self, folder: Path, recipe: Recipe, dtype: DtypeName, *, builtin: bool) -> None:
        self.building = threading.RLock()
        self._folder = folder
        self._recipe = recipe
        self._dtype = dtype
        plain = PlainBert(folder, recipe.max_tokens) if builtin else None
        self._exactly = plain.embed if plain else self._many.exactly

    def embed_query(self, text: str) -> list[float]:
        """Embed a question."""
        return self._exactly(_on_one_line(text))

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages."""
        return self._many.embed([_on_one_line(text) for text in texts])

    @built_once
    def _many(self) -> TextEncoder:
        # Imported here: a search embeds one question, and need not wait for torch.
        from app.models.text_encoder import TextEncoder

        with _told(self._folder):
            return TextEncoder(self._folder, self._recipe, self._dtype)


def _on_one_line(text: str) -> str:
    return text.replace("\n", " ")
