"""Send readers' opinions to LangSmith, where tracing is on."""

from __future__ import annotations

import logging
from uuid import UUID

from langsmith import Client
from langsmith.utils import tracing_is_enabled

log = logging.getLogger(__name__)


def send_feedback(run: UUID, score: int, comment: str) -> None:
    """Attach a thumb to a traced run; a collector that cannot be reached costs nothing."""
    if not tracing_is_enabled():
        return
    try:
        # A trace id makes the client send in the background.
        Client().create_feedback(
            run, key="thumb", score=score, comment=comment or None, trace_id=run
        )
    except Exception:
        log.warning("feedback was kept here, but could not be sent to LangSmith", exc_info=True)
