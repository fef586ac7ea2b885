"""The page in a real browser, driven as a person would."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import SAMPLE
from playwright.sync_api import Browser, Page, expect, sync_playwright
from server_parts import Server, running_server

from app import cli
from app.assistant import Assistant
from app.settings import Settings
from finetune.data.examples import read_examples

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed on this machine"),
]

QUESTION = "Once the gangway is down at Skjørnvik, how long do the buses wait?"
UPLOAD = "The lighthouse of Torholm was painted green in 1974 by Ingrid Dahl.\n"
ABOUT_UPLOAD = "Who painted the lighthouse of Torholm?"
PATIENCE_MS = 60_000
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("page")
    Assistant(Settings(index=home / "index")).ingest([SAMPLE / "handbook"])
    with running_server(home, home / "index") as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(server: Server, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=SIZES["desktop"])
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(server.url)
    expect(page.locator("#turns")).to_contain_text("Ask about 37 documents")
    yield page
    context.close()
    assert faults == []


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def answered(page: Page, number: int = 0) -> None:
    """Wait for an answer, cited or refused."""
    last = page.locator(".turn").nth(number).locator(".answer")
    expect(last.locator(".opinion")).to_be_visible(timeout=PATIENCE_MS)


def test_a_citation_opens_its_document_with_the_quote_highlighted(page: Page) -> None:
    ask(page, QUESTION)
    answered(page)
    expect(page.locator(".route li")).to_have_text(
        [re.compile(rf"{node} \d+ ms") for node in
         ("route question", "retrieve", "grade documents", "generate", "verify citations")]
    )  # fmt: skip
    citation = page.locator(".cite").first
    quote = re.search("“(.*)”", str(citation.get_attribute("title")), re.DOTALL)
    citation.click()
    expect(page.locator("#text mark")).to_be_in_viewport()
    assert quote
    assert page.locator("#text mark").text_content() == quote[1]
    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_hidden()
    expect(citation).to_be_focused()


def test_a_link_opens_its_document_at_the_span(page: Page, server: Server) -> None:
    page.goto("about:blank")
    page.goto(f"{server.url}/#ports/skjornvik.html@0-8")
    expect(page.locator("#text mark")).to_have_text("Skjørnvi")


def test_a_stopped_answer_says_so_and_the_next_one_comes(page: Page) -> None:
    ask(page, QUESTION)
    page.locator(".route li").nth(2).wait_for()  # grading takes a second or two
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".said")).to_have_text("Stopped.")
    ask(page, QUESTION)
    answered(page, 1)


def test_an_upload_is_answered_from_until_it_is_deleted(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "lighthouse.md"
    file.write_text(UPLOAD)
    page.locator("#upload").set_input_files(file)
    expect(page.locator("#progress")).to_have_text("Indexed")
    expect(page.locator("#count")).to_have_text("38")
    ask(page, ABOUT_UPLOAD)
    answered(page)
    expect(page.locator(".said")).to_contain_text("Ingrid Dahl")
    page.get_by_role("button", name="Delete lighthouse.md").click()
    expect(page.locator("#count")).to_have_text("37")
    page.get_by_role("button", name="New thread").click()
    ask(page, ABOUT_UPLOAD)
    answered(page)
    expect(page.locator(".said")).not_to_contain_text("Ingrid")


def test_a_file_that_cannot_be_read_is_refused_with_its_reason(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "song.mp3"
    file.write_bytes(b"tune")
    page.locator("#upload").set_input_files(file)
    expect(page.locator("#progress")).to_contain_text("'song.mp3' cannot be read: upload")


def test_a_thread_is_found_again_and_deleted(page: Page) -> None:
    ask(page, "Good morning, harbour!")
    answered(page)
    said = page.locator(".said").text_content()
    page.reload()
    page.get_by_role("button", name="Good morning, harbour!", exact=True).click()
    expect(page.locator(".said")).to_have_text(str(said))
    page.get_by_role("button", name="Delete Good morning, harbour!").click()
    expect(page.locator(".empty")).to_be_visible()


def test_two_arms_answer_side_by_side(page: Page) -> None:
    page.get_by_label("Compare with").select_option("base-rag")
    ask(page, QUESTION)
    expect(page.locator(".opinion")).to_have_count(2, timeout=PATIENCE_MS)
    expect(page.locator(".arm")).to_have_text(["served", "base-rag"])


def test_a_wrong_token_is_told_and_asked_for_again(
    server: Server, browser: Browser, tmp_path: Path
) -> None:
    token = "alice-token-of-her-own"
    named = {"GROUNDTUNE_TOKENS": f"alice:{token}"}
    with running_server(tmp_path, server.index, "--plain", **named) as guarded:
        page = browser.new_page(viewport=SIZES["phone"])
        page.goto(guarded.url)
        for entered, told in (("a-guess", ""), (token, "The server does not know this token.")):
            expect(page.locator("#login")).to_be_visible()
            expect(page.locator("#refused")).to_have_text(told)
            page.get_by_label("Token").fill(entered)
            page.get_by_role("button", name="Go on").click()
        expect(page.locator("#login")).to_be_hidden()
        expect(page.locator(".empty")).to_be_visible()
        page.close()


def test_a_thumb_and_its_comment_are_kept(page: Page) -> None:
    ask(page, "Good morning!")
    answered(page)
    page.get_by_role("button", name="Bad answer").click()
    page.get_by_label("Comment").fill("too short")
    page.get_by_label("Comment").press("Enter")
    expect(page.locator(".opinion [role=status]")).to_have_text("kept")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_keeps_anybody_from_using_it(
    server: Server, browser: Browser, size: str, scheme: str
) -> None:
    context = browser.new_context(viewport=SIZES[size], color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(server.url)
    ask(page, QUESTION)
    answered(page)
    page.locator(".cite").first.click()
    expect(page.locator("#text mark")).to_be_in_viewport()
    found = Axe().run(page).response["violations"]
    serious = [of["id"] for of in found if of["impact"] in ("serious", "critical")]
    assert serious == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    context.close()


def test_a_held_answer_is_edited_by_a_reviewer_and_becomes_a_row_to_train_on(
    server: Server, browser: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_server(tmp_path, server.index, "--plain", GROUNDTUNE_REVIEW_BELOW="1") as strict:
        page = browser.new_page(viewport=SIZES["desktop"])
        page.goto(strict.url)
        ask(page, QUESTION)
        expect(page.locator(".said")).to_contain_text("waits until", timeout=PATIENCE_MS)
        expect(page.locator("#reviews li")).to_have_count(1)
        page.locator("#reviews .cite").first.click()
        expect(page.locator("#text mark")).to_contain_text("Buses meet every arrival")
        asker = browser.new_page(viewport=SIZES["phone"])
        asker.goto(strict.url)
        asker.get_by_role("button", name="Menu").click()
        asker.get_by_role("button", name=QUESTION, exact=True).click()
        expect(asker.locator(".said")).to_contain_text("waits until")
        ask(page, "And at night?")
        expect(page.locator(".said").last).to_contain_text("waits for a review")
        page.get_by_label(f"Answer to: {QUESTION}").fill("They wait 12 minutes [1].")
        page.get_by_role("button", name="Approve").click()
        expect(page.locator("#reviews li")).to_have_count(0)
        expect(page.locator(".said").first).to_contain_text("They wait 12 minutes")
        expect(page.locator(".cite").first).to_be_visible()
        expect(asker.locator(".said")).to_contain_text("They wait 12 minutes", timeout=PATIENCE_MS)
        asker.close()
        page.close()
    state = tmp_path / ".groundtune" / "server"
    assert cli.main(["reviews", str(tmp_path / "out"), "--state", str(state)]) == 0
    (row,) = read_examples(tmp_path / "out" / "examples.jsonl")
    assert re.fullmatch(r"They wait 12 minutes \[\d\]\.", row.completion)
    assert "Buses meet every arrival" in row.prompt[-1].content
