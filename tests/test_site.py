"""The pages build as a site without a warning, and a reader's browser fetches nothing elsewhere."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from doc_parts import REPOSITORY

from app.serving.settings import ServerSettings


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=REPOSITORY,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder


class Loaded(HTMLParser):
    """Notes what a browser loads by itself for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("script", "img", "iframe", "source"):
            self.addresses.append(found.get("src") or found.get("srcset") or "")
        elif tag == "link" and found.get("rel") != "canonical":
            self.addresses.append(found.get("href") or "")


def loaded(pages: list[Path]) -> Iterator[str]:
    for page in pages:
        parser = Loaded()
        parser.feed(page.read_text())
        yield from filter(None, parser.addresses)


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    addresses = set(loaded(list(site.rglob("*.html"))))
    assert len(addresses) >= 10
    assert not [address for address in addresses if re.match(r"(https?:)?//", address)]


def test_every_page_is_reached_from_the_menu(site: Path) -> None:
    menu = (site / "index.html").read_text()
    for page in REPOSITORY.glob("docs/*.md"):
        assert f'href="{page.stem}.html"' in menu or page.stem == "index", page


def test_the_page_of_settings_has_each_with_its_sentence(site: Path) -> None:
    text = html.unescape(re.sub(r"<[^>]+>", "", (site / "settings.html").read_text()))
    for name, field in ServerSettings.model_fields.items():
        assert f"GROUNDTUNE_{name.upper()}\n" in text
        assert (field.description or "?").replace("`", "") in text, name


def test_the_reference_has_signatures_and_sentences_from_the_code(site: Path) -> None:
    text = (site / "python.html").read_text()
    for name in ("app.assistant.Assistant.ask", "graphs.protocols.Verifier.verify"):
        assert f'id="{name}"' in text
    assert "Answer a question from the index, or from" in text
