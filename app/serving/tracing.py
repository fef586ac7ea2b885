"""Send readers' opinions to LangSmith, where runs are traced there."""

from __future__ import annotations

import logging
from uuid import UUID

from app.tracing import sends_spans_alone, trace_as_set

log = logging.getLogger(__name__)


def send_feedback(run: UUID, score: int, comment: str, *, texts: bool) -> None:
    """Attach a thumb to a traced run; a collector that cannot be reached costs nothing."""
    client = trace_as_set(texts=texts)
    if client is None or sends_spans_alone():  # which knows no feedback
        return
    try:
        # A trace id makes the client send in the background.
        text = comment if texts else ""
        client.create_feedback(run, key="thumb", score=score, comment=text or None, trace_id=run)
    except Exception:
        log.warning("feedback was kept here, but could not be sent to LangSmith", exc_info=True)
