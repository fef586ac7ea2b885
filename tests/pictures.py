"""Take the pictures of the page: `python tests/pictures.py`, with Chromium installed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from server_parts import REPOSITORY, running_server
from test_page import CHROMIUM, SIZES, answered, ask

from app.assistant import Assistant
from app.settings import Settings

FOLDER = REPOSITORY / "docs" / "images"
QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"


def main() -> None:
    """Ask a question and open its citation, at every size and in both colour schemes."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        home = Path(scratch)
        Assistant(Settings(index=home / "index")).ingest([REPOSITORY / "app/sample/handbook"])
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with running_server(home, home / "index", "--plain") as server:
            for size, viewport in SIZES.items():
                for scheme in ("light", "dark"):
                    page = browser.new_page(viewport=viewport, color_scheme=scheme)
                    page.goto(server.url)
                    ask(page, QUESTION)
                    answered(page)
                    if size == "phone":  # where the document covers the answer
                        page.screenshot(path=FOLDER / f"answer-{size}-{scheme}.png")
                    page.locator(".cite").first.click()
                    page.locator("#text mark").wait_for()
                    page.screenshot(path=FOLDER / f"page-{size}-{scheme}.png")
                    page.close()


if __name__ == "__main__":
    main()
