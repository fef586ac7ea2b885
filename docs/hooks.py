"""Write the table of settings into its page from the settings object, when the site is built."""

from __future__ import annotations

from typing import Any

from app.serving.settings import ServerSettings
from app.settings import Settings

PLACE = "<!-- settings -->"
OF_SERVER = "## The server, `forget` and `reviews`"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the tables where a page asks for them; MkDocs calls this for every page."""
    if PLACE not in markdown:
        return markdown
    own = [name for name in ServerSettings.model_fields if name not in Settings.model_fields]
    shared = table(list(Settings.model_fields))
    return markdown.replace(PLACE, f"## All commands\n\n{shared}\n\n{OF_SERVER}\n\n{table(own)}")


def table(names: list[str]) -> str:
    """Write settings with their defaults and sentences as a Markdown table."""
    rows = [
        f"| `GROUNDTUNE_{name.upper()}` | {_default(name)} | {_sentence(name)} |" for name in names
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def _default(name: str) -> str:
    field = ServerSettings.model_fields[name]
    value = None if field.default_factory else field.default
    return f"`{value}`" if value not in (None, "") else ""


def _sentence(name: str) -> str:
    return (ServerSettings.model_fields[name].description or "").replace("|", "\\|")
