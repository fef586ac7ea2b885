"""Name content by what it is; knows nothing of chunks or files."""

from hashlib import sha256


def content_id(*parts: str) -> str:
    """Return the first 16 hex digits of the SHA-256 of the parts, joined by NUL.

    Lone surrogates count too: Python keeps in them the bytes of file names that are no UTF-8.
    """
    return sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:16]
