"""Models elsewhere, as the tests name and load them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from elsewhere import KEY, Elsewhere, elsewhere
from pydantic import SecretStr

from app.models.names import read_remote
from app.models.remote.chat import RemoteChatModel
from app.models.remote.load import Access, load_chat
from graphs import prompts

SETTING = "GROUNDTUNE_MODEL"
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "MISTRAL_API_KEY")
ASKED = prompts.generate("When does the ferry leave?", ["The ferry leaves at nine."])
ANSWER = "The ferry leaves at nine. [1]"
DIALECTS = {
    "server": ("", "/v1/chat/completions"),
    "openai:m": ("/v1", "/v1/chat/completions"),
    "openai:codex-m": ("/v1", "/v1/responses"),
    "anthropic:claude-m": ("", "/v1/messages"),
    "google_genai:gemini-2.0-flash": ("", "/v1beta/models/gemini-2.0-flash:generateContent"),
    "mistralai:mistral-m": ("/v1", "/v1/chat/completions"),
    "ollama:m": ("", "/api/chat"),
}


@contextmanager
def known_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """Start a server whose keys are set."""
    for name in KEYS:
        monkeypatch.setenv(name, KEY)
    with elsewhere() as found:
        yield found


def chat_of(
    server: Elsewhere, name: str = "server", *, seconds: float = 30.0, **options: Any
) -> RemoteChatModel:
    remote = read_remote(f"{server.url}/v1#m" if name == "server" else name, setting=SETTING)
    assert remote is not None
    if name != "server":
        options["base_url"] = server.url + DIALECTS[name][0]
    access = Access(setting=SETTING, key=SecretStr(KEY), options=options, seconds=seconds)
    return load_chat(remote, access, max_tokens=50)
