"""The report of a comparison in a real browser, wide and narrow, light and dark, and printed."""

from dataclasses import replace
from pathlib import Path

import pytest
from comparisons import report_of, whole_report
from page_parts import needs_chromium, opened, overflow, serious_faults
from playwright.sync_api import Browser, expect

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(whole_report().to_html(), encoding="utf-8")
    return file.as_uri()


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_the_answer_comes_first_and_everybody_can_read_it(
    browser: Browser, report: str, size: str, scheme: str
) -> None:
    with opened(browser, report, size, color_scheme=scheme) as page:
        assert overflow(page) <= 0
        assert serious_faults(page) == []
        expect(page.locator(".verdict .lead")).to_be_in_viewport()
        expect(page.locator(".share.best .track")).to_be_in_viewport(ratio=1)
        headings = page.locator("h2").all_text_contents()
        assert headings[:2] == ["Six questions to ask before choosing", "How sure is that?"]
        assert "With other seeds" in headings


def test_a_question_opens_down_to_passages_prompts_and_raw_replies(
    browser: Browser, report: str
) -> None:
    with opened(browser, f"{report}#q03", "phone") as page:
        asked = page.locator("details#q03")
        assert asked.get_attribute("open") is not None  # it is what the address names
        asked.get_by_text("1 passage").click()
        expect(asked.get_by_text("| Stop | First |").first).to_be_visible()
        asked.get_by_text("1 prompt with raw replies").click()
        asked.get_by_text("generate: base, base-rag").click()
        expect(asked.get_by_text("[1] <b>Pier")).to_be_visible()
        expect(asked.get_by_text("word for word").first).to_be_visible()
        assert overflow(page) <= 0


def test_questions_are_found_by_part_and_by_dispute(browser: Browser, report: str) -> None:
    with opened(browser, report) as page:
        assert page.locator("#count").text_content() == "20 of 20"
        page.get_by_label("Part of the comparison").select_option("to be answered in JSON")
        assert page.locator("#count").text_content() == "4 of 20"
        page.get_by_label("only where they disagree").check()
        assert page.locator("#count").text_content() == "2 of 20"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("What is 11", "1 of 20"),  # a question
        ("yes", "20 of 20"),  # an expected answer
        ("NO", "16 of 20"),  # an answer
        ("word for word", "0 of 20"),  # a raw reply
        ("pier", "0 of 20"),  # a prompt, a passage and a citation
        ("hybrid", "0 of 20"),  # an assistant
    ],
)
def test_questions_are_found_by_their_words_and_those_of_their_answers(
    browser: Browser, report: str, words: str, found: str
) -> None:
    with opened(browser, report) as page:
        page.get_by_label("Search questions and answers").fill(words)
        expect(page.locator("#count")).to_have_text(found)


def test_questions_are_found_by_what_an_assistant_made_of_them(
    browser: Browser, report: str
) -> None:
    with opened(browser, report) as page:
        page.get_by_label("Assistant").select_option("oracle")
        shown = page.locator("details.question:visible")
        asked = shown.count()
        counts = {}
        for outcome in ("right", "wrong", "refused"):
            page.get_by_label("What became of the question").select_option(outcome)
            counts[outcome] = shown.count()
        right = page.locator(".dot.right[data-arm=oracle]").count()
        assert 0 < right < asked
        assert counts == {"right": right, "wrong": asked - right, "refused": asked - right}


def test_what_is_printed_is_light_and_cuts_no_table(browser: Browser, report: str) -> None:
    with opened(browser, report, color_scheme="dark") as page:
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 1000, "height": 800})
        colour = "getComputedStyle(document.body).backgroundColor"
        assert page.evaluate(colour) == "rgb(255, 255, 255)"
        expect(page.locator(".controls")).to_be_hidden()
        wide = "[...document.querySelectorAll('.scroll > table')].map(e => e.scrollWidth)"
        widths = page.evaluate(wide)
        assert len(widths) > 9
        assert max(widths) <= 1000


def test_texts_run_as_their_letters_do(browser: Browser, tmp_path: Path) -> None:
    found, words = whole_report().comparison, "מה המחיר (למבוגר)?"
    pairs = [
        pair.model_copy(update={"question": words, "answers": (words,)}) for pair in found.pairs
    ]
    answers = {
        arm: [
            {
                **one,
                "answer": words,
                "documents": [{**each, "text": words} for each in one["documents"]],
                "citations": [{**each, "quote": words} for each in one["citations"]],
            }
            for one in said
        ]
        for arm, said in found.answers.items()
    }
    file = tmp_path / "report.html"
    report = report_of(replace(found, pairs=tuple(pairs), answers=answers))
    file.write_text(report.to_html(), encoding="utf-8")
    with opened(browser, file.as_uri()) as page:
        for place, runs in {
            ".asked": "rtl",
            ".inside p [data-sought]": "rtl",
            ".inside td[data-sought]": "rtl",
            ".inside td bdi": "rtl",
            ".inside td:first-child": "ltr",
            ".inside > details:nth-of-type(1) > .passage > div": "rtl",
        }.items():
            drawn = page.locator(f"details.question >> css={place}")
            styles = "(found) => found.map((each) => getComputedStyle(each).direction)"
            assert set(drawn.evaluate_all(styles)) == {runs}, place
