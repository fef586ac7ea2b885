"""The page in a real browser: open it, ask, wait."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    Locator,
    Page,
    Request,
    Route,
    expect,
    sync_playwright,
)

from app.serving.blocks import answer_blocks

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed on this machine"
)

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"
PATIENCE_MS = 120_000
SETTLING_MS = 300  # in which the page draws what has come
TOKEN = "alice-token-of-her-own"
# Files as the browser hands them over when they are let go above the page.
DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  for (const type of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true }));
  }
}"""
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, url: str, size: str = "desktop", **options: Any) -> Iterator[Page]:
    """Open the page; whatever its scripts throw, or its policy refuses, fails the test."""
    context = browser.new_context(**SIZES[size], **options)
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(url)
    yield page
    context.close()
    assert faults == []


def ask(page: Page, question: str) -> None:
    """Write a question and send it."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def answered(page: Page, number: int = 0) -> Locator:
    """Wait for an answer, cited or refused, and return it."""
    last = page.locator(".turn").nth(number).locator(".answer").first
    expect(last.get_by_role("button", name="Good answer")).to_be_visible()
    return last


def log_in(page: Page, token: str, told: str = "") -> None:
    """Give a token where one is asked for, after what is told of the one before."""
    expect(page.locator("#login")).to_be_visible()
    expect(page.locator("#refused")).to_have_text(told)
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Go on").click()


def side(page: Page, tab: str) -> None:
    """Show a tab of the side, which a phone hides behind its menu."""
    button = page.get_by_role("tab", name=tab)
    if not button.is_visible():
        page.get_by_role("button", name="Menu").click()
    button.click()


def serious_faults(page: Page) -> list[str]:
    """Return the names of what keeps people from using the page."""
    found = Axe().run(page).response["violations"]
    return [of["id"] for of in found if of["impact"] in ("serious", "critical")]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("() => document.documentElement.scrollWidth - innerWidth"))


def hold(page: Page, path: str) -> Callable[[], None]:
    """Hold the reply to the first request for a path back; return what lets it come."""
    held: list[Route] = []
    page.route(f"**/{path}", lambda route: held.append(route), times=1)

    def let_come() -> None:
        with page.expect_response(f"**/{path}") as reply:
            held.pop().continue_()
        reply.value.finished()
        page.wait_for_timeout(SETTLING_MS)

    return let_come


def until(page: Page, seen: Callable[[], bool]) -> None:
    """Wait for what the page does."""
    for _ in range(600):
        if seen():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came")


def told_question(
    text: str, run: str, *, outcome: str | None = "answered", **given: Any
) -> dict[str, Any]:
    """A question, as the server tells it; without an outcome it is on its way."""
    account = outcome and {"outcome": outcome, "steps": [], "documents": [], **given}
    return {"role": "user", "text": text, "run": run, "given": account}


def told_answer(text: str, *quotes: str) -> dict[str, Any]:
    """An answer, as the server tells it, which cites sentences of one document."""
    cited = {"document": "fares.md", "page": 2, "start": 0, "end": 4}
    return {
        "role": "assistant", "text": text, "blocks": answer_blocks(text), "abstained": False,
        "removed": 0, "parts": [], "reviewed": "", "conflicts": [],
        "citations": [{**cited, "quote": quote} for quote in quotes],
    }  # fmt: skip


def told_thread(name: str, *messages: dict[str, Any], **told: Any) -> dict[str, Any]:
    states = {"held": False, "running": False, "beside": []}
    return {"id": name, "messages": list(messages), **states, **told}


def tell(page: Page, *states: dict[str, Any]) -> list[Route]:
    """Have the server tell a thread in these states, one a request; what it is asked then waits."""
    left, waiting = list(states), list[Route]()

    def reply(route: Route) -> None:
        if left:
            route.fulfill(body=json.dumps(left.pop(0)))
        else:
            waiting.append(route)

    page.route(f"**/api/threads/{states[0]['id']}", reply)
    return waiting


def streams(page: Page) -> set[Request]:
    """Return the streams of answers that the page has open, from now on."""
    found: set[Request] = set()
    of_answers = re.compile(r"/(ask|events)(\?|$)")
    page.on("request", lambda one: found.add(one) if of_answers.search(one.url) else None)
    for event in ("requestfinished", "requestfailed"):
        page.on(event, lambda one: found.discard(one))
    return found
