"""What people and browsers do with the page besides asking: log out, press Escape, drop, print."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import patient
import pytest
from page_parts import (
    DROP,
    TOKEN,
    answered,
    ask,
    log_in,
    needs_chromium,
    opened,
    side,
    told_answer,
    told_question,
    told_thread,
)
from playwright.sync_api import Browser, Page, Route, expect
from pypdf import PdfReader
from server_parts import Server, running_server

from app.assistant import Assistant

HERS = "zoë-token-of-her-own"
pytestmark = [pytest.mark.model, needs_chromium]


@pytest.fixture(scope="module")
def server(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that asks who is there."""
    home, index = tmp_path_factory.mktemp("edges"), sample_assistant.settings.index
    tokens = f"alice:{TOKEN},zoe:{HERS}"
    with running_server(home, index, "--plain", GROUNDTUNE_TOKENS=tokens) as started:
        yield started


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


def tell(page: Page, thread: str, messages: list[dict[str, Any]], **more: Any) -> list[str]:
    """Tell of a thread that is not kept; returns the requests for it, as they come."""
    told, came = told_thread(thread, *messages, **more), list[str]()

    def answer(route: Route) -> None:
        came.append(route.request.url.rpartition("/")[2])
        if came[-1] == thread:
            route.fulfill(json=told)
        else:
            route.fulfill(status=204)

    page.route(re.compile(rf"/api/threads/{thread}(/\w+)?(\?.*)?$"), answer)
    return came


ESCAPES = {
    "a popover": 'document.getElementById("settings").showPopover()',
    "a search": 'Object.assign(document.getElementById("find"), {value: "x"}).focus()',
    "a comment": 'document.querySelector(".foot input").focus()',
    "a question": 'document.getElementById("question").value = "And"',
}
COMPOSED = """(of) => document.getElementById("question").dispatchEvent(
  new KeyboardEvent("keydown", { key: "Escape", bubbles: true, ...of }))"""


@contextmanager
def still_followed(page: Page) -> Iterator[None]:
    """Wait until the page looks again what became of the answer; it does not of a stopped one."""
    with page.expect_request("**/api/threads/busy", timeout=10_000):
        yield


@pytest.fixture
def busy(page: Page) -> None:
    """Show a thread with an answer, and with another one on its way."""
    before = [told_question("Fares?", "f", score=-1), told_answer("£6.")]
    messages = [*before, told_question("Ports?", "p", outcome=None)]
    tell(page, "busy", messages, running=True)
    page.goto(f"{page.url}?thread=busy")
    page.get_by_label("Your question").focus()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("what", ESCAPES)
def test_escape_stops_no_answer_where_it_ends_something_else(page: Page, what: str) -> None:
    page.evaluate(ESCAPES[what])
    with still_followed(page):
        page.keyboard.press("Escape")
    expect(page.locator("#settings")).to_be_hidden()
    expect(page.get_by_label("Search threads")).to_have_value("")
    page.get_by_label("Your question").fill("")
    page.keyboard.press("Escape")
    expect(page.locator(".said").last).to_have_text("Stopped.")


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("how", [{"isComposing": True}, {"keyCode": 229}], ids=str)
def test_escape_stops_no_answer_where_it_ends_a_composition(
    page: Page, how: dict[str, Any]
) -> None:
    with still_followed(page):
        page.evaluate(COMPOSED, how)
    page.evaluate(COMPOSED, {})
    expect(page.locator(".said").last).to_have_text("Stopped.")


def test_a_thread_is_exported_with_sources_and_without_what_is_on_its_way(page: Page) -> None:
    fares = [told_question("Fares?", "f"), told_answer("£6. [1]", "Adult £6", "Child £3")]
    rest = [
        told_question("Ports?", "p", outcome="stopped"),
        told_question("Why?", "w", outcome="failed", message="It broke."),
        told_question("Go?", "g", outcome=None),
    ]
    other = [told_question("Fares?", "f", arm="base-rag"), told_answer("Six pounds.")]
    tell(page, "beside", other)
    tell(page, "whole", fares + rest, beside=["beside"], running=True)
    page.goto(f"{page.url}?thread=whole")
    expect(page.locator(".progress")).to_be_visible()
    expect(page.locator("#title")).to_have_text("Fares?")
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as export:
        page.get_by_role("button", name="Export this thread").click()
    assert export.value.path().read_text() == EXPORTED


EXPORTED = """\
# Fares?

## Fares?

£6. [1]

[1] fares.md, page 2: “Adult £6”
[2] fares.md, page 2: “Child £3”

**base-rag**: Six pounds.

## Ports?

Stopped.

## Why?

It broke.

## Go?
"""


