"""The store keeps LangChain's contract and closes the faults of langchain-community's FAISS."""

import ast
import math
import shutil
from itertools import product
from pathlib import Path

import pytest
from index_parts import config, open_store, scored_texts, texts, write_files
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests.vectorstores import VectorStoreIntegrationTests

from app.errors import NoIndex, UserError
from app.index.retriever import HybridRetriever
from app.index.store import HybridVectorStore
from app.ingest.run import ingest

PROJECT = Path(__file__).parents[1]
AWKWARD_KEYS = [
    "plain",
    "a.b",
    'say "hi"',
    "it's",
    "x') OR 1=1 --",
    "Ünï 中",
    "a\nb",
    "\\",
    "$",
    "",
]


class TestLangChainContract(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path: Path) -> VectorStore:
        store = HybridVectorStore(tmp_path / "index", self.get_embeddings(), config(dimension=6))
        with store.write():
            pass  # an index that holds nothing, as opposed to no index
        return store


class Directions(Embeddings):
    """Texts like "0°" and "90° long": the unit vector of that angle, or three times as long."""

    def embed_query(self, text: str) -> list[float]:
        angle, length = math.radians(int(text.split("°")[0])), 3 if "long" in text else 1
        return [length * math.cos(angle), length * math.sin(angle)]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]


def test_relevance_is_1_for_equal_half_for_orthogonal_and_0_for_opposite(tmp_path: Path) -> None:
    store = open_store(tmp_path, Directions(), dimension=2)
    store.add_texts(["0°", "90° long", "180°", "60° long"])
    found = store.similarity_search_with_relevance_scores("0° long", k=4)
    assert scored_texts(found) == [("0°", 1), ("60° long", 0.75), ("90° long", 0.5), ("180°", 0)]


def test_relevance_never_leaves_its_range_however_a_cosine_rounds(tmp_path: Path) -> None:
    angles = [f"{angle}°" for angle in range(0, 360, 7)]
    store = open_store(tmp_path, Directions(), dimension=2)
    store.add_texts(angles)
    for angle in angles:  # outside the range LangChain warns, and warnings are errors here
        (_, best), *_ = store.similarity_search_with_relevance_scores(angle, k=len(angles))
        assert best == pytest.approx(1)


