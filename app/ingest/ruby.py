"""Keep how characters are read (ruby) apart from them."""


def with_reading(base: str, reading: str) -> str:
    """Write the reading behind its characters, in parentheses: 東京(とうきょう)."""
    return f"{base}({reading})" if base and reading else base or reading
