"""The compiled graph that `langgraph.json` points at; importing this loads models and index."""

from __future__ import annotations

from app.assistant import Assistant

graph = Assistant().graph
