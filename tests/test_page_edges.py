"""What people and browsers do with the page besides asking: log out, press Escape, drop, print."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from page_parts import (
    DROP,
    TOKEN,
    answered,
    ask,
    log_in,
    needs_chromium,
    opened,
    running_browser,
    side,
)
from playwright.sync_api import Browser, Page, expect
from server_parts import Server, running_server

from app.assistant import Assistant

pytestmark = [pytest.mark.model, needs_chromium]


@pytest.fixture(scope="module")
def server(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that asks who is there."""
    home, index = tmp_path_factory.mktemp("edges"), sample_assistant.settings.index
    with running_server(home, index, "--plain", GROUNDTUNE_TOKENS=f"alice:{TOKEN}") as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(server: Server, browser: Browser) -> Iterator[Page]:
    with opened(browser, server.url) as page:
        log_in(page, TOKEN)
        expect(page.locator(".empty")).to_contain_text("documents are here")
        yield page


def test_what_was_deleted_before_logging_out_is_gone(server: Server, page: Page) -> None:
    ask(page, "Good evening, heron!")
    answered(page)
    page.evaluate(DROP, ["heron.md", "The heron of Torholm stands on one leg.\n"])
    expect(page.get_by_text("“heron.md” can be asked about now.")).to_be_visible()
    side(page, "Documents")
    row = page.locator("#documents li.fresh")
    row.hover()
    row.get_by_role("button", name="Delete").click()
    side(page, "Threads")
    page.locator("#threads li", has_text="Good evening, heron!").hover()
    page.get_by_role("button", name="Delete Good evening, heron!").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("#login")).to_be_visible()
    deadline, left = time.monotonic() + 30, ["?"]
    with httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as alice:
        while left and time.monotonic() < deadline:
            threads = alice.get(f"{server.url}/api/threads").json()
            documents = alice.get(f"{server.url}/api/documents").json()
            named = [each["title"] for each in threads] + [each["name"] for each in documents]
            left = [name for name in named if "heron" in name]
            time.sleep(0.2)
    assert left == []
