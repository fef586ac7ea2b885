"""What `langgraph.json` and uvicorn point at; importing this loads models and index."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from langchain_core.runnables import RunnableConfig
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
from graphs.rag import Graph

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


def _seen_by(config: RunnableConfig | None) -> Graph:
    """Return the graph of whom the server has authenticated; nobody's groups are empty."""
    user = (config or {}).get("configurable", {}).get("langgraph_auth_user")
    if user is None:
        return NOBODYS
    # a run that a clock starts knows its user's name alone
    caller = resources.authenticator.named(user.identity, getattr(user, "groups", ()))
    return _assistant.seen_by(caller.groups).graph


NOBODYS = _assistant.seen_by(()).graph
graph = GraphInTurn.of(NOBODYS, resources.queue, _seen_by)
site = create_site(resources)


def checkpointer() -> AbstractAsyncContextManager[BaseCheckpointSaver[Any]]:
    """Open what keeps the threads of LangGraph's clients: the same files as the page's."""
    return open_checkpointer(_settings)


def store() -> AbstractAsyncContextManager[BaseStore]:
    """Open LangGraph's store, searched by meaning."""
    return open_store(_settings, _assistant.embeddings)
