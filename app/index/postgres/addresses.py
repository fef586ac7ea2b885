"""Take the URL of a database only as it was meant, so that no error quotes its password."""

from __future__ import annotations

import psycopg

from app.errors import UserError

_SCHEMES = ("postgresql://", "postgres://")


def readable(url: str, setting: str) -> str:
    """Return a database's URL, or parameters as `host=... dbname=...`.

    Raises UserError where libpq cannot read it, or takes a part of the password for a host or a
    database: it would quote what it takes.
    """
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        raise _unreadable(setting) from None  # the cause quotes as well
    if url.startswith(_SCHEMES) and _is_misread(url):
        raise _unreadable(setting)
    return url


def _is_misread(url: str) -> bool:
    """Tell whether an @ stands where libpq reads the host, its port or the database."""
    text = url.partition("://")[2]
    user, _, after = text.partition("@")
    place = text if "/" in user else after
    return "@" in place.partition("?")[0]


def _unreadable(setting: str) -> UserError:
    return UserError(
        f"{setting} cannot be read: expected postgresql://USER:PASSWORD@HOST/DATABASE, and in "
        "PASSWORD %25 for %, %40 for @, %2F for /"
    )
