"""Words that affirm, and words that turn what is said round."""

from __future__ import annotations

import re

DENIAL = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot|forbidden|prohibited"
    r"|nicht|kein\w*|nie|pas|jamais|aucun\w*)\b|n['’]t\b",
    re.IGNORECASE,
)

YES = r"yes|ja|oui|sí"
REPLY = re.compile(rf"\W*(?:(?P<yes>{YES})|(?P<no>no(?!\.\s*\d)|nein|non))\b", re.IGNORECASE)
"""How a claim begins that replies to a question for yes or no, and many another one: "No dogs"."""
SIDE = re.compile(rf"{REPLY.pattern}(?=\s*(?:$|[,;:.!?…—–(。，、！；：（])|\s+-\s)", re.IGNORECASE)
"""How a reply begins that takes a side: a yes or a no with a stop behind it."""
