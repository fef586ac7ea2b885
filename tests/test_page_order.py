"""What the page shows where replies come late, out of order or never, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any
from uuid import uuid4

import httpx
import patient
import pytest
from gate_parts import Gate, gated_server
from page_parts import (
    SETTLING_MS,
    answered,
    ask,
    hold,
    needs_chromium,
    opened,
    side,
    streams,
    tell,
    told_answer,
    told_question,
    told_thread,
    until,
)
from playwright.sync_api import Browser, Page, Route, expect
from server_parts import Server, running_server

from app.assistant import Assistant

pytestmark = [pytest.mark.model, needs_chromium]

GREETING, THANKS, FAREWELL = "Good morning!", "Thank you very much!", "Goodbye!"
LONG = "How many kennels are there on the Grey Phalarope?"


@pytest.fixture(scope="module")
def server(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    home, index = tmp_path_factory.mktemp("order"), sample_assistant.settings.index
    with running_server(home, index, "--plain") as started:
        yield started


@pytest.fixture(scope="module")
def gated(
    sample_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Gate]]:
    home, index = tmp_path_factory.mktemp("gated"), sample_assistant.settings.index
    with gated_server(home, index, "--plain") as started:
        yield started


@pytest.fixture
def page(server: Server, browser: Browser) -> Iterator[Page]:
    with opened(browser, server.url) as page:
        expect(page.locator(".empty")).to_contain_text("documents are here")
        yield page


def threads(server: Server, *questions: str) -> list[str]:
    """Ask each question in a thread of its own."""
    made = [str(uuid4()) for _ in questions]
    for thread, question in zip(made, questions, strict=True):
        url = f"{server.url}/api/threads/{thread}/ask"
        httpx.post(url, json={"question": question}, timeout=60).raise_for_status()
    return made


def open_thread(page: Page, title: str) -> None:
    page.get_by_role("button", name=title, exact=True).first.click()


def compare(page: Page, arm: str) -> None:
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_label("Compare with").select_option(arm)
    page.keyboard.press("Escape")


def test_a_slow_document_does_not_take_the_place_of_one_that_was_opened_later(page: Page) -> None:
    slow, text = hold(page, "api/documents/about-the-line.md"), page.locator("#text")
    side(page, "Documents")
    page.get_by_role("button", name="about-the-line.md", exact=True).click()
    expect(text).to_have_text("Opening…")
    page.get_by_text("ports", exact=True).click()
    page.get_by_role("button", name="skjornvik.html", exact=True).click()
    expect(text).to_contain_text("Skjørnvik")
    shown = text.inner_text()
    slow()
    assert text.inner_text() == shown
    expect(page.locator("#source-title")).to_have_text("ports/skjornvik.html")


@pytest.mark.parametrize("later", ["another thread", "a new thread", "a question"])
def test_a_slow_thread_does_not_take_the_place_of_what_was_chosen_later(
    server: Server, page: Page, later: str
) -> None:
    first, second = threads(server, THANKS, GREETING)
    page.reload()
    open_thread(page, GREETING)
    answered(page)
    slow = hold(page, f"api/threads/{first}")
    open_thread(page, THANKS)
    shown, at = [GREETING], f"{server.url}/?thread={second}"
    if later == "another thread":
        open_thread(page, GREETING)
    elif later == "a new thread":
        page.get_by_role("button", name="New thread").click()
        shown, at = [], f"{server.url}/"
    else:
        ask(page, FAREWELL)
        answered(page, 1)
        shown = [GREETING, FAREWELL]
    slow()
    expect(page.locator(".asked")).to_have_text(shown)
    expect(page).to_have_url(at)


def test_a_slow_thread_that_is_not_there_changes_nothing_that_was_chosen_later(
    server: Server, page: Page
) -> None:
    """One that the browser's Back leads to, and that was deleted meanwhile."""
    gone, there = threads(server, THANKS, GREETING)
    page.goto(f"{server.url}/?thread={gone}")
    answered(page)
    open_thread(page, GREETING)
    expect(page.locator(".asked")).to_have_text(GREETING)
    httpx.delete(f"{server.url}/api/threads/{gone}").raise_for_status()
    slow = hold(page, f"api/threads/{gone}")
    page.go_back()
    ask(page, FAREWELL)
    answered(page, 1)
    slow()
    expect(page.locator(".asked")).to_have_text([GREETING, FAREWELL])
    expect(page).to_have_url(f"{server.url}/?thread={there}")


