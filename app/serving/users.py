"""Tell who is calling."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

import jwt

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


@dataclass(frozen=True)
class Authenticator:
    """Knows callers by a token of their own, or by a JSON web token's `sub`."""

    tokens: Mapping[str, str]
    """By the user's name."""
    jwt_key: str | None
    jwt_audience: str | None

    @classmethod
    def configured(cls, settings: ServerSettings) -> Authenticator:
        """Take tokens and key from the settings."""
        key = settings.jwt_key
        audience = settings.jwt_audience or None
        return cls(settings.users(), key.get_secret_value() if key else None, audience)

    @property
    def asks(self) -> bool:
        """Whether callers must say who they are."""
        return bool(self.tokens or self.jwt_key)

    def user(self, headers: Mapping[str, str]) -> str:
        """Return the caller's name, given headers with lower-case names.

        `Authorization: Bearer ...` and `X-Api-Key: ...` say the same. Raises Unauthorized.
        """
        if not self.asks:
            return ANYBODY
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        secret = bearer if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        name = self._by_token(secret.strip()) or self._by_jwt(secret.strip())
        if name is None:
            raise Unauthorized("no valid token came: send 'Authorization: Bearer TOKEN'")
        return name

    def _by_token(self, secret: str) -> str | None:
        # All are compared, so that the time tells nothing.
        names = [
            name
            for name, token in self.tokens.items()
            if hmac.compare_digest(token.encode(), secret.encode())
        ]
        return names[0] if names else None

    def _by_jwt(self, secret: str) -> str | None:
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
        return None if name.strip() in RESERVED else name

    def _wanted(self) -> str:
        audience = f"the audience {self.jwt_audience!r}" if self.jwt_audience else "no audience"
        return f"it must name sub, exp and {audience} (GROUNDTUNE_JWT_AUDIENCE)"
