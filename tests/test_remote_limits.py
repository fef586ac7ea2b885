"""Clients of any provider are told to try once, and to wait no longer than is allowed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from elsewhere import KEY, LEFT_OPEN, Elsewhere, hangs, refuses
from pydantic import BaseModel, Field
from remote_parts import ASKED, SETTING, known_server

from app.errors import ModelUnavailable
from app.models.names import Remote
from app.models.remote.load import Access, load_chat, load_embeddings, usual_limits

pytestmark = LEFT_OPEN


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    with known_server(monkeypatch) as found:
        yield found


def azure(monkeypatch: pytest.MonkeyPatch, server: Elsewhere) -> Remote:
    """Name a provider whose client Groundtune does not know, but that of OpenAI's package."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", server.url)
    monkeypatch.setenv("OPENAI_API_VERSION", "2026-01-01")
    return Remote("azure_openai", "m")


@pytest.mark.parametrize("embeds", [False, True])
def test_a_client_that_is_not_known_tries_once_and_waits_no_longer_than_is_allowed(
    embeds: bool, server: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote, access = azure(monkeypatch, server), Access(setting=SETTING, options={}, seconds=1.0)

    def ask() -> object:
        if embeds:
            return load_embeddings(remote, access).embed_documents(["the ferry"])
        return load_chat(remote, access, max_tokens=50).invoke(ASKED)

    server.faults = [hangs]
    with pytest.raises(ModelUnavailable, match="said nothing for 1 s"):
        ask()
    assert len(server.asked) == 1
    server.faults = [refuses(500), None]
    assert ask()
    assert len(server.asked) == 3


class Usual(BaseModel):
    request_timeout: float | tuple[float, float] | None = Field(default=None, alias="timeout")
    max_retries: int | None = 2


class Milliseconds(BaseModel):
    request_timeout: int | None = Field(default=None, alias="timeout")
    max_retries: int = 2


class Named(BaseModel):
    timeout: float = 600.0
    retries: int = 2


@pytest.mark.parametrize(
    ("client", "options", "told"),
    [
        (Usual, {}, {"timeout": 60.0, "max_retries": 0}),
        (Usual, {"timeout": 9}, {"max_retries": 0}),
        (Usual, {"request_timeout": 9, "max_retries": 1}, {}),
        (Milliseconds, {}, {"max_retries": 0}),
        (Named, {"top_p": 1}, {"timeout": 60.0}),
        (BaseModel, {}, {}),
    ],
)
def test_a_client_is_told_the_limits_that_it_has_fields_for(
    client: type[BaseModel], options: dict[str, object], told: dict[str, object]
) -> None:
    access = Access(setting=SETTING, options=options, seconds=60)
    assert usual_limits(client.model_fields, access) == told
