"""Settings that only a server reads."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import PositiveInt, SecretStr, field_validator, model_validator

from app.settings import Settings
from graphs.limits import Limits

SHORTEST_SECRET = 16  # characters; what is shorter can be guessed
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"  # where Prometheus's client lets workers add theirs up
RESERVED = frozenset({"groundtune", "local", "", "*"})


class ServerSettings(Limits, Settings):
    """Settings of Groundtune as a server."""

    model_config = Settings.model_config

    state: Path = Path(".groundtune/server")
    """Folder of threads, feedback and uploaded documents."""
    database: SecretStr | None = None
    """URL of a PostgreSQL database for threads and feedback; SQLite files if empty."""
    tokens: SecretStr | None = None
    """NAME:TOKEN of each user who may ask, with commas between; everybody may if empty."""
    jwt_key: SecretStr | None = None
    """Key that signs users' JSON web tokens: a secret (HS256) or a public key in PEM."""
    jwt_audience: str = ""
    """Audience (`aud`) that the web tokens must name, where they name one."""
    reviewers: str = ""
    """Names of the users who review held answers, with commas between; everybody does if empty."""
    max_running: PositiveInt | None = None
    """Most questions that are answered at once; if empty, as many as suit the model."""
    max_waiting: PositiveInt = 32
    """Most questions that wait; whoever comes then is told when to ask again."""
    webhook_hosts: str = ""
    """Hosts that LangGraph's runs may send answers to, with commas between; none if empty."""
    compared: Path = Path(".groundtune/compare")
    """Folder of a comparison, whose arms the page can ask side by side."""

    @field_validator("state", "compared", mode="after")
    @classmethod
    def _home_is_expanded(cls, path: Path) -> Path:
        return path.expanduser()

    @model_validator(mode="after")
    def _secrets_are_long(self) -> Self:
        for name, token in self.users().items():
            if name in RESERVED or len(token) < SHORTEST_SECRET:
                raise ValueError(
                    f"tokens: user {name!r} cannot be: give NAME:TOKEN, of {SHORTEST_SECRET} or "
                    "more characters, with another name than groundtune, local and *"
                )
        if self.jwt_key and len(self.jwt_key.get_secret_value()) < 2 * SHORTEST_SECRET:
            raise ValueError(f"jwt_key is short: give {2 * SHORTEST_SECRET} or more characters")
        return self

    def database_url(self) -> str:
        """Return the database's URL, or nothing."""
        return self.database.get_secret_value() if self.database else ""

    def users(self) -> dict[str, str]:
        """Return the token of each named user."""
        pairs = self.tokens.get_secret_value().split(",") if self.tokens else []
        named = [pair.strip().partition(":") for pair in pairs if pair.strip()]
        return {name.strip(): token.strip() for name, _, token in named}

    def webhooks(self) -> frozenset[str]:
        """Return the hosts that answers may be sent to."""
        named = {host.strip().lower() for host in self.webhook_hosts.split(",")}
        return frozenset(named - {""})
