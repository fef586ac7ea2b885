"""Take the pictures of README and docs: `python tests/pictures.py [verdict]`, with Chromium.

`verdict` takes only those of the report's first screen, which need no model.
"""

from __future__ import annotations

import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

from doc_parts import figures
from jinja2 import Environment, FileSystemLoader
from page_parts import SIZES, answered, ask, opened, running_browser
from playwright.sync_api import Browser
from server_parts import REPOSITORY, running_server

from app.assistant import Assistant
from app.compare.judge.evidence import Row
from app.compare.plan.arms import ARMS
from app.compare.report.compare_report import TEMPLATES as REPORTS
from app.compare.report.compare_report import linked, shares
from app.settings import Settings
from finetune.evaluation.bootstrap import Estimate
from finetune.report import TEMPLATES as PAGES

FOLDER = REPOSITORY / "docs" / "images"
QUESTION = "What does the Family Skerry Pass cost?"

SCHEMES = ("light", "dark")
FIRST_SCREEN = """{% extends "page.html" %}{% block body %}{% include "style.html" %}
<h1>Which assistant to run</h1>
{% include "answer.html" %}{% endblock %}"""


def main() -> None:
    """Take every picture, or the report's alone."""
    with running_browser() as browser:
        picture_the_verdict(browser)
        if sys.argv[1:] != ["verdict"]:
            picture_the_page(browser)


def picture_the_verdict(browser: Browser) -> None:
    """Show the first screen of the report that the committed comparison had."""
    html = first_screen(figures("compare"))
    for scheme in SCHEMES:
        page = browser.new_page(viewport={"width": 860, "height": 600}, color_scheme=scheme)
        page.set_content(html)
        page.screenshot(path=FOLDER / f"verdict-{scheme}.png", full_page=True)
        page.close()


def first_screen(found: dict[str, Any]) -> str:
    """Fill the report's own templates as far as its picture."""
    rows = {id_: Row(**row) for id_, row in found["evidence"].items()}
    said = found["verdict"]["said"][: 1 + len(found["verdict"]["level"])]
    right = {name: Estimate(**arm["scores"]["right"]) for name, arm in found["arms"].items()}
    environment = Environment(loader=FileSystemLoader([PAGES, REPORTS]), autoescape=True)
    return environment.from_string(FIRST_SCREEN).render(
        verdict=[linked(sentence, rows) for sentence in said],
        shares=shares({ARMS[name]: of for name, of in right.items()}),
        best=found["verdict"]["arm"],
        asked=next(iter(right.values())).n,
    )


def picture_the_page(browser: Browser) -> None:
    """Ask a question and open its citation, at every size and in both colour schemes."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        Assistant(Settings(index=home / "index")).ingest([REPOSITORY / "app/sample/handbook"])
        with running_server(home, home / "index", "--plain") as server:
            for size, scheme in product(SIZES, SCHEMES):
                with opened(browser, server.url, size, color_scheme=scheme) as page:
                    ask(page, QUESTION)
                    answered(page)
                    if size == "phone":  # where the document covers the answer
                        page.screenshot(path=FOLDER / f"answer-{size}-{scheme}.png")
                    page.locator(".cite").first.click()
                    page.locator("#text mark").first.wait_for()
                    page.screenshot(path=FOLDER / f"page-{size}-{scheme}.png")


if __name__ == "__main__":
    main()
