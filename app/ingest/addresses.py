"""URLs of what is read, and what of them may be told: never what only opens them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from app.errors import redacted

_URL = re.compile(r"[a-z][a-z0-9+.-]*:(/|$)")

_USER = re.compile(r"(?<=://)[^\s/?#]*(?=@)")
_QUERY = re.compile(r"(://[^\s?#]*[?#])\S+?(?=[])'\",.;:]*(?:\s|$))")
"""What follows a URL's path in a text, but not what closes the text around it."""


def is_url(place: str) -> bool:
    """Tell a URL, or the beginning of one, from a path."""
    return bool(_URL.match(place))


@dataclass(frozen=True)
class Address:
    """A URL as it was given."""

    url: str
    names_users: bool = True
    """Whether what stands before an @ is a user's name, and not a part of what is named."""

    @property
    def told(self) -> str:
        """The URL without what only opens it: user, password, query and fragment."""
        parts = urlsplit(self.url)
        netloc = parts.netloc.rpartition("@")[2] if self.names_users else parts.netloc
        return f"{parts.scheme}://{netloc}{parts.path}".rstrip("/")

    def redacted(self, error: BaseException | str) -> str:
        """Say an error in one line, without what the URL keeps secret.

        Libraries write it otherwise than it was given, and name others that it led to.
        """
        parts = urlsplit(self.url)
        user = parts.netloc.rpartition("@")[0] if self.names_users else ""
        password = user.partition(":")[2]
        secrets = (user, unquote(user), password, unquote(password), parts.query)
        text = _QUERY.sub(r"\1***", redacted(error, secrets))
        return _USER.sub("***", text) if self.names_users else text