def test_a_decided_answer_that_is_loaded_slowly_takes_no_question_away(page: Page) -> None:
    sse = {"content-type": "text/event-stream"}
    refused = 'data: {"event": "error", "message": "Not now."}\n\n'
    page.route("**/api/threads/h/ask", lambda route: route.fulfill(body=refused, headers=sse))
    held = told_thread("h", told_question("Fares?", "r", outcome="held"), held=True)
    decided = [told_question("Fares?", "r"), told_answer("Adults pay £6.")]
    asked = told_question("Dogs?", "s", outcome="failed", message="Not now.")
    waiting = tell(page, held, told_thread("h", *decided))
    page.goto(f"{page.url}?thread=h")
    expect(page.locator(".said")).to_contain_text("waits until")
    until(page, lambda: bool(waiting))
    ask(page, "Dogs?")
    expect(page.locator(".said").last).to_have_text("Not now.")
    waiting.pop(0).fulfill(body=json.dumps(told_thread("h", *decided)))
    page.wait_for_timeout(SETTLING_MS)
    expect(page.locator(".asked")).to_have_text(["Fares?", "Dogs?"])
    page.unroute("**/api/threads/h")
    tell(page, *(told_thread("h", *decided, asked) for _ in range(9)))
    expect(page.locator(".said")).to_have_text(["Adults pay £6.", "Not now."])
    expect(page.locator(".asked")).to_have_text(["Fares?", "Dogs?"])


