"""Settings that only a server reads."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import PositiveInt, SecretStr, field_validator, model_validator

from app.homes import at_home
from app.settings import Settings
from graphs.limits import Limits

SHORTEST_SECRET = 16  # characters; what is shorter can be guessed
SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"  # where Prometheus's client lets workers add theirs up
ANYBODY = "local"
"""Who calls where no token is asked for."""
RESERVED = frozenset({"groundtune", ANYBODY, "", "*"})


class ServerSettings(Limits, Settings):
    """Settings of Groundtune as a server."""

    model_config = Settings.model_config

    state: Path = Path(".groundtune/server")
    """Folder of threads, feedback and uploaded documents."""
    uploads: Literal["shared", "private"] = "shared"
    """Who sees what is uploaded: everybody, unless the file of access says else, or its user."""
    database: SecretStr | None = None
    """URL of a PostgreSQL database for threads and feedback; SQLite files if empty."""
    tokens: SecretStr | None = None
    """NAME:TOKEN of each user who may ask, with commas between; everybody may if empty."""
    jwt_key: SecretStr | None = None
    """Key of users' JSON web tokens: a secret (HS256) or a public PEM (RS256, ES256, EdDSA)."""
    jwt_audience: str = ""
    """Audience (`aud`) that web tokens must name; if empty, those that name one are refused."""
    jwt_groups: str = "groups"
    """Claim of web tokens that names the user's groups: a text or a list of texts."""
    groups: str = ""
    """NAME:GROUP of each user in a group, with commas between, besides what web tokens name."""
    reviewers: str = ""
    """Users who review held answers, with commas between; if empty, all of an open server do."""
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
        return at_home(path)

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

    @model_validator(mode="after")
    def _groups_have_members(self) -> Self:
        for name, group in _pairs(self.groups):
            if not (name and group):
                raise ValueError(f"groups: {name or group!r} is no pair: give NAME:GROUP")
        return self

    @model_validator(mode="after")
    def _private_uploads_have_users(self) -> Self:
        if self.uploads == "private" and not self.asks:
            raise ValueError(
                "uploads are private, and nobody is asked for a token, so that everybody is one "
                "user: set GROUNDTUNE_TOKENS or GROUNDTUNE_JWT_KEY"
            )
        return self

    @model_validator(mode="after")
    def _somebody_reviews(self) -> Self:
        if self.review_below and not any(self.may_review(user) for user in self._callers()):
            raise ValueError(
                "review_below holds answers back, and nobody who is let in may review them: "
                "set GROUNDTUNE_REVIEWERS to users of GROUNDTUNE_TOKENS or GROUNDTUNE_JWT_KEY"
            )
        return self

    @property
    def asks(self) -> bool:
        """Whether callers must say who they are."""
        return bool(self.users() or self.jwt_key)

    def may_review(self, user: str) -> bool:
        """Tell whether a user reviews held answers: one who is named, or all on an open server."""
        return user in self._reviewers() or not (self._reviewers() or self.asks)

    def _reviewers(self) -> set[str]:
        return {name.strip() for name in self.reviewers.split(",")} - {""}

    def _callers(self) -> set[str]:
        """Return the names under which somebody may call; a web token may name any."""
        if not self.asks:
            return {ANYBODY}
        return set(self.users()) | (self._reviewers() if self.jwt_key else set())

    def database_url(self) -> str:
        """Return the database's URL, or nothing."""
        return self.database.get_secret_value() if self.database else ""

    def users(self) -> dict[str, str]:
        """Return the token of each named user."""
        return dict(_pairs(self.tokens.get_secret_value() if self.tokens else ""))

    def groups_of(self, user: str) -> list[str]:
        """Return the groups that a user is said to be in."""
        return [group for name, group in _pairs(self.groups) if name == user]

    def webhooks(self) -> frozenset[str]:
        """Return the hosts that answers may be sent to."""
        named = {host.strip().lower() for host in self.webhook_hosts.split(",")}
        return frozenset(named - {""})


def _pairs(text: str) -> list[tuple[str, str]]:
    """Read NAME:VALUE, NAME:VALUE."""
    parts = [pair.partition(":") for pair in text.split(",") if pair.strip()]
    return [(name.strip(), value.strip()) for name, _, value in parts]
