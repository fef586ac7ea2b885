"""The README is short, and what it says exists."""

from __future__ import annotations

import re

import pytest
from doc_parts import README, REPOSITORY, estimate, figures

MOST_LINES = 150
MOST_BYTES = 200_000
LINKS = re.findall(r"\]\((?!http)([^)#]+)", README)


def test_it_is_short() -> None:
    assert len(README.splitlines()) < MOST_LINES


def test_every_link_leads_to_a_file() -> None:
    assert len(LINKS) >= 20
    for link in LINKS:
        assert (REPOSITORY / link).exists(), link


def test_every_page_of_the_docs_is_linked() -> None:
    pages = {f"docs/{page.name}" for page in (REPOSITORY / "docs").glob("*.md")}
    assert pages - set(LINKS) == {"docs/index.md"}  # which is the README of the site


@pytest.mark.parametrize("picture", sorted((REPOSITORY / "docs" / "images").iterdir()))
def test_pictures_are_small(picture) -> None:
    assert picture.stat().st_size < MOST_BYTES


def test_the_table_repeats_the_comparison() -> None:
    found = figures("compare")
    rows = {}
    for line in README.splitlines():
        if line.startswith("| **"):
            name, _, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            rows[name.strip("*")] = cells
    assert set(rows) == set(found["arms"])
    for name, arm in found["arms"].items():
        scores = arm["scores"]
        cells = [estimate(scores[of]) for of in ("right", "refusal_recall", "cited_gold")]
        assert rows[name] == [*cells, f"{arm['cost']['p50_ms'] / 1000:.1f}"]
    verdict = found["verdict"]
    behind = {loser["right"] for loser in verdict["behind"]}
    assert "\n".join(verdict["said"]) in README
    (said,) = re.findall(r"Verdict: (.*?beyond chance\.)", README, re.DOTALL)
    assert re.findall(r"`([\w-]+)`", said)[0] == verdict["arm"]
    assert set(re.findall(r"`([\w-]+)`", said)[1:]) == behind


def test_the_minutes_of_the_training_are_those_that_were_measured() -> None:
    assert f"{figures('handbook')['minutes']:.1f} minutes on two cores" in README
