"""Sweep the knobs of retrieval on the same questions, scored without writing a single answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import optuna
from transformers import AutoTokenizer

from app.assistant import Assistant
from app.compare.judge.ablation import Ablated
from app.compare.judge.scores import holds
from app.compare.run.reuse import index_of
from app.dataset.pairs import Pair
from app.models.base import resolve_chat_model
from app.settings import Settings
from finetune.evaluation.bootstrap import Estimate, mean

Search = Literal["hybrid", "dense", "BM25"]
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
    search: Search = "hybrid"
    reranked: bool = False
    """Whether the grader orders twelve passages before the first k are taken."""


@dataclass(frozen=True)
class Sweep:
    """What was found by turning the knobs one at a time, and all together."""

    used: Knobs
    found: Estimate
    """Share of the questions whose answer stands in the passages that fit the prompt."""
    ablated: tuple[Ablated, ...]
    best: Knobs
    best_found: Estimate
    best_gain: Estimate

    def to_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)


class Sweeper:
    """Scores settings of retrieval; indexes are kept in `folder`."""

    def __init__(
        self, settings: Settings, paths: Sequence[Path], pairs: Sequence[Pair], folder: Path
    ) -> None:
        self.settings, self.paths, self.folder = settings, paths, folder
        self.pairs = [pair for pair in pairs if pair.answers and pair.kind != "follow-up"]
        self.search = cache(self._search)
        self.assistant = cache(self._assistant)

    def sweep(self, *, seed: int) -> Sweep:
        """Turn each knob by itself, then let Optuna's TPE turn them all."""
        used = self.used
        usual = self.score(used)
        ablated = [
            Ablated(knob, value, mean(scores), mean(_gaps(scores, usual)))
            for knob, value, scores in self._each(used)
        ]
        best = self._best(seed)
        scores = self.score(best)
        gain = mean(_gaps(scores, usual))
        return Sweep(used, mean(usual), tuple(ablated), best, mean(scores), gain)

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
            *(("search", how, replace(used, search=how)) for how in get_args(Search)),
            ("reranking", "by the grader", replace(used, reranked=True)),
        ]
        return [(knob, value, self.score(own)) for knob, value, own in turned if own != used]

    def _best(self, seed: int) -> Knobs:
        def objective(trial: optuna.Trial) -> float:
            return mean(self.score(self._suggest(trial))).value

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
            search=trial.suggest_categorical("search", get_args(Search)),
        )

    @property
    def _depths(self) -> list[int]:
        return sorted({*DEPTHS, self.settings.top_k})

    def score(self, knobs: Knobs) -> list[float]:
        """Tell of each question whether its answer stands in the passages that fit the prompt."""
        return [float(self._shown(pair, knobs)) for pair in self.pairs]

    def _shown(self, pair: Pair, knobs: Knobs) -> bool:
        depth = max(knobs.k, DEEPEST if knobs.reranked else max(self._depths))
        passages = self.search(pair.question, replace(knobs, k=depth))[: knobs.k]
        room = self.settings.context_tokens
        for passage in passages:
            room -= len(self._tokenizer.encode(passage, add_special_tokens=False))
            if room < 0:
                return False
            if any(holds(passage, answer) for answer in pair.answers):
                return True
        return False

    def _search(self, question: str, knobs: Knobs) -> list[str]:
        store = self.assistant(knobs.chunk_size, knobs.overlap).store
        match knobs.search:
            case "hybrid":
                found = [chunk for chunk, _ in store.hybrid_search(question, knobs.k)]
            case "dense":
                found = [
                    chunk for chunk, _ in store.similarity_search_with_score(question, knobs.k)
                ]
            case "BM25":
                found = [chunk for chunk, _ in store.lexical_search(question, knobs.k)]
        texts = [chunk.page_content for chunk in found]
        return self._reranked(question, texts) if knobs.reranked else texts

    def _reranked(self, question: str, texts: Sequence[str]) -> list[str]:
        used = self.used
        grades = self.assistant(used.chunk_size, used.overlap).grader.grade(question, texts)
        order = sorted(range(len(texts)), key=lambda at: -grades[at])
        return [texts[at] for at in order]

    def _assistant(self, chunk_size: int, share: float) -> Assistant:
        update = {"chunk_size": chunk_size, "chunk_overlap": round(share * chunk_size)}
        cut = self.settings.model_copy(update=update)
        index = index_of(self.paths, cut, self.folder / "index")
        assistant = Assistant(cut.model_copy(update={"index": index}))
        assistant.ingest(self.paths)
        return assistant

    @cached_property
    def _tokenizer(self) -> Any:
        folder = resolve_chat_model(
            self.settings.model, cache_dir=self.settings.cache, template=self.settings.chat_template
        )
        return AutoTokenizer.from_pretrained(folder)


def _gaps(left: Sequence[float], right: Sequence[float]) -> list[float]:
    return [one - other for one, other in zip(left, right, strict=True)]