@pytest.mark.parametrize("unseen", ["\u200b", "\u2028", "\x00"], ids=ascii)
def test_a_token_that_no_header_can_hold_is_refused_and_asked_for_again(
    server: Server, browser: Browser, unseen: str
) -> None:
    with opened(browser, server.url) as page:
        log_in(page, f"{TOKEN[:5]}{unseen}{TOKEN[5:]}")
        log_in(page, TOKEN, "The server does not know this token.")
        expect(page.locator(".empty")).to_contain_text("documents are here")


def test_a_token_of_other_letters_than_english_has_is_known(
    server: Server, browser: Browser
) -> None:
    with opened(browser, server.url) as page:
        log_in(page, HERS)
        expect(page.locator("#who")).to_have_text("zoe")


def held(question: str, since: str) -> dict[str, Any]:
    """An answer that waits for a review, as the server tells it."""
    return {
        "thread": "t", "question": question, "answer": f"Of {question}", "citations": [],
        "confidence": 0.5, "since": since,
    }  # fmt: skip


def show_reviews(page: Page, waiting: list[dict[str, Any]]) -> None:
    """Let the user review what waits, and show it."""

    def status(route: Route) -> None:
        route.fulfill(json={**route.fetch().json(), "reviews": True})

    page.route("**/api/status", status)
    page.route("**/api/reviews", lambda route: route.fulfill(json=waiting))
    page.reload()
    page.get_by_role("tab", name="Reviews").click()


def test_a_reviewer_goes_on_writing_while_others_come_and_go(page: Page) -> None:
    waiting = [held("Fares?", "1"), held("Ports?", "3")]
    show_reviews(page, waiting)
    mine = page.get_by_label("Answer to: Ports?")
    mine.fill("My words")
    for change in (
        lambda: waiting.append(held("Go?", "4")),
        lambda: waiting.insert(1, held("Why?", "2")),
        lambda: waiting.pop(0),
    ):
        change()
        expect(page.locator(".review .asked")).to_have_text([of["question"] for of in waiting])
        expect(mine).to_be_focused()
        expect(mine).to_have_value("My words")
    waiting.clear()
    expect(page.locator("#reviews")).to_have_text("No answer waits.")


def test_a_fragment_of_the_address_changes_no_thread(page: Page) -> None:
    came = tell(page, "long", [told_question("Fares?", "f"), told_answer("£6.")])
    page.goto(f"{page.url}?thread=long")
    page.locator(".turn").evaluate("turn => { turn.dataset.seen = 'yes' }")
    page.evaluate("location.hash = '#about-the-line.md@0-5'")
    expect(page.locator("#text mark")).to_be_in_viewport()
    page.get_by_role("link", name="Skip to the question").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?thread=long#question$"))
    page.evaluate("location.hash = '#ports/skjornvik.html@0-8'")
    expect(page.locator("#text mark")).to_have_text("Skjørnvi")
    page.go_back()
    page.go_back()
    expect(page.locator("#source-title")).to_have_text("about-the-line.md")
    expect(page.locator(".turn")).to_have_attribute("data-seen", "yes")
    assert came == ["long"]
    page.get_by_role("button", name="New thread").click()
    expect(page.locator(".empty")).to_be_visible()
    page.go_back()
    expect(page.locator(".asked")).to_have_text("Fares?")


@pytest.mark.parametrize("path", ["", "page/page.js", "page/page.css", "page/index.html"])
def test_a_browser_asks_whether_the_page_has_changed(server: Server, path: str) -> None:
    whole = patient.get(f"{server.url}/{path}")
    known = {"If-None-Match": whole.headers["etag"]}
    again = patient.get(f"{server.url}/{path}", headers=known)
    assert (whole.status_code, again.status_code) == (200, 304 if path else 200)
    assert [each.headers["cache-control"] for each in (whole, again)] == ["no-cache"] * 2


MIXED = """\
המחיר הוא 6 [1].

1. ראשון
2. שני

> ציטוט

| מחיר | גיל |
|-|-|
| 6 | 18 |

Six pounds.
"""
STYLES = "(found, name) => found.map((each) => getComputedStyle(each)[name])"


def test_texts_run_as_their_letters_do(page: Page) -> None:
    answer = {**told_answer(MIXED, "המחיר (למבוגר) הוא 6.", "Adult £6"), "parts": ["מה המחיר?"]}
    tell(page, "mixed", [told_question("מה המחיר, בבקשה?", "מה המחיר, בבקשה?"), answer])
    page.goto(f"{page.url}?thread=mixed")
    expect(page.locator("#title")).to_have_text("מה המחיר, בבקשה?")
    expected = {
        "#title": ["rtl"],
        ".asked": ["rtl"],
        ".said > *": ["rtl"] * 4 + ["ltr"],
        ".said li, .said blockquote p, .said td": ["rtl"] * 5,
        ".note bdi": ["rtl"],
        ".sources q": ["rtl", "ltr"],
        "#question": ["ltr"],
    }
    for drawn, runs in expected.items():
        assert page.locator(drawn).evaluate_all(STYLES, "direction") == runs, drawn
    assert page.locator("blockquote").evaluate_all(STYLES, "borderRightWidth") == ["3px"]
    assert set(page.locator("td, q").evaluate_all(STYLES, "textAlign")) == {"start"}
    page.get_by_label("Your question").fill("ומה בלילה?")
    assert page.locator("#question").evaluate_all(STYLES, "direction") == ["rtl"]


