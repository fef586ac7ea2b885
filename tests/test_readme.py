"""The README is short, and what it says exists."""

from __future__ import annotations

import re

import pytest
import result_tables
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


def test_every_link_into_a_page_leads_to_a_heading() -> None:
    links = re.findall(r"\]\(([\w./-]+)#([\w-]+)\)", README)
    assert len(links) >= 4
    for file, anchor in links:
        headings = re.findall(r"^#+ (.*)", (REPOSITORY / file).read_text(), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", of).lower().replace(" ", "-") for of in headings}


def test_every_page_of_the_docs_is_linked() -> None:
    pages = {f"docs/{page.name}" for page in (REPOSITORY / "docs").glob("*.md")}
    assert pages - set(LINKS) == {"docs/index.md"}  # which is the README of the site


@pytest.mark.parametrize("picture", sorted((REPOSITORY / "docs" / "images").iterdir()))
def test_pictures_are_small(picture) -> None:
    assert picture.stat().st_size < MOST_BYTES


def test_the_text_repeats_the_comparison() -> None:
    assert "\n".join(figures("compare")["verdict"]["said"]) in README
    words = " ".join(README.split())
    assert f"{result_tables.asked()} " in words
    assert f"{result_tables.lead()} " in words


def test_the_training_took_and_gained_what_was_measured() -> None:
    handbook = figures("handbook")
    gained, base = handbook["adapter"]["f1"], handbook["base"]["f1"]
    words = " ".join(README.split())
    assert f"{handbook['minutes']:.1f} minutes on two cores" in words
    assert f"F1 of {estimate(gained)} against {estimate(base)}, on {gained['n']} questions" in words
