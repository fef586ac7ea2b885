"""Sweep the knobs of retrieval on the same questions, scored without writing a single answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import optuna
from langchain_core.documents import Document

from app.assistant import Assistant
from app.compare.judge.ablation import Ablated
from app.compare.judge.gold_units import GoldUnit, gold_units
from app.compare.run.other_chunks import SPLITS, Cut
from app.compare.run.reuse import index_of
from app.dataset.pairs import Pair
from app.index.choice import open_index
from app.index.port import Index
from app.ingest.run import ingest
from finetune.causal import load_tokenizer
from finetune.evaluation.bootstrap import Estimate, mean

SearchKind = Literal["hybrid", "dense", "BM25"]
CHUNKS = (400, 800, 1600)  # characters
OVERLAPS = (0.0, 0.125, 0.25)  # of a chunk
DEPTHS = (2, 3, 4, 6, 10)  # passages, and as many as are set
DEEPEST = 12  # passages that are graded again where reranking is tried
TRIALS = 24  # of 135 settings or more


@dataclass(frozen=True)
class Knobs:
    """One setting of everything that retrieval can be turned by."""

    chunk_size: int
    overlap: float
    """As a share of the chunk."""
    k: int
    search: SearchKind = "hybrid"
    reranked: bool = False
    """Whether the grader orders twelve passages before the first k are taken."""
    cut: Cut = "by structure"
    """How documents are read and cut, of which no other way can be set."""


@dataclass(frozen=True)
class Sweep:
    """What was found by turning the knobs one at a time, and all together."""

    used: Knobs
    found: Estimate
    """Share of the questions whose gold unit stands whole in a passage that fits the prompt."""
    ablated: tuple[Ablated, ...]
    best: Knobs
    """Chosen on every second question."""
    best_found: Estimate
    """On the other questions, which did not choose."""
    best_gain: Estimate
    without_gold: int
    """Questions left out because no sentence or row of a document they name holds an answer."""

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)


class Sweeper:
    """Scores settings of retrieval; indexes are kept in `folder`, one for each way of cutting."""

    def __init__(
        self, librarian: Assistant, paths: Sequence[Path], pairs: Sequence[Pair], folder: Path
    ) -> None:
        self.librarian, self.settings = librarian, librarian.settings
        self.paths, self.folder = paths, folder
        self.search = cache(self._search)
        self.store = cache(self._store)
        self.asked = [pair for pair in pairs if pair.answers and pair.kind != "follow-up"]

    @cached_property
    def gold(self) -> list[tuple[Pair, list[GoldUnit]]]:
        """The questions that can be scored, each with the units that answer it."""
        store = self._store_of(self.used)
        units_of = [(pair, gold_units(pair, store.text_of, store.chunks_of)) for pair in self.asked]
        return [(pair, units) for pair, units in units_of if units]

    def sweep(self, *, seed: int) -> Sweep:
        """Turn each knob by itself, then let Optuna's TPE turn all that can be set.

        Raises ValueError where no question can be scored.
        """
        used = self.used
        usual = self.score(used)
        ablated = [
            Ablated(knob, value, mean(scores), mean(_gaps(scores, usual)))
            for knob, value, scores in self._each(used)
        ]
        best = self._best(seed)
        unseen = slice(1, None, 2) if len(usual) > 1 else slice(None)
        scores, before = self.score(best)[unseen], usual[unseen]
        return Sweep(
            used,
            mean(usual),
            tuple(ablated),
            best,
            mean(scores),
            mean(_gaps(scores, before)),
            len(self.asked) - len(usual),
        )

    @property
    def used(self) -> Knobs:
        """The knobs as the settings have them."""
        settings = self.settings
        overlap = settings.chunk_overlap / settings.chunk_size
        return Knobs(settings.chunk_size, overlap, settings.top_k)

    def _each(self, used: Knobs) -> list[tuple[str, str, list[float]]]:
        turned: list[tuple[str, str, Knobs]] = [
            *(("chunk size", f"{n} characters", replace(used, chunk_size=n)) for n in CHUNKS),
            *(("overlap", f"{share:.0%}", replace(used, overlap=share)) for share in OVERLAPS),
            *(("passages", str(k), replace(used, k=k)) for k in self._depths),
            *(("search", how, replace(used, search=how)) for how in get_args(SearchKind)),
            ("reranking", "by the grader", replace(used, reranked=True)),
            ("reader", "as plain text", replace(used, cut="as plain text")),
            ("chunker", "by length alone", replace(used, cut="by length alone")),
        ]
        return [(knob, value, self.score(own)) for knob, value, own in turned if own != used]

    def _best(self, seed: int) -> Knobs:
        def objective(trial: optuna.Trial) -> float:
            return mean(self.score(self._suggest(trial))[::2]).value

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed)
        )
        study.optimize(objective, n_trials=TRIALS, show_progress_bar=True)
        return self._suggest(study.best_trial)

    def _suggest(self, trial: optuna.Trial | optuna.trial.FrozenTrial) -> Knobs:
        return Knobs(
            chunk_size=trial.suggest_categorical("chunk_size", CHUNKS),
            overlap=trial.suggest_categorical("overlap", OVERLAPS),
            k=trial.suggest_categorical("k", self._depths),
            search=trial.suggest_categorical("search", get_args(SearchKind)),
        )

    @property
    def _depths(self) -> list[int]:
        return sorted({*DEPTHS, self.settings.top_k})

    def score(self, knobs: Knobs) -> list[float]:
        """Tell of each question whether a passage that fits the prompt holds a gold unit whole."""
        return [float(self._shown(pair, units, knobs)) for pair, units in self.gold]

    def _shown(self, pair: Pair, units: Sequence[GoldUnit], knobs: Knobs) -> bool:
        depth = max(knobs.k, DEEPEST if knobs.reranked else max(self._depths))
        passages = self.search(pair.question, replace(knobs, k=depth))[: knobs.k]
        room = self.settings.context_tokens
        for passage in passages:
            room -= len(self._tokenizer.encode(passage.page_content, add_special_tokens=False))
            if room < 0:
                return False
            if any(unit.covered_by(passage) for unit in units):
                return True
        return False

    def _search(self, question: str, knobs: Knobs) -> list[Document]:
        store = self._store_of(knobs)
        match knobs.search:
            case "hybrid":
                ranked = store.hybrid_search(question, knobs.k)
            case "dense":
                ranked = store.similarity_search_with_score(question, knobs.k)
            case "BM25":
                ranked = store.lexical_search(question, knobs.k)
        chunks = [chunk for chunk, _ in ranked]
        return self._reranked(question, chunks) if knobs.reranked else chunks

    def _reranked(self, question: str, chunks: Sequence[Document]) -> list[Document]:
        grades = self.librarian.grader.grade(question, [chunk.page_content for chunk in chunks])
        order = sorted(range(len(chunks)), key=lambda at: -grades[at])
        return [chunks[at] for at in order]

    def _store_of(self, knobs: Knobs) -> Index:
        return self.store(knobs.chunk_size, round(knobs.overlap * knobs.chunk_size), knobs.cut)

    def _store(self, chunk_size: int, chunk_overlap: int, cut: Cut) -> Index:
        """Open the index of documents that are cut so, made now or in an earlier run."""
        config = replace(
            self.librarian.store.config, chunk_size=chunk_size, chunk_overlap=chunk_overlap
        )
        sizes = {"chunk_size": chunk_size, "chunk_overlap": chunk_overlap}
        settings, split = self.settings.model_copy(update=sizes), SPLITS[cut]
        folder = self.folder / f"index-{cut.replace(' ', '-')}"
        index = index_of(self.paths, settings, folder, split.__module__)
        store = open_index("", index, self.librarian.embeddings, config)
        ingest(
            self.paths,
            store,
            max_bytes=settings.max_file_bytes,
            archives=settings.archives,
            ocr=settings.ocr,
            progress=True,
            split=split,
            forgotten=self.librarian.store.forgotten(),
        )
        return store

    @cached_property
    def _tokenizer(self) -> Any:
        return load_tokenizer(self.librarian.folder)


def _gaps(left: Sequence[float], right: Sequence[float]) -> list[float]:
    return [one - other for one, other in zip(left, right, strict=True)]
