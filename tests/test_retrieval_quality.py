"""The built-in embeddings find the sample's documents; no chat model takes part."""

import json
from pathlib import Path

from app.index.config import IndexConfig
from app.index.store import HybridVectorStore
from app.ingest.run import ingest
from app.models.base import resolve_embedding_model
from app.models.embeddings import load_embeddings
from app.models.names import BUILTIN_EMBEDDINGS
from app.settings import Settings

SAMPLE = Path(__file__).parents[1] / "app" / "sample"
KINDS = {"answerable", "two-document"}
K = 5


def sample_store(folder: Path) -> HybridVectorStore:
    settings = Settings()
    embeddings = load_embeddings(resolve_embedding_model(BUILTIN_EMBEDDINGS))
    config = IndexConfig(
        embedding_model=BUILTIN_EMBEDDINGS,
        dimension=len(embeddings.embed_query("dimension")),
        chunk_size=settings.chunk_size,
        chunk_overlap=settings.chunk_overlap,
    )
    return HybridVectorStore(folder, embeddings, config)


def test_nine_in_ten_questions_find_their_document_among_five_chunks(tmp_path: Path) -> None:
    store = sample_store(tmp_path / "index")
    report = ingest([SAMPLE / "handbook"], store, max_bytes=50_000_000, progress=False)
    assert (len(report.added), report.skipped) == (37, {})

    lines = (SAMPLE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [question for line in lines if (question := json.loads(line))["kind"] in KINDS]
    missed = []
    for question in questions:
        found = {d.metadata["document"] for d, _ in store.hybrid_search(question["question"], K)}
        if found.isdisjoint(question["documents"]):
            missed.append(question["id"])
    hits = len(questions) - len(missed)
    assert len(questions) == 78
    assert hits / len(questions) >= 0.90, f"{hits} of {len(questions)} hit; missed {missed}"
    print(f"document hit@{K}: {hits} of {len(questions)}")  # noqa: T201  # shown by pytest -rP