def drop(page: Page, *paths: Path) -> None:
    """Let files and folders of this machine go above the page."""
    files = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    browser = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": kind, "x": 640, "y": 300, "data": files})


def test_a_dropped_folder_is_refused_by_its_name_and_the_files_beside_it_are_taken(
    page: Page, tmp_path: Path
) -> None:
    folder, file = tmp_path / "winter", tmp_path / "plover.md"
    folder.mkdir()
    file.write_text("The plover of Torholm sleeps at noon.\n")
    drop(page, folder)
    expect(page.get_by_role("alert")).to_have_text(FOLDER)
    page.get_by_role("button", name="Dismiss").click()
    drop(page, folder, file)
    expect(page.get_by_text("“plover.md” can be asked about now.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text(FOLDER)


FOLDER = "“winter” is a folder: open it, and drop the files that are in it."


def test_a_file_that_went_meanwhile_is_told_by_its_name(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "dunlin.md"
    file.write_text("The dunlin of Torholm counts to nine.\n")
    page.locator("#upload").set_input_files(file)
    expect(page.get_by_text("“dunlin.md” can be asked about now.")).to_be_visible()
    page.locator("#upload").set_input_files(file)
    expect(page.locator("#confirm")).to_be_visible()
    file.unlink()
    page.get_by_role("button", name="Replace").click()
    expect(page.get_by_role("alert")).to_have_text(
        "“dunlin.md” cannot be read: it was moved or changed, or you may not read it."
    )
    expect(page.locator("#progress")).to_be_hidden()


def test_a_thread_is_printed_whole_without_what_can_be_pressed(page: Page) -> None:
    questions = [f"How much is fare number {at}?" for at in range(12)]
    messages = [[told_question(each, each), told_answer("A fare.\n\n" * 9)] for each in questions]
    tell(page, "printed", [message for turn in messages for message in turn])
    page.goto(f"{page.url}?thread=printed")
    expect(page.locator(".asked")).to_have_text(questions)
    pages = PdfReader(BytesIO(page.pdf())).pages
    told = " ".join(" ".join(each.extract_text() for each in pages).split())
    assert [each for each in questions if told.count(each) != 1] == []
    assert told.count("A fare.") == 9 * 12
    assert [each for each in ("New thread", "Ask your documents") if each in told] == []


@pytest.mark.parametrize(
    ("cited", "told"), [(3, []), (4, ["1 more source"]), (6, ["3 more sources"])]
)
def test_sources_that_are_folded_are_counted(page: Page, cited: int, told: list[str]) -> None:
    answer = told_answer("£6 [1].", *"abcdef"[:cited])
    tell(page, "cited", [told_question("Fares?", "f"), answer])
    page.goto(f"{page.url}?thread=cited")
    expect(page.locator(".sources q:visible")).to_have_count(3)
    expect(page.locator(".sources .more")).to_have_text(told)
    if told:
        page.locator(".sources .more button").click()
        expect(page.locator(".sources q:visible")).to_have_count(cited)


def thread(at: int) -> dict[str, str]:
    """A thread as the list of them has it, a minute older than the one before."""
    updated = datetime(2026, 1, 31, tzinfo=UTC) - timedelta(minutes=at)
    return {"id": f"t{at}", "title": f"Thread {at}", "updated": updated.isoformat()}


def test_no_thread_is_lost_or_doubled_where_others_come_and_go(page: Page) -> None:
    kept = [thread(at) for at in range(450)]

    def listed(route: Route) -> None:
        asked_for = parse_qs(urlsplit(route.request.url).query)
        skip = int(asked_for.get("skip", ["0"])[0])
        route.fulfill(json=kept[skip : skip + 200])

    def shows(count: int) -> None:
        titles = [each["title"] for each in kept[:count]]
        expect(page.locator("#threads .name")).to_have_text(titles)

    page.route(re.compile(r"/api/threads\?"), listed)
    page.reload()
    shows(200)
    older = page.get_by_role("button", name="Show older threads")
    older.click()
    shows(400)
    kept.insert(0, thread(-1))
    shows(401)
    del kept[3]  # elsewhere
    shows(400)
    with page.expect_response(re.compile(r"skip=40[01]")):  # it looks by itself, too
        kept.insert(0, thread(-2))
        older.click()
    expect(older).to_be_hidden()
    shows(451)
