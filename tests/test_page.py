"""The page in a real browser, driven as a person would."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import patient
import pytest
from conftest import SAMPLE
from gate_parts import PATIENCE_S, Gate, gated_server
from page_parts import (
    DROP,
    QUESTION,
    SIZES,
    TOKEN,
    answered,
    ask,
    log_in,
    needs_chromium,
    opened,
    overflow,
    serious_faults,
    side,
)
from playwright.sync_api import Browser, Page, Route, expect
from server_parts import Server, running_server

from app import cli
from app.assistant import Assistant
from app.settings import Settings
from finetune.data.examples import read_examples

pytestmark = [pytest.mark.model, needs_chromium]

UPLOAD = "The lighthouse of Torholm was painted green in 1974 by Ingrid Dahl.\n"
ABOUT_UPLOAD = "Who painted the lighthouse of Torholm?"
ENTER_OF_SAFARI = """() => document.getElementById("question").dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }))"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("page")
    Assistant(Settings(index=home / "index")).ingest([SAMPLE / "handbook"])
    with running_server(home, home / "index") as started:
        yield started


@pytest.fixture(scope="module")
def gated(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Gate]]:
    """A server that answers one question at a time, while its gate is open."""
    home, alone = tmp_path_factory.mktemp("gated"), {"GROUNDTUNE_MAX_RUNNING": "1"}
    with gated_server(home, server.index, "--plain", **alone) as started:
        yield started


@pytest.fixture
def page(server: Server, browser: Browser) -> Iterator[Page]:
    with opened(browser, server.url) as page:
        expect(page.locator(".empty")).to_contain_text("37 documents are here")
        yield page


def test_a_question_that_is_asked_while_the_page_opens_is_answered(page: Page) -> None:
    held: list[Route] = []
    page.route("**/api/status", lambda route: held.append(route))
    page.reload()
    ask(page, QUESTION)
    expect(page.get_by_label("Your question")).to_have_value("")
    held[0].continue_()
    answered(page)


def test_a_question_comes_back_if_the_page_does_not_open(page: Page) -> None:
    held: list[Route] = []
    page.route("**/api/status", lambda route: held.append(route))
    page.reload()
    ask(page, QUESTION)
    held[0].abort()
    expect(page.locator(".failure")).to_be_visible()
    expect(page.get_by_label("Your question")).to_have_value(QUESTION)


@pytest.mark.parametrize("size", SIZES)
def test_an_answer_on_its_way_is_there_after_a_reload(
    gated: tuple[Server, Gate], browser: Browser, size: str
) -> None:
    server, gate = gated
    with opened(browser, server.url, size) as page:
        progress = page.locator(".progress")
        with gate.shut():
            ask(page, QUESTION)
            expect(progress).to_contain_text("Reading what was found")
            page.reload()
            expect(progress).to_contain_text("Reading what was found")
        answered(page)
        expect(page.locator(".said .cite")).to_have_count(1)


