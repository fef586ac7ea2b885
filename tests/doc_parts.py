"""The texts of README and docs, and the committed figures that they repeat."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text()
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("**/*.md"))]


def page(name: str) -> str:
    return (REPOSITORY / "docs" / f"{name}.md").read_text()


def figures(name: str) -> dict[str, Any]:
    return json.loads((REPOSITORY / "tests" / "results" / f"{name}.json").read_text())["figures"]


def estimate(of: dict[str, float] | None) -> str:
    """Write an estimate with its interval as the tables do; "–" for one that is missing."""
    return f"{of['value']:.2f} ({of['low']:.2f}–{of['high']:.2f})" if of else "–"