def test_a_repeated_id_replaces(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_texts(["alpha", "beta"], [{"n": 1}, {"n": 2}], ids=["a", "b"])
    store.add_texts(["gamma", "delta", "alpha beta"], ids=["a", "c", "a"])
    assert store.size == 3
    assert texts(store.get_by_ids(["a", "b", "c"])) == ["alpha beta", "beta", "delta"]
    assert set(texts(store.similarity_search("alpha", k=9))) == {"alpha beta", "beta", "delta"}
    assert scored_texts(store.similarity_search_with_score("alpha", k=1)) == [
        ("alpha beta", round(math.sqrt(0.5), 6))
    ]
    assert store.lexical_search("gamma", 9) == []
    assert store.get_by_ids(["a"])[0].metadata == {}


def test_a_row_freed_and_used_again_in_one_write_keeps_its_new_vector(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_texts(["alpha", "beta"], ids=["a", "b"])
    chunk = store.get_by_ids(["a"])[0].model_copy(update={"id": "c", "page_content": "gamma"})
    with store.write() as writer:
        writer.delete(["b"])  # SQLite gives the freed last row number to the next chunk
        writer.add([chunk], store.embed_chunks([chunk]))
    assert texts(store.similarity_search("gamma", k=1)) == ["gamma"]
    assert store.size == 2


def test_equal_texts_with_different_metadata_are_both_kept(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    ids = store.add_texts(["alpha"] * 3, [{"tenant": 1}, {"tenant": 2}, {"tenant": 1}])
    assert len(set(ids)) == store.size == 2
    assert len(store.similarity_search("alpha", filter={"tenant": 2})) == 1


def test_filters_apply_inside_the_search(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    rare = set(range(0, 1000, 50))
    store.add_texts(
        [f"{'beta' if n in rare else 'alpha beta'} number{n}" for n in range(1000)],
        [{"tenant": "rare" if n in rare else "big", "n": n} for n in range(1000)],
    )
    where = {"tenant": "rare"}
    found = [
        store.similarity_search("alpha", k=4, filter=where),
        [document for document, _ in store.hybrid_search("alpha beta", k=4, where=where)],
        HybridRetriever(store=store, k=4, where=where).invoke("alpha beta"),
        [document for document, _ in store.lexical_search("beta", k=4, where=where)],
    ]
    assert [len(documents) for documents in found] == [4] * 4
    assert {d.metadata["tenant"] for documents in found for d in documents} == {"rare"}
    everything = store.hybrid_search("alpha beta", k=20, where=where)
    assert {document.metadata["n"] for document, _ in everything} == rare
    assert store.hybrid_search("alpha", where={"tenant": "nobody"}) == []


@pytest.mark.parametrize("key", AWKWARD_KEYS)
def test_filters_match_exactly_whatever_key_and_value_are(tmp_path: Path, key: str) -> None:
    values = [1, "1", 1.5, "alpha", "'; DROP TABLE chunks; --", '"', "%", "中", "", None, 0, -3]
    store = open_store(tmp_path)
    store.add_texts(["alpha"] * len(values), [{key: v, "at": n} for n, v in enumerate(values)])

    def found(wanted: object) -> list[object]:
        documents = store.similarity_search("alpha", k=99, filter={key: wanted})
        return sorted(document.metadata["at"] for document in documents)

    assert [found(value) for value in values] == [[at] for at in range(len(values))]
    assert found([1, "alpha", None, "absent"]) == [0, 3, 9]
    assert found(True) == [0]  # as in Python, True equals 1
    assert found([]) == found(["a", "b"]) == []
    nothing = store.similarity_search("alpha", k=99, filter={key: 1, f"{key}'?": 2})
    assert nothing == []


def test_filters_join_with_and_and_a_missing_key_equals_none(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    pairs = list(product([1, 2], [True, False, None]))
    store.add_texts(["alpha"] * 6, [{"a": a} | ({} if b is None else {"b": b}) for a, b in pairs])
    for a, b in pairs:
        (document,) = store.similarity_search("alpha", k=9, filter={"a": a, "b": b})
        assert (document.metadata["a"], document.metadata.get("b")) == (a, b)


async def test_a_retriever_takes_a_filter_and_a_number_per_call(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_texts(["alpha"] * 6, [{"tenant": n % 2, "n": n} for n in range(6)])
    retriever = HybridRetriever(store=store, where={"tenant": 0})
    for found in (
        retriever.invoke("alpha", k=2, where={"tenant": 1}),
        await retriever.ainvoke("alpha", k=2, where={"tenant": 1}),
    ):
        assert [document.metadata["tenant"] for document in found] == [1, 1]
    assert {document.metadata["tenant"] for document in retriever.invoke("alpha")} == {0}
    with pytest.raises(TypeError, match=r"wehre"):
        retriever.invoke("alpha", wehre={"tenant": 1})


@pytest.mark.parametrize("between", [False, True])
def test_an_index_that_is_deleted_and_made_anew_is_seen_by_who_had_it_open(
    tmp_path: Path, between: bool
) -> None:
    store = open_store(tmp_path / "index")
    store.add_texts(["alpha"])
    before = store.generation.folder
    shutil.rmtree(store.folder)
    if between:
        with pytest.raises(NoIndex):
            store.similarity_search("alpha")
    open_store(store.folder).add_texts(["beta"])
    assert texts(store.all_chunks()) == ["beta"]
    assert store.generation.folder == before


def test_an_index_that_is_put_back_from_a_copy_is_seen_by_who_had_it_open(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index")
    store.add_texts(["alpha"])
    copy = shutil.copytree(store.folder, tmp_path / "copy")
    shutil.rmtree(store.folder)
    store.add_texts(["beta"])
    assert texts(store.all_chunks()) == ["beta"]
    shutil.rmtree(store.folder)
    copy.rename(store.folder)
    assert texts(store.all_chunks()) == ["alpha"]


def test_an_index_that_stays_the_same_is_opened_once(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index")
    store.add_texts(["alpha"])
    assert store.generation is store.generation


def test_deleting_what_is_unknown_is_quiet_and_writes_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index")
    assert store.delete(["never"])
    assert not store.folder.exists()
    store.add_texts(["alpha"], ids=["a"])
    before = store.generation.folder
    assert store.delete(["never"])
    assert store.delete([])
    assert store.delete(None)
    assert (store.generation.folder, store.size) == (before, 1)
    assert store.delete(["never", "a"])
    assert store.size == 0


def test_metadata_that_json_cannot_hold_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_texts(["alpha"])
    for value in (math.nan, object()):
        with pytest.raises((ValueError, TypeError), match=r"JSON"):
            store.add_texts(["beta"], [{"value": value}])
    assert texts(store.similarity_search("beta", k=9)) == ["alpha"]


def test_results_name_the_index_version_that_was_searched(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_texts(["alpha"])
    (document,) = HybridRetriever(store=store).invoke("alpha")
    assert document.metadata == {
        "similarity": 1.0,
        "score": round(2 / 61, 6),
        "index": store.version,
    }


def test_more_results_than_the_fusion_depth_can_be_asked_for(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.add_texts([f"alpha {n}" for n in range(150)])
    assert len(store.hybrid_search("alpha", k=120)) == 120


def test_a_folder_without_index_is_reported_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no index in .*: run 'groundtune ingest PATH' first"):
        open_store(tmp_path / "none").similarity_search("alpha")


@pytest.mark.parametrize("name", ["vectors.faiss", "chunks.sqlite"])
@pytest.mark.parametrize("damage", ["missing", "garbage"])
def test_a_damaged_index_is_reported_with_what_to_do(
    tmp_path: Path, name: str, damage: str
) -> None:
    store = open_store(tmp_path)
    store.add_texts(["alpha"])
    file = store.generation.folder / name
    file.unlink() if damage == "missing" else file.write_bytes(b"garbage" * 999)
    with pytest.raises(UserError, match=r"cannot be read \(.*--rebuild"):
        open_store(tmp_path).similarity_search("alpha")


def test_nothing_pickled_is_ever_written(tmp_path: Path) -> None:
    store = open_store(tmp_path / "index")
    files = write_files(tmp_path / "files", {f"{n}.txt": f"alpha {n}" for n in range(3)})
    ingest([files], store, max_bytes=1000, progress=False)
    store.add_texts(["beta"])
    written = [path for path in store.folder.rglob("*") if path.is_file()]
    assert len(written) == 6  # two generations of two files, pointer and lock
    for path in written:
        assert path.suffix in {".faiss", ".sqlite"} or path.name in {"CURRENT", "writer.lock"}
        assert not path.read_bytes().startswith(
            (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
        )


def test_no_module_imports_pickle() -> None:
    modules = [
        path for top in ("app", "graphs", "finetune") for path in (PROJECT / top).rglob("*.py")
    ]
    imported = {
        name
        for path in modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
    }
    assert len(modules) > 20
    assert "json" in imported
    assert not imported & {
        "pickle",
        "_pickle",
        "cPickle",
        "dill",
        "cloudpickle",
        "joblib",
        "shelve",
    }