@pytest.mark.parametrize("size", SIZES)
def test_a_whole_visit(server: Server, browser: Browser, size: str) -> None:
    """Ask, come back, rate, delete, undo, upload by drop, ask only that."""
    with opened(browser, server.url, size) as page:
        ask(page, QUESTION)
        cited = page.locator(".said .cite")
        answered(page)
        expect(cited).to_have_count(1)
        first = page.locator(".answer").inner_text()

        page.get_by_role("button", name="Bad answer").click()
        page.get_by_label("Comment").fill("too short")
        page.get_by_label("Comment").press("Enter")
        expect(page.locator(".told")).to_have_text("Kept.")

        page.reload()
        answered(page)
        assert page.locator(".answer").inner_text() == first
        bad = page.get_by_role("button", name="Bad answer")
        expect(bad).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_label("Comment")).to_have_value("too short")

        side(page, "Threads")
        row = page.locator("#threads li", has_text=QUESTION[:30]).first
        row.hover()
        row.get_by_role("button", name="Delete").click()
        expect(page.locator(".empty")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(cited).to_be_visible()

        name = f"lighthouse-{size}.md"
        page.evaluate(DROP, [name, UPLOAD])
        expect(page.get_by_text(f"“{name}” can be asked about now.")).to_be_visible()
        side(page, "Documents")
        row = page.locator("#documents li", has_text=name)
        expect(row).to_have_class("fresh")
        row.hover()
        page.get_by_role("button", name=f"Ask only {name}").click()
        ask(page, ABOUT_UPLOAD)
        said = answered(page, 1)
        expect(said).to_contain_text("Ingrid Dahl")
        expect(said.locator(".sources")).to_contain_text(name)
        assert set(said.locator(".passage button").all_inner_texts()) <= {name, ""}
        assert overflow(page) <= 0

        side(page, "Documents")
        row.hover()
        page.get_by_role("button", name=f"Delete {name}").click()
        page.get_by_role("button", name="Dismiss").last.click()
        expect(page.locator("#progress")).to_be_hidden()
        expect(page.locator("#count")).to_have_text("37")


def test_a_citation_opens_its_document_with_the_quote_marked(page: Page) -> None:
    ask(page, QUESTION)
    said = answered(page)
    quote = said.locator(".sources q").inner_text()
    citation = said.locator(".cite").first
    citation.click()
    expect(page.locator("#text mark")).to_be_in_viewport()
    assert page.locator("#text mark").text_content() == quote
    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_hidden()
    expect(citation).to_be_focused()
    said.get_by_role("button", name=re.compile(r"s · 6 passages")).click()
    expect(said.locator(".steps li")).to_have_text(
        [re.compile(rf"{step}.* s") for step in
         ("Reading your question", "Searching", "Reading what was found", "Writing", "Checking")]
    )  # fmt: skip
    said.locator(".passage button").first.click()
    expect(page.locator("#text mark").first).to_be_in_viewport()


def test_a_table_is_shown_as_a_table_and_a_link_opens_at_its_span(
    server: Server, browser: Browser
) -> None:
    with opened(browser, f"{server.url}/#ports/skjornvik.html@0-8") as page:
        expect(page.locator("#text mark")).to_have_text("Skjørnvi")
    with opened(browser, f"{server.url}/#fares/passenger-fares.csv@12-14") as page:
        expect(page.locator("#text thead th").first).to_have_text("route_code")
        expect(page.locator("#text tbody td").first.locator("mark")).to_have_text("R1")
    with opened(browser, f"{server.url}/#%E0%A4%A@1-2") as page:
        expect(page.get_by_role("alert")).to_have_text("This link names no passage of a document.")
        expect(page.locator(".empty")).to_be_visible()
    with opened(browser, f"{server.url}/#../threads@0-3") as page:
        expect(page.locator("#text")).to_have_text("There is no document “../threads”.")


def test_a_stopped_answer_says_so_also_later_and_the_next_one_comes(
    gated: tuple[Server, Gate], browser: Browser
) -> None:
    server, gate = gated
    with opened(browser, server.url) as page:
        with gate.shut():
            ask(page, QUESTION)
            expect(page.locator(".progress")).to_contain_text("Reading what was found")
            page.get_by_role("button", name="Stop").click()
            expect(page.locator(".said")).to_have_text("Stopped.")
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
        page.reload()
        expect(page.locator(".said")).to_have_text("Stopped.")
        page.get_by_role("button", name="Ask again").click()
        answered(page, 1)


def test_a_question_that_waits_for_its_turn_is_there_after_a_reload(
    gated: tuple[Server, Gate], browser: Browser
) -> None:
    server, gate = gated
    another = f"{server.url}/api/threads/{uuid4()}/ask"
    with opened(browser, server.url) as page, ThreadPoolExecutor(1) as pool:
        progress, said = page.locator(".progress"), page.locator(".said")
        with gate.shut():
            first = pool.submit(httpx.post, another, json={"question": QUESTION}, timeout=90)
            assert gate.reached.wait(PATIENCE_S)
            ask(page, "Good evening, harbour!")
            for _ in range(2):
                expect(page.locator(".asked")).to_have_text("Good evening, harbour!")
                expect(progress).to_contain_text("before yours")
                expect(page.get_by_role("button", name="Stop")).to_be_visible()
                page.reload()
            page.get_by_role("button", name="Stop").click()
            expect(said).to_have_text("Stopped.")
            page.reload()
            expect(said).to_have_text("Stopped.")
            page.get_by_role("button", name="Ask again").click()
            expect(progress).to_contain_text("before yours")
            page.reload()
        answered(page, 1)
        assert first.result().is_success


def test_each_thread_has_its_own_answer_on_its_way(page: Page) -> None:
    ask(page, QUESTION)
    expect(page.locator(".progress")).to_be_visible()
    first = page.url
    page.get_by_role("button", name="New thread").click()
    expect(page.locator(".empty")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    ask(page, "Good morning!")
    answered(page)
    page.go_back()
    page.go_back()
    expect(page).to_have_url(first)
    expect(page.locator(".asked")).to_have_text(QUESTION)
    answered(page)
    expect(page.locator(".said .cite")).to_have_count(1)


def test_a_lost_connection_is_told_and_taken_up_again(page: Page) -> None:
    page.context.set_offline(True)
    ask(page, QUESTION)
    expect(page.locator(".progress")).to_contain_text("The server cannot be reached")
    page.context.set_offline(False)
    expect(page.locator(".said")).to_contain_text("did not reach the server")
    page.context.set_offline(True)
    side(page, "Documents")
    page.get_by_role("button", name="about-the-line.md", exact=True).click()
    expect(page.locator("#text")).to_contain_text("The server cannot be reached")


def test_half_a_word_is_not_sent(page: Page) -> None:
    page.get_by_label("Your question").fill("にほ")
    page.evaluate(ENTER_OF_SAFARI)
    expect(page.get_by_label("Your question")).to_have_value("にほ")
    expect(page.locator(".turn")).to_have_count(0)


def test_a_refusal_offers_the_nearest_passages_and_an_edit(page: Page) -> None:
    ask(page, "Who discovered penicillin at St Mary's in London?")
    said = answered(page)
    expect(said).to_have_class(re.compile("refused"))
    said.locator(".nearest .source").first.click()
    expect(page.locator("#text mark").first).to_be_in_viewport()
    page.keyboard.press("Escape")
    said.get_by_role("button", name="Edit question").click()
    expect(page.get_by_label("Your question")).to_have_value(re.compile("penicillin"))
    expect(page.get_by_label("Your question")).to_be_focused()


def test_examples_are_offered_and_answers_copied_and_exported(page: Page) -> None:
    expect(page.get_by_label("Your question")).to_be_focused()
    example = page.locator(".examples button").first
    asked = example.inner_text()
    example.click()
    said = answered(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    said.get_by_role("button", name="Copy answer").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()")
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as export:
        page.get_by_role("button", name="Export this thread").click()
    assert f"## {asked}" in export.value.path().read_text()


def test_a_file_that_cannot_be_read_is_refused_with_its_reason(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "song.mp3"
    file.write_bytes(b"tune")
    side(page, "Documents")
    page.locator("#upload").set_input_files(file)
    expect(page.get_by_role("alert")).to_contain_text("'song.mp3' cannot be read: upload")


@pytest.mark.parametrize("way", ["leave", "dismiss"])
def test_documents_that_were_deleted_when_the_page_is_left_are_gone(
    server: Server, page: Page, way: str
) -> None:
    names = [f"{bird}-{way}.md" for bird in ("skua", "tern", "wren")]
    side(page, "Documents")
    for name in names:
        page.evaluate(DROP, [name, f"Of the bird in {name}.\n"])
        expect(page.get_by_text(f"“{name}” can be asked about now.")).to_be_visible()
    expect(page.locator("#count")).to_have_text("40")
    for name in names:
        page.locator("#documents li", has_text=name).hover()
        page.get_by_role("button", name=f"Delete {name}").click()
    expect(page.locator("#count")).to_have_text("37")
    if way == "dismiss":  # so that one is being deleted, and the others wait for it
        page.evaluate("""() => document.querySelectorAll(".notice:has(.undo)").forEach(
            (notice) => notice.querySelector("[title=Dismiss]").click())""")
    page.goto("about:blank")
    deadline = time.monotonic() + 30
    left = names
    while left and time.monotonic() < deadline:
        listed = patient.get(f"{server.url}/api/documents").json()
        left = [one["name"] for one in listed if one["name"] in names]
        time.sleep(0.2)
    assert left == []


def test_a_thread_is_renamed_found_by_its_title_and_deleted(page: Page) -> None:
    ask(page, "Good evening, harbour!")
    answered(page)
    row = page.locator("#threads li", has_text="Good evening, harbour!")
    row.hover()
    row.get_by_role("button", name="Rename").click()
    page.get_by_label("Title").fill("Dues of Torholm")
    page.keyboard.press("Enter")
    page.get_by_label("Search threads").fill("torholm dues")
    expect(page.locator("#threads .name")).to_have_text(["Dues of Torholm"])
    row = page.locator("#threads li", has_text="Dues of Torholm")
    row.hover()
    row.get_by_role("button", name="Delete").click()
    page.reload()  # which gives up the way back
    expect(page.locator("#find")).to_be_visible()
    expect(row).to_have_count(0)


def test_two_arms_answer_side_by_side_also_later(page: Page) -> None:
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_label("Compare with").select_option("base-rag")
    page.keyboard.press("Escape")
    ask(page, "Good morning!")
    for _ in range(2):
        expect(page.get_by_role("button", name="Good answer")).to_have_count(2)
        expect(page.locator(".arm").last).to_have_text("base-rag")
        page.reload()


@pytest.fixture(scope="module")
def strict(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks who is there, and lets no answer out unread."""
    named = {
        "GROUNDTUNE_TOKENS": f"alice:{TOKEN}",
        "GROUNDTUNE_REVIEWERS": "alice",
        "GROUNDTUNE_REVIEW_BELOW": "1",
    }
    with running_server(
        tmp_path_factory.mktemp("strict"), server.index, "--plain", **named
    ) as started:
        yield started


def test_a_wrong_token_is_told_and_asked_for_again_until_the_user_leaves(
    strict: Server, browser: Browser
) -> None:
    with opened(browser, strict.url, "phone") as page:
        log_in(page, "a-guess")
        log_in(page, TOKEN, "The server does not know this token.")
        expect(page.locator("#login")).to_be_hidden()
        expect(page.locator(".empty")).to_be_visible()
        page.get_by_role("button", name="Menu").click()
        expect(page.locator("#who")).to_have_text("alice")
        page.get_by_role("button", name="Log out").click()
        expect(page.locator("#login")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_keeps_anybody_from_using_it(
    server: Server, browser: Browser, size: str, scheme: str
) -> None:
    with opened(browser, server.url, size, color_scheme=scheme) as page:
        expect(page.locator(".examples button")).to_have_count(3)
        assert serious_faults(page) == []
        ask(page, QUESTION)
        said = answered(page)
        said.get_by_role("button", name="Bad answer").click()
        said.get_by_role("button", name=re.compile("passages")).click()
        page.get_by_role("button", name="More", exact=True).click()
        assert serious_faults(page) == []
        page.keyboard.press("Escape")
        said.locator(".cite").first.click()
        expect(page.locator("#text mark")).to_be_in_viewport()
        assert serious_faults(page) == []
        assert overflow(page) <= 0
        page.keyboard.press("Escape")
        side(page, "Documents")
        page.get_by_text("passengers", exact=True).click()
        if size == "phone":
            header = page.locator("header").bounding_box()
            menu = page.locator("#side").bounding_box()
            assert header
            assert menu
            assert menu["y"] >= header["y"] + header["height"] - 1  # it covers no line of it
        assert serious_faults(page) == []


def test_a_held_answer_is_edited_by_a_reviewer_and_becomes_a_row_to_train_on(
    strict: Server, browser: Browser, tmp_path: Path
) -> None:
    with (
        opened(browser, strict.url) as page,
        opened(browser, strict.url, "phone") as asker,
    ):
        for each in (page, asker):
            log_in(each, TOKEN)
            expect(each.locator(".empty")).to_be_visible()
        ask(page, QUESTION)
        expect(page.locator(".said")).to_contain_text("waits until")
        side(page, "Reviews")
        expect(page.locator(".review")).to_have_count(1)
        page.locator(".review .cite").first.click()
        expect(page.locator("#text mark")).to_contain_text("Buses meet every arrival")
        side(asker, "Threads")
        asker.get_by_role("button", name=QUESTION, exact=True).click()
        expect(asker.locator(".said")).to_contain_text("waits until")
        ask(page, "And at night?")
        expect(page.locator(".said").last).to_contain_text("waits for a review")
        page.get_by_role("button", name="Reject").click()
        page.get_by_role("button", name="Cancel").click()
        page.get_by_label(f"Answer to: {QUESTION}").fill("They wait 12 minutes [1].")
        page.get_by_role("button", name="Approve").click()
        expect(page.locator(".review")).to_have_count(0)
        expect(page.locator(".said").first).to_contain_text("They wait 12 minutes")
        expect(page.locator(".said .cite").first).to_be_visible()
        expect(asker.locator(".said")).to_contain_text("They wait 12 minutes")
    state = strict.log.parent / ".groundtune" / "server"
    assert cli.main(["reviews", str(tmp_path / "out"), "--state", str(state)]) == 0
    (row,) = read_examples(tmp_path / "out" / "examples.jsonl")
    assert re.fullmatch(r"They wait 12 minutes \[\d\]\.", row.completion)
    assert "Buses meet every arrival" in row.prompt[-1].content


def test_markdown_of_stronger_models_is_built_and_never_run(page: Page) -> None:
    """A thread whose answer is rich in layout and in tricks, as the server would tell it."""
    from app.serving.blocks import answer_blocks

    text = (
        "## Fares\n\n**Adult** `R1` [1]\n\n| a | b |\n|-|-|\n| 1 | <img src=x onerror=alert(1)> |"
        "\n\n[here](https://evil.example)\n\n<script>alert(1)</script>"
    )
    quoted = {"document": "about-the-line.md", "page": None, "start": 0, "end": 4}
    said = {
        "role": "assistant", "text": text, "blocks": answer_blocks(text), "abstained": False,
        "removed": 0, "parts": ["What do fares cost?"], "reviewed": "",
        "citations": [{**quoted, "quote": "<b>Line</b>"}],
        "conflicts": [{**quoted, "quote": "<i>No line</i>"}],
    }  # fmt: skip
    asked = {"role": "user", "text": "Fares?", "run": "r", "given": None}
    told = {"id": "x", "messages": [asked, said, asked], "held": False, "running": False,
            "beside": []}  # fmt: skip
    page.route("**/api/threads/rich", lambda route: route.fulfill(body=json.dumps(told)))
    page.goto(f"{page.url}?thread=rich")
    answer = page.locator(".answer").first
    expect(answer.locator(".said h4")).to_have_text("Fares")
    expect(answer.locator(".said td").last).to_have_text("<img src=x onerror=alert(1)>")
    expect(answer.locator(".sources q")).to_have_text(["<b>Line</b>", "<i>No line</i>"])
    expect(answer.get_by_text("Another document says otherwise:")).to_be_visible()
    expect(answer.get_by_text("Read as: “What do fares cost?”")).to_be_visible()
    assert answer.locator("img, script, a, b, i").count() == 0
    expect(page.locator(".answer").last).to_contain_text("never finished")
    expect(page.get_by_role("button", name="Good answer")).to_have_count(0)  # of unknown runs


@pytest.mark.parametrize("outcome", ["answered", "stopped"])
def test_what_is_said_while_an_answer_is_on_its_way_is_not_the_answer(
    page: Page, outcome: str
) -> None:
    """A thread that another process answers, which has a reply before it has an answer."""
    from app.serving.blocks import answer_blocks

    asked = {"role": "user", "text": "Fares?", "run": "r", "given": None}
    draft, final = "Fares are free.", "Adults pay £6."
    said = {
        "role": "assistant", "abstained": False, "removed": 0, "parts": [], "reviewed": "",
        "citations": [], "conflicts": [],
    }  # fmt: skip
    told: dict[str, Any] = {"id": "y", "held": False, "running": True, "beside": []}
    texts = [draft]

    def thread(route: Route) -> None:
        replies = [{**said, "text": text, "blocks": answer_blocks(text)} for text in texts]
        route.fulfill(body=json.dumps({**told, "messages": [asked, *replies]}))

    page.route("**/api/threads/y", thread)
    page.route("**/api/threads/y/events?run=r", lambda route: route.fulfill(status=204))
    page.goto(f"{page.url}?thread=y")
    expect(page.locator(".progress")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.locator(".said")).to_have_count(0)
    asked["given"] = {"outcome": outcome, "steps": [], "documents": []}  # type: ignore[assignment]
    texts[:] = [final] if outcome == "answered" else []
    told["running"] = False
    expect(page.locator(".said")).to_have_text(final if outcome == "answered" else "Stopped.")
