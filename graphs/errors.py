"""What the graph raises for a question that nobody can answer."""

from __future__ import annotations


class InvalidQuestion(ValueError):
    """Report a question that cannot be asked; the LangGraph server passes ValueError's text on."""
