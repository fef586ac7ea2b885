"""The moment, as it is written beside what is kept."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp() -> str:
    """Return the time now by ISO 8601, in UTC; as text it sorts by time."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