def test_a_question_that_never_reached_the_server_is_not_shown_an_earlier_answer(
    page: Page,
) -> None:
    ask(page, GREETING)
    answered(page)
    page.route("**/api/threads/*/ask", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Ask again").click()
    never = page.locator(".answer").last
    expect(never).to_have_class("answer failed")
    expect(never).to_contain_text("The question did not reach the server. Ask again.")
    expect(page.locator(".answer.failed")).to_have_count(1)


def test_an_answer_is_found_again_after_another_client_has_asked(
    server: Server, page: Page
) -> None:
    """The connection is lost with the answer; meanwhile a phone asks in the same thread."""
    others: list[str] = []

    def lose(route: Route) -> None:
        url = route.request.url
        httpx.post(url, json=route.request.post_data_json, timeout=60).raise_for_status()
        others.append(url)
        route.abort()

    page.route("**/api/threads/*/ask", lose, times=1)
    ask(page, GREETING)
    until(page, lambda: bool(others))
    with httpx.stream("POST", others[0], json={"question": LONG}, timeout=60) as events:
        next(line for line in events.iter_lines() if "grade_documents" in line)
        answered(page)
    kept = patient.get(others[0].removesuffix("/ask")).json()["messages"]
    assert [said["text"] for said in kept if said["role"] == "user"] == [GREETING, LONG]
    expect(page.locator(".said")).to_have_text([kept[1]["text"]])
    expect(page.locator(".asked")).to_have_text([GREETING])


def test_answers_side_by_side_stay_under_their_own_questions(page: Page) -> None:
    """Equal questions: compared, asked again alone, and compared once more."""
    compare(page, "base-rag")
    turns, good = page.locator(".turn"), page.get_by_role("button", name="Good answer")
    ask(page, GREETING)
    expect(good).to_have_count(2)
    page.get_by_role("button", name="Ask again").click()
    expect(good).to_have_count(3)
    ask(page, GREETING)
    expect(good).to_have_count(5)
    turns.nth(2).locator(".answer").last.get_by_role("button", name="Good answer").click()
    expect(turns.nth(2).locator(".told").last).to_have_text("Thank you.")
    for _ in range(2):
        expect(good).to_have_count(5)
        arms = [turn.locator(".arm").all_inner_texts() for turn in turns.all()]
        assert [texts[-1:] for texts in arms] == [["base-rag"], [], ["base-rag"]]
        thumbs = [one.get_attribute("aria-pressed") for one in good.all()]
        assert [one == "true" for one in thumbs] == [False, False, False, False, True]
        page.reload()


EARLIER: dict[str, Any] = {"arm": "base-rag"}
BESIDE = [
    ([EARLIER, EARLIER], ["one", "two", None]),
    ([{**EARLIER, "repeats": "b"}, {**EARLIER, "repeats": "c"}], [None, "one", "two"]),
    ([EARLIER, {**EARLIER, "repeats": "a"}], ["two", "one", None]),
    ([{**EARLIER, "repeats": "lost"}], [None, None, None]),
]


@pytest.mark.parametrize(("accounts", "expected"), BESIDE)
def test_what_another_arm_said_is_found_by_the_run_that_it_repeats(
    page: Page, accounts: list[dict[str, Any]], expected: list[str | None]
) -> None:
    """Earlier releases kept no run there: equal texts are taken in their order, each once."""
    asked = [(told_question("Fares?", run), told_answer("served")) for run in "abc"]
    repeated = [
        (told_question("Fares?", f"other-{text}", **account), told_answer(text))
        for text, account in zip(("one", "two"), accounts, strict=False)
    ]
    tell(page, told_thread("main", *chain(*asked), beside=["other"]))
    tell(page, told_thread("other", *chain(*repeated)))
    page.goto(f"{page.url}?thread=main")
    expect(page.locator(".turn")).to_have_count(3)
    shown = [turn.locator(".said").all_inner_texts() for turn in page.locator(".turn").all()]
    assert shown == [["served", *([text] if text else [])] for text in expected]


def test_a_thread_that_is_left_holds_no_connection_and_its_answers_come(
    gated: tuple[Server, Gate], browser: Browser
) -> None:
    """Browsers open six to a server: three comparisons on their way froze the page."""
    server, gate = gated
    with opened(browser, server.url) as page:
        opened_now = streams(page)
        compare(page, "base-rag")
        with gate.shut():
            for _ in range(3):
                ask(page, LONG)
                expect(page.locator(".progress")).to_have_count(2)
                until(page, lambda: len(opened_now) == 2)
                thread = page.url.partition("=")[2]
                page.get_by_role("button", name="New thread").click()
                expect(page.locator(".empty")).to_be_visible()
                until(page, lambda: not opened_now)
                assert patient.get(f"{server.url}/api/threads/{thread}").json()["running"]
                left = page.locator(f"#threads li[data-id='{thread}']")
                expect(left).to_have_class("running")
            side(page, "Documents")
            page.get_by_role("button", name="about-the-line.md", exact=True).click()
            expect(page.locator("#text")).to_contain_text("The Pellavane Line has carried")
            page.go_back()
            expect(page.locator(".progress")).to_have_count(2)
        expect(page.get_by_role("button", name="Good answer")).to_have_count(2)
        side(page, "Threads")
        expect(page.locator("#threads li.running")).to_have_count(0)
        expect(page.locator(".asked")).to_have_text([LONG])


@pytest.mark.parametrize("back", ["before", "after"])
def test_a_question_that_is_still_being_sent_when_its_thread_is_left_is_asked(
    server: Server, page: Page, back: str
) -> None:
    held: list[Route] = []
    page.route("**/api/threads/*/ask", lambda route: held.append(route), times=1)
    ask(page, GREETING)
    until(page, lambda: bool(held))
    thread = f"{server.url}/api/threads/{page.url.partition('=')[2]}"
    page.get_by_role("button", name="New thread").click()
    expect(page.locator(".empty")).to_be_visible()
    assert patient.get(thread).status_code == 404
    if back == "before":
        page.go_back()
        expect(page.locator(".progress")).to_be_visible()
    held.pop().continue_()
    until(page, lambda: patient.get(thread).status_code == 200)
    if back == "after":
        page.go_back()
    answered(page)
    expect(page.locator(".asked")).to_have_text([GREETING])
    assert [said["role"] for said in patient.get(thread).json()["messages"]] == [
        "user",
        "assistant",
    ]
