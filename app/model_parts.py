"""What answers, put together from settings, each part on first use; knows no documents."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

import torch
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel

from app.built_once import shared
from app.embedding_parts import EmbeddingParts
from app.errors import UserError
from app.models.adapters import Adapter, find_adapter
from app.models.agreement import WeighedAgreement
from app.models.base import model_name, resolve_chat_model, resolve_embedding_model
from app.models.calibrations import Fitted, calibration_file, read_calibration
from app.models.chat import LocalChatModel
from app.models.completion import LikelyCompletion
from app.models.embeddings import load_embeddings
from app.models.extractor import ReaderExtractor
from app.models.gate import SmallTalkGate
from app.models.grader import BASE_CALIBRATION, PLAIN_VERDICT, ModelGrader
from app.models.line_reader import LineReader
from app.models.load import load_pipeline
from app.models.local import LocalRuntime
from app.models.merged import adapter_fingerprint, merged_model
from app.models.names import BUILTIN_CHAT, BUILTIN_EMBEDDINGS, Remote, read_remote
from app.models.ports import Runtime
from app.models.remote.fallback import Fallback, FallbackGrader
from app.models.remote.load import load_chat
from app.models.remote.runtime import RemoteRuntime
from app.models.verifier import ReaderVerifier
from app.models.worker import PipelineWorker
from app.settings import Settings
from app.tracing import trace_as_set
from graphs.protocols import Agreement, Completion, Extractor, Grader, Seal, Verifier


def base_folder(settings: Settings, *, setting: str = "GROUNDTUNE_MODEL") -> Path:
    """Return where the model of these settings is; see `resolve_chat_model`."""
    return resolve_chat_model(
        settings.model,
        cache_dir=settings.cache,
        template=settings.chat_template,
        setting=setting,
    )


class ModelParts(EmbeddingParts):
    """Models and what judges by them. Each is built on first use, and kept for all threads.

    Objects that have a `whole` use its parts.
    """

    whole: ModelParts | None

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        callbacks: Sequence[BaseCallbackHandler] = (),
        seal: Seal | None = None,
        whole: ModelParts | None = None,
        setting: str = "GROUNDTUNE_MODEL",
    ) -> None:
        super().__init__(settings, whole=whole)
        self.setting = setting
        """The variable that names the model."""
        self.callbacks = callbacks
        self.seal = seal

    @shared
    def small_talk(self) -> SmallTalkGate:
        """What tells small talk, by the embedding model that it was fitted to."""
        if self.settings.embedding_model == BUILTIN_EMBEDDINGS:
            return SmallTalkGate(self.embeddings)
        builtin = resolve_embedding_model(BUILTIN_EMBEDDINGS)
        return SmallTalkGate(load_embeddings(builtin, self.settings.dtype, builtin=True))

    @shared
    def runtime(self) -> Runtime:
        """The model, its adapter merged in, ready to be asked."""
        settings = self.settings
        trace_as_set(texts=settings.trace_texts)  # before it can be called
        fallback = self._fallback
        if self._remote is not None:
            access = self._access(settings.model_key, settings.model_options, self.setting)
            elsewhere = load_chat(self._remote, access, max_tokens=settings.max_tokens)
            return RemoteRuntime(elsewhere, together=settings.max_batch, fallback=fallback)
        folder = self.folder
        if self._adapter is not None:
            folder = merged_model(folder, self._adapter.folder, cache_dir=settings.cache)
        pipeline = load_pipeline(
            folder,
            dtype=settings.dtype,
            quantize=settings.quantize,
            device_map=settings.device_map,
        )
        worker = PipelineWorker(pipeline, max_batch=settings.max_batch)
        return LocalRuntime(
            LocalChatModel(
                worker=worker,
                model_name=self.model,
                adapter=self.adapter,
                max_tokens=settings.max_tokens,
            )
        )

    def release(self) -> None:
        """Free the memory of the model; whoever asks for it later loads it anew."""
        if runtime := self.__dict__.pop("runtime", None):
            runtime.close()
            del runtime
            gc.collect()
            torch.cuda.empty_cache()

    def set_up(self) -> None:
        """Set up a model elsewhere, which costs nothing and shows what is missing."""
        if self._remote is not None:
            self.runtime  # noqa: B018  # setting it up is the check

    @property
    def chat_model(self) -> BaseChatModel:
        """What writes texts."""
        return self.runtime.chat_model

    @shared
    def _remote(self) -> Remote | None:
        return read_remote(self.settings.model, setting=self.setting)

    @property
    def folder(self) -> Path:
        """Where a model here is, before any adapter is merged into it."""
        return base_folder(self.settings, setting=self.setting)

    @shared
    def _fallback(self) -> Fallback | None:
        other = self.other
        return Fallback(lambda: other.chat_model) if other else None

    @shared
    def other(self) -> ModelParts | None:
        """The fallback model's own parts, as if it were the model; None where none is named.

        Raises UserError where the model runs here.
        """
        settings = self.settings
        if not settings.fallback_model:
            return None
        if self._remote is None:
            raise UserError(
                f"GROUNDTUNE_FALLBACK_MODEL={settings.fallback_model!r} stands in for a model that "
                f"runs elsewhere, and {self.model} runs here: leave it empty"
            )
        named = {"model": settings.fallback_model, "model_key": settings.fallback_model_key}
        setting = "GROUNDTUNE_FALLBACK_MODEL"
        second = read_remote(settings.fallback_model, setting=setting)
        alike = second is not None and second.client == self._remote.client
        options = settings.model_options if alike else {}
        alone = {**named, "fallback_model": None, "model_options": options}
        return ModelParts(settings.model_copy(update=alone), setting=setting)

    @property
    def model(self) -> str:
        """Name of the chat model, as answers tell it."""
        return model_name(self.settings.model)

    @shared
    def _adapter(self) -> Adapter | None:
        settings = self.settings
        return find_adapter(settings.adapter, model=settings.model, registry=settings.registry)

    @shared
    def adapter(self) -> str | None:
        """Name and version, or fingerprint, of the adapter in use."""
        if self._adapter is None:
            return None
        if "@" in self._adapter.label:
            return self._adapter.label
        return f"{self._adapter.label}@{adapter_fingerprint(self._adapter.folder)[:12]}"

    @property
    def grader(self) -> Grader:
        """What tells of passages whether they answer a question, calibrated where it was fitted."""
        own = ModelGrader(self.runtime.scorer, self.calibration.weights)
        other, fallback = self.other, self._fallback
        if other is None or fallback is None:
            return own
        return FallbackGrader(own, lambda: other.grader, fallback)

    @shared
    def calibration(self) -> Fitted:
        """The weights of grades: kept for this model and adapter, or borrowed from the base."""
        if own := read_calibration(self.calibration_file):
            return Fitted(own, borrowed=False, origin="fitted here to this model and adapter")
        short = self.settings.quantize != "none"  # what was fitted was fitted to whole weights
        if self._adapter is not None and self._adapter.calibration is not None:
            return Fitted(self._adapter.calibration, borrowed=short, origin="the adapter's own")
        if self._remote is not None:
            origin = "none: the model's own yes against its no"
            return Fitted(PLAIN_VERDICT, borrowed=True, origin=origin)
        own_base = self._adapter is None and self.settings.model == BUILTIN_CHAT
        origin = "shipped for this model" if own_base else "borrowed from the built-in model"
        return Fitted(BASE_CALIBRATION, borrowed=short or not own_base, origin=origin)

    @property
    def calibration_file(self) -> Path:
        """Where `groundtune calibrate` keeps weights for this model and adapter."""
        cache = self.settings.cache
        if self._remote is not None:
            return calibration_file(cache, self.settings.model, None)
        adapter = self._adapter.folder if self._adapter else None
        return calibration_file(cache, self.folder, adapter, quantize=self.settings.quantize)

    @shared
    def line_reader(self) -> LineReader:
        """What looks up in lines what claims say, and what answers questions."""
        return LineReader()

    @shared
    def verifier(self) -> Verifier:
        """What tells of claims whether passages support them."""
        return ReaderVerifier(self.line_reader)

    @shared
    def agreement(self) -> Agreement:
        """What tells yes from no."""
        return WeighedAgreement(self.verifier)

    @shared
    def completion(self) -> Completion | None:
        """What makes whole questions of short follow-ups; a model elsewhere only rewrites them."""
        scorer = self.runtime.scorer
        return LikelyCompletion(scorer) if scorer.reads_texts else None

    @shared
    def extractor(self) -> Extractor:
        """What quotes passages where nothing of the model's own answer is left."""
        return ReaderExtractor(self.line_reader)
