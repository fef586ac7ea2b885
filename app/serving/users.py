"""Tell who is calling."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from starlette.authentication import SimpleUser

from app.index.audience import USER
from app.serving.settings import ANYBODY, RESERVED, ServerSettings

CLAIMS = (
    jwt.ExpiredSignatureError,
    jwt.ImmatureSignatureError,
    jwt.InvalidAudienceError,
    jwt.MissingRequiredClaimError,
)
"""What can be wrong with a token that the right key has signed."""


class Unauthorized(Exception):
    """Nobody known is calling."""


class Caller(SimpleUser):
    """Who is calling, and the groups whose documents this user may see."""

    def __init__(self, username: str, groups: Iterable[str] = ()) -> None:
        super().__init__(username)
        named = {group for group in groups if not group.startswith(USER)}
        self.groups = frozenset({f"{USER}{username}", *named})


@dataclass(frozen=True)
class Authenticator:
    """Knows callers by a token of their own, or by a JSON web token's `sub`."""

    tokens: Mapping[str, str]
    """By the user's name."""
    jwt_key: str | None
    jwt_audience: str | None
    jwt_groups: str
    groups_of: Callable[[str], Iterable[str]]
    """Groups that a user is in besides those of the web token."""

    @classmethod
    def configured(cls, settings: ServerSettings) -> Authenticator:
        """Take tokens and key from the settings."""
        key = settings.jwt_key
        audience = settings.jwt_audience or None
        secret = key.get_secret_value() if key else None
        return cls(settings.users(), secret, audience, settings.jwt_groups, settings.groups_of)

    @property
    def asks(self) -> bool:
        """Whether callers must say who they are."""
        return bool(self.tokens or self.jwt_key)

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Return who is calling, given headers with lower-case names.

        `Authorization: Bearer ...` and `X-Api-Key: ...` say the same. Raises Unauthorized.
        """
        if not self.asks:
            return self.named(ANYBODY)
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        secret = bearer if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        caller = self._by_token(secret.strip()) or self._by_jwt(secret.strip())
        if caller is None:
            raise Unauthorized("no valid token came: send 'Authorization: Bearer TOKEN'")
        return caller

    def named(self, user: str, groups: Iterable[str] = ()) -> Caller:
        """Return a user whom somebody has authenticated, in these and in the configured groups."""
        return Caller(user, [*groups, *self.groups_of(user)])

    def _by_token(self, secret: str) -> Caller | None:
        # All are compared, so that the time tells nothing.
        names = [
            name
            for name, token in self.tokens.items()
            if hmac.compare_digest(token.encode(), secret.encode())
        ]
        return self.named(names[0]) if names else None

    def _by_jwt(self, secret: str) -> Caller | None:
        if not (self.jwt_key and secret):
            return None
        public = self.jwt_key.lstrip().startswith("-----BEGIN")
        algorithms = ["RS256", "ES256", "EdDSA"] if public else ["HS256"]
        try:
            claims = jwt.decode(
                secret,
                self.jwt_key,
                algorithms,
                audience=self.jwt_audience,
                options={"require": ["sub", "exp"]},
            )
        except CLAIMS as error:  # the signature is right: whoever made the token may know
            raise Unauthorized(f"the web token is refused ({error}): {self._wanted()}") from error
        except jwt.PyJWTError:  # also a key of another kind than the token names
            return None
        name = str(claims["sub"])
        return None if name.strip() in RESERVED else self.named(name, self._claimed(claims))

    def _claimed(self, claims: Mapping[str, Any]) -> list[str]:
        """Return the groups that a web token names."""
        found = claims.get(self.jwt_groups) or []
        groups = [found] if isinstance(found, str) else found
        if not (isinstance(groups, list) and all(isinstance(group, str) for group in groups)):
            wanted = "must be a text or a list of texts (GROUNDTUNE_JWT_GROUPS)"
            raise Unauthorized(f"the web token is refused: its {self.jwt_groups!r} {wanted}")
        return groups

    def _wanted(self) -> str:
        audience = f"the audience {self.jwt_audience!r}" if self.jwt_audience else "no audience"
        return f"it must name sub, exp and {audience} (GROUNDTUNE_JWT_AUDIENCE)"
