"""What `langgraph.json` and uvicorn point at; importing this loads models and index."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.store.base import BaseStore
from prometheus_client import Gauge

from app.assistant import Assistant
from app.serving.admission import GraphInTurn
from app.serving.held_answers import Holds
from app.serving.metrics import Meter
from app.serving.persistence import open_checkpointer, open_store
from app.serving.resources import Resources
from app.serving.seal import seal_of
from app.serving.settings import ServerSettings
from app.serving.site import create_site

_settings = ServerSettings()
_seal = seal_of(_settings)
_meter = Meter(lambda: float(_assistant.runtime.unfinished))
_assistant: Assistant = Assistant(
    _settings, callbacks=[_meter, Holds(lambda: resources, _seal)], seal=_seal
)

resources: Resources = Resources(_settings, _assistant)
resources.queue.told = Gauge(
    "groundtune_waiting", "Questions that wait for their turn.", multiprocess_mode="livesum"
).set
graph = GraphInTurn.of(_assistant.graph, resources.queue)
site = create_site(resources)


def checkpointer() -> AbstractAsyncContextManager[BaseCheckpointSaver[Any]]:
    """Open what keeps the threads of LangGraph's clients: the same files as the page's."""
    return open_checkpointer(_settings)


def store() -> AbstractAsyncContextManager[BaseStore]:
    """Open LangGraph's store, searched by meaning."""
    return open_store(_settings, _assistant.embeddings)
